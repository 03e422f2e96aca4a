// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A file being written that appears under its name only when complete: `commit` syncs it and renames it into place,
/// anything else leaves an existing file of that name untouched and no trace behind, even after a kill.
///
/// For one thread at a time.
package final class AtomicFile {
    package let path: String
    package private(set) var byteCount = 0
    private let descriptor: Int32
    private let directory: String
    /// Set where the file system has no unnamed files (O_TMPFILE), so that the temporary name must be removed.
    private var temporaryPath: String?
    private var buffer: [UInt8] = []
    private static let bufferByteCount = 1 << 20

    /// - Throws: `FileError` when the directory is missing or not writable.
    package init(path: String) throws(FileError) {
        self.path = path
        let directory = FolderFiles.parent(of: path)
        self.directory = directory
        let unnamed = clinux_open_unnamed(directory)
        if unnamed >= 0 {
            descriptor = unnamed
        } else {
            let temporary = "\(path).\(getpid()).partial"
            descriptor = try system("open", path) {
                open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            }
            temporaryPath = temporary
        }
        fchmod(descriptor, 0o644)
    }

    deinit {
        close(descriptor)
        if let temporaryPath { unlink(temporaryPath) }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        if buffer.count + bytes.count > AtomicFile.bufferByteCount { try flush() }
        if bytes.count > AtomicFile.bufferByteCount {
            try writeAll(bytes, at: byteCount)
        } else {
            buffer.append(contentsOf: bytes)
        }
        byteCount += bytes.count
    }

    /// Replaces bytes already appended.
    package func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        precondition(offset >= 0 && offset + bytes.count <= byteCount, "only what was appended can be replaced")
        try flush()
        try writeAll(bytes, at: offset)
    }

    /// Makes everything appended so far readable through `descriptorPath`.
    package func flush() throws(FileError) {
        if buffer.isEmpty { return }
        try writeAll(buffer, at: byteCount - buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// A path under which this process can read the unfinished file.
    package var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

    /// Syncs the content to disk, gives the file its name (replacing an older one) and syncs the directory.
    package func commit() throws(FileError) {
        try flush()
        _ = try system("fsync", path) { fsync(descriptor) }
        let temporary = temporaryPath ?? "\(path).\(getpid()).partial"
        if temporaryPath == nil {
            unlink(temporary)
            _ = try system("linkat", path) {
                linkat(AT_FDCWD, descriptorPath, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW)
            }
            temporaryPath = temporary
        }
        _ = try system("rename", path) { rename(temporary, path) }
        temporaryPath = nil
        try FolderFiles.sync(directory)
    }

    private func writeAll(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            done += try system("write", path) {
                bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + done, $0.count - done, offset + done) }
            }
        }
    }
}
