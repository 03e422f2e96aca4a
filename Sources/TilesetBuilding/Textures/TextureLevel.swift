// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ImageCoding
package import StreamCore

/// One size of a texture, as it is stored and sent.
package struct TextureLevel: Equatable, Sendable {
    /// 0: the largest. Each further level has half the width and height, rounded down, but at least 1.
    package let level: Int
    package let width: Int
    package let height: Int
    package let encoding: ImageHeader.Encoding
    package let bytes: [UInt8]

    package init(level: Int, width: Int, height: Int, encoding: ImageHeader.Encoding, bytes: [UInt8]) {
        self.level = level
        self.width = width
        self.height = height
        self.encoding = encoding
        self.bytes = bytes
    }
}

/// All stored sizes of a texture, and what its pixels say about it.
package struct TextureLevels: Sendable {
    /// Largest first. The last is the tail, at most `TextureLevelBuilder.tailSize` pixels long: what lies below it is
    /// for the client to make.
    package var levels: [TextureLevel]
    /// Some pixel is translucent, and the alpha channel has a meaning.
    package var usesAlpha: Bool
    /// Mean of all pixels: of a colour in linear light, translucent ones counting less; otherwise of the stored values,
    /// 0...1. Alpha is the plain mean.
    package var average: Float4
    /// The largest level of at most `TextureLevelBuilder.samplingSize` pixels, decoded: RGB, or RGBA if `usesAlpha`.
    package var small: Image
    /// Each a sentence.
    package var warnings: [String]
}
