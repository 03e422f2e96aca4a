// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Distance from points to a triangle surface, through a uniform grid over the triangles.
/// Cost per point is about constant for points near the surface. Immutable after `init`.
package struct SurfaceDistance {
    private let positions: [Float]
    private let indices: [UInt32]
    private let origin: Float3
    private let cellSize: Float
    private let dimensions: SIMD3<Int32>
    private let cellStarts: [UInt32]
    private let cellTriangles: [UInt32]

    /// - Parameters:
    ///   - positions: xyz per vertex.
    ///   - indices: three per triangle; at least one triangle.
    package init(positions: [Float], indices: [UInt32]) {
        precondition(!indices.isEmpty, "there must be a surface to measure to")
        self.positions = positions
        self.indices = indices
        var low = Float3(repeating: .infinity)
        var high = -low
        for index in indices {
            let point = SurfaceDistance.point(positions, index)
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
        }
        let size = high - low
        // About two triangles per occupied cell of a surface.
        let across = min(max((Float(indices.count / 3) / 2).squareRoot(), 1), 40)
        let cell = max(size.max() / across, .leastNormalMagnitude)
        origin = low
        cellSize = cell
        let counts = SIMD3<Int32>((size / cell).rounded(.down)) &+ 1
        dimensions = counts
        let boxes = stride(from: 0, to: indices.count, by: 3).map { first -> (SIMD3<Int32>, SIMD3<Int32>) in
            let a = SurfaceDistance.point(positions, indices[first])
            let b = SurfaceDistance.point(positions, indices[first + 1])
            let c = SurfaceDistance.point(positions, indices[first + 2])
            let minimum = (pointwiseMin(a, pointwiseMin(b, c)) - low) / cell
            let maximum = (pointwiseMax(a, pointwiseMax(b, c)) - low) / cell
            return (
                SIMD3<Int32>(minimum.rounded(.down)), pointwiseMin(SIMD3<Int32>(maximum.rounded(.down)), counts &- 1)
            )
        }
        var starts = [UInt32](repeating: 0, count: Int(counts.x) * Int(counts.y) * Int(counts.z) + 1)
        SurfaceDistance.visit(boxes, counts) { cell, _ in starts[cell + 1] += 1 }
        for cell in 1..<starts.count { starts[cell] += starts[cell - 1] }
        var fill = starts
        var triangles = [UInt32](repeating: 0, count: Int(starts[starts.count - 1]))
        SurfaceDistance.visit(boxes, counts) { cell, triangle in
            triangles[Int(fill[cell])] = UInt32(triangle)
            fill[cell] += 1
        }
        cellStarts = starts
        cellTriangles = triangles
    }

    private static func visit(
        _ boxes: [(SIMD3<Int32>, SIMD3<Int32>)], _ counts: SIMD3<Int32>, _ body: (Int, Int) -> Void
    ) {
        for (triangle, box) in boxes.enumerated() {
            for z in box.0.z...box.1.z {
                for y in box.0.y...box.1.y {
                    for x in box.0.x...box.1.x {
                        body(Int(x) + Int(counts.x) * (Int(y) + Int(counts.y) * Int(z)), triangle)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func point(_ positions: [Float], _ index: UInt32) -> Float3 {
        let first = 3 * Int(index)
        return Float3(positions[first], positions[first + 1], positions[first + 2])
    }

    /// Distance from `point` to the nearest triangle, in the units of the positions.
    package func distance(to point: Float3) -> Float {
        // Clamped before it becomes an integer: a far point is more cells away than one can count.
        let cell = SIMD3<Int32>(
            pointwiseMin(pointwiseMax((point - origin) / cellSize, .zero), Float3(dimensions &- 1)).rounded(.down))
        // Distance from the point to the nearest side of its own cell: what lies in the next ring is at least that far,
        // also from a point outside the grid, since moving it to the grid's surface brings it no farther from anything.
        let inCell = point - origin - Float3(cell) * cellSize
        let toWall = max(0, min(inCell.min(), (cellSize - inCell).min()))
        var best = Float.infinity
        for ring in 0...dimensions.max() {
            searchRing(around: cell, ring, point, &best)
            let reach = Float(ring) * cellSize + toWall
            if best <= reach * reach { break }
        }
        return best.squareRoot()
    }

    private func searchRing(around cell: SIMD3<Int32>, _ ring: Int32, _ point: Float3, _ best: inout Float) {
        let low = pointwiseMax(cell &- ring, .zero)
        let high = pointwiseMin(cell &+ ring, dimensions &- 1)
        guard low.x <= high.x, low.y <= high.y, low.z <= high.z else { return }
        for z in low.z...high.z {
            for y in low.y...high.y {
                let isInsideFace = abs(z - cell.z) < ring && abs(y - cell.y) < ring
                var x = low.x
                while x <= high.x {
                    if isInsideFace && abs(x - cell.x) < ring {
                        x = max(x + 1, cell.x + ring)
                        continue
                    }
                    searchCell(Int(x) + Int(dimensions.x) * (Int(y) + Int(dimensions.y) * Int(z)), point, &best)
                    x += 1
                }
            }
        }
    }

    @inline(__always)
    private func searchCell(_ cell: Int, _ point: Float3, _ best: inout Float) {
        for entry in Int(cellStarts[cell])..<Int(cellStarts[cell + 1]) {
            let first = 3 * Int(cellTriangles[entry])
            let distance = squaredDistance(
                point, SurfaceDistance.point(positions, indices[first]),
                SurfaceDistance.point(positions, indices[first + 1]),
                SurfaceDistance.point(positions, indices[first + 2]))
            best = min(best, distance)
        }
    }
}

/// Squared distance from `p` to the triangle (a, b, c), degenerate ones included.
/// Source: Ericson, "Real-Time Collision Detection", 2005, section 5.1.5.
@inline(__always)
package func squaredDistance(_ p: Float3, _ a: Float3, _ b: Float3, _ c: Float3) -> Float {
    let ab = b - a
    let ac = c - a
    let ap = p - a
    let d1 = dot(ab, ap)
    let d2 = dot(ac, ap)
    if d1 <= 0 && d2 <= 0 { return lengthSquared(ap) }
    let bp = p - b
    let d3 = dot(ab, bp)
    let d4 = dot(ac, bp)
    if d3 >= 0 && d4 <= d3 { return lengthSquared(bp) }
    let vc = d1 * d4 - d3 * d2
    if vc <= 0 && d1 >= 0 && d3 <= 0 && d1 != d3 { return lengthSquared(ap - ab * (d1 / (d1 - d3))) }
    let cp = p - c
    let d5 = dot(ab, cp)
    let d6 = dot(ac, cp)
    if d6 >= 0 && d5 <= d6 { return lengthSquared(cp) }
    let vb = d5 * d2 - d1 * d6
    if vb <= 0 && d2 >= 0 && d6 <= 0 && d2 != d6 { return lengthSquared(ap - ac * (d2 / (d2 - d6))) }
    let va = d3 * d6 - d5 * d4
    let towardsC = d4 - d3
    let towardsB = d5 - d6
    if va <= 0 && towardsC >= 0 && towardsB >= 0 && towardsC + towardsB > 0 {
        return lengthSquared(bp - (c - b) * (towardsC / (towardsC + towardsB)))
    }
    let denominator = va + vb + vc
    guard denominator > 0 else { return min(lengthSquared(ap), min(lengthSquared(bp), lengthSquared(cp))) }
    return lengthSquared(ap - ab * (vb / denominator) - ac * (vc / denominator))
}
