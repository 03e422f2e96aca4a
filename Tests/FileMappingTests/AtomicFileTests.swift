// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Glibc
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    let folder = TemporaryFolder()

    @Test func `nothing is under the name until commit`() throws {
        let file = try AtomicFile(path: folder.file("a"))
        try file.append([1, 2, 3])
        try file.flush()
        #expect(folder.read("a") == nil)
        try file.commit()
        #expect(folder.read("a") == [1, 2, 3])
        #expect(folder.entries == ["a"])
        #expect(file.byteCount == 3)
    }

    @Test func `a file dropped before commit leaves an older one untouched and nothing behind`() throws {
        _ = folder.write("a", [9])
        do {
            let file = try AtomicFile(path: folder.file("a"))
            try file.append([UInt8](repeating: 1, count: 3 << 20))
            try file.overwrite([7, 7], at: 1)
        }
        #expect(folder.read("a") == [9])
        #expect(folder.entries == ["a"])
    }

    @Test func `commit replaces an older file, whose readers keep the old bytes`() throws {
        let old = try MappedFile(path: folder.write("a", [1, 2, 3, 4]))
        let file = try AtomicFile(path: folder.file("a"))
        try file.append([5, 6])
        try file.commit()
        #expect(folder.read("a") == [5, 6])
        #expect(old.bytes.unsafeLoad(fromByteOffset: 3, as: UInt8.self) == 4)
        #expect(folder.entries == ["a"])
    }

    @Test func `appends of every size and overwrites end where they belong`() throws {
        let file = try AtomicFile(path: folder.file("a"))
        var expected: [UInt8] = []
        for (number, size) in [0, 1, 1000, 1 << 20, (1 << 20) + 1, 3 << 20, 5, 700_000, 700_000].enumerated() {
            let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
            try file.append(piece)
            expected += piece
        }
        for place in [0, 1000, (1 << 20) - 2, expected.count - 4] {
            try file.overwrite([1, 2, 3, 4], at: place)
            expected.replaceSubrange(place..<place + 4, with: [1, 2, 3, 4])
        }
        #expect(file.byteCount == expected.count)
        #expect(try MappedFile(path: file.descriptorPath).byteCount == expected.count)
        try file.commit()
        #expect(folder.read("a") == expected)
    }

    @Test func `a directory that is missing or no directory is an error`() {
        for path in [folder.file("missing/a"), folder.write("file", []) + "/a"] {
            #expect(throws: FileError.self) { _ = try AtomicFile(path: path) }
        }
        #expect(folder.entries == ["file"])
    }

    @Test func `a directory that may not be written to is an error`() {
        // /proc refuses everybody, also root, for whom permissions do not count.
        let error = #expect(throws: FileError.self) { _ = try AtomicFile(path: "/proc/vantage-test") }
        #expect(error?.call == "open")
    }

    @Test func `a name that is a directory fails at commit and leaves nothing behind`() throws {
        mkdir(folder.file("taken"), 0o700)
        do {
            let file = try AtomicFile(path: folder.file("taken"))
            try file.append([1])
            let error = #expect(throws: FileError.self) { try file.commit() }
            #expect(error?.call == "rename")
        }
        #expect(folder.entries == ["taken"])
    }

    @Test func `the file is readable by others`() throws {
        let file = try AtomicFile(path: folder.file("a"))
        try file.commit()
        var status = stat()
        #expect(stat(folder.file("a"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o644)
    }
}

@Suite struct SpoolFileTests {
    @Test func `what was appended is read back in any order`() throws {
        let folder = TemporaryFolder()
        let spool = try SpoolFile(directory: folder.path)
        var places: [(Range<Int>, [UInt8])] = []
        for size in [3, 0, 2 << 20, 17, 900_000, 900_000] {
            let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) }
            places.append((try spool.append(piece), piece))
        }
        try spool.flush()
        for (place, piece) in places.reversed() { #expect(try spool.read(place) == piece) }
        #expect(spool.byteCount == places.reduce(0) { $0 + $1.1.count })
        #expect(folder.entries == [], "it has no name")
    }

    @Test func `values are read back as values`() throws {
        let folder = TemporaryFolder()
        let spool = try SpoolFile(directory: folder.path)
        try spool.append([UInt8](repeating: 1, count: 8))
        let values = (0..<10_000).map { Double($0) / 3 }
        try spool.append(values: values)
        try spool.flush()
        #expect(try spool.read(8..<8 + 80_000, as: Double.self) == values)
        #expect(try spool.read(8 + 80..<8 + 96, as: Double.self) == [values[10], values[11]])
    }

    @Test func `a missing directory is an error`() {
        #expect(throws: FileError(path: "/missing/folder", call: "open", errno: ENOENT)) {
            _ = try SpoolFile(directory: "/missing/folder")
        }
    }
}
