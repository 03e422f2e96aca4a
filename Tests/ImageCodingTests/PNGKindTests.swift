// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Testing

@Suite struct PNGKindTests {
    @Test("a palette with transparency becomes RGBA") func palette() throws {
        let bytes = ImageSamples.png(
            width: 4, height: 1, bitDepth: 2, colorType: 3,
            extraChunks: [("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255]), ("tRNS", [128, 0])], rows: [0, 0b00_01_10_00])
        let header = try RoundTripTests.header(bytes)
        #expect(header.hasAlpha && header.channelCount == 4 && header.bitDepth == 8)
        let image = try RoundTripTests.decode(bytes)
        #expect(image.pixels == [255, 0, 0, 128, 0, 255, 0, 0, 0, 0, 255, 255, 255, 0, 0, 128])
        #expect(try RoundTripTests.decode(bytes, channelCount: 3).pixels.count == 12)
    }

    @Test("a palette index without an entry is an error or black, not a crash") func paletteOverrun() {
        let bytes = ImageSamples.png(
            width: 4, height: 1, bitDepth: 8, colorType: 3, extraChunks: [("PLTE", [1, 2, 3])],
            rows: [0, 0, 1, 200, 255])
        _ = try? RoundTripTests.decode(bytes)
    }

    @Test("16 bits are reduced to 8, keeping the high ones") func sixteenBits() throws {
        let bytes = ImageSamples.png(
            width: 2, height: 1, bitDepth: 16, colorType: 2,
            rows: [0, 0x12, 0x34, 0xFF, 0xFF, 0, 0, 0xAB, 0, 0x80, 0, 1, 0])
        #expect(try RoundTripTests.header(bytes).bitDepth == 16)
        #expect(try RoundTripTests.decode(bytes, channelCount: 3).pixels == [0x12, 0xFF, 0, 0xAB, 0x80, 1])
    }

    @Test("grey of 1, 2, 4 and 16 bits is stretched to 0...255", arguments: [1, 2, 4, 16] as [UInt8])
    func narrowGrey(bitDepth: UInt8) throws {
        let white: [UInt8] = bitDepth == 16 ? [255, 255] : [UInt8(truncatingIfNeeded: 0xFF << (8 - Int(bitDepth)))]
        let bytes = ImageSamples.png(width: 1, height: 1, bitDepth: bitDepth, colorType: 0, rows: [0] + white)
        #expect(try RoundTripTests.decode(bytes).pixels == [255, 255, 255, 255])
    }

    @Test("a transparent grey or colour becomes alpha 0") func transparentColor() throws {
        let grey = ImageSamples.png(
            width: 2, height: 1, bitDepth: 8, colorType: 0, extraChunks: [("tRNS", [0, 7])], rows: [0, 7, 8])
        #expect(try RoundTripTests.header(grey).hasAlpha)
        #expect(try RoundTripTests.decode(grey).pixels == [7, 7, 7, 0, 8, 8, 8, 255])
        let color = ImageSamples.png(
            width: 1, height: 1, bitDepth: 8, colorType: 2, extraChunks: [("tRNS", [0, 1, 0, 2, 0, 3])],
            rows: [0, 1, 2, 3])
        #expect(try RoundTripTests.decode(color).pixels[3] == 0)
    }

    @Test("interlaced pictures are put in order") func interlaced() throws {
        // 2 × 2 pixels: pass 1 holds (0, 0), pass 6 (1, 0), pass 7 the second row.
        let bytes = ImageSamples.png(
            width: 2, height: 2, bitDepth: 8, colorType: 0, isInterlaced: true, rows: [0, 10, 0, 20, 0, 30, 40])
        let image = try RoundTripTests.decode(bytes, channelCount: 3)
        #expect(stride(from: 0, to: 12, by: 3).map { image.pixels[$0] } == [10, 20, 30, 40])
    }

    @Test("gamma and profiles are ignored") func ignoresGamma() throws {
        let bytes = ImageSamples.png(
            width: 1, height: 1, bitDepth: 8, colorType: 0, extraChunks: [("gAMA", ImageSamples.bigEndian(100_000))],
            rows: [0, 100])
        #expect(try RoundTripTests.decode(bytes).pixels == [100, 100, 100, 255])
    }
}
