// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// One pixel of one triangle.
package struct RasterizerFragment: Sendable {
    /// Index into the picture's arrays.
    package let pixel: Int
    /// Position of the triangle in the draw.
    package let triangle: Int
    /// 1 near ... 0 far.
    package let depth: Float
    /// How much each corner counts, corrected for perspective; their sum is 1.
    package let weights: Float3

    /// The value of a varying at this pixel, from its values at the three corners.
    @inlinable @inline(__always)
    package func interpolate(_ a: Float, _ b: Float, _ c: Float) -> Float {
        a * weights.x + b * weights.y + c * weights.z
    }
}

/// From vertices to fragments: transform, clip, set up, scan. Keeps nothing between draws and tests no depth.
package struct RasterizerPipeline: Sendable {
    let width: Int
    let height: Int
    let cullsBackFaces: Bool

    /// Triangles reach at most this many half pictures from the centre; what reaches further is clipped, so that fixed
    /// point numbers stay within 32 bits and their products within 64.
    static let guardBand: Float = 8
    static let smallestW: Float = 1e-9
    /// Coordinates in clip space beyond this count as not finite: products of them would overflow.
    static let largestCoordinate: Float = 1e30

    package init(width: Int, height: Int, cullsBackFaces: Bool = false) {
        self.width = width
        self.height = height
        self.cullsBackFaces = cullsBackFaces
    }

    /// A vertex on the picture.
    struct ScreenVertex {
        /// In 1/256 pixels, from the top left corner; x = `outside`: the vertex must be clipped.
        var x: Int32
        var y: Int32
        var depth: Float
        var inverseW: Float

        static let outside = ScreenVertex(x: .min, y: 0, depth: 0, inverseW: 0)
        @inline(__always) var isOutside: Bool { x == .min }
    }

    /// Calls `body` for each fragment of each triangle, in order.
    ///
    /// Parameters as in `Rasterizer.drawIDs`.
    @inline(__always)
    package func run(
        positions: Span<Float>, indices: Span<UInt32>?, clipFromModel: RasterizerMatrix,
        _ body: (RasterizerFragment) -> Void
    ) {
        positions.withUnsafeBufferPointer { positions in
            guard let indices else {
                return run(positions, nil, positions.count / 9, clipFromModel, body)
            }
            indices.withUnsafeBufferPointer { indices in
                run(positions, indices, indices.count / 3, clipFromModel, body)
            }
        }
    }

    @inline(__always)
    func run(
        _ positions: UnsafeBufferPointer<Float>, _ indices: UnsafeBufferPointer<UInt32>?, _ triangleCount: Int,
        _ clipFromModel: RasterizerMatrix, _ body: (RasterizerFragment) -> Void
    ) {
        let vertexCount = positions.count / 3
        let vertices = UnsafeMutablePointer<ScreenVertex>.allocate(capacity: max(vertexCount, 1))
        defer { vertices.deallocate() }
        project(positions, clipFromModel, into: vertices)
        for triangle in 0..<triangleCount {
            var (i, j, k) = (3 * triangle, 3 * triangle + 1, 3 * triangle + 2)
            if let indices { (i, j, k) = (Int(indices[i]), Int(indices[j]), Int(indices[k])) }
            precondition(max(i, j, k) < vertexCount, "an index points to a vertex")
            let (a, b, c) = (vertices[i], vertices[j], vertices[k])
            if a.isOutside || b.isOutside || c.isOutside {
                let corners = (
                    clipPosition(positions, i, clipFromModel), clipPosition(positions, j, clipFromModel),
                    clipPosition(positions, k, clipFromModel)
                )
                clip(corners) { (a, b, c, wa, wb, wc) in
                    scan(a, b, c) { pixel, depth, w in
                        let weights = wa * w.x + wb * w.y + wc * w.z
                        body(RasterizerFragment(pixel: pixel, triangle: triangle, depth: depth, weights: weights))
                    }
                }
            } else {
                scan(a, b, c) { pixel, depth, weights in
                    body(RasterizerFragment(pixel: pixel, triangle: triangle, depth: depth, weights: weights))
                }
            }
        }
    }

    @inline(__always)
    func clipPosition(_ positions: UnsafeBufferPointer<Float>, _ vertex: Int, _ matrix: RasterizerMatrix) -> Float4 {
        matrix.x * positions[3 * vertex] + matrix.y * positions[3 * vertex + 1]
            + (matrix.z * positions[3 * vertex + 2] + matrix.w)
    }

    private func project(
        _ positions: UnsafeBufferPointer<Float>, _ matrix: RasterizerMatrix,
        into vertices: UnsafeMutablePointer<ScreenVertex>
    ) {
        let limit = Self.guardBand
        for vertex in 0..<positions.count / 3 {
            let p = clipPosition(positions, vertex, matrix)
            let reach = p.w * limit
            // Comparisons with NaN are false, so such vertices are outside, too.
            let isInFront = p.w >= Self.smallestW && p.w <= Self.largestCoordinate && p.z <= p.w
            let isInside = isInFront && abs(p.x) <= reach && abs(p.y) <= reach
            vertices[vertex] = isInside ? screenVertex(p) : .outside
        }
    }

    /// - Parameter p: a finite clip position inside the guard band and in front of the near plane.
    @inline(__always)
    func screenVertex(_ p: Float4) -> ScreenVertex {
        let inverseW = 1 / p.w
        let x = (p.x * inverseW * 0.5 + 0.5) * Float(width) * 256
        let y = (0.5 - p.y * inverseW * 0.5) * Float(height) * 256
        return ScreenVertex(x: nearest(x), y: nearest(y), depth: min(p.z * inverseW, 1), inverseW: inverseW)
    }

    @inline(__always)
    private func nearest(_ value: Float) -> Int32 { Int32(value < 0 ? value - 0.5 : value + 0.5) }
}
