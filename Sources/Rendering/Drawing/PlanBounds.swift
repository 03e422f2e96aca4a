// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// Where in a picture the instances of a plan may show: the rectangle around the projected corners of their boxes.
struct PlanBounds {
    /// By placement: left, top, right and bottom in pixels of the picture.
    private var rectangles: [SIMD4<Float>] = []

    /// What smooth edges, shifted passes and rounding may add, pixels.
    private static let margin: Float = 2
    private static let everywhere = SIMD4<Float>(-.infinity, -.infinity, .infinity, .infinity)

    init(_ plan: DrawPlan, _ view: ViewState, reference: Double3, depth: DepthMapping) {
        let projection = Projection(view, reference: reference, depth: depth)
        rectangles = Array(
            repeating: PlanBounds.everywhere, count: plan.placements.count / DrawPlan.placementWordCount)
        for (draw, extent) in zip(plan.draws, plan.extents) {
            for placement in Int(draw.firstInstance)..<Int(draw.firstInstance + draw.instanceCount) {
                rectangles[placement] = PlanBounds.rectangle(plan.placement(placement), extent, projection)
            }
        }
    }

    func touches(_ placement: Int, _ part: PixelRectangle) -> Bool {
        let bounds = rectangles[placement]
        return bounds.x < Float(part.right) && bounds.z > Float(part.left) && bounds.y < Float(part.bottom)
            && bounds.w > Float(part.top)
    }

    /// As frame.glsl projects: linear up to the division, so a corner is the first one plus edges.
    private struct Projection {
        private let (x, y, w): (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)
        private let eye: SIMD3<Float>
        private let wAtEye: Float
        let size: SIMD2<Float>

        init(_ view: ViewState, reference: Double3, depth: DepthMapping) {
            let axes = view.axes
            let scale =
                switch view.projection {
                case .perspective(let tangent): tangent
                case .orthographic(let halfHeight): halfHeight
                }
            x = SIMD3(axes.x * (view.height / (view.width * scale)))
            y = SIMD3(axes.y * (-1 / scale))
            w = SIMD3(axes.z * depth.c)
            wAtEye = Float(depth.d)
            eye = SIMD3(view.eye - reference)
            size = SIMD2(Float(view.width), Float(view.height))
        }

        func place(_ position: SIMD3<Float>) -> SIMD3<Float> { edge(position - eye) + SIMD3(0, 0, wAtEye) }

        func edge(_ vector: SIMD3<Float>) -> SIMD3<Float> {
            SIMD3((x * vector).sum(), (y * vector).sum(), (w * vector).sum())
        }
    }

    private static func rectangle(
        _ words: ArraySlice<UInt32>, _ extent: SIMD3<Float>, _ projection: Projection
    ) -> SIMD4<Float> {
        let first = words.startIndex
        func number(_ word: Int) -> Float { Float(bitPattern: words[first + word]) }
        let step = number(16)
        var corner = SIMD3(number(3), number(7), number(11))
        var corners: [SIMD3<Float>] = []
        corners.reserveCapacity(8)
        var edges: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>) = (.zero, .zero, .zero)
        for axis in 0..<3 {
            let column = SIMD3(number(4 * axis), number(4 * axis + 1), number(4 * axis + 2)) * step
            corner += column * Float(Int32(bitPattern: words[first + 12 + axis]))
            let edge = projection.edge(column * extent[axis])
            switch axis {
            case 0: edges.0 = edge
            case 1: edges.1 = edge
            default: edges.2 = edge
            }
        }
        let start = projection.place(corner)
        for number in 0..<8 {
            var place = start
            if number & 1 != 0 { place += edges.0 }
            if number & 2 != 0 { place += edges.1 }
            if number & 4 != 0 { place += edges.2 }
            corners.append(place)
        }
        return around(corners, projection.size)
    }

    private static func around(_ corners: [SIMD3<Float>], _ size: SIMD2<Float>) -> SIMD4<Float> {
        var low = SIMD2<Float>(repeating: .infinity)
        var high = -low
        for corner in corners {
            // What reaches behind the eye may be anywhere.
            guard corner.z > 1e-12 else { return everywhere }
            let place = (SIMD2(corner.x, corner.y) / corner.z * 0.5 + 0.5) * size
            low = pointwiseMin(low, place)
            high = pointwiseMax(high, place)
        }
        let result = SIMD4(low.x - margin, low.y - margin, high.x + margin, high.y + margin)
        // Nothing is left out for a number that is none.
        return (result.x + result.y + result.z + result.w).isFinite ? result : everywhere
    }
}

extension DrawPlan {
    func placement(_ number: Int) -> ArraySlice<UInt32> {
        placements[number * DrawPlan.placementWordCount..<(number + 1) * DrawPlan.placementWordCount]
    }

    /// Triangles of all draws.
    var triangleCount: Int { draws.reduce(0) { $0 + Int($1.indexCount) / 3 * Int($1.instanceCount) } }

    /// What of the plan may show in a part of its picture, in the same order.
    func cut(to part: PixelRectangle, _ bounds: PlanBounds) -> DrawPlan {
        var result = DrawPlan()
        for batch in batches { result.add(batch, of: self, part, bounds, isBlended: false) }
        for batch in blendedBatches { result.add(batch, of: self, part, bounds, isBlended: true) }
        return result
    }
}
