// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A decoded picture: 8 bits per channel, rows top-down, tightly packed.
///
/// `pixels` holds `width` × `height` × `channelCount` bytes. Channels are grey (1), grey and alpha (2), RGB (3) or RGBA
/// (4); alpha is straight, not multiplied into the colour.
package struct Image: Equatable, Sendable {
    package let width: Int
    package let height: Int
    package let channelCount: Int
    package let pixels: [UInt8]

    package init(width: Int, height: Int, channelCount: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && (1...4).contains(channelCount), "pixels of 1 to 4 channels")
        precondition(pixels.count == width * height * channelCount, "one byte per pixel and channel")
        self.width = width
        self.height = height
        self.channelCount = channelCount
        self.pixels = pixels
    }
}

/// What an encoded image says about itself before its pixels.
package struct ImageHeader: Equatable, Sendable {
    package enum Encoding: String, Sendable { case jpeg, png }

    package let encoding: Encoding
    /// 1 ... 65,535 (JPEG) or 2,147,483,647 (PNG).
    package let width: Int
    package let height: Int
    /// An alpha channel or a transparent colour is declared; whether any pixel is translucent is not known yet.
    package let hasAlpha: Bool
    /// As stored: 1 grey, 2 grey and alpha, 3 colour (a palette counts as 3, or 4 with transparency), 4 RGBA or CMYK.
    package let channelCount: Int
    /// Bits per channel as stored; of a palette's entries, 8.
    package let bitDepth: Int

    package init(
        encoding: Encoding, width: Int, height: Int, hasAlpha: Bool, channelCount: Int, bitDepth: Int
    ) {
        self.encoding = encoding
        self.width = width
        self.height = height
        self.hasAlpha = hasAlpha
        self.channelCount = channelCount
        self.bitDepth = bitDepth
    }

    /// A JPEG of printing inks instead of light.
    package var isCMYK: Bool { encoding == .jpeg && channelCount == 4 }
}
