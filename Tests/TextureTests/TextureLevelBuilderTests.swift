// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import MeshProcessing
import StreamCore
import Testing
import TilesetBuilding

@Suite struct TextureLevelBuilderTests {
    /// Smooth, so that JPEG is smaller than PNG.
    static func picture(_ width: Int, _ height: Int, channelCount: Int, alpha: (Int) -> UInt8 = { _ in 255 }) -> Image {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let noise = (x &* 7919 ^ y &* 104_729) % 13
                pixels += [UInt8(x * 240 / width + noise), UInt8(y * 240 / height + noise), UInt8(100 + noise)]
                if channelCount == 4 { pixels.append(alpha(x)) }
            }
        }
        return Image(width: width, height: height, channelCount: channelCount, pixels: pixels)
    }

    static func png(_ image: Image) throws -> [UInt8] { try ImageEncoding.png(image, compressionLevel: 6) }
    static func jpeg(_ image: Image) throws -> [UInt8] {
        try ImageEncoding.jpeg(image, quality: 92, subsampling: .s420)
    }

    static func expectValid(_ result: TextureLevels) {
        for (index, level) in result.levels.enumerated() {
            #expect(level.level == index)
            #expect(level.width == max(1, result.levels[0].width >> index))
            #expect(level.height == max(1, result.levels[0].height >> index))
            let header = Self.header(level.bytes)
            #expect(header?.width == level.width && header?.height == level.height)
            #expect(header?.encoding == level.encoding)
        }
        let long = result.levels.map { max($0.width, $0.height) }
        #expect(long.last! <= 64 && long.dropLast().allSatisfy { $0 > 64 })
    }

    static func header(_ bytes: [UInt8]) -> ImageHeader? {
        do { return try ImageDecoding.readHeader(bytes.span.bytes) } catch { return nil }
    }

    @Test("a JPEG keeps its bytes as level 0 and its levels end at 64 pixels") func keepsJPEG() throws {
        let bytes = try Self.jpeg(Self.picture(601, 300, channelCount: 3))
        let result = try TextureLevelBuilder().build(bytes, usage: .color)
        Self.expectValid(result)
        #expect(result.levels.map(\.width) == [601, 300, 150, 75, 37])
        #expect(result.levels[0].bytes == bytes && result.levels.allSatisfy { $0.encoding == .jpeg })
        #expect(result.small.width == 150 && !result.usesAlpha && result.warnings.isEmpty)
    }

    @Test("an opaque colour PNG becomes JPEG, also when its alpha channel is full or ignored") func opaquePNG() throws {
        let sources: [(Image, TextureLevelBuilder.AlphaRole)] = [
            (Self.picture(130, 200, channelCount: 3), .coverage),
            (Self.picture(130, 200, channelCount: 4), .coverage),
            (Self.picture(130, 200, channelCount: 4, alpha: { UInt8($0) }), .ignored),
        ]
        for (image, role) in sources {
            let bytes = try Self.png(image)
            let result = try TextureLevelBuilder().build(bytes, usage: .color, alpha: role)
            Self.expectValid(result)
            #expect(result.levels.allSatisfy { $0.encoding == .jpeg } && !result.usesAlpha)
            #expect(result.levels[0].bytes.count < bytes.count)
        }
    }

    @Test("an opaque PNG that is smaller than a JPEG stays") func keepsSmallPNG() throws {
        let flat = Image(width: 100, height: 100, channelCount: 3, pixels: [UInt8](repeating: 9, count: 30_000))
        let bytes = try Self.png(flat)
        let result = try TextureLevelBuilder().build(bytes, usage: .color)
        Self.expectValid(result)
        #expect(result.levels[0].bytes == bytes && result.levels[1].encoding == .jpeg)
    }

    @Test("a translucent PNG keeps its bytes, levels are PNG", arguments: [TextureLevelBuilder.Usage.color, .data])
    func translucentPNG(usage: TextureLevelBuilder.Usage) throws {
        let bytes = try Self.png(Self.picture(128, 70, channelCount: 4, alpha: { UInt8($0) }))
        let result = try TextureLevelBuilder().build(bytes, usage: usage)
        Self.expectValid(result)
        #expect(result.usesAlpha && result.small.channelCount == 4)
        #expect(result.levels[0].bytes == bytes && result.levels.allSatisfy { $0.encoding == .png })
        #expect(abs(result.average.w - 63.5 / 255) < 0.01)
    }

    @Test("normals and data stay as lossless as their source", arguments: [TextureLevelBuilder.Usage.normal, .data])
    func keepsLossless(usage: TextureLevelBuilder.Usage) throws {
        let image = Self.picture(150, 150, channelCount: 3)
        for (bytes, encoding) in [(try Self.png(image), ImageHeader.Encoding.png), (try Self.jpeg(image), .jpeg)] {
            let result = try TextureLevelBuilder().build(bytes, usage: usage)
            Self.expectValid(result)
            #expect(result.levels[0].bytes == bytes && result.levels.allSatisfy { $0.encoding == encoding })
        }
    }

    @Test("an image of at most 64 pixels is one level", arguments: [(1, 1), (64, 64), (3, 50)])
    func smallImages(width: Int, height: Int) throws {
        let bytes = try Self.jpeg(Self.picture(width, height, channelCount: 3))
        let result = try TextureLevelBuilder().build(bytes, usage: .color)
        Self.expectValid(result)
        #expect(result.levels.count == 1)
    }

    @Test("a long, narrow image keeps at least one pixel") func narrowImage() throws {
        let result = try TextureLevelBuilder().build(Self.png(Self.picture(700, 3, channelCount: 3)), usage: .data)
        Self.expectValid(result)
        #expect(result.levels.map(\.height) == [3, 1, 1, 1, 1])
    }

    @Test("an image larger than allowed is reduced with a warning") func reducesLarge() throws {
        var builder = TextureLevelBuilder()
        builder.maximumSize = 100
        let result = try builder.build(Self.jpeg(Self.picture(405, 220, channelCount: 3)), usage: .color)
        Self.expectValid(result)
        #expect(result.levels.map(\.width) == [50])
        #expect(result.warnings.count == 1 && result.warnings[0].contains("405 × 220"))
        builder.maximumPixels = 405 * 220 - 1
        #expect(throws: ImageError.tooLarge(width: 405, height: 220, maximumPixels: 89_099)) {
            try builder.build(Self.jpeg(Self.picture(405, 220, channelCount: 3)), usage: .color)
        }
    }

    @Test("a truncated JPEG is written anew with a warning") func repairsTruncated() throws {
        let bytes = try Self.jpeg(Self.picture(200, 200, channelCount: 3))
        let cut = Array(bytes[0..<bytes.count * 2 / 3])
        let result = try TextureLevelBuilder().build(cut, usage: .color)
        Self.expectValid(result)
        #expect(result.warnings.count == 1 && result.levels[0].bytes != cut)
        let again = try TextureLevelBuilder().build(result.levels[0].bytes, usage: .color)
        #expect(again.warnings.isEmpty)
    }

    @Test("the small image can be sampled for baking") func samples() throws {
        let image = Image(
            width: 2, height: 2, channelCount: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])
        let result = try TextureLevelBuilder().build(Self.png(image), usage: .color)
        let texture = RasterizerTexture(result.small, sampler: TextureSampler())
        #expect(texture.sample(0.25, 0.25) == Float4(1, 0, 0, 1))
        #expect(texture.sample(0.75, 0.75) == Float4(1, 1, 1, 1))
        #expect(texture.sample(0.5, 0.5) == Float4(0.5, 0.5, 0.5, 1))
        #expect(abs(result.average.x - 0.5) < 1e-6)
    }
}
