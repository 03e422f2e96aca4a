// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CSPNG
import CTurboJPEG
import Glibc

/// Writes JPEG and PNG. The same image and settings give the same bytes. All functions may be called from any thread.
package enum ImageEncoding {
    /// How much detail a JPEG keeps of the colour: all of it, or one value per 2 × 2 pixels.
    package enum Subsampling: Sendable { case s444, s420 }

    /// A baseline JPEG; alpha is dropped, grey stays grey.
    ///
    /// - Parameter quality: 1 (smallest) ... 100.
    /// - Throws: `encodingFailed`, for example when a side is longer than 65,500 pixels.
    package static func jpeg(
        _ image: Image, quality: Int, subsampling: Subsampling
    ) throws(ImageError) -> [UInt8] {
        precondition((1...100).contains(quality), "JPEG quality is 1 to 100")
        if image.channelCount == 2 {
            return try jpeg(image.firstChannel(), quality: quality, subsampling: subsampling)
        }
        guard max(image.width, image.height) <= 65_500 else {
            throw .encodingFailed(.jpeg, reason: "\(image.width) × \(image.height) pixels are too many for a JPEG")
        }
        // A new handle per image: one that has written a progressive image keeps that state in TurboJPEG 2.
        guard let handle = tjInitCompress() else { throw .encodingFailed(.jpeg, reason: "out of memory") }
        defer { tjDestroy(handle) }
        let format = image.channelCount == 1 ? TJPF_GRAY : image.channelCount == 3 ? TJPF_RGB : TJPF_RGBX
        let sampling = image.channelCount == 1 ? TJSAMP_GRAY : subsampling == .s444 ? TJSAMP_444 : TJSAMP_420
        var bytes: UnsafeMutablePointer<UInt8>?
        var byteCount: UInt = 0
        defer { tjFree(bytes) }
        let status = image.pixels.withUnsafeBufferPointer { source in
            tjCompress2(
                handle, source.baseAddress, Int32(image.width), Int32(image.width * image.channelCount),
                Int32(image.height), format.rawValue, &bytes, &byteCount, Int32(sampling.rawValue), Int32(quality),
                TJFLAG_ACCURATEDCT)
        }
        guard status == 0, let bytes else {
            let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown reason"
            throw .encodingFailed(.jpeg, reason: reason)
        }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(byteCount)))
    }

    /// A PNG of the image's own channels, 8 bits each, not interlaced.
    ///
    /// - Parameter compressionLevel: 0 (none) ... 9 (smallest, slowest), as in zlib.
    /// - Throws: `encodingFailed`.
    package static func png(_ image: Image, compressionLevel: Int) throws(ImageError) -> [UInt8] {
        precondition((0...9).contains(compressionLevel), "zlib's levels are 0 to 9")
        guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height) else {
            throw .encodingFailed(.png, reason: "\(image.width) × \(image.height) pixels are too many for a PNG")
        }
        guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
            throw .encodingFailed(.png, reason: "out of memory")
        }
        defer { spng_ctx_free(context) }
        let colorTypes: [UInt8] = [0, 4, 2, 6]
        var header = spng_ihdr(
            width: width, height: height, bit_depth: 8, color_type: colorTypes[image.channelCount - 1],
            compression_method: 0, filter_method: 0, interlace_method: 0)
        var status = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1)
        if status == 0 { status = spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, Int32(compressionLevel)) }
        if status == 0 { status = spng_set_ihdr(context, &header) }
        if status == 0 {
            status = image.pixels.withUnsafeBytes { source in
                spng_encode_image(
                    context, source.baseAddress, source.count, Int32(SPNG_FMT_PNG.rawValue),
                    Int32(SPNG_ENCODE_FINALIZE.rawValue))
            }
        }
        var byteCount = 0
        let bytes = status == 0 ? spng_get_png_buffer(context, &byteCount, &status) : nil
        defer { free(bytes) }
        guard status == 0, let bytes else {
            throw .encodingFailed(.png, reason: String(cString: spng_strerror(status)))
        }
        return Array(UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }
}

extension Image {
    fileprivate func firstChannel() -> Image {
        let grey = stride(from: 0, to: pixels.count, by: channelCount).map { pixels[$0] }
        return Image(width: width, height: height, channelCount: 1, pixels: grey)
    }
}
