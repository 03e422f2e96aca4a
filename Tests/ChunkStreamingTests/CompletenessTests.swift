// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import ChunkStreaming

/// Once a view is settled, the viewer's own rule, computed from the index in double precision, finds nothing missing.
@Suite struct CompletenessTests {
    static let models: [Result<BuiltModel, any Error>] = [BuiltModel.stone, BuiltModel.row]

    @Test(arguments: 0..<2, 1...6) func `a settled view has all that the viewer would draw`(
        model: Int, seed: UInt64
    ) throws {
        let built = try CompletenessTests.models[model].get()
        var random = SeededGenerator(seed: seed)
        var viewer = DirectViewer(built.plan, limits: .withoutPrefetch)
        for sequence in 1...4 as ClosedRange<UInt32> {
            let view = view(built.archive.bounds, &random)
            viewer.look(view, sequence, threshold: 1)
            #expect(viewer.actions.compactMap(\.settledView).last == sequence)
            try expectDrawable(sector: 0, built.archive, viewer, ViewFrustum(view, margin: 0.05))
        }
        #expect(built.plan.misplaced(in: viewer.chunks) == [])
        #expect(Set(viewer.chunks).count == viewer.chunks.count)
    }

    private func view(_ bounds: Bounds, _ random: inout SeededGenerator) -> ViewState {
        func share() -> Double { Double(random.index(below: 1000)) / 1000 }
        let target = bounds.minimum + bounds.size * Double3(share(), share(), share())
        let direction = Double3(share() - 0.5, share() - 0.3, share() - 0.5)
        let distances = [0.02, 0.1, 0.5, 2.0]
        var view = ViewState.at(
            target, from: bounds.diagonal * distances[random.index(below: 4)], direction: direction)
        if random.index(below: 4) == 0 {
            view.projection = .orthographic(halfHeight: bounds.diagonal * share() / 4 + 0.1)
        }
        return view
    }

    private func expectDrawable(
        sector number: Int, _ archive: Archive, _ viewer: DirectViewer, _ frustum: ViewFrustum
    ) throws {
        let index = archive.index
        let sector = index.sectors[number]
        func has(node: UInt32) -> Bool { viewer.stream.held.contains(Int(index.nodes[Int(node)].chunk)) }
        guard frustum.intersects(sector.bounds) else { return }
        #expect(viewer.stream.held.contains(Int(sector.chunk)))
        if sector.proxyNode != nil, frustum.pixels(sector.proxyError, at: sector.bounds) <= 1 {
            #expect(try archive.isShowable(sector: number, held: viewer.stream.held))
            return
        }
        for instance in try archive.instances(inSector: number) {
            let geometry = index.geometries[Int(instance.geometry)]
            for node in geometry.nodes {
                let record = index.nodes[node]
                let box = instance.transform.apply(
                    to: Bounds(
                        minimum: geometry.grid.position(record.origin),
                        maximum: geometry.grid.position(record.origin &+ record.extent)))
                let error = Double(record.error) * instance.transform.largestScale
                guard frustum.intersects(box), frustum.pixels(error, at: box) > 1 else { continue }
                #expect(has(node: UInt32(node)))
            }
        }
        for child in sector.children {
            let record = index.sectors[Int(child)]
            #expect(viewer.stream.held.contains(Int(record.chunk)))
            try expectDrawable(sector: Int(child), archive, viewer, frustum)
        }
    }
}

/// Archives whose chunks have changed since they were written: their index is checked on opening, chunks are not.
@Suite struct DamagedChunkTests {
    private func damaged(_ archive: Archive, at offset: Int, _ folder: TemporaryFolder) throws -> Archive {
        let file = try MappedFile(path: archive.path)
        var bytes = file.bytes.copiedBytes
        bytes[offset] ^= 0x41
        return try Archive(path: folder.write("damaged.vantage", bytes))
    }

    @Test func `a damaged instance table is an error, never a crash`() throws {
        let terrain = try TerrainArchive(depth: 2)
        defer { withExtendedLifetime(terrain) {} }
        let archive = terrain.archive
        let chunk = archive.index.chunks[0]
        let folder = TemporaryFolder()
        var errorCount = 0
        for byte in 0..<Int(chunk.byteCount) {
            let copy = try damaged(archive, at: Int(chunk.offset) + byte, folder)
            guard let plan = try? StreamPlan(archive: copy) else {
                errorCount += 1
                continue
            }
            var viewer = DirectViewer(plan)
            viewer.look(.over(512, 700, height: 100), 1)
        }
        #expect(errorCount > 100)
    }

    @Test func `a damaged root only costs the stand-in`() throws {
        let archive = try BuiltModel.stone.get().archive
        let root = archive.index.nodes[0]
        let start = Int(archive.index.chunks[Int(root.chunk)].offset) + Int(root.offset)
        let plan = try StreamPlan(archive: try damaged(archive, at: start, TemporaryFolder()))
        #expect(plan.standIn.isEmpty)
        var viewer = DirectViewer(plan)
        viewer.look(.at(.zero, from: 2.5), 1)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
    }
}
