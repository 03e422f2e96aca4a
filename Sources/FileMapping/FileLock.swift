// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that one process at a time holds. The kernel lets go of it when the process ends, however it ends. Safe to use
/// from any thread.
package final class FileLock: @unchecked Sendable {  // the descriptor never changes
    private let descriptor: Int32

    /// What came of trying to lock.
    package enum Attempt {
        case held(FileLock)
        /// - Parameter note: what the holder wrote.
        case taken(note: String)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // Closing alone would not do while a child that was just begun still holds a copy.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Does not wait.
    ///
    /// - Parameters:
    ///   - path: of the lock's file, which is made if it is missing and stays for good.
    ///   - note: what others read while they cannot have it: who holds it. At most 1000 bytes.
    /// - Throws: `FileError` when the file cannot be made or written, for example in a folder that is read only.
    package static func take(_ path: String, note: String) throws(FileError) -> Attempt {
        let descriptor = try system("open", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        do throws(FileError) {
            _ = try system("flock", path) { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch {
            defer { close(descriptor) }
            guard error.errno == EWOULDBLOCK else { throw error }
            return .taken(note: read(descriptor))
        }
        let lock = FileLock(descriptor)
        let bytes = Array(note.utf8.prefix(1000))
        _ = try system("truncate", path) { ftruncate(descriptor, 0) }
        _ = try system("write", path) { bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } }
        return .held(lock)
    }

    private static func read(_ descriptor: Int32) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 1000) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
