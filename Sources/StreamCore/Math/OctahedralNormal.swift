// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Unit vectors folded onto an octahedron and flattened to two 12-bit numbers (0.06° at worst), so that a copied normal
/// is the same in every chunk that holds it.
///
/// Only + − × ÷ and comparisons: native and WebAssembly results are equal bit for bit.
/// Source: Cigolle et al., "A Survey of Efficient Representations for Independent Unit Vectors", JCGT 2014.
package enum OctahedralNormal {
    package static let maximum: UInt32 = 4095

    /// Low 12 bits: first coordinate, next 12: second. A vector without direction encodes as +z.
    package static func encode(_ normal: Float3) -> UInt32 {
        let (u, v) = folded(normal.x, normal.y, normal.z)
        return quantize(u) | quantize(v) << 12
    }

    /// The same from an f64 vector, all in f64.
    package static func encode(_ normal: Double3) -> UInt32 {
        let (u, v) = folded(normal.x, normal.y, normal.z)
        return quantize(u) | quantize(v) << 12
    }

    /// Onto the octahedron, and its lower half outwards: -1 ... 1 each.
    @inline(__always)
    private static func folded<Real: BinaryFloatingPoint>(_ x: Real, _ y: Real, _ z: Real) -> (u: Real, v: Real) {
        let size = abs(x) + abs(y) + abs(z)
        guard size > 0, size.isFinite else { return (0, 0) }
        let (u, v) = (x / size, y / size)
        return z < 0 ? ((1 - abs(v)) * (u < 0 ? -1 : 1), (1 - abs(u)) * (v < 0 ? -1 : 1)) : (u, v)
    }

    package static func decode(_ code: UInt32) -> Float3 {
        let u = Float(code & 0xfff) / 2047 - 1
        let v = Float(code >> 12 & 0xfff) / 2047 - 1
        let z = 1 - abs(u) - abs(v)
        if z >= 0 { return normalized(Float3(u, v, z)) }
        return normalized(Float3((1 - abs(v)) * (u < 0 ? -1 : 1), (1 - abs(u)) * (v < 0 ? -1 : 1), z))
    }

    // 4094 steps: 0, +1 and -1 are exact, so axis-aligned faces of machines shade flat.
    private static func quantize(_ value: Float) -> UInt32 {
        UInt32(((min(max(value, -1), 1) + 1) * 2047).rounded())
    }

    private static func quantize(_ value: Double) -> UInt32 {
        UInt32(((min(max(value, -1), 1) + 1) * 2047 + 0.5).rounded(.down))
    }

    // MARK: Coarser codes

    /// Codes may keep to a grid of every 2^shift-th number around the middle one, and the outermost.
    package static let maximumShift = 4

    /// Where half 0 or 1 of a code is on that grid, rounded away from the middle, which is 0.
    package static func step(_ code: UInt32, _ half: Int, shift: Int) -> Int32 {
        let value = Int32(bitPattern: code >> UInt32(12 * half) & 0xfff) - 2047
        let size = (abs(value) + (1 << Int32(shift)) / 2) >> Int32(shift)
        return value < 0 ? -size : size
    }

    /// The half of a code at a step of the grid; nil beyond its ends.
    package static func half(step: Int32, shift: Int) -> UInt32? {
        let limit = Int32(2047 + (1 << shift) / 2) >> Int32(shift)
        guard abs(Int(step)) <= Int(limit) else { return nil }
        return UInt32(min(max(step << Int32(shift), -2047), 2047) + 2047)
    }

    /// The nearest code on the grid.
    package static func rounded(_ code: UInt32, shift: Int) -> UInt32 {
        (0..<2).reduce(0) { result, half in
            result | (self.half(step: step(code, half, shift: shift), shift: shift) ?? 0) << UInt32(12 * half)
        }
    }
}
