// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding

/// Pictures and files for the tests.
enum ImageSamples {
    /// A smooth picture: both encodings come close to it.
    static func gradient(width: Int, height: Int, channelCount: Int) -> Image {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let values = [x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1), 128, 255 - x]
                pixels += values[0..<channelCount].map { UInt8(clamping: $0) }
            }
        }
        return Image(width: width, height: height, channelCount: channelCount, pixels: pixels)
    }

    /// A PNG of stored (uncompressed) rows, for kinds the encoder does not write.
    ///
    /// - Parameter rows: for each row a filter byte and the packed pixels.
    static func png(
        width: Int, height: Int, bitDepth: UInt8, colorType: UInt8, isInterlaced: Bool = false,
        extraChunks: [(String, [UInt8])] = [], rows: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        bytes += chunk(
            "IHDR", bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, isInterlaced ? 1 : 0])
        for (type, data) in extraChunks { bytes += chunk(type, data) }
        bytes += chunk("IDAT", stored(rows))
        return bytes + chunk("IEND", [])
    }

    static func bigEndian(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    /// A zlib stream of one stored block.
    private static func stored(_ data: [UInt8]) -> [UInt8] {
        precondition(data.count < 65_536)
        let length = [UInt8(truncatingIfNeeded: data.count), UInt8(data.count >> 8)]
        var (a, b) = (1, 0)
        for byte in data {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return [0x78, 0x01, 0x01] + length + length.map { ~$0 } + data + bigEndian(b << 16 | a)
    }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        var crc: UInt32 = .max
        for byte in body {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return bigEndian(data.count) + body + bigEndian(Int(~crc))
    }
}
