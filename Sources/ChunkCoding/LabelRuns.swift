// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Which range each triangle of a mesh in decode order belongs to, as runs: one LEB128 integer per run,
/// `(length - 1) * rangeCount + range`.
enum LabelRuns {
    static func write(_ labels: [UInt16], rangeCount: Int, to writer: inout ByteWriter) {
        var start = 0
        while start < labels.count {
            var end = start + 1
            while end < labels.count, labels[end] == labels[start] { end += 1 }
            writer.writeVarint(UInt32((end - start - 1) * rangeCount + Int(labels[start])))
            start = end
        }
    }

    /// Reads the runs and sorts the triangles by range, keeping decode order within a range.
    static func sort(
        _ indices: [UInt32], _ reader: inout ByteReader, rangeTriangleCounts: [Int]
    ) throws(ChunkError) -> [UInt32] {
        var next: [Int] = []
        var ends: [Int] = []
        var total = 0
        for count in rangeTriangleCounts {
            next.append(total)
            total += count
            ends.append(total)
        }
        let triangleCount = indices.count / 3
        guard total == triangleCount else { throw .invalid(field: .triangleRanges, offset: reader.offset) }
        var sorted = indices
        var triangle = 0
        while triangle < triangleCount {
            let code = Int(try reader.readVarint())
            let range = code % rangeTriangleCounts.count
            let length = code / rangeTriangleCounts.count + 1
            guard length <= ends[range] - next[range], length <= triangleCount - triangle else {
                throw .invalid(field: .labelRuns, offset: reader.offset)
            }
            for offset in 0..<3 * length { sorted[3 * next[range] + offset] = indices[3 * triangle + offset] }
            next[range] += length
            triangle += length
        }
        return sorted
    }
}
