// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file mapped read-only. Bytes are read on first touch and may be dropped again by the kernel at any time, so a file
/// larger than memory can be mapped.
///
/// The map lives as long as this object; a borrowed `bytes` span cannot outlive it. Safe to read from any thread.
/// A file truncated by another process while mapped raises SIGBUS: archives are replaced by rename, never in place.
package final class MappedFile: @unchecked Sendable {  // immutable after init, unmapped in deinit only
    package let path: String
    package let byteCount: Int
    private let base: UnsafeMutableRawPointer?

    /// - Throws: `FileError` when the path is missing, unreadable, or not a regular file (EISDIR, EINVAL).
    package init(path: String) throws(FileError) {
        // Opening a pipe would otherwise wait for a writer.
        let descriptor = try system("open", path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        defer { close(descriptor) }
        var status = stat()
        _ = try system("fstat", path) { fstat(descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            throw FileError(path: path, call: "open", errno: isDirectory ? EISDIR : EINVAL)
        }
        self.path = path
        byteCount = status.st_size
        if byteCount == 0 {
            base = nil
        } else {
            guard let map = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED else {
                throw FileError(path: path, call: "mmap", errno: errno)
            }
            base = map
        }
    }

    deinit { if let base { munmap(base, byteCount) } }

    package var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let buffer = UnsafeRawBufferPointer(start: base, count: byteCount)
            return _overrideLifetime(RawSpan(_unsafeBytes: buffer), borrowing: self)
        }
    }

    /// Tells the kernel that the pages of `range` (widened to whole pages) will not be needed soon, so that a streaming
    /// reader's resident memory stays flat. Reading them again is correct, only slower.
    package func releaseResidentPages(_ range: Range<Int>) {
        guard let base, !range.isEmpty else { return }
        let page = Int(getpagesize())
        let start = range.lowerBound / page * page
        madvise(base + start, min(range.upperBound, byteCount) - start, MADV_DONTNEED)
    }

    package func adviseSequentialReading() {
        guard let base else { return }
        madvise(base, byteCount, MADV_SEQUENTIAL)
    }
}
