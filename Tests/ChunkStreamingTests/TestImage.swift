// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Pictures made by hand.
enum TestImage {
    /// A PNG file (RGB) of `size`² pixels in which every pixel differs from its neighbours, not compressed.
    static func png(size: Int) -> [UInt8] {
        var rows: [UInt8] = []
        for y in 0..<size {
            rows.append(0)
            for x in 0..<size {
                rows += [
                    UInt8(truncatingIfNeeded: x &* 7 ^ y), UInt8(truncatingIfNeeded: y &* 5 ^ x),
                    UInt8(truncatingIfNeeded: x &+ y),
                ]
            }
        }
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
            + block("IHDR", bigEndian(UInt32(size)) + bigEndian(UInt32(size)) + [8, 2, 0, 0, 0])
            + block("IDAT", zlib(rows)) + block("IEND", [])
    }

    /// RFC 1950 with stored blocks.
    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        var (a, b) = (UInt32(1), UInt32(0))
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        for first in stride(from: 0, to: bytes.count, by: 65_535) {
            let part = bytes[first..<min(first + 65_535, bytes.count)]
            let size = UInt16(part.count)
            result += [first + part.count == bytes.count ? 1 : 0]
            result += [UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)]
            result += part
        }
        return result + bigEndian(b << 16 | a)
    }

    private static func block(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return bigEndian(UInt32(content.count)) + named + bigEndian(checksum(named))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    /// CRC-32 of PNG's Annex D.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
