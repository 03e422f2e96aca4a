// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Zlib streams (RFC 1950), which browsers read as `DecompressionStream("deflate")`.
package enum Deflate {
    package enum Failure: Error, Equatable {
        case corrupt
        /// The stream holds more than the caller expects.
        case tooLarge(maximum: Int)
    }

    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { output, count in
            let status = compress2(output.baseAddress, &size, bytes, UInt(bytes.count), 9)
            precondition(status == Z_OK, "compressing memory to a buffer of the bound's size cannot fail")
            count = Int(size)
        }
    }

    /// A gzip member (RFC 1952), which browsers read as `content-encoding: gzip`; for at most 4 GiB.
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        // 15 bits are the largest window; 16 more ask for gzip's header and trailer instead of zlib's.
        let status = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has memory for a stream")
        defer { deflateEnd(&stream) }
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let status = deflate(&stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "compressing to a buffer of the bound's size cannot fail")
            }
            count = Int(stream.total_out)
        }
    }

    /// Deflate cannot shrink more than this (a 258-byte match in 2 bits).
    private static let largestRatio = 1032

    /// - Parameters:
    ///   - byteCount: exactly how many bytes the stream must expand to; nothing larger is allocated, and nothing at all
    ///     when so few bytes cannot hold so many.
    /// - Throws: `tooLarge` when the stream holds more; `corrupt` for anything else but one complete stream of that size.
    package static func expand(_ bytes: RawSpan, byteCount: Int) throws(Failure) -> [UInt8] {
        guard byteCount / largestRatio <= bytes.byteCount else { throw .corrupt }
        // One byte more than asked for tells a stream that is too large from one that is cut short.
        var size = UInt(byteCount) + 1
        var used = UInt(bytes.byteCount)
        var status = Z_DATA_ERROR
        let result = [UInt8](unsafeUninitializedCapacity: byteCount + 1) { output, count in
            status = bytes.withUnsafeBytes { input in
                uncompress2(
                    output.baseAddress, &size, input.baseAddress?.assumingMemoryBound(to: UInt8.self), &used)
            }
            count = status == Z_OK ? Int(size) : 0
        }
        if status == Z_BUF_ERROR || result.count > byteCount { throw .tooLarge(maximum: byteCount) }
        guard status == Z_OK, result.count == byteCount, used == bytes.byteCount else { throw .corrupt }
        return result
    }
}
