// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import Synchronization

/// Why this process may not put anything into the models' folder.
package enum FolderRefusal: Error, Equatable, CustomStringConvertible {
    /// Another process has it.
    case taken(folder: String, by: String)
    case unwritable(folder: String, reason: String)

    package var description: String {
        switch self {
        case .taken(let folder, let holder):
            "the models' folder \(folder) is used by \(holder.isEmpty ? "another server" : holder); give this server "
                + "another folder (--models), or stop that one"
        case .unwritable(let folder, let reason):
            "the models' folder \(folder) cannot be written (\(reason)); choose another one (--models)"
        }
    }
}

/// The models' folder as one process's own: who changes what is in it holds a lock on a file there, which the kernel takes
/// back however the process ends. Reading needs none. Safe to use from any thread.
final class FolderOwnership: Sendable {
    private static let fileName = ".lock"
    private static let retrySeconds = 0.05
    private let folder: String
    private let lock = Mutex<FileLock?>(nil)

    init(folder: String) { self.folder = folder }

    var isOwned: Bool { lock.withLock { $0 != nil } }

    /// Makes the folder if need be. Nothing happens if it is owned already.
    ///
    /// - Parameter patience: how long to wait for a holder that is just ending: a killed server's lock goes only with the
    ///   last of what it was doing.
    /// - Returns: whether it was not.
    func take(patience: Duration) throws(FolderRefusal) -> Bool {
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(FolderRefusal) { return try takeNow() } catch {
                guard case .taken = error, ContinuousClock.now < deadline else { throw error }
            }
            Thread.sleep(forTimeInterval: FolderOwnership.retrySeconds)
        }
    }

    private func takeNow() throws(FolderRefusal) -> Bool {
        try lock.withLock { held throws(FolderRefusal) in
            if held != nil { return false }
            held = try attempt()
            return true
        }
    }

    func release() { lock.withLock { $0 = nil } }

    private func attempt() throws(FolderRefusal) -> FileLock {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw .unwritable(folder: folder, reason: error.localizedDescription)
        }
        let attempt: FileLock.Attempt
        do throws(FileError) {
            attempt = try FileLock.take(
                "\(folder)/\(FolderOwnership.fileName)", note: "process \(ProcessInfo.processInfo.processIdentifier)")
        } catch {
            throw .unwritable(folder: folder, reason: error.cause)
        }
        switch attempt {
        case .held(let lock): return lock
        case .taken(let holder): throw .taken(folder: folder, by: holder)
        }
    }
}
