// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Glibc

/// A file that appears whole or not at all: bytes go to a temporary name beside the target, `commit` makes them durable
/// and renames. Dropped without `commit`, the temporary file is removed and an older target stays as it was.
struct WholeFile: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// - Throws: `FileError` when the directory is missing, full or not writable.
    init(path: String) throws(FileError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).partial"
        // Left by a crashed process with our id, if it exists at all.
        unsafe unlink(temporaryPath)
        descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw FileError(path: path, call: "open", errno: errno) }
    }

    deinit {
        guard !isCommitted else { return }
        close(descriptor)
        unsafe unlink(temporaryPath)
    }

    /// Appends the first `count` bytes of `bytes`.
    func write(_ bytes: [UInt8], count: Int) throws(FileError) {
        precondition(count <= bytes.count, "more bytes asked for than there are")
        var code: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < count {
                let written = unsafe Glibc.write(
                    descriptor, buffer.baseAddress.unsafelyUnwrapped + offset, count - offset)
                if written >= 0 {
                    offset += written
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        if code != 0 { throw FileError(path: path, call: "write", errno: code) }
    }

    func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes, count: bytes.count) }

    /// Syncs, closes and renames over the target; on failure the temporary file is removed.
    consuming func commit() throws(FileError) {
        if fsync(descriptor) != 0 { throw FileError(path: path, call: "fsync", errno: errno) }
        if unsafe rename(temporaryPath, path) != 0 { throw FileError(path: path, call: "rename", errno: errno) }
        isCommitted = true
        close(descriptor)
    }
}
