// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that is read piece by piece and kept open, also when its name is gone. It is never mapped: when another
/// program cuts or writes over it, reading gives an error or other bytes, where a mapping would end the process.
///
/// Holds one descriptor. Safe to use from any thread; reads of several threads do not wait for each other.
package final class RandomAccessFile: Sendable {
    package let path: String
    /// At opening.
    package let version: FileVersion
    private let descriptor: Int32

    /// - Throws: `FileError` when the path is missing, unreadable, or not a regular file (EISDIR, EINVAL).
    package init(path: String) throws(FileError) {
        // Opening a pipe would otherwise wait for a writer.
        let descriptor = try system("open", path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        do throws(FileError) {
            var status = stat()
            _ = try system("fstat", path) { fstat(descriptor, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                let isDirectory = status.st_mode & S_IFMT == S_IFDIR
                throw FileError(path: path, call: "open", errno: isDirectory ? EISDIR : EINVAL)
            }
            version = FileVersion(status)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    package var byteCount: Int { version.byteCount }

    /// What the file is now; nil if the system does not say. Takes less than a microsecond.
    package var currentVersion: FileVersion? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? FileVersion(status) : nil
    }

    /// A copy of some bytes.
    ///
    /// - Parameter range: within what the file was at opening.
    /// - Throws: `FileError`, ENODATA when the file ends before `range` does.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        precondition(range.lowerBound >= 0, "an offset in the file")
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count, failure == 0 {
                let result = pread(
                    descriptor, buffer.baseAddress! + count, range.count - count, range.lowerBound + count)
                if result > 0 {
                    count += result
                } else if result == 0 {
                    failure = ENODATA
                } else if errno != EINTR {
                    failure = errno
                }
            }
        }
        if failure != 0 { throw FileError(path: path, call: "pread", errno: failure) }
        return bytes
    }
}

/// What tells that a file's content may be another than before.
package struct FileVersion: Equatable, Sendable {
    package let byteCount: Int
    /// Nanoseconds since 1970.
    package let modified: Int64
    /// … of the last change of content, name, owner or the like, which no program can set.
    package let changed: Int64

    init(_ status: stat) {
        byteCount = status.st_size
        modified = FileVersion.nanoseconds(status.st_mtim)
        changed = FileVersion.nanoseconds(status.st_ctim)
    }

    /// Whether the last change is so long ago that another one would have another time: the system's clock for files
    /// ticks some hundred times a second.
    package var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return FileVersion.nanoseconds(now) - changed > 1_000_000_000
    }

    /// Whether the content is surely another one, or written again: the time of the last change alone also tells of
    /// names that came or went.
    package func differsInContent(from other: FileVersion) -> Bool {
        byteCount != other.byteCount || modified != other.modified
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
