// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import JSONCoding
import ModelStorage
import StreamCore
import StreamService
import Synchronization
import Testing

/// What careless programs do to an archive that is being shown.
enum Overwriting: String, CaseIterable, CustomStringConvertible {
    case copyOver, truncateToNothing, truncateToHalf, append, writeIntoTheMiddle, rewriteInPlace

    var description: String { rawValue }

    /// Whether the file is another whole archive afterwards.
    var leavesWhole: Bool { self == .copyOver || self == .rewriteInPlace }

    func run(_ path: String) throws {
        let other = try TestModels.bytes(TestModels.small)
        let size = try TestModels.bytes(path).count
        switch self {
        case .copyOver: try write(path, other, flags: O_TRUNC)
        case .truncateToNothing: try #require(truncate(path, 0) == 0)
        case .truncateToHalf: try #require(truncate(path, size / 2) == 0)
        case .append: try write(path, [1, 2, 3], flags: O_APPEND)
        case .writeIntoTheMiddle: try write(path, [UInt8](repeating: 7, count: size / 2), at: size / 4)
        case .rewriteInPlace:
            try write(path, other)
            try #require(truncate(path, other.count) == 0)
        }
    }

    private func write(_ path: String, _ bytes: [UInt8], flags: Int32 = 0, at offset: Int = 0) throws {
        let descriptor = open(path, O_WRONLY | flags)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(lseek(descriptor, offset, SEEK_SET) == offset)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }
}

@Suite struct OverwrittenArchiveTests {
    /// What its chunks should be, by their number in the archive that is shown at first.
    private func whole() throws -> [[UInt8]] {
        let archive = try Archive(path: TestModels.archive)
        return try archive.index.chunks.indices.map { try archive.chunkBytes($0) }
    }

    @Test(arguments: Overwriting.allCases)
    func `a viewer in the midst of it is told, gets no wrong bytes, and the server goes on`(
        _ way: Overwriting
    ) async throws {
        let bench = try ViewerBench()
        let chunks = try whole()
        bench.services.store.tellReplacements(to: bench.services.hub)
        let (connection, _) = try bench.connect("model=m")
        try await eventually("chunks come") { connection.chunks.count > 1 }
        try way.run(bench.folder.file("m.vantage"))
        // What one who comes now needs is read from what is there now.
        let (second, _) = try bench.connect("model=m")
        try await eventually("it is told") {
            connection.notices.contains { $0["code"] == "modelReplaced" }
        }
        for chunk in connection.chunks + second.chunks { #expect(chunk.payload == chunks[Int(chunk.chunk)]) }
        #expect(connection.isOpen)

        bench.services.store.scan()
        let entry = try bench.services.store.entry("m")
        #expect(entry.isDamaged == !way.leavesWhole)
        if way.leavesWhole {
            let model = try await bench.services.store.open("m")
            #expect(model.archive.triangleCount == 32)
        } else {
            await #expect { try await bench.services.store.open("m") } throws: {
                ($0 as? ServiceError)?.code == .damagedModel
            }
        }
        // Whole again: who comes now sees it, and who is there is told.
        let told = connection.notices.count
        try FileManager.default.removeItem(atPath: bench.folder.file("m.vantage"))
        try bench.folder.copy(TestModels.archive, "m.vantage")
        bench.services.store.scan()
        #expect(try await bench.services.store.open("m").archive.triangleCount == 20_000)
        try await eventually("it is told again") { connection.notices.count > told }
    }

    @Test(arguments: Overwriting.allCases)
    func `whatever reads an archive meanwhile gets an error or the right bytes`(_ way: Overwriting) throws {
        let folder = TestFolder()
        let chunks = try whole()
        try folder.copy(TestModels.archive, "m.vantage")
        let archive = try Archive(path: folder.file("m.vantage"))
        let seen = Events()
        archive.observe { seen.add($0) }
        for chunk in chunks.indices.prefix(2) { #expect(try archive.chunkBytes(chunk) == chunks[chunk]) }
        try way.run(folder.file("m.vantage"))
        for chunk in chunks.indices {
            if let bytes = try? archive.chunkBytes(chunk) { #expect(bytes == chunks[chunk]) }
        }
        for node in archive.index.nodes.indices { _ = try? archive.decodeNode(node) }
        for sector in archive.index.sectors.indices { _ = try? archive.instances(inSector: sector) }
        #expect(archive.hasChanged)
        #expect(seen.events.filter { $0 == .changedFile }.count == 1)
    }

    @Test func `a name that comes or goes changes nothing`() throws {
        let folder = TestFolder()
        try folder.copy(TestModels.archive, "m.vantage")
        let archive = try Archive(path: folder.file("m.vantage"))
        let chunks = try whole()
        try FileManager.default.linkItem(atPath: folder.file("m.vantage"), toPath: folder.file("n.vantage"))
        try FileManager.default.removeItem(atPath: folder.file("m.vantage"))
        try FileManager.default.removeItem(atPath: folder.file("n.vantage"))
        for chunk in chunks.indices { #expect(try archive.chunkBytes(chunk) == chunks[chunk]) }
        #expect(!archive.hasChanged)
    }
}

/// What an archive has told.
private final class Events: Sendable {
    private let list = Mutex<[ArchiveEvent]>([])

    func add(_ event: ArchiveEvent) { list.withLock { $0.append(event) } }
    var events: [ArchiveEvent] { list.withLock { $0 } }
}
