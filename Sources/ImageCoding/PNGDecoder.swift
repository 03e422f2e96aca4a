// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CSPNG

/// libspng's decoder, one context per image.
enum PNGDecoder {
    /// Bytes one auxiliary chunk, and all kept ones together, may take after inflating.
    private static let chunkLimit = 64 << 20
    /// Deflate cannot shrink more than this (a 258-byte match in 2 bits): a shorter file is incomplete for sure.
    private static let largestDeflateRatio = 1032

    static func decode(
        _ bytes: RawSpan, _ header: ImageHeader, channelCount: Int, warning: inout String?
    ) throws(ImageError) -> Image {
        // The narrowest format stores 1 bit per pixel.
        let leastStoredBytes = header.width * header.height / 8
        guard leastStoredBytes / largestDeflateRatio <= bytes.byteCount else {
            throw .decodingFailed(.png, reason: "\(bytes.byteCount) bytes cannot hold the image's pixels")
        }
        guard let context = spng_ctx_new(0) else { throw .decodingFailed(.png, reason: "out of memory") }
        defer { spng_ctx_free(context) }
        var pixels: [UInt8] = []
        let status = bytes.withUnsafeBytes { source in
            decode(source, context, header, channelCount: channelCount, &pixels)
        }
        guard status == 0 else {
            throw .decodingFailed(.png, reason: String(cString: spng_strerror(status)))
        }
        if !PNGHeader.hasEnd(bytes) { warning = "the end chunk is missing" }
        return Image(width: header.width, height: header.height, channelCount: channelCount, pixels: pixels)
    }

    private static func decode(
        _ source: UnsafeRawBufferPointer, _ context: OpaquePointer, _ header: ImageHeader, channelCount: Int,
        _ pixels: inout [UInt8]
    ) -> Int32 {
        let format = Int32((channelCount == 4 ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8).rawValue)
        let flags = channelCount == 4 ? Int32(SPNG_DECODE_TRNS.rawValue) : 0
        var status = spng_set_image_limits(context, UInt32(header.width), UInt32(header.height))
        if status == 0 { status = spng_set_chunk_limits(context, chunkLimit, chunkLimit) }
        if status == 0 { status = spng_set_png_buffer(context, source.baseAddress, source.count) }
        var byteCount = 0
        if status == 0 { status = spng_decoded_image_size(context, format, &byteCount) }
        guard status == 0 else { return status }
        guard byteCount == header.width * header.height * channelCount else { return Int32(SPNG_EINTERNAL.rawValue) }
        pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { target, initialized in
            status = spng_decode_image(context, target.baseAddress, byteCount, format, flags)
            initialized = status == 0 ? byteCount : 0
        }
        return status
    }
}
