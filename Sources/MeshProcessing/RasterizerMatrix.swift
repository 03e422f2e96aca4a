// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
package import StreamCore

/// A 4 × 4 matrix of floats in columns: `clip = x * p.x + y * p.y + z * p.z + w`.
///
/// Clip space is that of WebGPU with reversed depth: x right, y up, -w...w both; z = w at the near plane and 0 far away.
package struct RasterizerMatrix: Equatable, Sendable {
    package var x: Float4
    package var y: Float4
    package var z: Float4
    package var w: Float4

    package init(x: Float4, y: Float4, z: Float4, w: Float4) {
        self.x = x
        self.y = y
        self.z = z
        self.w = w
    }

    package static let identity = RasterizerMatrix(
        x: Float4(1, 0, 0, 0), y: Float4(0, 1, 0, 0), z: Float4(0, 0, 1, 0), w: Float4(0, 0, 0, 1))

    /// Compose transforms in double precision first, so that only small numbers are rounded here.
    package init(_ transform: AffineTransform) {
        x = Float4(SIMD3(transform.x), 0)
        y = Float4(SIMD3(transform.y), 0)
        z = Float4(SIMD3(transform.z), 0)
        w = Float4(SIMD3(transform.translation), 1)
    }

    /// From a view space that looks along -z to clip space, without a far plane.
    ///
    /// - Parameters:
    ///   - verticalFieldOfView: radians, 0 < angle < π.
    ///   - near: distance of the near plane, > 0.
    package static func perspective(
        verticalFieldOfView: Float, aspectRatio: Float, near: Float
    ) -> RasterizerMatrix {
        precondition(verticalFieldOfView > 0 && aspectRatio > 0 && near > 0, "a camera sees something")
        let halfHeight = tan(verticalFieldOfView / 2)
        return RasterizerMatrix(
            x: Float4(1 / (halfHeight * aspectRatio), 0, 0, 0), y: Float4(0, 1 / halfHeight, 0, 0),
            z: Float4(0, 0, 0, -1), w: Float4(0, 0, near, 0))
    }

    /// Parallel projection from a view space that looks along -z: shows x in ±`halfWidth`, y in ±`halfHeight` and
    /// distances `near` ..< `far`, which may be negative.
    package static func orthographic(
        halfWidth: Float, halfHeight: Float, near: Float, far: Float
    ) -> RasterizerMatrix {
        precondition(halfWidth > 0 && halfHeight > 0 && near < far, "a camera sees something")
        return RasterizerMatrix(
            x: Float4(1 / halfWidth, 0, 0, 0), y: Float4(0, 1 / halfHeight, 0, 0),
            z: Float4(0, 0, 1 / (far - near), 0), w: Float4(0, 0, far / (far - near), 1))
    }

    /// View from world for an eye at `eye` that looks at `target`, with `up` towards the top of the picture; x right, y
    /// up, -z forward. `up` must not be parallel to the direction of view.
    package static func viewFromWorld(eye: Double3, target: Double3, up: Double3) -> AffineTransform {
        let back = StreamCore.normalized(eye - target)
        let right = StreamCore.normalized(cross(up, back), fallback: Double3(1, 0, 0))
        let top = cross(back, right)
        return AffineTransform(
            x: Double3(right.x, top.x, back.x), y: Double3(right.y, top.y, back.y),
            z: Double3(right.z, top.z, back.z), translation: -Double3(dot(right, eye), dot(top, eye), dot(back, eye)))
    }

    package func apply(_ p: Float4) -> Float4 { x * p.x + y * p.y + z * p.z + w * p.w }

    /// `outer * inner` applies `inner` first.
    package static func * (outer: RasterizerMatrix, inner: RasterizerMatrix) -> RasterizerMatrix {
        RasterizerMatrix(
            x: outer.apply(inner.x), y: outer.apply(inner.y), z: outer.apply(inner.z), w: outer.apply(inner.w))
    }

    /// Turns surface normals as the matrix turns surfaces: the cofactors of its upper left 3 × 3. Not normalised; a
    /// mirroring matrix turns normals inwards.
    var cofactors: (x: Float3, y: Float3, z: Float3) {
        let (a, b, c) = (Float3(x.x, x.y, x.z), Float3(y.x, y.y, y.z), Float3(z.x, z.y, z.z))
        return (cross(b, c), cross(c, a), cross(a, b))
    }
}
