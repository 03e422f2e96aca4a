// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import TestSupport
import Testing

@Suite struct FolderFilesTests {
    let folder = TemporaryFolder()

    func content(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))).map { [UInt8]($0) }
    }

    @Test func `a file moves to a new name, but never over another file`() throws {
        let first = folder.write("first", [1])
        let second = folder.write("second", [2])
        #expect { try FolderFiles.move(first, toNew: second) } throws: { ($0 as? FileError)?.isTaken == true }
        #expect(content("first") == [1] && content("second") == [2])
        try FolderFiles.move(first, toNew: folder.file("third"))
        #expect(content("first") == nil && content("second") == [2] && content("third") == [1])
    }

    @Test func `a folder is made once, and a file that is not there is removed already`() throws {
        let path = folder.file("inner")
        try FolderFiles.make(path)
        try FolderFiles.make(path)
        try FolderFiles.sync(path)
        try FolderFiles.remove(path + "/nothing")
        #expect(throws: FileError.self) { try FolderFiles.make(folder.file("missing/inner")) }
        #expect(throws: FileError.self) { try FolderFiles.sync(folder.file("missing")) }
    }

    @Test func `a lock is held once, and its holder's note is read by others`() throws {
        let path = folder.file(".lock")
        var first: FileLock?
        if case .held(let lock) = try FileLock.take(path, note: "process 7") { first = lock }
        #expect(first != nil)
        guard case .taken(let note) = try FileLock.take(path, note: "process 8") else {
            Issue.record("two hold it")
            return
        }
        #expect(note == "process 7")
        first = nil
        guard case .held = try FileLock.take(path, note: "process 9") else {
            Issue.record("it was let go")
            return
        }
        #expect(throws: FileError.self) { try FileLock.take(folder.file("missing/.lock"), note: "") }
    }
}
