// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// The sRGB transfer function (IEC 61966-2-1) as tables.
package enum SRGB {
    /// Linear light, 0...1, of each encoded value.
    package static let linear: [Float] = (0..<256).map { value in
        let v = Double(value) / 255
        return Float(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4))
    }

    /// The encoded value of linear light k / 65,535, for k in 0...65,535: fine enough to tell all dark values apart.
    package static let encoded: [UInt8] = (0..<65_536).map { step in
        let v = Double(step) / 65_535
        return UInt8((255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055)).rounded())
    }

    /// Index into `encoded` of linear light; values outside 0...1 (and NaN) are clamped.
    @inlinable @inline(__always)
    package static func index(_ linear: Float) -> Int { linear > 0 ? Int(min(linear, 1) * 65_535 + 0.5) : 0 }

    /// RGBA in linear light to encoded bytes, red lowest; alpha stays linear.
    static func packed(_ color: Float4) -> UInt32 {
        encoded.withUnsafeBufferPointer { packed(color, $0) }
    }

    @inline(__always)
    static func packed(_ color: Float4, _ table: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let alpha = UInt32(max(0, min(1, color.w)) * 255 + 0.5)
        return UInt32(table[index(color.x)]) | UInt32(table[index(color.y)]) << 8
            | UInt32(table[index(color.z)]) << 16 | alpha << 24
    }

    @inline(__always)
    static func unpacked(_ color: UInt32, _ table: UnsafeBufferPointer<Float>) -> Float4 {
        Float4(
            table[Int(color & 255)], table[Int(color >> 8 & 255)], table[Int(color >> 16 & 255)],
            Float(color >> 24) * (1 / 255))
    }
}
