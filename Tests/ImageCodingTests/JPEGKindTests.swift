// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Testing

@Suite struct JPEGKindTests {
    /// 8 × 8 pixels of inks as Adobe stores them, each 255 - ink: 255, 128, 0, 128. Written with libjpeg.
    static let inks = """
        ffd8ffee000e41646f626500640000000000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d
        3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffc000140800080008044311004d110059
        11004b1100ffc4001500010100000000000000000000000000000007ffc40014100100000000000000000000000000000000ffda
        000e0443004d0059004b00003f00a009f8ffd9
        """
    /// 8 × 8 pixels of (200, 100, 50), progressive. Written with libjpeg.
    static let progressive = """
        ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a
        333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffdb0043011112121815182f1a1a2f
        63423842636363636363636363636363636363636363636363636363636363636363636363636363636363636363636363636363
        6363ffc20011080008000803012200021101031101ffc4001500010100000000000000000000000000000001ffc4001401010000
        0000000000000000000000000004ffda000c0301000210031000000180acffc40014100100000000000000000000000000000000
        ffda00080101000105027fffc40014110100000000000000000000000000000000ffda0008010301013f017fffc4001411010000
        0000000000000000000000000000ffda0008010201013f017fffc40014100100000000000000000000000000000000ffda000801
        0100063f027fffc40014100100000000000000000000000000000000ffda0008010100013f217fffda000c030100020003000000
        1007ffc40014110100000000000000000000000000000000ffda0008010301013f107fffc4001411010000000000000000000000
        0000000000ffda0008010201013f107fffc40014100100000000000000000000000000000000ffda0008010100013f107fffd9
        """

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    @Test("inks become light", arguments: [3, 4]) func convertsInks(channelCount: Int) throws {
        let bytes = Self.bytes(Self.inks)
        #expect(try RoundTripTests.header(bytes).isCMYK)
        let image = try RoundTripTests.decode(bytes, channelCount: channelCount)
        #expect(abs(Int(image.pixels[0]) - 128) < 5 && abs(Int(image.pixels[1]) - 64) < 5 && image.pixels[2] < 5)
        #expect(channelCount == 3 || image.pixels[3] == 255)
    }

    @Test("progressive files are read; cut short, they are errors or pictures with a warning")
    func readsProgressive() throws {
        let bytes = Self.bytes(Self.progressive)
        let image = try RoundTripTests.decode(bytes, channelCount: 3)
        for (value, expected) in zip(image.pixels, [200, 100, 50]) { #expect(abs(Int(value) - expected) < 8) }
        for length in 0..<bytes.count - 2 {
            var warning: String?
            let image = RoundTripTests.tolerantlyDecoded(Array(bytes[0..<length]), warning: &warning)
            #expect(image == nil || warning != nil)
        }
    }
}
