// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Testing

@Suite struct RoundTripTests {
    static func decode(_ bytes: [UInt8], maximumPixels: Int = 1 << 20, channelCount: Int = 4) throws -> Image {
        try ImageDecoding.decode(bytes.span.bytes, maximumPixels: maximumPixels, channelCount: channelCount)
    }

    static func header(_ bytes: [UInt8]) throws -> ImageHeader { try ImageDecoding.readHeader(bytes.span.bytes) }

    static func tolerantlyDecoded(_ bytes: [UInt8], warning: inout String?) -> Image? {
        do {
            return try ImageDecoding.decode(
                bytes.span.bytes, maximumPixels: 1 << 20, channelCount: 3, warning: &warning)
        } catch {
            return nil
        }
    }

    /// `image` as decoding should give it.
    static func expanded(_ image: Image, channelCount: Int) -> [UInt8] {
        (0..<image.width * image.height).flatMap { pixel in
            let p = image.pixels[pixel * image.channelCount..<(pixel + 1) * image.channelCount].map { $0 }
            let rgba =
                switch image.channelCount {
                case 1: [p[0], p[0], p[0], 255]
                case 2: [p[0], p[0], p[0], p[1]]
                case 3: p + [255]
                default: p
                }
            return Array(rgba[0..<channelCount])
        }
    }

    @Test("a PNG comes back exactly, of 1 to 4 channels, as RGB and as RGBA", arguments: 1...4, [3, 4])
    func pngIsExact(stored: Int, wanted: Int) throws {
        let image = ImageSamples.gradient(width: 37, height: 21, channelCount: stored)
        let bytes = try ImageEncoding.png(image, compressionLevel: 6)
        let header = try Self.header(bytes)
        #expect(
            header
                == ImageHeader(
                    encoding: .png, width: 37, height: 21, hasAlpha: stored % 2 == 0, channelCount: stored, bitDepth: 8)
        )
        let decoded = try Self.decode(bytes, channelCount: wanted)
        #expect(decoded.pixels == Self.expanded(image, channelCount: wanted))
    }

    @Test("a JPEG comes back closely", arguments: 1...4, [ImageEncoding.Subsampling.s444, .s420])
    func jpegIsClose(stored: Int, subsampling: ImageEncoding.Subsampling) throws {
        let image = ImageSamples.gradient(width: 60, height: 45, channelCount: stored)
        let bytes = try ImageEncoding.jpeg(image, quality: 95, subsampling: subsampling)
        let header = try Self.header(bytes)
        #expect(
            header
                == ImageHeader(
                    encoding: .jpeg, width: 60, height: 45, hasAlpha: false, channelCount: stored <= 2 ? 1 : 3,
                    bitDepth: 8))
        let decoded = try Self.decode(bytes, channelCount: 3)
        let expected = Self.expanded(image, channelCount: 3)
        let worst = zip(decoded.pixels, expected).map { abs(Int($0) - Int($1)) }.max()!
        #expect(worst <= 12)
        #expect(try Self.decode(bytes).pixels.enumerated().allSatisfy { $0.offset % 4 != 3 || $0.element == 255 })
    }

    @Test("the same image gives the same bytes") func isDeterministic() throws {
        let image = ImageSamples.gradient(width: 90, height: 70, channelCount: 3)
        let first = try ImageEncoding.jpeg(image, quality: 80, subsampling: .s420)
        let second = try ImageEncoding.jpeg(image, quality: 80, subsampling: .s420)
        #expect(first == second)
        #expect(
            try ImageEncoding.png(image, compressionLevel: 6) == ImageEncoding.png(image, compressionLevel: 6))
    }

    @Test("single pixels and single rows survive", arguments: [(1, 1), (1, 9), (300, 1)])
    func smallImages(width: Int, height: Int) throws {
        let image = ImageSamples.gradient(width: width, height: height, channelCount: 4)
        #expect(try Self.decode(try ImageEncoding.png(image, compressionLevel: 0)) == image)
        let jpeg = try ImageEncoding.jpeg(image, quality: 100, subsampling: .s420)
        #expect(try Self.decode(jpeg).width == width)
    }

    @Test("an image too large for JPEG is refused") func refusesLargeJPEG() {
        let image = Image(width: 65_501, height: 1, channelCount: 1, pixels: [UInt8](repeating: 0, count: 65_501))
        #expect(throws: ImageError.self) { try ImageEncoding.jpeg(image, quality: 90, subsampling: .s444) }
    }
}
