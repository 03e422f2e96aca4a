// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Cuts a level that does not fit in memory into slabs that do: a kd split over a coarse histogram of the triangles'
/// centroids, along axes rotated like the level's own groups.
///
/// A vertex touched from two slabs lies outside the region of at least one of them. So marking every vertex of a
/// triangle that lies in another region than the triangle's centroid finds all shared vertices in one pass.
struct SlabPartition {
    private static let resolution = 96

    private let axes: (Float3, Float3, Float3)
    private var low = Float3(repeating: .infinity)
    private var high = Float3(repeating: -.infinity)
    private var scale = Float3.zero
    private var counts: [UInt32] = []
    private var slabOfCell: [UInt16] = []
    private(set) var slabCount = 0

    /// - Parameter box: around all vertices, in grid steps.
    init(level: Int, box: (minimum: Int3, maximum: Int3)) {
        axes = LevelPartition.splittingAxes(level: level)
        for corner in 0..<8 {
            let point = rotated(
                Float3(
                    Float(corner & 1 == 0 ? box.minimum.x : box.maximum.x),
                    Float(corner & 2 == 0 ? box.minimum.y : box.maximum.y),
                    Float(corner & 4 == 0 ? box.minimum.z : box.maximum.z)))
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
        }
        scale = Float(SlabPartition.resolution) / pointwiseMax(high - low, Float3(repeating: 1))
        counts = Array(
            repeating: 0, count: SlabPartition.resolution * SlabPartition.resolution * SlabPartition.resolution)
    }

    private func rotated(_ p: Float3) -> Float3 { Float3(dot(axes.0, p), dot(axes.1, p), dot(axes.2, p)) }

    @inline(__always)
    private func cell(_ p: Float3) -> Int {
        let last = Float3(repeating: Float(SlabPartition.resolution - 1))
        let q = pointwiseMin(pointwiseMax((rotated(p) - low) * scale, .zero), last)
        return Int(q.x) + SlabPartition.resolution * (Int(q.y) + SlabPartition.resolution * Int(q.z))
    }

    /// First pass: counts a triangle by its centroid, in grid steps.
    mutating func count(_ centroid: Float3) { counts[cell(centroid)] += 1 }

    /// Between the passes: makes slabs of at most `capacity` triangles (a single cell may exceed it).
    mutating func split(capacity: Int) {
        slabOfCell = Array(repeating: 0, count: counts.count)
        let all = SIMD3<Int>(repeating: SlabPartition.resolution)
        split(from: .zero, to: all, capacity: max(1, capacity))
        counts = []
    }

    private mutating func split(from: SIMD3<Int>, to: SIMD3<Int>, capacity: Int) {
        let total = sum(from, to)
        let size = to &- from
        let axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
        if total <= capacity || size[axis] <= 1 {
            if total == 0 { return }
            mark(from, to, UInt16(min(slabCount, Int(UInt16.max))))
            slabCount += 1
            return
        }
        let parts = (total + capacity - 1) / capacity
        let wanted = total * (parts / 2) / parts
        var middle = from[axis] + 1
        var upper = to
        while middle < to[axis] - 1 {
            upper[axis] = middle
            if sum(from, upper) >= wanted { break }
            middle += 1
        }
        var firstEnd = to
        firstEnd[axis] = middle
        var secondStart = from
        secondStart[axis] = middle
        split(from: from, to: firstEnd, capacity: capacity)
        split(from: secondStart, to: to, capacity: capacity)
    }

    private func sum(_ from: SIMD3<Int>, _ to: SIMD3<Int>) -> Int {
        var total = 0
        for z in from.z..<to.z {
            for y in from.y..<to.y {
                let row = SlabPartition.resolution * (y + SlabPartition.resolution * z)
                for x in from.x..<to.x { total += Int(counts[row + x]) }
            }
        }
        return total
    }

    private mutating func mark(_ from: SIMD3<Int>, _ to: SIMD3<Int>, _ slab: UInt16) {
        for z in from.z..<to.z {
            for y in from.y..<to.y {
                let row = SlabPartition.resolution * (y + SlabPartition.resolution * z)
                for x in from.x..<to.x { slabOfCell[row + x] = slab }
            }
        }
    }

    /// Second pass: the slab whose region a point lies in.
    func slab(_ point: Float3) -> Int { Int(slabOfCell[cell(point)]) }
}
