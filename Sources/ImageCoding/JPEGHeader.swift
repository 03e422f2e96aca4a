// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Finds a JPEG's frame header (ITU T.81, annex B) without a decoder, so that unusual chroma samplings, which
/// TurboJPEG's own header function refuses, are read too.
enum JPEGHeader {
    static func hasSignature(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 3 && bytes.byte(0) == 0xFF && bytes.byte(1) == 0xD8 && bytes.byte(2) == 0xFF
    }

    static func read(_ bytes: RawSpan) throws(ImageError) -> ImageHeader {
        var position = 2
        while let marker = nextMarker(bytes, &position) {
            switch marker {
            case 0x01, 0xD0...0xD8: continue  // without a segment
            case 0xD9, 0xDA: throw failed("no frame header before the image data")
            default: break
            }
            guard position + 2 <= bytes.byteCount else { break }
            let length = bytes.bigEndian16(position)
            guard length >= 2, position + length <= bytes.byteCount else { break }
            let isFrame = (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
            if isFrame { return try readFrame(bytes, at: position, length: length) }
            position += length
        }
        throw failed("the file ends before its frame header")
    }

    /// The marker code after the next 0xFF, skipping padding and garbage as libjpeg does; `position` ends behind it.
    private static func nextMarker(_ bytes: RawSpan, _ position: inout Int) -> UInt8? {
        while position + 1 < bytes.byteCount {
            let isMarker = bytes.byte(position) == 0xFF
            position += 1
            guard isMarker else { continue }
            let code = bytes.byte(position)
            if code == 0xFF { continue }
            position += 1
            if code != 0 { return code }
        }
        return nil
    }

    private static func readFrame(_ bytes: RawSpan, at position: Int, length: Int) throws(ImageError) -> ImageHeader {
        guard length >= 8 else { throw failed("the frame header is too short") }
        let bitDepth = Int(bytes.byte(position + 2))
        let height = bytes.bigEndian16(position + 3)
        let width = bytes.bigEndian16(position + 5)
        let channelCount = Int(bytes.byte(position + 7))
        guard width > 0, height > 0 else { throw failed("the image is \(width) × \(height) pixels") }
        guard bitDepth == 8 else { throw failed("\(bitDepth) bits per channel are not supported, only 8") }
        guard [1, 3, 4].contains(channelCount) else { throw failed("\(channelCount) channels are not supported") }
        return ImageHeader(
            encoding: .jpeg, width: width, height: height, hasAlpha: false, channelCount: channelCount,
            bitDepth: bitDepth)
    }

    private static func failed(_ reason: String) -> ImageError { .decodingFailed(.jpeg, reason: reason) }
}
