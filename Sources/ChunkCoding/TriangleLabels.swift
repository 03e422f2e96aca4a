// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Which range each triangle of a mesh in decode order belongs to, as runs: their length and where their range stands
/// among those met lately. Layout: FORMAT.md, "Details".
enum TriangleLabels {
    static func write(_ labels: [UInt16], to encoder: inout BinaryEncoder) {
        var (lengths, places) = (NumberModel(), NumberModel())
        var recent = RecentLabels()
        var start = 0
        while start < labels.count {
            var end = start + 1
            while end < labels.count, labels[end] == labels[start] { end += 1 }
            encoder.encode(UInt32(end - start - 1), &lengths)
            encoder.encode(recent.place(of: labels[start]), &places)
            start = end
        }
    }

    /// The label of each of `triangleCount` triangles.
    ///
    /// - Throws: `labelRuns` when they are not those that the ranges need.
    static func read(
        _ decoder: inout BinaryDecoder, rangeTriangleCounts: [Int]
    ) throws(ChunkError) -> [UInt16] {
        var left = rangeTriangleCounts
        let triangleCount = left.reduce(0, +)
        var (lengths, places) = (NumberModel(), NumberModel())
        var recent = RecentLabels()
        var labels: [UInt16] = []
        labels.reserveCapacity(triangleCount)
        while labels.count < triangleCount {
            let length = Int(try decoder.decode(&lengths)) + 1
            guard let label = recent.label(at: try decoder.decode(&places)), Int(label) < left.count,
                length <= left[Int(label)]
            else {
                throw .invalid(field: .labelRuns, offset: decoder.offset)
            }
            left[Int(label)] -= length
            labels.append(contentsOf: repeatElement(label, count: length))
        }
        return labels
    }

    /// Sorts triangles by label, keeping their order within one.
    static func sort(_ indices: [UInt32], by labels: [UInt16], rangeTriangleCounts: [Int]) -> [UInt32] {
        var next: [Int] = []
        var total = 0
        for count in rangeTriangleCounts {
            next.append(3 * total)
            total += count
        }
        var sorted = indices
        for (triangle, label) in labels.enumerated() {
            let target = next[Int(label)]
            for corner in 0..<3 { sorted[target + corner] = indices[3 * triangle + corner] }
            next[Int(label)] = target + 3
        }
        return sorted
    }
}

/// The labels met lately, latest first: runs mostly alternate among the few patches that meet there.
private struct RecentLabels {
    private var labels: [UInt16] = []
    private static let capacity = 16

    /// Its place among the recent ones, or their number plus the label itself; it is the latest afterwards.
    mutating func place(of label: UInt16) -> UInt32 {
        let place = labels.firstIndex(of: label)
        let count = labels.count
        moveToFront(label, from: place)
        return place.map { UInt32($0) } ?? UInt32(count) + UInt32(label)
    }

    mutating func label(at place: UInt32) -> UInt16? {
        let isRecent = place < UInt32(labels.count)
        let label = isRecent ? labels[Int(place)] : UInt16(exactly: place - UInt32(labels.count))
        if let label { moveToFront(label, from: isRecent ? Int(place) : nil) }
        return label
    }

    private mutating func moveToFront(_ label: UInt16, from place: Int?) {
        if let place {
            labels.remove(at: place)
        } else if labels.count == RecentLabels.capacity {
            labels.removeLast()
        }
        labels.insert(label, at: 0)
    }
}
