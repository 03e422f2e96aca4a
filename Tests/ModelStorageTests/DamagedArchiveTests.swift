// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkCoding
import StreamCore
import TestSupport
import Testing

@testable import ModelStorage

@Suite struct DamagedArchiveTests {
    let folder = TemporaryFolder()
    let bytes: [UInt8]
    let header: ArchiveHeader

    init() throws {
        let path = folder.file("sound")
        try SmallArchive.write(path)
        let sound = folder.read("sound") ?? []
        bytes = sound
        header = try ArchiveHeader(decoding: sound.rawSpan, fileByteCount: sound.count, path: path)
    }

    /// What opening says after `change`.
    func error(_ change: (inout [UInt8]) -> Void) -> ArchiveError? {
        var copy = bytes
        change(&copy)
        return openError(folder.write("damaged", copy))
    }

    /// Makes the header's check fit its bytes again.
    func reseal(_ bytes: inout [UInt8]) {
        bytes.replaceSubrange(240..<256, with: SHA256.hash(Array(bytes[..<240]).rawSpan)[..<16])
    }

    @Test func `the header's bytes are where the format says`() {
        #expect(Array(bytes[..<16]).hex == "56414e544147450a" + "0200" + "0000" + "00010000")
        var reader = ByteReader(bytes.rawSpan)
        #expect(throws: Never.self) {
            _ = try reader.readBytes(16)
            #expect(try reader.read(UInt64.self) == UInt64(bytes.count))
            #expect(try reader.readBytes(32).copiedBytes == header.contentHash)
            #expect(try reader.read(UInt64.self) == header.index.offset)
        }
        #expect(bytes[120..<152] == header.description.hash[...])
        #expect(Array(bytes[212..<240]) == [UInt8](repeating: 0, count: 28))
    }

    @Test func `every flipped bit of the header is found`() {
        for place in 0..<256 {
            for bit in 0..<8 {
                var copy = bytes
                copy[place] ^= 1 << UInt8(bit)
                let error = #expect(throws: ArchiveError.self) {
                    _ = try ArchiveHeader(decoding: copy.rawSpan, fileByteCount: copy.count, path: "x")
                }
                let expected: ArchiveError.Code =
                    switch place {
                    case ..<8: .notAnArchive
                    case 8, 9: .otherVersion
                    default: .damaged
                    }
                #expect(error?.code == expected, "byte \(place)")
            }
        }
    }

    @Test func `another major version is refused with both versions named`() {
        let older = error {
            $0[8] = 1
            reseal(&$0)
        }
        #expect(older?.code == .otherVersion)
        #expect(older?.message.contains("version 1.0, this program reads version 2; import the model again") == true)
        let error = error {
            $0[8] = 3
            $0[10] = 5
            reseal(&$0)
        }
        #expect(error?.code == .otherVersion)
        #expect(error?.message.contains("3.5") == true && error?.message.contains("version 2;") == true)
        #expect(error?.message.contains("update Vantage") == true)
        // Nothing else of such a file has to make sense.
        #expect(
            self.error {
                $0 = Array($0[..<12]); $0[9] = 1
            }?.code == .otherVersion)
    }

    @Test func `a newer minor version with something in the reserved bytes is read`() {
        let error = error {
            $0[10] = 3
            $0[212] = 99
            reseal(&$0)
        }
        #expect(error == nil)
    }

    @Test func `every truncation is an error`() throws {
        let lengths = Array(0..<300) + [65_535, 65_536, 65_537, Int(header.index.offset), bytes.count - 1]
        for length in lengths + Array(stride(from: 300, to: bytes.count, by: 1777)) {
            let code = openError(folder.write("short", Array(bytes[..<length])))?.code
            #expect(code == (length < 8 ? .notAnArchive : .damaged), "\(length)")
        }
        #expect(error { $0.append(0) }?.code == .damaged)
    }

    @Test func `damage in the index or the description is found`() {
        for (section, name) in [(header.index, "index"), (header.description, "description")] {
            for offset in [0, section.byteCount / 2, section.byteCount - 1] {
                let error = error { $0[Int(section.offset + offset)] ^= 0x10 }
                #expect(error?.code == .damaged)
                #expect(error?.message.contains(name) == true)
            }
        }
    }

    @Test func `damage in a chunk is found in that chunk only`() throws {
        var damaged = bytes
        let chunk = try Archive(path: folder.file("sound")).index.chunks[3]
        damaged[Int(chunk.offset) + 200] ^= 1
        damaged[Int(chunk.offset) - 1] ^= 1
        let archive = try Archive(path: folder.write("damaged", damaged))
        #expect((0..<4).map { archive.hasIntactChunk($0) } == [true, true, false, false])
    }

    @Test func `sections that leave the file are refused`() {
        for place in [56, 64, 104, 112] {
            for value: UInt64 in [.max, UInt64(bytes.count) + 1, 1 << 63, place % 16 == 8 ? 100 : .max - 1] {
                let error = error {
                    for byte in 0..<8 { $0[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte))) }
                    reseal(&$0)
                }
                #expect(error?.code == .damaged, "\(place) \(value)")
            }
        }
        #expect(
            error {
                $0[208] = 0xff; $0[209] = 0xff; reseal(&$0)
            }?.code == .damaged, "the thumbnail's size")
        #expect(
            error {
                $0[12] = 1; reseal(&$0)
            }?.code == .damaged, "the header's size")
    }

    @Test func `an index or description that breaks a rule is refused although its hash is right`() throws {
        func refusal(
            _ changeIndex: (inout TilesetIndex) -> Void,
            _ changeDescription: (inout ModelDescription) -> Void = { _ in }
        ) throws -> ArchiveError.Code? {
            var (index, description) = (SmallArchive.index, SmallArchive.description)
            changeIndex(&index)
            changeDescription(&description)
            try SmallArchive.write(folder.file("bad"), index: index, description: description)
            return openError(folder.file("bad"))?.code
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.nodes[1].parents = [] } == .damaged)
        #expect(try refusal { $0.geometries[0].materials = [1] } == .damaged)
        #expect(try refusal { $0.textures = [] } == .damaged)
        #expect(try refusal({ _ in }, { $0.tree.names.append("x") }) == .damaged)
        #expect(try refusal({ _ in }, { $0.tree.parents[1] = 1 }) == .damaged)
        #expect(try refusal({ _ in }, { $0.tree.parents[0] = -2 }) == .damaged)
    }

    @Test func `nodes and instances that are not what the index says are errors`() throws {
        var index = SmallArchive.index
        index.nodes.swapAt(0, 1)
        for node in 0..<2 {
            index.nodes[node].parents = node == 0 ? [] : [0]
            index.nodes[node].children = node == 0 ? [1] : []
            index.nodes[node].error = node == 0 ? .infinity : 0.5
            index.nodes[node].level = node == 0 ? 1 : 0
        }
        index.sectors[1].instanceCount = 3
        try SmallArchive.write(folder.file("bad"), index: index)
        let archive = try Archive(path: folder.file("bad"))
        #expect(throws: NodeCodingError.mismatch("the payload is of node 1")) { _ = try archive.decodeNode(0) }
        #expect(throws: ChunkError.self) { _ = try archive.instances(inSector: 1) }
    }

    @Test func `instances of geometries or tree nodes that do not exist are errors`() throws {
        for (geometry, treeNode) in [(1, 0), (0, 2), (Int(UInt32.max), 0)] {
            var chunks = SmallArchive.chunks
            var instances = SmallArchive.instances
            instances[1].geometry = UInt32(geometry)
            instances[1].treeNode = UInt32(treeNode)
            chunks[1].bytes = SmallArchive.sectorChunk(1, instances)
            try SmallArchive.write(folder.file("bad"), chunks: chunks)
            let archive = try Archive(path: folder.file("bad"))
            #expect(throws: ChunkError.invalid(field: .instanceTable, offset: 0)) {
                _ = try archive.instances(inSector: 1)
            }
        }
    }

    @Test func `damaged chunks never trap`() throws {
        for chunk in [1, 3] {
            let content = SmallArchive.chunks[chunk].bytes
            let start = Int(try Archive(path: folder.file("sound")).index.chunks[chunk].offset)
            try mutate(content, rounds: 300, seed: UInt64(chunk)) { damaged in
                var copy = bytes
                for (offset, byte) in damaged.prefix(content.count).enumerated() { copy[start + offset] = byte }
                let archive = try Archive(path: folder.write("damaged", copy))
                _ = try? archive.instances(inSector: 1)
                _ = try? archive.decodeNode(0)
                _ = try? archive.decodeNode(1)
            }
        }
    }
}
