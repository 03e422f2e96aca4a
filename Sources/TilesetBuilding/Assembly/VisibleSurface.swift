// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore

/// Which triangles of a soup can be seen from outside it: those that win a pixel in one of 26 small pictures, taken
/// along the axes, edges and corners of a cube.
enum VisibleSurface {
    private static let resolution = 256

    /// - Parameters:
    ///   - positions: xyz, inside the box from 0 to `bounds`.
    ///   - threads: the result does not depend on it.
    /// - Returns: the indices of the visible triangles, in their order.
    static func select(positions: [Float], indices: [UInt32], bounds: Double3, threads: Int) -> [UInt32] {
        let directions: [Double3] = (0..<27).filter { $0 != 13 }.map { number in
            let cell = SIMD3<Int>(number % 3, number / 3 % 3, number / 9)
            return Double3(cell) - 1
        }
        let seen = parallelMap(count: directions.count, threads: threads) { number in
            visible(positions, indices, bounds, from: normalized(directions[number]))
        }
        var isVisible = [Bool](repeating: false, count: indices.count / 3)
        for triangles in seen {
            for triangle in triangles { isVisible[Int(triangle)] = true }
        }
        var kept: [UInt32] = []
        for triangle in isVisible.indices where isVisible[triangle] {
            kept.append(contentsOf: indices[3 * triangle..<3 * triangle + 3])
        }
        return kept
    }

    private static func visible(
        _ positions: [Float], _ indices: [UInt32], _ bounds: Double3, from direction: Double3
    ) -> Set<UInt32> {
        let radius = length(bounds) / 2
        let center = bounds / 2
        let up = abs(direction.y) > 0.9 ? Double3(0, 0, 1) : Double3(0, 1, 0)
        let view = RasterizerMatrix.viewFromWorld(eye: center + direction * radius * 2, target: center, up: up)
        let projection = RasterizerMatrix.orthographic(
            halfWidth: Float(radius), halfHeight: Float(radius), near: Float(radius / 2), far: Float(radius * 4))
        var rasterizer = Rasterizer(width: resolution, height: resolution, content: .ids)
        rasterizer.drawIDs(
            positions: positions.span, indices: indices.span, clipFromModel: projection * RasterizerMatrix(view),
            ids: .perTriangle(first: 0))
        var result = Set<UInt32>()
        var last = Rasterizer.noID
        for id in rasterizer.ids where id != last {
            last = id
            if id != Rasterizer.noID { result.insert(id) }
        }
        return result
    }
}
