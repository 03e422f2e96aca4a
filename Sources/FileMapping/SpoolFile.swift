// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Scratch space on disk: appended once, read back in any order, gone with the object.
///
/// Appending is for one thread at a time; reading what was appended is safe from any thread after `flush`.
package final class SpoolFile: @unchecked Sendable {  // the descriptor is fixed; callers separate appending and reading
    package private(set) var byteCount = 0
    private let descriptor: Int32
    private let directory: String
    private var buffer: [UInt8] = []
    private static let bufferByteCount = 1 << 20

    /// - Parameter directory: must be on a file system with unnamed files (O_TMPFILE: ext4, xfs, btrfs, tmpfs).
    package init(directory: String) throws(FileError) {
        self.directory = directory
        descriptor = try system("open", directory) { clinux_open_unnamed(directory) }
        buffer.reserveCapacity(SpoolFile.bufferByteCount)
    }

    deinit { close(descriptor) }

    /// - Returns: where the bytes can be read again.
    @discardableResult
    package func append(_ bytes: [UInt8]) throws(FileError) -> Range<Int> {
        try lend(bytes) { source throws(FileError) in try append(source) }
    }

    private func append(_ source: UnsafeRawBufferPointer) throws(FileError) -> Range<Int> {
        if buffer.count + source.count > SpoolFile.bufferByteCount { try flush() }
        let start = byteCount
        byteCount += source.count
        if source.count > SpoolFile.bufferByteCount {
            try writeAll(source, at: start)
        } else {
            buffer.append(contentsOf: source)
        }
        return start..<byteCount
    }

    /// Appends plain values as they lie in memory.
    package func append<Element: BitwiseCopyable>(values: [Element]) throws(FileError) {
        _ = try lend(values) { source throws(FileError) in try append(source) }
    }

    package func flush() throws(FileError) {
        if buffer.isEmpty { return }
        try lend(buffer) { source throws(FileError) in
            try writeAll(source, at: byteCount - source.count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        try read(range, as: UInt8.self)
    }

    /// Reads back values appended with `append(values:)`; `range` is in bytes and a whole number of them.
    package func read<Element: BitwiseCopyable>(
        _ range: Range<Int>, as type: Element.Type
    ) throws(FileError) -> [Element] {
        precondition(range.upperBound <= byteCount - buffer.count, "only what was appended and flushed can be read")
        precondition(range.count.isMultiple(of: MemoryLayout<Element>.stride), "a whole number of values is read")
        let count = range.count / MemoryLayout<Element>.stride
        var failure: FileError?
        let values = [Element](unsafeUninitializedCapacity: count) { target, initialized in
            do throws(FileError) {
                var done = 0
                let bytes = UnsafeMutableRawBufferPointer(target)
                while done < range.count {
                    let got = try system("read", directory) {
                        pread(descriptor, bytes.baseAddress! + done, range.count - done, range.lowerBound + done)
                    }
                    if got == 0 { throw FileError(path: directory, call: "read", errno: EIO) }
                    done += got
                }
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    private func writeAll(_ source: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        var done = 0
        while done < source.count {
            done += try system("write", directory) {
                pwrite(descriptor, source.baseAddress! + done, source.count - done, offset + done)
            }
        }
    }
}

/// `withUnsafeBytes` with a typed error, which Array's own lacks.
private func lend<Element: BitwiseCopyable, Result>(
    _ array: [Element], _ body: (UnsafeRawBufferPointer) throws(FileError) -> Result
) throws(FileError) -> Result {
    try array.withUnsafeBufferPointer { buffer throws(FileError) in try body(UnsafeRawBufferPointer(buffer)) }
}
