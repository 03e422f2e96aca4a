// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONCoding
import ModelStorage
import StreamCore
import Testing

@testable import StreamService

@Suite struct ModelStoreTests {
    let folder = TestFolder()
    let lines = LogLines()

    func store(files: [String] = []) -> ModelStore {
        ModelStore(folder: folder.path, files: files, log: lines.logger())
    }

    func listed(_ store: ModelStore) -> [String] {
        store.entries.map { entry in
            if case .ready = entry.state { entry.id } else { entry.id + " damaged" }
        }
    }

    @Test func `a folder that does not exist holds no models`() {
        let store = ModelStore(folder: folder.file("missing"), files: [], log: lines.logger())
        store.scan()
        #expect(store.entries.isEmpty)
        #expect(store.isReady)
    }

    @Test func `archives are listed beside damaged ones, and others are left alone`() async throws {
        try folder.copy(TestModels.archive, "terrain.vantage")
        try folder.copy(TestModels.small, "Small One.vantage")
        var bytes = try TestModels.bytes(TestModels.archive)
        try folder.write("cut.vantage", Array(bytes[..<(bytes.count / 2)]))
        bytes[bytes.count - 20] ^= 1
        try folder.write("flipped.vantage", bytes)
        try folder.write("empty.vantage", [])
        try folder.write("other.vantage", Array("no archive".utf8))
        try folder.write("notes.txt", [1])
        try folder.write(".hidden.vantage", [1])
        let store = store()
        store.scan()
        #expect(
            listed(store) == [
                "small-one", "cut damaged", "empty damaged", "flipped damaged", "other damaged", "terrain",
            ])
        let model = try await store.open("terrain")
        #expect(model.archive.triangleCount == 20_000)
        for id in ["cut", "flipped", "empty", "other"] {
            await #expect { try await store.open(id) } throws: { ($0 as? ServiceError)?.code == .damagedModel }
        }
        #expect(lines.all.filter { $0.contains("model is damaged") }.count == 4, "each once")
        let reasons = store.entries.compactMap { entry in
            if case .damaged(let reason) = entry.state { reason } else { nil }
        }
        #expect(reasons.allSatisfy { !$0.contains(folder.path) }, "callers are told no folders")
    }

    @Test func `equal names get numbers, and keep them`() throws {
        try folder.copy(TestModels.small, "a b.vantage")
        try folder.copy(TestModels.small, "a_b.vantage")
        let store = store(files: [TestModels.small])
        store.scan()
        #expect(listed(store) == ["small", "a-b", "a-b-2"])
        try FileManager.default.removeItem(atPath: folder.file("a b.vantage"))
        store.scan()
        #expect(listed(store) == ["small", "a-b-2"])
    }

    @Test func `a name that several models have is refused with their ids`() throws {
        try folder.copy(TestModels.small, "a.vantage")
        try folder.copy(TestModels.small, "b.vantage")
        let store = store()
        store.scan()
        #expect(try store.entry("A.Vantage").id == "a")
        #expect { try store.entry("small") } throws: { error in
            guard let error = error as? ServiceError, error.code == .modelNotFound else { return false }
            return error.message.contains("\"a\"") && error.message.contains("\"b\"")
        }
    }

    @Test func `a folder that cannot be listed for a moment keeps its models`() throws {
        try folder.copy(TestModels.small, "m.vantage")
        try folder.write("no folder", [1])
        let store = store()
        store.scan()
        let scan = ModelScan(folder: folder.file("no folder"), files: [], previous: store.entries, thumbnails: [:])
        #expect(scan.entries == store.entries && scan.changes.isEmpty)
        let gone = ModelScan(folder: folder.file("nowhere"), files: [], previous: store.entries, thumbnails: [:])
        #expect(gone.entries.isEmpty && gone.changes == store.entries.map { .vanished($0) })
    }

    @Test func `files that appear, change and vanish are noticed`() async throws {
        let store = store()
        await store.rescan()
        #expect(store.entries.isEmpty)
        try folder.write("m.vantage", [1, 2, 3])
        await store.rescan()
        #expect(listed(store) == ["m damaged"])
        try FileManager.default.removeItem(atPath: folder.file("m.vantage"))
        try folder.copy(TestModels.small, "m.vantage")
        await store.rescan()
        #expect(listed(store) == ["m"])
        try FileManager.default.removeItem(atPath: folder.file("m.vantage"))
        await store.rescan()
        #expect(store.entries.isEmpty)
    }

    @Test func `an archive is mapped once while somebody has it, and stays whole when its file goes`() async throws {
        try folder.copy(TestModels.archive, "m.vantage")
        let store = store()
        store.scan()
        var first: ServedModel? = try await store.open("m")
        let second = try await store.open("m")
        #expect(first === second)
        #expect(store.openCount == 1)
        first = nil
        try await store.delete("m")
        #expect(folder.files.isEmpty)
        #expect(second.archive.hasIntactChunk(0))
        await #expect { try await store.open("m") } throws: { ($0 as? ServiceError)?.code == .modelNotFound }
    }

    @Test func `a mapping ends with its last user`() async throws {
        try folder.copy(TestModels.small, "m.vantage")
        let store = store()
        store.scan()
        do {
            let model = try await store.open("m")
            #expect(model.id == "m")
        }
        #expect(store.openCount == 0)
    }

    @Test func `only what lies in the folder can be deleted`() async throws {
        let store = store(files: [TestModels.small])
        store.scan()
        await #expect { try await store.delete("small") } throws: { ($0 as? ServiceError)?.code == .forbidden }
        await #expect { try await store.delete("../small") } throws: { ($0 as? ServiceError)?.code == .modelNotFound }
        #expect(FileManager.default.fileExists(atPath: TestModels.small))
    }

    @Test func `a replaced file is another model for those who come later`() async throws {
        try folder.copy(TestModels.small, "m.vantage")
        let store = store()
        store.scan()
        let before = try await store.open("m")
        try FileManager.default.removeItem(atPath: folder.file("m.vantage"))
        try folder.copy(TestModels.archive, "m.vantage")
        await store.rescan()
        let after = try await store.open("m")
        #expect(before.archive.triangleCount == 32)
        #expect(after.archive.triangleCount == 20_000)
    }

    @Test func `damage that a viewer meets is told once and shown in the list`() async throws {
        var bytes = try TestModels.bytes(TestModels.archive)
        let whole = try Archive(path: TestModels.archive)
        let victim = whole.index.chunks.count - 1
        bytes[Int(whole.index.chunks[victim].offset) + 5] ^= 0x40
        try folder.write("m.vantage", bytes)
        let store = store()
        store.scan()
        #expect(store.entries[0].json()["damagedChunkCount"] == nil)
        let model = try await store.open("m")
        for chunk in 0..<victim { #expect(throws: Never.self) { try model.archive.chunkBytes(chunk) } }
        for _ in 0..<2 {
            #expect(throws: ChunkError.invalid(field: .chunkHash, offset: 0)) { try model.archive.chunkBytes(victim) }
        }
        #expect(store.damagedChunkCount == 1)
        store.scan()
        #expect(store.entries[0].json()["damagedChunkCount"] == .integer(1))
        #expect(store.entries[0].json()["state"] == "ready")
    }
}

@Suite struct ModelLibraryTests {
    let folder = TestFolder()
    let sources = TestFolder()
    let lines = LogLines()

    func library() -> ModelLibrary {
        let store = ModelStore(folder: folder.path, files: [], log: lines.logger())
        store.scan()
        return ModelLibrary(store: store, worker: TestModels.worker, log: lines.logger())
    }

    func convert(_ library: ModelLibrary, _ file: String) throws -> String {
        let fingerprint = try SourceFingerprint.hash(ofFile: file)
        if let known = library.knownModel(fingerprint: fingerprint) { return "known " + known }
        return try library.convert(
            file: file, name: file, fingerprint: fingerprint, source: file, progress: { _, _ in },
            isCancelled: { false })
    }

    @Test func `a file is imported once, and found again by a later run`() throws {
        let file = try sources.write("Plate.obj", TestModels.obj(size: 3))
        #expect(try convert(library(), file) == "plate")
        #expect(try convert(library(), file) == "known plate")
        try sources.write("Copy.obj", TestModels.obj(size: 3))
        #expect(try convert(library(), sources.file("Copy.obj")) == "known plate", "the same content")
    }

    @Test func `a file that changed replaces its archive, another file of its name does not`() throws {
        let file = try sources.write("plate.obj", TestModels.obj(size: 3))
        let library = library()
        #expect(try convert(library, file) == "plate")
        try sources.write("plate.obj", TestModels.obj(size: 5))
        #expect(try convert(library, file) == "plate")
        let other = TestFolder()
        let second = try other.write("plate.obj", TestModels.obj(size: 6))
        #expect(try convert(library, second) == "plate-2")
        #expect(library.store.entries.map(\.id) == ["plate-2", "plate"] || library.store.entries.count == 2)
    }

    @Test func `a deleted archive is made again`() throws {
        let file = try sources.write("plate.obj", TestModels.obj(size: 3))
        let library = library()
        #expect(try convert(library, file) == "plate")
        try FileManager.default.removeItem(atPath: folder.file("plate.vantage"))
        library.store.scan()
        #expect(try convert(library, file) == "plate")
    }

    @Test func `what a file names is part of its fingerprint`() throws {
        let file = try sources.write("a.obj", Array("mtllib a.mtl\nv 0 0 0\n".utf8))
        let first = try SourceFingerprint.hash(ofFile: file)
        try sources.write("a.mtl", Array("newmtl x\n".utf8))
        let second = try SourceFingerprint.hash(ofFile: file)
        try sources.write("a.mtl", Array("newmtl y\n".utf8))
        #expect(Set([first, second, try SourceFingerprint.hash(ofFile: file)]).count == 3)
    }

    @Test(arguments: [
        ("", "empty"), ("hello", "no model file"), ("v 0 0 0\nf 1 2 3\n", ""), ("{}", ""),
    ])
    func `what is no model is refused with a reason and leaves nothing`(text: String, reason: String) throws {
        let file = try sources.write("x.obj", Array(text.utf8))
        let library = library()
        #expect { try convert(library, file) } throws: { error in
            guard case .failed(let reason)? = error as? ModelConversion.Failure else { return false }
            return !reason.message.isEmpty && !reason.message.contains(sources.path)
        }
        #expect(folder.files.filter { $0.hasSuffix(".vantage") }.isEmpty)
    }
}
