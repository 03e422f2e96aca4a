// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which attributes a packed vertex has, and where: the same bits and bytes as in the browser
/// (Sources/Viewer/web/decode/vertex-packing.js, render/vertex-layout.js).
///
/// A vertex, little endian: the position relative to the node's origin, 3 × u16 and 2 zero bytes, or 3 × u32 where the
/// node is wider than 65,535 grid steps; the normal, 2 × i16 octahedral, signed normalised; 2 × f32 for each set of
/// texture coordinates; the colour, 4 × u8, sRGB-encoded with linear alpha.
package struct VertexClass: Hashable, Sendable {
    /// Bit 0: wide positions; bits 1 and 2: number of coordinate sets; bit 3: colours.
    package var rawValue: UInt8

    /// The widest node whose positions fit 16 bits, in grid steps.
    package static let narrowExtent: Int32 = 65_535
    /// Of all that there are: 2 × 3 × 2.
    package static let all: [VertexClass] = (0...1).flatMap { wide in
        (0...2).flatMap { sets in
            [false, true].map { VertexClass(isWide: wide == 1, setCount: sets, hasColors: $0) }
        }
    }

    /// - Parameter setCount: 0 ... 2.
    package init(isWide: Bool, setCount: Int, hasColors: Bool) {
        rawValue = (isWide ? 1 : 0) | UInt8(setCount) << 1 | (hasColors ? 8 : 0)
    }

    package var isWide: Bool { rawValue & 1 != 0 }
    /// Sets of texture coordinates, 0 ... 2.
    package var setCount: Int { Int(rawValue >> 1 & 3) }
    package var hasColors: Bool { rawValue & 8 != 0 }

    /// Bytes from a vertex's start; the position is at 0.
    package var normalOffset: Int { isWide ? 12 : 8 }
    /// Of the first coordinate set; the second follows 8 bytes later.
    package var coordinatesOffset: Int { normalOffset + 4 }
    package var colorOffset: Int { coordinatesOffset + 8 * setCount }
    /// Bytes of a vertex.
    package var stride: Int { colorOffset + (hasColors ? 4 : 0) }
}
