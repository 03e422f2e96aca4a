// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// One camera, in the plan's space and single precision: what is in its picture, how large, how far.
///
/// Boxes are given by their centre relative to the eye and half their size, along the world's axes.
struct RankingCamera: Sendable {
    let eye: Float3
    let right: Float3
    let up: Float3
    let forward: Float3
    let isPerspective: Bool
    /// Perspective: pixels per radian at the middle of the picture. Orthographic: pixels per metre.
    let pixelScale: Float
    /// Half the picture's width and height: tangents (perspective) or metres (orthographic).
    let halfWidth: Float
    let halfHeight: Float
    let pixelCount: Float
    /// Metres; what is nearer counts as this far away.
    static let nearestDistance: Float = 1e-3

    // Left, right, bottom and top planes of the grown picture: dot(normal, p) + offset >= 0 inside.
    private let planeX: SIMD4<Float>
    private let planeY: SIMD4<Float>
    private let planeZ: SIMD4<Float>
    private let planeOffset: SIMD4<Float>
    private let absoluteX: SIMD4<Float>
    private let absoluteY: SIMD4<Float>
    private let absoluteZ: SIMD4<Float>

    /// - Parameter margin: grows the picture that counts as seen by this share on each side.
    init(_ view: ViewState, origin: Double3, margin: Double) {
        let axes = view.axes
        eye = Float3(view.eye - origin)
        right = Float3(axes.x)
        up = Float3(axes.y)
        forward = Float3(-axes.z)
        let half: Double
        switch view.projection {
        case .perspective(let tangent): (isPerspective, half) = (true, tangent)
        case .orthographic(let halfHeight): (isPerspective, half) = (false, halfHeight)
        }
        pixelScale = Float(view.height * 0.5 / half)
        halfHeight = Float(half)
        halfWidth = Float(half * view.aspectRatio)
        pixelCount = Float(view.width * view.height)
        let (across, along) = (halfWidth * Float(1 + margin), halfHeight * Float(1 + margin))
        let normals =
            isPerspective
            ? [right + forward * across, -right + forward * across, up + forward * along, -up + forward * along]
                .map { normalized($0) } : [right, -right, up, -up]
        planeX = SIMD4(normals[0].x, normals[1].x, normals[2].x, normals[3].x)
        planeY = SIMD4(normals[0].y, normals[1].y, normals[2].y, normals[3].y)
        planeZ = SIMD4(normals[0].z, normals[1].z, normals[2].z, normals[3].z)
        planeOffset = isPerspective ? .zero : SIMD4(across, across, along, along)
        absoluteX = planeX.replacing(with: -planeX, where: planeX .< 0)
        absoluteY = planeY.replacing(with: -planeY, where: planeY .< 0)
        absoluteZ = planeZ.replacing(with: -planeZ, where: planeZ .< 0)
    }

    @inline(__always)
    func sees(_ center: Float3, _ half: Float3) -> Bool {
        let distance = planeX * center.x + planeY * center.y + planeZ * center.z + planeOffset
        let reach = absoluteX * half.x + absoluteY * half.y + absoluteZ * half.z
        let depth = dot(forward, center) + dot(magnitude(forward), half)
        return depth >= 0 && all(distance + reach .>= 0)
    }

    /// Pixels that `size` metres cover at the nearest point of a box.
    @inline(__always)
    func pixels(_ size: Float, _ center: Float3, _ half: Float3) -> Float {
        guard isPerspective else { return size * pixelScale }
        let gap = pointwiseMax(magnitude(center) - half, .zero)
        return size * pixelScale / max(length(gap), RankingCamera.nearestDistance)
    }

    /// Pixels that a square metre covers there, seen square on.
    @inline(__always)
    func pixelsPerArea(at center: Float3) -> Float {
        guard isPerspective else { return pixelScale * pixelScale }
        let distance = max(length(center), RankingCamera.nearestDistance)
        return pixelScale * pixelScale / (distance * distance)
    }

    /// Unit vector from a place towards the viewer.
    @inline(__always)
    func towardsViewer(from center: Float3) -> Float3 {
        isPerspective ? normalized(-center, fallback: -forward) : -forward
    }

    /// Where a box is in the picture, all conservative: the box around its picture, and its depths.
    @inline(__always)
    func footprint(_ center: Float3, _ half: Float3) -> Footprint {
        let depth = dot(forward, center)
        let depthReach = dot(magnitude(forward), half)
        let (x, y) = (dot(right, center), dot(up, center))
        let (xReach, yReach) = (dot(magnitude(right), half), dot(magnitude(up), half))
        let near = depth - depthReach
        guard isPerspective else {
            return Footprint(
                x0: (x - xReach) / halfWidth, x1: (x + xReach) / halfWidth, y0: (y - yReach) / halfHeight,
                y1: (y + yReach) / halfHeight, near: near, middle: depth)
        }
        guard near > RankingCamera.nearestDistance else {
            return
                Footprint(x0: -1, x1: 1, y0: -1, y1: 1, near: near, middle: depth)
        }
        let (nearest, farthest) = (1 / near, 1 / (depth + depthReach))
        func low(_ value: Float) -> Float { value * (value < 0 ? nearest : farthest) }
        func high(_ value: Float) -> Float { value * (value > 0 ? nearest : farthest) }
        return Footprint(
            x0: low(x - xReach) / halfWidth, x1: high(x + xReach) / halfWidth, y0: low(y - yReach) / halfHeight,
            y1: high(y + yReach) / halfHeight, near: near, middle: depth)
    }
}

/// A box's picture, in clip space: -1 … 1 is the picture, y upwards.
struct Footprint {
    var x0: Float
    var x1: Float
    var y0: Float
    var y1: Float
    /// Depths of its nearest point and of its middle, in metres; may be negative.
    var near: Float
    var middle: Float

    /// The share of it that is in the picture, and what share of the picture that is.
    @inline(__always)
    var clipped: (ofFootprint: Float, ofPicture: Float) {
        let width = max(0, min(x1, 1) - max(x0, -1))
        let height = max(0, min(y1, 1) - max(y0, -1))
        let whole = max((x1 - x0) * (y1 - y0), 1e-12)
        return (min(1, width * height / whole), width * height * 0.25)
    }
}

@inline(__always)
func magnitude(_ a: Float3) -> Float3 { pointwiseMax(a, -a) }
