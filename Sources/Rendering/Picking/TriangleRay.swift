// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A ray prepared for testing triangles: coordinates are permuted and sheared so that it runs along +z from zero.
///
/// Two triangles with a common edge compute exactly the same number for it, so that no ray slips through between them.
/// Source: Woop, Benthin, Wald, "Watertight Ray/Triangle Intersection", JCGT 2013; all in double precision.
struct TriangleRay {
    private let kx: Int
    private let ky: Int
    private let kz: Int
    private let shear: Double3

    /// - Parameter direction: not zero.
    init(direction: Double3) {
        let size = Double3(abs(direction.x), abs(direction.y), abs(direction.z))
        kz = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
        kx = (kz + 1) % 3
        ky = (kz + 2) % 3
        shear = Double3(direction[kx] / direction[kz], direction[ky] / direction[kz], 1 / direction[kz])
    }

    /// - Parameter point: relative to the ray's origin.
    /// - Returns: x and y across the ray, z along it, in lengths of the direction.
    @inline(__always)
    func place(_ point: Double3) -> Double3 {
        Double3(point[kx] - shear.x * point[kz], point[ky] - shear.y * point[kz], shear.z * point[kz])
    }

    /// How far along the ray a triangle of placed corners is; nil: the ray misses it, or runs in its plane. Edges count,
    /// and so do both sides.
    @inline(__always)
    static func distance(_ a: Double3, _ b: Double3, _ c: Double3) -> Double? {
        let u = c.x * b.y - c.y * b.x
        let v = a.x * c.y - a.y * c.x
        let w = b.x * a.y - b.y * a.x
        if (u < 0 || v < 0 || w < 0) && (u > 0 || v > 0 || w > 0) { return nil }
        let determinant = u + v + w
        if determinant == 0 { return nil }
        return (u * a.z + v * b.z + w * c.z) / determinant
    }

    /// The shares of a triangle's corners in the place where the ray meets it; only of a triangle that has a `distance`.
    static func weights(_ a: Double3, _ b: Double3, _ c: Double3) -> Double3 {
        let weights = Double3(c.x * b.y - c.y * b.x, a.x * c.y - a.y * c.x, b.x * a.y - b.y * a.x)
        return weights / weights.sum()
    }
}
