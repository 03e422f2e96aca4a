// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CSPNG
import CTurboJPEG
import Glibc

/// Encodes one frame after the other with the same working memory. One thread at a time.
package final class FrameEncoder {
    /// TurboJPEG 2 mixes up what a handle did before, so each kind of use has its own.
    private let pixelHandle: tjhandle
    private let planeHandle: tjhandle
    private var scratch = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    /// - Throws: `encodingFailed` when there is no memory for it.
    package init() throws(ImageError) {
        guard let pixelHandle = tjInitCompress() else { throw .encodingFailed(.jpeg, reason: "out of memory") }
        guard let planeHandle = tjInitCompress() else {
            tjDestroy(pixelHandle)
            throw .encodingFailed(.jpeg, reason: "out of memory")
        }
        self.pixelHandle = pixelHandle
        self.planeHandle = planeHandle
    }

    deinit {
        tjDestroy(pixelHandle)
        tjDestroy(planeHandle)
        scratch.deallocate()
    }

    /// A baseline JPEG behind `prefix`, so that a message's head and its payload are one array.
    ///
    /// - Parameter quality: 1 ... 100.
    /// - Throws: `encodingFailed`.
    package func jpeg(
        _ pixels: FramePixels, quality: Int, subsampling: ImageEncoding.Subsampling, prefix: [UInt8] = []
    ) throws(ImageError) -> [UInt8] {
        let sampling = subsampling == .s444 ? TJSAMP_444 : TJSAMP_420
        return try compress(pixels.width, pixels.height, sampling, prefix, pixelHandle) { bytes, byteCount in
            tjCompress2(
                pixelHandle, pixels.base.assumingMemoryBound(to: UInt8.self), Int32(pixels.width),
                Int32(pixels.bytesPerRow), Int32(pixels.height), TJPF_RGBX.rawValue, &bytes, &byteCount,
                Int32(sampling.rawValue), Int32(quality), TJFLAG_NOREALLOC)
        }
    }

    /// As above, from planes that are converted already; 4:2:0.
    package func jpeg(_ planes: FramePlanes, quality: Int, prefix: [UInt8] = []) throws(ImageError) -> [UInt8] {
        try compress(planes.width, planes.height, TJSAMP_420, prefix, planeHandle) { bytes, byteCount in
            var pointers: [UnsafePointer<UInt8>?] = [planes.luma, planes.blue, planes.red]
            var strides = [
                Int32(planes.lumaBytesPerRow), Int32(planes.chromaBytesPerRow), Int32(planes.chromaBytesPerRow),
            ]
            return tjCompressFromYUVPlanes(
                planeHandle, &pointers, Int32(planes.width), &strides, Int32(planes.height),
                Int32(TJSAMP_420.rawValue), &bytes, &byteCount, Int32(quality), TJFLAG_NOREALLOC)
        }
    }

    private func compress(
        _ width: Int, _ height: Int, _ sampling: TJSAMP, _ prefix: [UInt8], _ handle: tjhandle,
        _ body: (inout UnsafeMutablePointer<UInt8>?, inout UInt) -> Int32
    ) throws(ImageError) -> [UInt8] {
        let capacity = tjBufSize(Int32(clamping: width), Int32(clamping: height), Int32(sampling.rawValue))
        guard width <= 65_500, height <= 65_500, capacity != .max else {
            throw .encodingFailed(.jpeg, reason: "\(width) × \(height) pixels are too many for a JPEG")
        }
        if scratch.count < Int(capacity) {
            scratch.deallocate()
            scratch = .allocate(capacity: Int(capacity))
        }
        var bytes = scratch.baseAddress
        var byteCount = UInt(scratch.count)
        guard body(&bytes, &byteCount) == 0 else {
            let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown reason"
            throw .encodingFailed(.jpeg, reason: reason)
        }
        return [UInt8](unsafeUninitializedCapacity: prefix.count + Int(byteCount)) { result, count in
            _ = result.initialize(from: prefix)
            _ = UnsafeMutableBufferPointer(rebasing: result[prefix.count...]).initialize(
                fromContentsOf: scratch[..<Int(byteCount)])
            count = prefix.count + Int(byteCount)
        }
    }

    /// An 8-bit PNG, fast rather than small: zlib's first level, two filters to choose from.
    ///
    /// - Parameter hasAlpha: RGBA, with colours as PNG has them, not multiplied; otherwise RGB.
    /// - Throws: `encodingFailed`.
    package static func png(_ pixels: FramePixels, hasAlpha: Bool = false) throws(ImageError) -> [UInt8] {
        guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
            throw .encodingFailed(.png, reason: "out of memory")
        }
        defer { spng_ctx_free(context) }
        var header = spng_ihdr(
            width: UInt32(pixels.width), height: UInt32(pixels.height), bit_depth: 8, color_type: hasAlpha ? 6 : 2,
            compression_method: 0, filter_method: 0, interlace_method: 0)
        let filters = Int32(SPNG_FILTER_CHOICE_SUB.rawValue | SPNG_FILTER_CHOICE_UP.rawValue)
        var status = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1)
        if status == 0 { status = spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, 1) }
        if status == 0 { status = spng_set_option(context, SPNG_FILTER_CHOICE, filters) }
        if status == 0 { status = spng_set_ihdr(context, &header) }
        if status == 0 {
            status = spng_encode_image(
                context, nil, 0, Int32(SPNG_FMT_PNG.rawValue),
                Int32(SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue))
        }
        if status == 0 { status = encodeRows(pixels, hasAlpha, context) }
        var byteCount = 0
        let bytes = status == 0 ? spng_get_png_buffer(context, &byteCount, &status) : nil
        defer { free(bytes) }
        guard status == 0, let bytes else {
            throw .encodingFailed(.png, reason: String(cString: spng_strerror(status)))
        }
        return Array(UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }

    private static func encodeRows(_ pixels: FramePixels, _ hasAlpha: Bool, _ context: OpaquePointer) -> Int32 {
        let channelCount = hasAlpha ? 4 : 3
        var row = [UInt8](repeating: 0, count: channelCount * pixels.width)
        for y in 0..<pixels.height {
            let source = UnsafeRawBufferPointer(start: pixels.base + y * pixels.bytesPerRow, count: 4 * pixels.width)
            row.withUnsafeMutableBytes { row in
                if hasAlpha {
                    for x in 0..<pixels.width {
                        let alpha = Int(source[4 * x + 3])
                        for channel in 4 * x..<4 * x + 3 {
                            row[channel] =
                                alpha == 0 ? 0 : UInt8(min(255, (Int(source[channel]) * 255 + alpha / 2) / alpha))
                        }
                        row[4 * x + 3] = UInt8(alpha)
                    }
                } else {
                    for x in 0..<pixels.width {
                        row[3 * x] = source[4 * x]
                        row[3 * x + 1] = source[4 * x + 1]
                        row[3 * x + 2] = source[4 * x + 2]
                    }
                }
            }
            let status = row.withUnsafeBytes { spng_encode_row(context, $0.baseAddress, $0.count) }
            if Int(status) == Int(SPNG_EOI.rawValue) { return 0 }
            if status != 0 { return status }
        }
        return 0
    }
}
