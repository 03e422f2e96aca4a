// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Reads a PNG's IHDR and looks for transparency before the image data (PNG specification, sections 11.2 and 11.3.2).
enum PNGHeader {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func hasSignature(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 8 else { return false }
        for index in 0..<8 where bytes.byte(index) != signature[index] { return false }
        return true
    }

    static func read(_ bytes: RawSpan) throws(ImageError) -> ImageHeader {
        guard bytes.byteCount >= 33, bytes.bigEndian32(8) == 13, bytes.bigEndian32(12) == 0x4948_4452 else {
            throw failed("it does not begin with a complete IHDR chunk")
        }
        let width = bytes.bigEndian32(16)
        let height = bytes.bigEndian32(20)
        guard (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height) else {
            throw failed("the image is \(width) × \(height) pixels")
        }
        let bitDepth = Int(bytes.byte(24))
        let colorType = bytes.byte(25)
        guard let channels = channelCount(colorType: colorType, bitDepth: bitDepth) else {
            throw failed("colour type \(colorType) with \(bitDepth) bits does not exist")
        }
        let hasAlphaChannel = colorType & 4 != 0
        let hasTransparentColor = !hasAlphaChannel && hasTransparencyChunk(bytes)
        let isPalette = colorType == 3
        return ImageHeader(
            encoding: .png, width: width, height: height, hasAlpha: hasAlphaChannel || hasTransparentColor,
            channelCount: isPalette && hasTransparentColor ? 4 : channels, bitDepth: isPalette ? 8 : bitDepth)
    }

    private static func channelCount(colorType: UInt8, bitDepth: Int) -> Int? {
        switch (colorType, bitDepth) {
        case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16): 1
        case (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8): 3
        case (4, 8), (4, 16): 2
        case (6, 8), (6, 16): 4
        default: nil
        }
    }

    private static func hasTransparencyChunk(_ bytes: RawSpan) -> Bool {
        var position = 33
        while let type = chunkType(bytes, &position) {
            if type == 0x7452_4E53 { return true }  // tRNS
            if type == 0x4944_4154 { return false }  // IDAT
        }
        return false
    }

    /// Whether the chunk that closes the file is there.
    static func hasEnd(_ bytes: RawSpan) -> Bool {
        var position = 33
        while let type = chunkType(bytes, &position) {
            if type == 0x4945_4E44 { return position <= bytes.byteCount }  // IEND
        }
        return false
    }

    /// The type of the chunk at `position`, which is moved behind it.
    private static func chunkType(_ bytes: RawSpan, _ position: inout Int) -> Int? {
        guard position + 8 <= bytes.byteCount else { return nil }
        let type = bytes.bigEndian32(position + 4)
        position += 12 + bytes.bigEndian32(position)
        return type
    }

    private static func failed(_ reason: String) -> ImageError { .decodingFailed(.png, reason: reason) }
}
