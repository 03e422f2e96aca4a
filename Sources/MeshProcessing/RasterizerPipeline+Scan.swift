// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

// Edge functions after Pineda, "A Parallel Algorithm for Polygon Rasterization" (1988), in exact integers: an edge
// function is 0 on the edge's line and positive inside; a pixel whose centre lies on a line belongs to the triangle for
// which the line is a top or left edge.
extension RasterizerPipeline {
    /// The function of one edge, at the centre of the first pixel, and what it gains per pixel to the right and down.
    private struct Edge {
        var value: Int
        let stepX: Int
        let stepY: Int
        /// 1 where pixels exactly on the line belong to the neighbour, else 0.
        let bias: Int

        @inline(__always)
        init(_ a: ScreenVertex, _ b: ScreenVertex, atX x: Int, y: Int) {
            let (dx, dy) = (Int(b.x) - Int(a.x), Int(b.y) - Int(a.y))
            value = dx * (y * 256 + 128 - Int(a.y)) - dy * (x * 256 + 128 - Int(a.x))
            stepX = -dy * 256
            stepY = dx * 256
            bias = dy < 0 || (dy == 0 && dx > 0) ? 0 : 1
        }

        /// Narrows the pixels `first ... last` (counted from the first) to those inside this edge.
        @inline(__always)
        func narrow(_ first: inout Int, _ last: inout Int) {
            let start = value - bias
            if stepX > 0 {
                if start < 0 { first = max(first, (-start + stepX - 1) / stepX) }
            } else if start < 0 {
                last = -1
            } else if stepX < 0 {
                last = min(last, start / -stepX)
            }
        }
    }

    /// Calls `body` with pixel, depth and perspective-correct weights for each pixel of the triangle on the picture.
    @inline(__always)
    func scan(
        _ a: ScreenVertex, _ first: ScreenVertex, _ second: ScreenVertex, _ body: (Int, Float, Float3) -> Void
    ) {
        let minX = max(0, (Int(min(a.x, first.x, second.x)) + 127) >> 8)
        let maxX = min(width - 1, (Int(max(a.x, first.x, second.x)) - 128) >> 8)
        let minY = max(0, (Int(min(a.y, first.y, second.y)) + 127) >> 8)
        let maxY = min(height - 1, (Int(max(a.y, first.y, second.y)) - 128) >> 8)
        guard minX <= maxX, minY <= maxY else { return }
        let area =
            (Int(first.x) - Int(a.x)) * (Int(second.y) - Int(a.y))
            - (Int(first.y) - Int(a.y)) * (Int(second.x) - Int(a.x))
        // The picture's y points down, so counter-clockwise triangles have a negative area here.
        let isFront = area < 0
        guard area != 0, isFront || !cullsBackFaces else { return }
        let (b, c) = isFront ? (second, first) : (first, second)

        var edgeA = Edge(b, c, atX: minX, y: minY)
        var edgeB = Edge(c, a, atX: minX, y: minY)
        var edgeC = Edge(a, b, atX: minX, y: minY)
        let scale = 1 / Float(abs(area))
        let span = maxX - minX
        for y in minY...maxY {
            var (low, high) = (0, span)
            edgeA.narrow(&low, &high)
            edgeB.narrow(&low, &high)
            edgeC.narrow(&low, &high)
            var x = low
            while x <= high {
                let wa = Float(edgeA.value + x * edgeA.stepX) * scale
                let wb = Float(edgeB.value + x * edgeB.stepX) * scale
                let wc = Float(edgeC.value + x * edgeC.stepX) * scale
                let depth = a.depth * wa + b.depth * wb + c.depth * wc
                let corrected = Float3(wa * a.inverseW, wb * b.inverseW, wc * c.inverseW)
                let weights = corrected / (corrected.x + corrected.y + corrected.z)
                body(
                    y * width + minX + x, depth,
                    isFront ? Float3(weights.x, weights.z, weights.y) : weights)
                x += 1
            }
            edgeA.value += edgeA.stepY
            edgeB.value += edgeB.stepY
            edgeC.value += edgeC.stepY
        }
    }
}
