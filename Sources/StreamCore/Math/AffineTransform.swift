// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// `world = x * p.x + y * p.y + z * p.z + translation`: three columns and an offset, in double precision, so that parts
/// keep their place 10^7 m from the origin.
package struct AffineTransform: Equatable, Sendable {
    package var x: Double3
    package var y: Double3
    package var z: Double3
    package var translation: Double3

    package init(x: Double3, y: Double3, z: Double3, translation: Double3) {
        self.x = x
        self.y = y
        self.z = z
        self.translation = translation
    }

    package static let identity = AffineTransform(
        x: Double3(1, 0, 0), y: Double3(0, 1, 0), z: Double3(0, 0, 1), translation: .zero)

    package static func translation(_ offset: Double3) -> AffineTransform {
        var result = identity
        result.translation = offset
        return result
    }

    package static func scale(_ factor: Double3) -> AffineTransform {
        AffineTransform(
            x: Double3(factor.x, 0, 0), y: Double3(0, factor.y, 0), z: Double3(0, 0, factor.z), translation: .zero)
    }

    /// Rotation by the unit quaternion (x, y, z, w), after normalising it; the identity for a zero quaternion.
    package static func rotation(_ quaternion: Double4) -> AffineTransform {
        let square = (quaternion * quaternion).sum()
        guard square > .leastNormalMagnitude, square.isFinite else { return .identity }
        let q = quaternion / square.squareRoot()
        return AffineTransform(
            x: Double3(
                1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y + q.z * q.w), 2 * (q.x * q.z - q.y * q.w)),
            y: Double3(
                2 * (q.x * q.y - q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z + q.x * q.w)),
            z: Double3(
                2 * (q.x * q.z + q.y * q.w), 2 * (q.y * q.z - q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)),
            translation: .zero)
    }

    package func apply(toDirection d: Double3) -> Double3 { x * d.x + y * d.y + z * d.z }
    package func apply(to p: Double3) -> Double3 { apply(toDirection: p) + translation }

    /// The box around the transformed corners of `bounds`.
    package func apply(to bounds: Bounds) -> Bounds {
        var result = Bounds.empty
        if bounds.isEmpty { return result }
        for index in 0..<8 { result.add(apply(to: bounds.corner(index))) }
        return result
    }

    /// `outer * inner` applies `inner` first.
    package static func * (outer: AffineTransform, inner: AffineTransform) -> AffineTransform {
        AffineTransform(
            x: outer.apply(toDirection: inner.x), y: outer.apply(toDirection: inner.y),
            z: outer.apply(toDirection: inner.z), translation: outer.apply(to: inner.translation))
    }

    /// Negative where the transform mirrors, and so turns triangles inside out.
    package var determinant: Double { dot(cross(x, y), z) }

    /// An upper bound of how much the transform can lengthen a vector (Frobenius norm would be looser for pure scale):
    /// the largest column length, exact for rotations with per-axis scale.
    package var largestScale: Double { max(length(x), max(length(y), length(z))) }

    package var isFinite: Bool {
        let sum = x.sum() + y.sum() + z.sum() + translation.sum()
        return sum.isFinite
    }

    /// The inverse, or nil where the transform flattens space.
    package var inverse: AffineTransform? {
        let d = determinant
        guard d != 0, d.isFinite else { return nil }
        let rows = (cross(y, z) / d, cross(z, x) / d, cross(x, y) / d)
        guard (1 / d).isFinite else { return nil }
        var result = AffineTransform(
            x: Double3(rows.0.x, rows.1.x, rows.2.x), y: Double3(rows.0.y, rows.1.y, rows.2.y),
            z: Double3(rows.0.z, rows.1.z, rows.2.z), translation: .zero)
        result.translation = -result.apply(toDirection: translation)
        return result.isFinite ? result : nil
    }
}
