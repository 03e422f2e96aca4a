// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ImageCoding
import StreamCore

/// Makes the stored levels of a texture from the image its file holds.
///
/// Level 0 keeps the source's own bytes where a browser shows them well. Smaller levels are JPEG for opaque colour;
/// everything else stays as lossless as its source was.
package struct TextureLevelBuilder: Sendable {
    /// What a texture's colour channels are read as.
    package enum Usage: Sendable {
        /// sRGB-encoded colour: base colour, emission, sheen colour, specular colour.
        case color
        /// Tangent space normals.
        case normal
        /// Numbers: metallic-roughness, occlusion, factors.
        case data
    }

    /// What a texture's alpha channel is read as.
    package enum AlphaRole: Sendable {
        /// How much of the pixel the surface covers; colours count by it.
        case coverage
        /// A number of its own, such as the sheen roughness in a sheen colour texture.
        case data
        /// Nothing: an opaque material's.
        case ignored
    }

    /// Pixels on the long side from which on one level stands for all smaller ones.
    package static let tailSize = 64
    /// Pixels on the long side of `TextureLevels.small`.
    package static let samplingSize = 256

    /// Pixels on the long side of level 0, at most; larger images are made smaller.
    package var maximumSize = 8192
    /// Images whose header promises more are refused unread; a quarter gigabyte per channel.
    package var maximumPixels = 1 << 28

    package init() {}

    /// - Parameter bytes: a JPEG or PNG file.
    /// - Throws: what decoding throws; encoding throws for want of memory only.
    package func build(
        _ bytes: [UInt8], usage: Usage, alpha: AlphaRole = .coverage
    ) throws(ImageError) -> TextureLevels {
        let source = try decode(bytes, usage: usage, alpha: alpha)
        let filter = TextureFilter(Self.rule(usage, alpha: alpha, usesAlpha: source.usesAlpha))
        var warnings = source.warning.map { ["the texture is damaged: \($0)"] } ?? []
        var image = source.image
        while max(image.width, image.height) > maximumSize { image = filter.halved(image) }
        let isReduced = image.width != source.image.width || image.height != source.image.height
        if isReduced {
            warnings.append(
                "the texture of \(source.image.width) × \(source.image.height) pixels is reduced to "
                    + "\(image.width) × \(image.height)")
        }
        let largest = isReduced ? try encode(image, level: 0, source) : try levelZero(bytes, source)
        var levels = [largest]
        var small: Image? = nil
        while true {
            let longSide = max(image.width, image.height)
            if small == nil && longSide <= Self.samplingSize { small = image }
            if longSide <= Self.tailSize { break }
            image = filter.halved(image)
            levels.append(try encode(image, level: levels.count, source))
        }
        return TextureLevels(
            levels: levels, usesAlpha: source.usesAlpha, average: filter.average(small ?? image),
            small: small ?? image, warnings: warnings)
    }

    private struct Source {
        let header: ImageHeader
        let usage: Usage
        /// RGB, or RGBA if `usesAlpha`.
        let image: Image
        let usesAlpha: Bool
        /// What the decoder complained about.
        let warning: String?
    }

    private func decode(_ bytes: [UInt8], usage: Usage, alpha: AlphaRole) throws(ImageError) -> Source {
        // Bytes of bytes have no padding, which is what makes `Span.bytes` unsafe.
        let header = try unsafe ImageDecoding.readHeader(bytes.span.bytes)
        let mayUseAlpha = header.hasAlpha && alpha != .ignored && usage != .normal
        var warning: String?
        var image = try unsafe ImageDecoding.decode(
            bytes.span.bytes, maximumPixels: maximumPixels, channelCount: mayUseAlpha ? 4 : 3, warning: &warning)
        let usesAlpha = mayUseAlpha && !image.isOpaque
        if mayUseAlpha && !usesAlpha { image = image.withoutAlpha() }
        return Source(header: header, usage: usage, image: image, usesAlpha: usesAlpha, warning: warning)
    }

    private static func rule(_ usage: Usage, alpha: AlphaRole, usesAlpha: Bool) -> TextureFilter.Rule {
        switch usage {
        case .color: usesAlpha && alpha == .coverage ? .coveredColor : .color
        case .normal: .normal
        case .data: .data
        }
    }

    private func levelZero(_ bytes: [UInt8], _ source: Source) throws(ImageError) -> TextureLevel {
        // What only tolerant decoders read, and inks, which they show differently, are not passed on.
        if source.warning != nil || source.header.isCMYK { return try encode(source.image, level: 0, source) }
        let image = source.image
        if source.header.encoding == .png && source.usage == .color && !source.usesAlpha {
            let jpeg = try ImageEncoding.jpeg(image, quality: 90, subsampling: .s444)
            if jpeg.count < bytes.count {
                return TextureLevel(level: 0, width: image.width, height: image.height, encoding: .jpeg, bytes: jpeg)
            }
        }
        return TextureLevel(
            level: 0, width: image.width, height: image.height, encoding: source.header.encoding, bytes: bytes)
    }

    private func encode(_ image: Image, level: Int, _ source: Source) throws(ImageError) -> TextureLevel {
        let isLossless = source.usesAlpha || (source.usage != .color && source.header.encoding == .png)
        let bytes: [UInt8]
        if isLossless {
            bytes = try ImageEncoding.png(image, compressionLevel: 6)
        } else if source.usage == .color {
            let isLarge = max(image.width, image.height) >= 512
            bytes = try ImageEncoding.jpeg(image, quality: 90, subsampling: isLarge ? .s420 : .s444)
        } else {
            bytes = try ImageEncoding.jpeg(image, quality: 95, subsampling: .s444)
        }
        return TextureLevel(
            level: level, width: image.width, height: image.height, encoding: isLossless ? .png : .jpeg, bytes: bytes)
    }
}
