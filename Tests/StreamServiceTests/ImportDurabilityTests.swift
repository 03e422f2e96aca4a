// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import TestSupport
import Testing

@testable import StreamService

/// What was promised is kept over restarts: each test leaves on disk what a server leaves that ends at that moment.
@Suite struct ImportDurabilityTests {
    let folder = TestFolder()
    let lines = LogLines()

    func parts(_ change: (inout ServerConfiguration) -> Void = { _ in }) -> ServerParts {
        var configuration = ServerConfiguration()
        configuration.models.folder = folder.path
        configuration.models.importThreads = 1
        configuration.renderer.mode = .off
        change(&configuration)
        return ServerParts(configuration: configuration, program: BuiltProgram.path, log: lines.logger())
    }

    /// A server's imports without a server: takes up what is there and finishes it.
    func finishAll(_ parts: ServerParts) async throws {
        try parts.takeFolder()
        parts.imports.takeUp()
        parts.imports.open()
        try await eventually("all are finished") { parts.imports.statuses.allSatisfy(\.isFinished) }
    }

    /// An upload that was promised and not begun.
    func promise(_ id: String, _ name: String = "plate.obj", size: Int = 3) throws -> ImportRecord {
        let uploads = UploadFolder(modelFolder: folder.path, id: id)
        try uploads.make()
        let path = uploads.file(name)
        try Data(TestModels.obj(size: size)).write(to: URL(fileURLWithPath: path))
        let record = ImportRecord(
            id: id, name: name, file: name, caller: "", fingerprint: try SourceFingerprint.hash(ofUpload: path),
            acceptedAt: 1)
        try record.write(in: folder.path)
        return record
    }

    var archives: [String] { folder.files.filter { $0.hasSuffix(".vantage") } }
    var leftovers: [String] { UploadFolder.ids(modelFolder: folder.path) }

    @Test func `a promised upload becomes a model under the same id, and nothing else stays`() async throws {
        _ = try promise("abcdefgh")
        let parts = parts()
        try await finishAll(parts)
        #expect(parts.imports.status("abcdefgh")?.model == "plate")
        #expect(archives == ["plate.vantage"])
        try await eventually("its folder is gone") { leftovers.isEmpty }
    }

    @Test func `what was not promised is removed`() throws {
        let uploads = UploadFolder(modelFolder: folder.path, id: "abcdefgh")
        try uploads.make()
        try Data([1]).write(to: URL(fileURLWithPath: uploads.file("half.obj")))
        let parts = parts()
        try parts.takeFolder()
        parts.imports.takeUp()
        #expect(leftovers.isEmpty && parts.imports.statuses.isEmpty)
    }

    @Test(arguments: [false, true])
    func `an archive that was about to get its name gets one, once`(isMoved: Bool) async throws {
        var record = try promise("abcdefgh")
        let made = record.folder(in: folder.path).archive
        let outcome = try TestModels.worker.convert(
            record.folder(in: folder.path).file(record.file), to: made, progress: { _, _ in }, isCancelled: { false })
        record.archive = "plate.vantage"
        record.contentHash = outcome.contentHash
        try record.write(in: folder.path)
        if isMoved { try FileManager.default.moveItem(atPath: made, toPath: folder.file("plate.vantage")) }
        let parts = parts()
        try await finishAll(parts)
        #expect(archives == ["plate.vantage"])
        #expect(parts.imports.status("abcdefgh")?.model == "plate")
        #expect(leftovers.isEmpty)
    }

    @Test func `a model that was deleted before the restart does not come back`() async throws {
        var record = try promise("abcdefgh")
        record.archive = "plate.vantage"
        record.contentHash = "00"
        try record.write(in: folder.path)
        let parts = parts()
        try await finishAll(parts)
        #expect(archives.isEmpty && leftovers.isEmpty)
        #expect(parts.imports.status("abcdefgh")?.state == .failed)
    }

    @Test func `two promises of one file make one model`() async throws {
        _ = try promise("abcdefgh", "one.obj")
        _ = try promise("abcdefgj", "two.obj")
        let parts = parts { $0.models.importsAtOnce = 2 }
        try await finishAll(parts)
        #expect(archives.count == 1 && leftovers.isEmpty)
        #expect(Set(parts.imports.statuses.map(\.model)).count == 1)
    }

    @Test func `a record that leads elsewhere is left alone`() throws {
        var record = try promise("abcdefgh")
        record.archive = "../elsewhere.vantage"
        try record.write(in: folder.path)
        let parts = parts()
        try parts.takeFolder()
        parts.imports.takeUp()
        #expect(parts.imports.statuses.isEmpty)
        #expect(lines.all.contains { $0.contains("cannot be read") })
        #expect(leftovers == ["abcdefgh"])
    }

    @Test func `a stopping server keeps its promises for the next one`() async throws {
        // Large enough to be under way when the server stops.
        _ = try promise("abcdefgh", size: 400)
        let first = parts()
        try first.takeFolder()
        first.imports.takeUp()
        first.imports.open()
        try await eventually("it has begun") { first.imports.status("abcdefgh")?.phase.isEmpty == false }
        await first.imports.stop()
        first.library.releaseFolder()
        #expect(archives.isEmpty && leftovers == ["abcdefgh"])
        let second = parts()
        try await finishAll(second)
        #expect(second.imports.status("abcdefgh")?.model == "plate")
        #expect(archives == ["plate.vantage"])
    }

    @Test func `a name that is taken meanwhile is not overwritten`() async throws {
        try folder.write("plate.vantage", [1, 2, 3])
        _ = try promise("abcdefgh")
        let parts = parts()
        try await finishAll(parts)
        #expect(parts.imports.status("abcdefgh")?.model == "plate-2")
        #expect(try TestModels.bytes(folder.file("plate.vantage")) == [1, 2, 3])
    }

    @Test func `a second server on the folder is refused, and told who has it`() throws {
        let first = parts()
        try first.takeFolder()
        let second = parts()
        #expect {
            try second.takeFolder()
        } throws: { error in
            let text = "\(error)"
            return text.contains("process \(ProcessInfo.processInfo.processIdentifier)") && text.contains("--models")
        }
        let reader = parts {
            $0.models.canUpload = false
            $0.models.canDelete = false
        }
        try reader.takeFolder()
        #expect(!reader.library.ownsFolder, "reading needs no lock")
        first.library.releaseFolder()
        try second.takeFolder()
        #expect(second.library.ownsFolder)
    }

    @Test func `a folder whose holder is just ending is waited for`() throws {
        let (first, second) = (parts(), parts())
        try first.takeFolder()
        // A thread of its own: waiting blocks this one.
        Thread.detachNewThread { first.library.releaseFolder() }
        try second.takeFolder(patience: .seconds(60))
        #expect(second.library.ownsFolder)
    }

    @Test func `callers from elsewhere have limits of their own, and lists of what was done have an end`() throws {
        let parts = parts {
            $0.models.uploadLimitPerAddress = 2
            $0.models.importHistoryLimit = 3
        }
        try parts.takeFolder()
        let far = ImportCaller(peer: "192.0.2.7:4000")
        for _ in 0..<2 { _ = try parts.imports.begin(name: "a", caller: far) }
        #expect { try parts.imports.begin(name: "a", caller: far) } throws: { ($0 as? ServiceError)?.code == .full }
        for _ in 0..<5 {
            let upload = try parts.imports.begin(name: "b", caller: ImportCaller(peer: "127.0.0.1:4000"))
            upload.abort(ServiceError(.ended, "enough"))
        }
        #expect(parts.imports.statuses.count { $0.isFinished } == 3)
        #expect(parts.imports.statuses.count { !$0.isFinished } == 2)
    }
}
