// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

// Sutherland and Hodgman's polygon clipping (1974). Cuts are always computed from the inner to the outer end of an edge,
// so that the two triangles of a shared edge get the same new corner and stay watertight.
extension RasterizerPipeline {
    private struct ClipVertex {
        var position: Float4
        /// How much each of the triangle's own corners counts here.
        var weights: Float3
    }

    /// A triangle of the clipped polygon: its corners, and each one's weights of the original corners.
    typealias ClippedBody = (ScreenVertex, ScreenVertex, ScreenVertex, Float3, Float3, Float3) -> Void

    /// Clips a triangle at the near plane and the guard band, and calls `body` for each triangle of what is left.
    func clip(_ corners: (Float4, Float4, Float4), _ body: ClippedBody) {
        guard canBeVisible(corners.0, corners.1, corners.2) else { return }
        var polygon = [
            ClipVertex(position: corners.0, weights: Float3(1, 0, 0)),
            ClipVertex(position: corners.1, weights: Float3(0, 1, 0)),
            ClipVertex(position: corners.2, weights: Float3(0, 0, 1)),
        ]
        let reach = Self.guardBand
        polygon = cut(polygon) { $0.w - Self.smallestW }
        polygon = cut(polygon) { $0.w - $0.z }
        polygon = cut(polygon) { $0.w * reach - $0.x }
        polygon = cut(polygon) { $0.w * reach + $0.x }
        polygon = cut(polygon) { $0.w * reach - $0.y }
        polygon = cut(polygon) { $0.w * reach + $0.y }
        guard polygon.count >= 3 else { return }
        let vertices = polygon.map { screenVertex(inGuardBand($0.position)) }
        for last in 2..<polygon.count {
            body(
                vertices[0], vertices[last - 1], vertices[last],
                polygon[0].weights, polygon[last - 1].weights, polygon[last].weights)
        }
    }

    /// False when a corner is not finite, or all three are beyond the same side of the picture.
    private func canBeVisible(_ a: Float4, _ b: Float4, _ c: Float4) -> Bool {
        func isFinite(_ p: Float4) -> Bool {
            let largest = Self.largestCoordinate
            return abs(p.x) <= largest && abs(p.y) <= largest && abs(p.z) <= largest && abs(p.w) <= largest
        }
        guard isFinite(a), isFinite(b), isFinite(c) else { return false }
        func all(_ isBeyond: (Float4) -> Bool) -> Bool { isBeyond(a) && isBeyond(b) && isBeyond(c) }
        return
            !(all { $0.x > $0.w } || all { $0.x < -$0.w } || all { $0.y > $0.w } || all { $0.y < -$0.w }
            || all { $0.z > $0.w } || all { $0.z < 0 } || all { $0.w < Self.smallestW })
    }

    private func cut(_ polygon: [ClipVertex], _ distance: (Float4) -> Float) -> [ClipVertex] {
        guard let last = polygon.last else { return [] }
        var result: [ClipVertex] = []
        result.reserveCapacity(polygon.count + 1)
        var previous = last
        var previousDistance = distance(last.position)
        for vertex in polygon {
            let current = distance(vertex.position)
            if (current >= 0) != (previousDistance >= 0) {
                let isEntering = current >= 0
                let (inner, outer) = isEntering ? (vertex, previous) : (previous, vertex)
                let (near, far) = isEntering ? (current, previousDistance) : (previousDistance, current)
                let t = near / (near - far)
                result.append(
                    ClipVertex(
                        position: inner.position + (outer.position - inner.position) * t,
                        weights: inner.weights + (outer.weights - inner.weights) * t))
            }
            if current >= 0 { result.append(vertex) }
            previous = vertex
            previousDistance = current
        }
        return result
    }

    /// Takes back what rounding moved over a clip plane.
    private func inGuardBand(_ p: Float4) -> Float4 {
        let w = max(p.w, Self.smallestW)
        let reach = w * Self.guardBand
        return Float4(max(-reach, min(reach, p.x)), max(-reach, min(reach, p.y)), min(p.z, w), w)
    }
}
