// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import ModelStorage
import StreamCore
import Synchronization
import Testing
import TilesetBuilding

/// What stays on disk when a build does not end well.
@Suite struct InterruptionTests {
    private func source() throws -> SourceModel {
        let parts = try [Shape.stone(10), .cube(3)].map { try $0.part() }
        return model(parts, (0..<6).map { ($0 % 2, .translation(Double3(Double($0) * 3, 0, 0))) })
    }

    @Test func `a build cancelled at any of its polls throws and leaves no file`() throws {
        let folder = ArchiveFolder()
        var polls = 0
        while true {
            let counter = Counter(polls)
            do {
                let options = folder.options { counter.isUsedUp() }
                let summary = try TilesetBuilder(options: options)
                    .build(source(), sourceByteCount: 0, to: folder.path + "/model.vantage")
                #expect(folder.files == ["model.vantage"] && summary.contentHash.count == 32)
                break
            } catch BuildError.cancelled {
                #expect(folder.files == [])
            }
            polls += 1
        }
        #expect(polls >= 3)
    }

    /// Says no so many times, then yes.
    private final class Counter: Sendable {
        private let left: Atomic<Int>
        init(_ count: Int) { left = Atomic(count) }
        func isUsedUp() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).oldValue <= 0 }
    }

    @Test func `an existing archive stays as it is when the next build is cancelled or fails`() throws {
        let folder = ArchiveFolder()
        try folder.build(try source())
        let before = try folder.bytes()
        for poll in 0..<3 {
            let counter = Counter(poll)
            #expect(throws: BuildError.self) {
                _ = try TilesetBuilder(options: folder.options { counter.isUsedUp() })
                    .build(source(), sourceByteCount: 0, to: folder.path + "/model.vantage")
            }
        }
        #expect(throws: BuildError.self) { try folder.build(SourceModel()) }
        #expect(folder.files == ["model.vantage"])
        #expect(try folder.bytes() == before)
    }

    @Test func `an existing archive is replaced as a whole`() throws {
        let folder = ArchiveFolder()
        let first = try folder.build(try source())
        let second = try folder.build(model(Shape.cube(2)))
        #expect(folder.files == ["model.vantage"])
        #expect(first.archive.contentHash != second.archive.contentHash)
        expectSound(first, cuts: 1)
    }

    @Test func `an output that cannot be written is an error that names it`() throws {
        let folder = ArchiveFolder()
        for path in [folder.path + "/missing/model.vantage", folder.path, "/proc/model.vantage"] {
            do {
                _ = try TilesetBuilder(options: folder.options()).build(source(), sourceByteCount: 0, to: path)
                Issue.record("\(path) was written")
            } catch {
                #expect("\(error)".contains(path) || path == folder.path, "\(error)")
            }
        }
        #expect(folder.files == [])
    }

    @Test func `a missing scratch folder is an error that names it`() throws {
        let folder = ArchiveFolder()
        var options = folder.options()
        options.spill.directory = folder.path + "/nowhere"
        do {
            _ = try TilesetBuilder(options: options)
                .build(source(), sourceByteCount: 0, to: folder.path + "/model.vantage")
            Issue.record("it was built")
        } catch {
            #expect("\(error)".contains("/nowhere"))
        }
        #expect(folder.files == [])
    }
}
