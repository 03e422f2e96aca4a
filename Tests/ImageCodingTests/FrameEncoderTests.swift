// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Testing

@Suite struct FrameEncoderTests {
    private let picture = ImageSamples.gradient(width: 70, height: 50, channelCount: 4)

    private func with<R>(_ image: Image, _ body: (FramePixels) throws -> R) rethrows -> R {
        try image.pixels.withUnsafeBytes { bytes in
            try body(
                FramePixels(
                    base: bytes.baseAddress!, width: image.width, height: image.height, bytesPerRow: 4 * image.width))
        }
    }

    /// The colours of a rectangle.
    private func colors(of image: Image, left: Int, top: Int, width: Int, height: Int) -> [UInt8] {
        (top..<top + height).flatMap { y in
            (left..<left + width).flatMap { x in
                let at = (y * image.width + x) * image.channelCount
                return image.pixels[at..<at + 3]
            }
        }
    }

    @Test func `a PNG of a rectangle is exact`() throws {
        let bytes = try with(picture) { try FrameEncoder.png($0.cropped(left: 3, top: 7, width: 41, height: 20)) }
        let decoded = try RoundTripTests.decode(bytes, channelCount: 3)
        #expect(decoded.width == 41 && decoded.height == 20)
        #expect(decoded.pixels == colors(of: picture, left: 3, top: 7, width: 41, height: 20))
    }

    @Test func `a PNG with alpha has colours that are not multiplied by it`() throws {
        let picture = Image(
            width: 4, height: 1, channelCount: 4,
            pixels: [200, 100, 50, 255, 100, 50, 25, 128, 0, 0, 0, 0, 9, 9, 9, 9])
        let bytes = try with(picture) { try FrameEncoder.png($0, hasAlpha: true) }
        let decoded = try RoundTripTests.decode(bytes, channelCount: 4)
        #expect(decoded.pixels == [200, 100, 50, 255, 199, 100, 50, 128, 0, 0, 0, 0, 255, 255, 255, 9])
    }

    @Test(arguments: [ImageEncoding.Subsampling.s444, .s420])
    func `a JPEG of a rectangle is close, behind its prefix`(subsampling: ImageEncoding.Subsampling) throws {
        let encoder = try FrameEncoder()
        let prefix: [UInt8] = [1, 2, 3, 4, 5]
        let bytes = try with(picture) {
            try encoder.jpeg(
                $0.cropped(left: 5, top: 1, width: 33, height: 48), quality: 95, subsampling: subsampling,
                prefix: prefix)
        }
        #expect(Array(bytes.prefix(5)) == prefix)
        let decoded = try RoundTripTests.decode(Array(bytes.dropFirst(5)), channelCount: 3)
        let expected = colors(of: picture, left: 5, top: 1, width: 33, height: 48)
        let largest = zip(decoded.pixels, expected).map { abs(Int($0) - Int($1)) }.max()!
        #expect(decoded.width == 33 && largest <= 12)
    }

    @Test func `what an encoder did before leaves no trace`() throws {
        let used = try FrameEncoder()
        let luma = [UInt8](repeating: 90, count: 64)
        let chroma = [UInt8](repeating: 128, count: 16)
        for _ in 0..<3 {
            let grey = try luma.withUnsafeBufferPointer { luma in
                try chroma.withUnsafeBufferPointer { chroma in
                    let planes = FramePlanes(
                        luma: luma.baseAddress!, blue: chroma.baseAddress!, red: chroma.baseAddress!, width: 8,
                        height: 8, lumaBytesPerRow: 8, chromaBytesPerRow: 4)
                    return try used.jpeg(planes, quality: 90)
                }
            }
            let decoded = try RoundTripTests.decode(grey, channelCount: 3)
            #expect(decoded.pixels.allSatisfy { abs(Int($0) - 90) <= 1 })
            for (quality, subsampling) in [(40, ImageEncoding.Subsampling.s420), (88, .s444)] {
                let fresh = try FrameEncoder()
                try with(picture) { pixels in
                    let expected = try fresh.jpeg(pixels, quality: quality, subsampling: subsampling)
                    #expect(try used.jpeg(pixels, quality: quality, subsampling: subsampling) == expected)
                }
            }
        }
    }

    @Test func `a picture too large for a JPEG is refused`() throws {
        let encoder = try FrameEncoder()
        let row = [UInt8](repeating: 0, count: 4 * 65_501)
        row.withUnsafeBytes { bytes in
            let pixels = FramePixels(base: bytes.baseAddress!, width: 65_501, height: 1, bytesPerRow: bytes.count)
            #expect(throws: ImageError.self) { try encoder.jpeg(pixels, quality: 80, subsampling: .s420) }
        }
    }
}
