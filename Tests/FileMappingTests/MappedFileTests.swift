// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Glibc
import TestSupport
import Testing

@Suite struct MappedFileTests {
    let folder = TemporaryFolder()

    func error(_ path: String) -> FileError? {
        do throws(FileError) {
            _ = try MappedFile(path: path)
            return nil
        } catch { return error }
    }

    @Test func `the bytes are those of the file`() throws {
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * $0) }
        let file = try MappedFile(path: folder.write("a", content))
        #expect(file.byteCount == content.count)
        #expect(file.bytes.byteCount == content.count)
        file.adviseSequentialReading()
        file.releaseResidentPages(10..<90_000)
        file.releaseResidentPages(5..<5)
        let bytes = file.bytes
        #expect(content.indices.allSatisfy { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == content[$0] })
    }

    @Test func `an empty file has no bytes`() throws {
        let file = try MappedFile(path: folder.write("empty", []))
        #expect(file.byteCount == 0 && file.bytes.byteCount == 0)
        file.adviseSequentialReading()
        file.releaseResidentPages(0..<0)
    }

    @Test func `a file that was replaced or removed stays readable`() throws {
        let path = folder.write("a", [1, 2, 3])
        let file = try MappedFile(path: path)
        unlink(path)
        #expect(file.bytes.unsafeLoad(fromByteOffset: 2, as: UInt8.self) == 3)
    }

    @Test func `what is not a readable file is an error that says so`() {
        #expect(error(folder.file("missing")) == FileError(path: folder.file("missing"), call: "open", errno: ENOENT))
        #expect(error(folder.path)?.errno == EISDIR)
        #expect(error("/dev/null")?.errno == EINVAL)
        #expect(error("")?.errno == ENOENT)
        let text = error(folder.file("missing"))?.description
        #expect(text == "\(folder.file("missing")): No such file or directory (open)")
    }

    @Test func `a pipe that nobody writes to does not block`() {
        mkfifo(folder.file("pipe"), 0o600)
        #expect(error(folder.file("pipe"))?.errno == EINVAL)
    }
}
