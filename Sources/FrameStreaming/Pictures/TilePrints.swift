// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A number for each tile of 64 × 64 pixels that stands for what it shows: equal numbers mean equal pixels, but for one
/// chance in 2^64. So a picture can be compared with one whose pixels were not kept, in two kilobytes.
///
/// Each step of the sum (multiply, then fold) maps numbers to numbers one to one, so pictures that differ in one pair of
/// pixels never have the same.
package struct TilePrints: Equatable, Sendable {
    package static let tileSize = 64
    /// A tile without any content: the viewer paints it itself.
    static let background: UInt64 = 1
    /// No tile's number.
    static let nothing: UInt64 = 0

    package let width: Int
    package let height: Int
    /// Row by row from the top.
    let values: [UInt64]

    /// - Parameter pixels: RGBA8, rows top first without gaps; alpha 0 where there is only background.
    package init(_ pixels: Span<UInt32>, width: Int, height: Int) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "pixels of the picture's size")
        self.width = width
        self.height = height
        var values: [UInt64] = []
        values.reserveCapacity(TilePrints.columnCount(width) * TilePrints.columnCount(height))
        for top in stride(from: 0, to: height, by: TilePrints.tileSize) {
            for left in stride(from: 0, to: width, by: TilePrints.tileSize) {
                values.append(
                    TilePrints.print(
                        pixels, width, left..<min(left + TilePrints.tileSize, width),
                        top..<min(top + TilePrints.tileSize, height)))
            }
        }
        self.values = values
    }

    /// Tiles along a side.
    static func columnCount(_ length: Int) -> Int { (length + tileSize - 1) / tileSize }

    /// The pixels of a tile, by its place in `values`.
    static func rectangle(ofTile tile: Int, width: Int, height: Int) -> PixelRectangle {
        let columns = columnCount(width)
        let (left, top) = (tile % columns * tileSize, tile / columns * tileSize)
        return PixelRectangle(
            left: left, top: top, width: min(tileSize, width - left), height: min(tileSize, height - top))
    }

    private static func print(
        _ pixels: Span<UInt32>, _ width: Int, _ columns: Range<Int>, _ rows: Range<Int>
    ) -> UInt64 {
        var sum: UInt64 = 0x2545_F491_4F6C_DD1D
        var union: UInt32 = 0
        for row in rows {
            var index = row * width + columns.lowerBound
            let end = row * width + columns.upperBound
            while index + 1 < end {
                let (first, second) = (pixels[index], pixels[index + 1])
                union |= first | second
                sum = step(sum, UInt64(first) | UInt64(second) << 32)
                index += 2
            }
            if index < end {
                union |= pixels[index]
                sum = step(sum, UInt64(pixels[index]))
            }
        }
        if union & UInt32(0xFF00_0000).littleEndian == 0 { return background }
        return sum > background ? sum : sum &+ 2
    }

    @inline(__always) private static func step(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 29
    }
}
