// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Reads JPEG (baseline, progressive, grey, CMYK) and PNG (every colour type, depth and interlacing) images.
///
/// Colour profiles, gamma and orientation tags are ignored, as glTF 2.0 section 3.8.2 asks. All functions may be called
/// from any thread.
package enum ImageDecoding {
    /// Reads the header only; no pixel is decoded and nothing of the image's size is allocated.
    ///
    /// - Throws: `unknownEncoding`, or `decodingFailed` for a damaged or unsupported header.
    package static func readHeader(_ bytes: RawSpan) throws(ImageError) -> ImageHeader {
        if PNGHeader.hasSignature(bytes) { return try PNGHeader.read(bytes) }
        if JPEGHeader.hasSignature(bytes) { return try JPEGHeader.read(bytes) }
        throw .unknownEncoding
    }

    /// Decodes the whole image.
    ///
    /// - Parameters:
    ///   - maximumPixels: checked against the header before anything is allocated.
    ///   - channelCount: 3 (RGB, alpha dropped) or 4 (RGBA, alpha 255 where the image has none).
    /// - Throws: `unknownEncoding`, `tooLarge`, or `decodingFailed`.
    package static func decode(
        _ bytes: RawSpan, maximumPixels: Int, channelCount: Int
    ) throws(ImageError) -> Image {
        var warning: String?
        return try decode(bytes, maximumPixels: maximumPixels, channelCount: channelCount, warning: &warning)
    }

    /// As above.
    ///
    /// - Parameter warning: set when the file is damaged or cut short but still gave a picture (missing parts of a JPEG are
    ///   grey): other decoders may refuse it.
    package static func decode(
        _ bytes: RawSpan, maximumPixels: Int, channelCount: Int, warning: inout String?
    ) throws(ImageError) -> Image {
        precondition(channelCount == 3 || channelCount == 4, "decoding gives RGB or RGBA")
        let header = try readHeader(bytes)
        let (pixelCount, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        guard !overflow, pixelCount <= min(maximumPixels, Int.max / 8) else {
            throw .tooLarge(width: header.width, height: header.height, maximumPixels: maximumPixels)
        }
        switch header.encoding {
        case .jpeg: return try JPEGDecoder.decode(bytes, header, channelCount: channelCount, warning: &warning)
        case .png: return try PNGDecoder.decode(bytes, header, channelCount: channelCount, warning: &warning)
        }
    }
}

extension RawSpan {
    func byte(_ offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
    func bigEndian16(_ offset: Int) -> Int { Int(byte(offset)) << 8 | Int(byte(offset + 1)) }
    func bigEndian32(_ offset: Int) -> Int { bigEndian16(offset) << 16 | bigEndian16(offset + 2) }
}
