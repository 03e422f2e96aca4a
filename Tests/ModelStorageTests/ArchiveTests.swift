// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore
import TestSupport
import Testing

@testable import ModelStorage

@Suite struct ArchiveTests {
    let folder = TemporaryFolder()
    var path: String { folder.file("a.vantage") }

    @Test func `what was written is what is opened`() throws {
        try SmallArchive.write(path)
        let archive = try Archive(path: path)
        var index = SmallArchive.index
        index.chunks = archive.index.chunks
        #expect(archive.index == index)
        #expect(archive.description == SmallArchive.description)
        #expect(
            archive.bounds == SmallArchive.bounds && archive.triangleCount == SmallArchive.description.triangleCount)
        #expect(archive.thumbnail == nil && archive.path == path)
        #expect(archive.byteCount == folder.read("a.vantage")?.count)
        #expect(archive.index.chunks.first?.offset == 65_536)
        for (number, chunk) in SmallArchive.chunks.enumerated() {
            #expect(try archive.chunkBytes(number) == chunk.bytes)
            #expect(archive.hasIntactChunk(number))
        }
        for node in 0..<2 {
            let (header, mesh) = try archive.decodeNode(node)
            #expect(header == SmallArchive.nodes[node].header)
            #expect(mesh.canonical() == SmallArchive.nodes[node].mesh.canonical())
        }
        #expect(try archive.instances(inSector: 0) == [])
        #expect(try archive.instances(inSector: 1) == SmallArchive.instances)
    }

    @Test func `the identity follows from the content, not from the name or the thumbnail`() throws {
        try SmallArchive.write(path)
        let first = try Archive(path: path)
        let writer = try SmallArchive.writer(folder.file("b"))
        try writer.setThumbnail([1, 2, 3])
        try writer.commit()
        let second = try Archive(path: folder.file("b"))
        #expect(first.contentHash == second.contentHash && first.contentHash.count == 32)
        #expect(second.thumbnail == [1, 2, 3])

        var description = SmallArchive.description
        description.name += "."
        try SmallArchive.write(folder.file("c"), description: description)
        #expect(try Archive(path: folder.file("c")).contentHash != first.contentHash)
        var chunks = SmallArchive.chunks
        chunks[2].bytes[12] ^= 1
        try SmallArchive.write(folder.file("d"), chunks: chunks)
        #expect(try Archive(path: folder.file("d")).contentHash != first.contentHash)
    }

    @Test func `a thumbnail that does not fit its slot is left out`() throws {
        let writer = try SmallArchive.writer(path)
        let largest = [UInt8](repeating: 7, count: 65_280)
        try writer.setThumbnail(largest)
        try writer.setThumbnail(largest + [7])
        try writer.commit()
        let archive = try Archive(path: path)
        #expect(archive.thumbnail == largest)
        #expect((0..<4).allSatisfy { archive.hasIntactChunk($0) })
    }

    @Test func `a finished archive can be read before it has its name`() throws {
        let writer = try SmallArchive.writer(path)
        #expect(try Archive(path: writer.readablePath).index.nodes.count == 2)
        #expect(folder.entries == [])
        try writer.commit()
        #expect(folder.entries == ["a.vantage"])
    }

    @Test func `a writer dropped before commit leaves an older archive as it was`() throws {
        try SmallArchive.write(path)
        let before = folder.read("a.vantage")
        for step in 0..<3 {
            let writer = try ArchiveWriter(path: path)
            if step > 0 { try writer.append([1, 2, 3], kind: .nodes) }
            if step > 1 { _ = try SmallArchive.writer(path) }
        }
        #expect(folder.read("a.vantage") == before)
        #expect(folder.entries == ["a.vantage"])
    }

    @Test func `a folder that is missing is an error with its path`() {
        let error = #expect(throws: ArchiveError.self) { _ = try ArchiveWriter(path: folder.file("missing/a")) }
        #expect(error?.code == .unreadable && error?.path == folder.file("missing/a"))
    }

    @Test func `numbers that JSON cannot hold are an error`() throws {
        var description = SmallArchive.description
        description.materials[0].alphaCutoff = .nan
        #expect(throws: ArchiveError.self) { try SmallArchive.write(path, description: description) }
    }
}

@Suite struct ForeignFileTests {
    let folder = TemporaryFolder()

    @Test func `other files are named for what they are not`() {
        let others: [[UInt8]] = [
            [], [0x56], Array("VANTAGE".utf8), Array("VANTAGE\r\n".utf8), Array("glTF".utf8),
            [UInt8](repeating: 0, count: 100_000), Array("vantage\n".utf8) + [UInt8](repeating: 0, count: 70_000),
        ]
        for (number, bytes) in others.enumerated() {
            let error = openError(folder.write("other \(number)", bytes))
            #expect(error?.code == .notAnArchive, "\(number)")
            #expect(error?.description.hasPrefix(folder.file("other \(number)")) == true)
        }
    }

    @Test func `missing files and folders are unreadable`() {
        #expect(openError(folder.file("missing"))?.code == .unreadable)
        #expect(openError(folder.path)?.code == .unreadable)
        #expect(openError("/dev/zero")?.code == .unreadable)
        #expect(openError(folder.file("missing"))?.message.contains("No such file") == true)
    }
}
