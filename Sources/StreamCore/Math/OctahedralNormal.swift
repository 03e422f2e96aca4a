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
        let size = abs(normal.x) + abs(normal.y) + abs(normal.z)
        guard size > 0, size.isFinite else { return encode(Float3(0, 0, 1)) }
        var u = normal.x / size
        var v = normal.y / size
        if normal.z < 0 {
            (u, v) = ((1 - abs(v)) * (u < 0 ? -1 : 1), (1 - abs(u)) * (v < 0 ? -1 : 1))
        }
        return quantize(u) | quantize(v) << 12
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
}
