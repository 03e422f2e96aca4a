// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Pixels somebody else owns: RGBA, 8 bits per channel, rows top-down; colours are multiplied by alpha.
package struct FramePixels {
    /// Of the first pixel of the first row.
    package var base: UnsafeRawPointer
    package var width: Int
    package var height: Int
    /// At least 4 × `width`.
    package var bytesPerRow: Int

    package init(base: UnsafeRawPointer, width: Int, height: Int, bytesPerRow: Int) {
        precondition(width > 0 && height > 0 && bytesPerRow >= 4 * width, "rows hold their pixels")
        self.base = base
        self.width = width
        self.height = height
        self.bytesPerRow = bytesPerRow
    }

    /// A rectangle of it.
    package func cropped(left: Int, top: Int, width: Int, height: Int) -> FramePixels {
        precondition(left >= 0 && top >= 0 && left + width <= self.width && top + height <= self.height, "inside")
        return FramePixels(
            base: base + top * bytesPerRow + 4 * left, width: width, height: height, bytesPerRow: bytesPerRow)
    }
}

/// Three planes of a picture in JFIF's colours (full range BT.601); chroma has half the width and height, rounded up.
package struct FramePlanes {
    package var luma: UnsafePointer<UInt8>
    package var blue: UnsafePointer<UInt8>
    package var red: UnsafePointer<UInt8>
    package var width: Int
    package var height: Int
    package var lumaBytesPerRow: Int
    package var chromaBytesPerRow: Int

    package init(
        luma: UnsafePointer<UInt8>, blue: UnsafePointer<UInt8>, red: UnsafePointer<UInt8>, width: Int, height: Int,
        lumaBytesPerRow: Int, chromaBytesPerRow: Int
    ) {
        precondition(lumaBytesPerRow >= width && chromaBytesPerRow >= (width + 1) / 2, "rows hold their pixels")
        self.luma = luma
        self.blue = blue
        self.red = red
        self.width = width
        self.height = height
        self.lumaBytesPerRow = lumaBytesPerRow
        self.chromaBytesPerRow = chromaBytesPerRow
    }

    /// A rectangle of it that begins at even numbers.
    package func cropped(left: Int, top: Int, width: Int, height: Int) -> FramePlanes {
        precondition(left >= 0 && top >= 0 && left + width <= self.width && top + height <= self.height, "inside")
        precondition(left % 2 == 0 && top % 2 == 0, "chroma has half the size")
        let chroma = top / 2 * chromaBytesPerRow + left / 2
        return FramePlanes(
            luma: luma + top * lumaBytesPerRow + left, blue: blue + chroma, red: red + chroma, width: width,
            height: height, lumaBytesPerRow: lumaBytesPerRow, chromaBytesPerRow: chromaBytesPerRow)
    }
}
