// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Names in folders that survive a loss of power: each returns when the disk has it.
package enum FolderFiles {
    /// Makes what was done to the folder's list of names lasting.
    package static func sync(_ folder: String) throws(FileError) {
        let descriptor = try system("open", folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try system("fsync", folder) { fsync(descriptor) }
    }

    /// Makes a file's content lasting.
    package static func syncContent(_ path: String) throws(FileError) {
        let descriptor = try system("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try system("fsync", path) { fsync(descriptor) }
    }

    /// Moves a file to a name on the same disk that nothing has yet, and makes that lasting.
    ///
    /// - Throws: `FileError` whose `isTaken` is true when something has the name; both files are untouched then.
    package static func move(_ path: String, toNew newPath: String) throws(FileError) {
        do throws(FileError) {
            _ = try system("rename", newPath) { clinux_rename_to_new(path, newPath) }
        } catch {
            // File systems that cannot do it in one step can at least refuse to overwrite.
            guard [EINVAL, ENOSYS].contains(error.errno) else { throw error }
            _ = try system("link", newPath) { link(path, newPath) }
            _ = try system("unlink", path) { unlink(path) }
        }
        try sync(parent(of: newPath))
    }

    /// Moves a file over whatever has the name, and makes that lasting.
    package static func move(_ path: String, over other: String) throws(FileError) {
        _ = try system("rename", other) { rename(path, other) }
        try sync(parent(of: other))
    }

    /// Makes a folder unless it is there, with a lasting name. The folder around it must exist.
    package static func make(_ folder: String) throws(FileError) {
        if mkdir(folder, 0o777) == 0 { return try sync(parent(of: folder)) }
        if errno != EEXIST { throw FileError(path: folder, call: "mkdir", errno: errno) }
    }

    /// Removes a file's name, lastingly; nothing happens if it has none.
    package static func remove(_ path: String) throws(FileError) {
        if unlink(path) == 0 { return try sync(parent(of: path)) }
        if errno != ENOENT { throw FileError(path: path, call: "unlink", errno: errno) }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension FileError {
    /// The name is in use.
    package var isTaken: Bool { errno == EEXIST }
}
