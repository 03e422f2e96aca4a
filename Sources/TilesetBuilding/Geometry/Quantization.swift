// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore

/// Chooses the integer grid of a part from the detail it has: fine enough that nobody sees the rounding, no finer,
/// because each further bit costs 0.15–0.2 bytes per triangle.
struct Quantization: Sendable {
    let grid: Grid
    /// The grid's origin in the part's local space: the smallest corner of its vertices.
    let offset: Double3
    /// Upper corner of all vertices' grid positions; the lower one is 0.
    let largest: Int3
    /// Grid steps of the edges that the step was chosen for, 16 or more unless the part is too large for that.
    let edge: Double
    private let inverseStep: Double

    /// How often spilled positions give their pages back: every 36 MB.
    private static let releaseFloatCount = 3 * (3 << 20)

    /// - Returns: nil when no triangle has a corner, or the part has no extent.
    init?(_ part: SourcePart) {
        var low = Double3(repeating: .infinity)
        var high = Double3(repeating: -.infinity)
        let positions = part.positions.span
        for first in stride(from: 0, to: positions.count, by: 3) {
            let point = Double3(Float3(positions[first], positions[first + 1], positions[first + 2]))
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
            if first % Quantization.releaseFloatCount == 0 { part.releaseResidentPages() }
        }
        part.releaseResidentPages()
        let extent = (high - low).max()
        guard extent > 0, extent.isFinite else { return nil }
        let edgeLength = Quantization.edgeLength(part) ?? extent
        let wanted = powerOfTwo(atMost: max(edgeLength / 16, extent / Double(1 << 22)))
        // 21 bits an axis pack into one word when triangles are matched; below 11 bits shapes suffer.
        let leastBits = part.triangleCount <= 50_000 ? 16 : 11
        let coarsest = powerOfTwo(atMost: extent / Double(1 << leastBits))
        let finest = powerOfTwo(atMost: extent / Double(1 << 21)) * 2
        let least = TilesetLimits.gridSteps.lowerBound
        grid = Grid(step: max(min(wanted, coarsest), finest, least))
        edge = edgeLength / grid.step
        offset = low + part.origin
        largest = gridPosition(((high - low) / grid.step).rounded(.up))
        inverseStep = 1 / grid.step
    }

    /// The median edge, of which a step is a sixteenth at most (so rounding is 1/32 edge), or four times the short ones if
    /// the part has much finer regions; nil without an edge.
    private static func edgeLength(_ part: SourcePart) -> Double? {
        let triangleCount = part.triangleCount
        let positions = part.positions.span
        var lengths: [Double] = []
        // Short runs spread over the part. Each touch may map 2 MB of a spilled array, so they are given back in between.
        let (runLength, runCount) = (128, 400)
        for run in 0..<runCount {
            let start = Int(Int64(run) * Int64(triangleCount) / Int64(runCount))
            let next = Int(Int64(run + 1) * Int64(triangleCount) / Int64(runCount))
            for triangle in start..<min(start + runLength, next) {
                let corners = part.corners(of: triangle)
                func point(_ vertex: Int) -> Double3 {
                    Double3(Float3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]))
                }
                let edge = length(point(corners.1) - point(corners.0))
                if edge > 0 { lengths.append(edge) }
            }
            if run % 16 == 15 { part.releaseResidentPages() }
        }
        guard !lengths.isEmpty else { return nil }
        lengths.sort()
        return min(lengths[lengths.count / 2], 4 * lengths[lengths.count / 20])
    }

    /// Grid position of a vertex, each coordinate 0 ... 2^21. Scalar on purpose: this runs once per corner of a scan.
    @inline(__always)
    func quantize(_ x: Float, _ y: Float, _ z: Float, origin: Double3) -> Int3 {
        let shift = origin - offset
        return Int3(
            round((Double(x) + shift.x) * inverseStep), round((Double(y) + shift.y) * inverseStep),
            round((Double(z) + shift.z) * inverseStep))
    }

    /// To nearest; coordinates are not negative, because the grid starts at the smallest corner. What is no number is 0.
    @inline(__always)
    private func round(_ value: Double) -> Int32 { Int32(min(Quantization.farthest, max(0, value + 0.5))) }

    private static let farthest = Double(1 << 30)
}

/// A place on a grid, to nearest; clamped to what a grid can say, and 0 for what is no number.
func gridPosition(_ point: Double3) -> Int3 {
    let farthest = Double(1 << 30)
    var result = Int3.zero
    for axis in 0..<3 {
        let value = point[axis].rounded(.toNearestOrAwayFromZero)
        if value.isFinite { result[axis] = Int32(min(farthest, max(-farthest, value))) }
    }
    return result
}

/// The largest power of two that is at most `value`, which is positive and finite.
func powerOfTwo(atMost value: Double) -> Double {
    Double(sign: .plus, exponent: max(value.exponent, -1000), significand: 1)
}

extension SourcePart {
    /// Empties the part's arrays: they are the largest thing in memory, and other copies of the part must not keep them.
    func removeStorage() {
        positions.removeAll()
        normals?.removeAll()
        colors?.removeAll()
        indices?.removeAll()
        for set in textureCoordinates { set.removeAll() }
    }

    /// Gives the memory of spilled arrays back to the system; they stay readable.
    func releaseResidentPages() {
        positions.releaseResidentPages()
        normals?.releaseResidentPages()
        colors?.releaseResidentPages()
        indices?.releaseResidentPages()
        for set in textureCoordinates { set.releaseResidentPages() }
    }

    @inline(__always)
    func corners(of triangle: Int) -> (Int, Int, Int) {
        guard let indices else { return (3 * triangle, 3 * triangle + 1, 3 * triangle + 2) }
        return (Int(indices[3 * triangle]), Int(indices[3 * triangle + 1]), Int(indices[3 * triangle + 2]))
    }
}
