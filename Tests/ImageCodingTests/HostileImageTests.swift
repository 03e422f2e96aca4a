// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import TestSupport
import Testing

@Suite struct HostileImageTests {
    static let image = ImageSamples.gradient(width: 24, height: 18, channelCount: 4)
    static func files() throws -> [[UInt8]] {
        [
            try ImageEncoding.png(image, compressionLevel: 6),
            try ImageEncoding.jpeg(image, quality: 90, subsampling: .s420),
            ImageSamples.png(
                width: 4, height: 1, bitDepth: 2, colorType: 3,
                extraChunks: [("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255]), ("tRNS", [128, 0])],
                rows: [0, 0b00_01_10_00]),
        ]
    }

    @Test("each truncation of a PNG is an error until all pixels are there, then the whole picture")
    func truncatedPNG() throws {
        let bytes = try Self.files()[0]
        for length in 0..<bytes.count {
            guard let image = try? RoundTripTests.decode(Array(bytes[0..<length])) else { continue }
            // Only the checksum and the end chunk can be missing.
            #expect(length > bytes.count - 24 && image == Self.image)
        }
    }

    @Test("each truncation of a JPEG is an error or a picture of full size with a warning")
    func truncatedJPEG() throws {
        let bytes = try Self.files()[1]
        let scan = (0..<bytes.count).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }!
        var pictures = 0
        for length in 0..<bytes.count - 2 {
            var warning: String?
            let image = RoundTripTests.tolerantlyDecoded(Array(bytes[0..<length]), warning: &warning)
            guard let image else { continue }
            pictures += 1
            #expect(length > scan)
            #expect(image.width == 24 && image.height == 18 && warning != nil)
        }
        #expect(pictures > 0)
    }

    @Test("bytes after the end are ignored") func trailingBytes() throws {
        for bytes in try Self.files() {
            #expect(try RoundTripTests.decode(bytes + [1, 2, 3, 255, 216]) == RoundTripTests.decode(bytes))
        }
    }

    @Test("other signatures are unknown") func wrongMagic() {
        for bytes in [[], [0xFF], [0xFF, 0xD8], Array("GIF89a........".utf8), [UInt8](repeating: 0, count: 64)] {
            #expect(throws: ImageError.unknownEncoding) {
                try RoundTripTests.header(bytes)
            }
        }
    }

    @Test("a header that promises 65,535 × 65,535 pixels is refused before anything is allocated")
    func hostileSize() throws {
        let png = ImageSamples.png(width: 65_535, height: 65_535, bitDepth: 8, colorType: 6, rows: [0])
        var jpeg = try Self.files()[1]
        let frame = (0..<jpeg.count).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 }!
        for offset in 5...8 { jpeg[frame + offset] = 0xFF }
        let expected = ImageError.tooLarge(width: 65_535, height: 65_535, maximumPixels: 1 << 28)
        for bytes in [png, jpeg] {
            #expect(try RoundTripTests.header(bytes).width == 65_535)
            #expect(throws: expected) {
                try RoundTripTests.decode(bytes, maximumPixels: 1 << 28)
            }
        }
        // Without a limit from the caller, too few bytes for so many pixels are noticed.
        #expect(throws: ImageError.self) {
            try RoundTripTests.decode(png, maximumPixels: .max)
        }
        let widest = ImageSamples.png(
            width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, bitDepth: 8, colorType: 6, rows: [0])
        #expect(throws: ImageError.self) {
            try RoundTripTests.decode(widest, maximumPixels: .max)
        }
    }

    @Test("headers without pixels or of kinds that do not exist are errors") func badHeaders() {
        let headers: [(Int, Int, UInt8, UInt8)] = [
            (0, 1, 8, 2), (1, 0, 8, 2), (1, 1, 3, 0), (1, 1, 16, 3), (1, 1, 8, 5), (1, 1, 4, 6), (-1, 1, 8, 0),
        ]
        for (width, height, bitDepth, colorType) in headers {
            let bytes = ImageSamples.png(
                width: width, height: height, bitDepth: bitDepth, colorType: colorType, rows: [0, 0, 0, 0])
            #expect(throws: ImageError.self) { try RoundTripTests.header(bytes) }
        }
    }

    @Test("2,000 random mutations never crash") func mutations() throws {
        var random = SeededGenerator(seed: 42)
        for (index, original) in try Self.files().enumerated() {
            var decoded = 0
            for _ in 0..<700 {
                var bytes = original
                for _ in 0...random.next() % 4 {
                    let place = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 4 {
                    case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
                    case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    case 2: bytes.remove(at: place)
                    default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                    }
                }
                if (try? RoundTripTests.decode(bytes, channelCount: 3)) != nil { decoded += 1 }
            }
            // Damaged JPEGs mostly give pictures, PNG's checksums refuse nearly all.
            #expect(decoded < 700, "file \(index)")
        }
    }
}
