// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Where instances stand, in the form the shaders read: 16 words a row, relative to a reference point near the eye so
/// that single precision is enough everywhere.
///
/// A row: first column of the matrix and t.x, second and t.y, third and t.z (floats), the cell (three integers), the
/// tree node. `world - reference = matrix * ((origin + q - cell) * gridStep) + t`.
package struct InstanceRows {
    package static let wordCount = 16

    /// World space, metres; moves in coarse steps.
    package private(set) var reference = Double3.zero
    package private(set) var words: [UInt32] = []
    /// Whether anything changed since this was last set to false.
    package var hasChanged = false
    /// Grows whenever anything changes.
    package private(set) var version: UInt32 = 0
    private var staleRows: [Int32] = []
    private var isReferenceKnown = false

    package init() {}

    /// - Parameter count: of rows to be written by the first `update`.
    init(count: Int) { words = [UInt32](repeating: 0, count: count * InstanceRows.wordCount) }

    package var count: Int { words.count / InstanceRows.wordCount }

    /// Adds a row; it is written by the next `update`.
    mutating func append() -> Int32 {
        let row = Int32(count)
        for _ in 0..<InstanceRows.wordCount { words.append(0) }
        staleRows.append(row)
        return row
    }

    mutating func invalidate(_ row: Int32) { staleRows.append(row) }

    /// Moves the reference to the eye where that is farther than `reach` from it, and writes the rows that this or
    /// anything else made stale.
    mutating func update(eye: Double3, reach: Double, write: (Int32, Double3, inout [UInt32]) -> Void) {
        if !isReferenceKnown || !(length(eye - reference) <= reach) {
            let grain = max(reach, 1e-6).binade
            // Snapped, so that the same views give the same rows.
            reference = Double3(
                (eye.x / grain).rounded(.toNearestOrEven) * grain, (eye.y / grain).rounded(.toNearestOrEven) * grain,
                (eye.z / grain).rounded(.toNearestOrEven) * grain)
            isReferenceKnown = true
            staleRows.removeAll(keepingCapacity: true)
            for row in 0..<count { write(Int32(row), reference, &words) }
            hasChanged = true
            version &+= 1
        }
        if staleRows.isEmpty { return }
        for row in staleRows { write(row, reference, &words) }
        staleRows.removeAll(keepingCapacity: true)
        hasChanged = true
        version &+= 1
    }

    /// Writes one row.
    ///
    /// - Parameters:
    ///   - cell: grid position that coordinates are relative to.
    ///   - offset: where the cell is, relative to the reference.
    static func write(
        _ row: Int32, _ transform: AffineTransform, cell: Int3, offset: Double3, treeNode: UInt32,
        to words: inout [UInt32]
    ) {
        let first = Int(row) * InstanceRows.wordCount
        write(transform.x, offset.x, at: first, to: &words)
        write(transform.y, offset.y, at: first + 4, to: &words)
        write(transform.z, offset.z, at: first + 8, to: &words)
        for axis in 0..<3 { words[first + 12 + axis] = UInt32(bitPattern: cell[axis]) }
        words[first + 15] = treeNode
    }

    private static func write(_ column: Double3, _ offset: Double, at first: Int, to words: inout [UInt32]) {
        for axis in 0..<3 { words[first + axis] = Float(column[axis]).bitPattern }
        words[first + 3] = Float(offset).bitPattern
    }

    /// The grid position nearest to `point` (world space) within the geometry's box: what is near the eye then has small
    /// coordinates, however large the geometry is.
    static func cell(nearest point: Double3, _ transform: AffineTransform, _ geometry: ResidentGeometry) -> Int3 {
        guard let inverse = transform.inverse else { return geometry.boxOrigin }
        let place = inverse.apply(to: point) / geometry.gridStep
        let lower = Double3(geometry.boxOrigin)
        let upper = lower + Double3(geometry.boxExtent)
        let inside = pointwiseMin(pointwiseMax(place, lower), upper)
        guard inside.sum().isFinite else { return geometry.boxOrigin }
        // At most 2^29 in size: FORMAT's limits of origin and extent, checked when the geometry came.
        return Int3(Int32(inside.x.rounded(.down)), Int32(inside.y.rounded(.down)), Int32(inside.z.rounded(.down)))
    }
}
