// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamCore
import TestSupport
import Testing

/// Archives that somebody made to do harm: well-formed files with every hash right.
///
/// `VANTAGE_MUTATIONS` sets how many (some hundreds without it), `VANTAGE_MUTATION_SEED` which ones. Each batch is used in
/// a process of its own; where one ends, the test tells the number that makes the same archive again.
@Suite struct HostileArchiveTests {
    private static func number(_ name: String, _ otherwise: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) ?? otherwise
    }

    /// With assemblies of sectors and proxies, textures, masks and blending, and several levels.
    private static let models: [(name: String, model: Result<TestModel, any Error>)] = [
        ("row", TestModel.shortRow), ("glass", TestModel.glass), ("lattice", TestModel.lattice),
        ("pebble", TestModel.pebble),
    ]

    @Test(arguments: models.indices) func `whatever an archive says, using it ends no process`(model: Int) async throws
    {
        let count = Self.number("VANTAGE_MUTATIONS", 160) / UInt64(Self.models.count)
        let first = Self.number("VANTAGE_MUTATION_SEED", 1)
        let folder = TemporaryFolder()
        let good = folder.write("good", try Self.models[model].model.get().bytes())
        for start in stride(from: first, to: first + count, by: 200) {
            let batch = Batch(
                good: good, seeds: start..<min(start + 200, first + count), file: folder.file("bad"),
                log: folder.file("log"))
            await #expect(processExitsWith: .success) { [batch = batch as Batch] in try batch.run() }
            let last = folder.read("log").map { String(decoding: $0, as: UTF8.self) } ?? ""
            #expect(last == "done", "\(Self.models[model].name): number \(last)")
        }
    }

    @Test func `most changes are refused, and some archives are used`() throws {
        let good = try TestModel.pebble.get().bytes()
        let folder = TemporaryFolder()
        var used = 0
        for seed in 0..<60 {
            var archive = try HostileArchive(good, seed: UInt64(seed))
            archive.change()
            if ArchiveUse(path: folder.write("bad", archive.assembled())) != nil { used += 1 }
        }
        #expect((5...50).contains(used))
        var unchanged = try HostileArchive(good, seed: 1)
        #expect(ArchiveUse(path: folder.write("same", unchanged.assembled())) != nil)
    }
}

/// Changed archives that are used one after the other.
private struct Batch: Codable {
    var good: String
    var seeds: Range<UInt64>
    /// Where they are written.
    var file: String
    /// Says the number that is used, and at last "done".
    var log: String

    func run() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: good)))
        for seed in seeds {
            try Data("\(seed)".utf8).write(to: URL(fileURLWithPath: log))
            var archive = try HostileArchive(bytes, seed: seed)
            archive.change()
            try Data(archive.assembled()).write(to: URL(fileURLWithPath: file))
            ArchiveUse(path: file)?.run()
        }
        try Data("done".utf8).write(to: URL(fileURLWithPath: log))
    }
}
