// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Clip z and w from view z: `z = a · view z + b, w = c · view z + d`. The same numbers as render/frame-block.js with
/// reversed depth: 1 at the near plane, 0 far away, in floating point.
struct DepthMapping: Equatable {
    var a: Double
    var b: Double
    var c: Double
    var d: Double

    /// - Parameter bounds: of everything that can be drawn, world space.
    init(_ view: ViewState, bounds: Bounds) {
        let back = view.axes.z
        let diagonal = max(bounds.diagonal, 1e-9)
        switch view.projection {
        case .perspective:
            // No far plane; the near plane is all but at the eye.
            (a, b, c, d) = (0, 1e-5 * diagonal, -1, 0)
        case .orthographic:
            // Everything is kept, also behind the eye: an orthographic camera has no place.
            var nearest = Double.infinity
            var farthest = -Double.infinity
            for corner in 0..<8 where !bounds.isEmpty {
                let along = -dot(bounds.corner(corner) - view.eye, back)
                nearest = min(nearest, along)
                farthest = max(farthest, along)
            }
            if bounds.isEmpty { (nearest, farthest) = (0, 1) }
            let margin = 0.01 * (farthest - nearest) + 1e-6
            let (near, far) = (nearest - margin, farthest + margin)
            (a, b, c, d) = (1 / (far - near), far / (far - near), 0, 1)
        }
    }

    /// Metres along the view for a depth of 0 … 1; infinite for 0, where nothing is.
    func distance(ofDepth depth: Float) -> Float {
        guard depth > 0 else { return .infinity }
        // depth = (a z + b) / (c z + d)
        let depth = Double(depth)
        return Float((b - depth * d) / (a - depth * c))
    }
}

/// The numbers of `frame.glsl`, with y down as Vulkan has it.
struct FrameBlock {
    static let byteCount = (9 + FrameRequest.clipPlaneLimit) * 16

    private(set) var values: [Float]

    /// - Parameters:
    ///   - reference: world position that instance rows are relative to.
    ///   - jitter: shift of the picture in pixels, to the right and up.
    ///   - clipPlanes: normals and distances in the world; what is behind one of them is not drawn.
    ///   - part: of the picture that is drawn; nil: all of it.
    init(
        _ view: ViewState, reference: Double3, depth: DepthMapping, background: Background,
        jitter: SIMD2<Double> = .zero, clipPlanes: [SIMD4<Double>] = [], part: PixelRectangle? = nil
    ) {
        let axes = view.axes
        let offset = view.eye - reference
        let scale: Double
        let isOrthographic: Bool
        switch view.projection {
        case .perspective(let tangent): (scale, isOrthographic) = (tangent, false)
        case .orthographic(let halfHeight): (scale, isOrthographic) = (halfHeight, true)
        }
        let heading = FrameBlock.heading(axes.x)
        var (top, bottom) = (SIMD3<Float>.zero, SIMD3<Float>.zero)
        if case .gradient(let upper, let lower) = background { (top, bottom) = (upper, lower) }
        values = []
        for (axis, place) in [(axes.x, offset.x), (axes.y, offset.y), (axes.z, offset.z)] {
            values += [Float(axis.x), Float(axis.y), Float(axis.z), Float(place)]
        }
        values += [
            Float(view.height / (view.width * scale)), Float(-1 / scale), Float(2 * jitter.x / view.width),
            Float(-2 * jitter.y / view.height),
        ]
        values += [Float(depth.a), Float(depth.b), Float(depth.c), Float(depth.d)]
        values += [heading.x, heading.y, isOrthographic ? 1 : 0, Float(part?.left ?? 0)]
        values += [top.x, top.y, top.z, 1, bottom.x, bottom.y, bottom.z, 1]
        values += [Float(view.width), Float(view.height), 0, Float(part?.top ?? 0)]
        for number in 0..<FrameRequest.clipPlaneLimit {
            // A plane without a normal is in front of everything.
            let plane = number < clipPlanes.count ? clipPlanes[number] : SIMD4(0, 0, 0, 1)
            let normal = Double3(plane.x, plane.y, plane.z)
            values += [
                Float(plane.x), Float(plane.y), Float(plane.z), Float(dot(normal, view.eye) + plane.w),
            ]
        }
    }

    /// Where the camera heads on the ground; straight rolls fall back to a fixed heading.
    private static func heading(_ right: Double3) -> SIMD2<Float> {
        let length = (right.x * right.x + right.z * right.z).squareRoot()
        return length > 1e-3 ? SIMD2(Float(right.x / length), Float(right.z / length)) : SIMD2(1, 0)
    }
}

/// Where in a pixel the passes of a still look: spread evenly, in the middle on the whole.
enum Jitter {
    /// - Returns: `count` offsets in pixels that sum to zero.
    static func offsets(count: Int) -> [SIMD2<Double>] {
        guard count > 1 else { return [.zero] }
        // Source: Roberts, "The Unreasonable Effectiveness of Quasirandom Sequences" (the R2 sequence).
        let points = (1...count).map { number in
            let x = 0.7548776662466927 * Double(number)
            let y = 0.5698402909980532 * Double(number)
            return SIMD2(x - x.rounded(.down), y - y.rounded(.down))
        }
        let middle = points.reduce(.zero, +) / Double(count)
        return points.map { $0 - middle }
    }
}
