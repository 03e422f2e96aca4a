// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelImport
import ModelStorage
import StreamCore
import Testing

@testable import ChunkStreaming

/// Archives built from meshes.
@Suite struct ModelTests {
    private static let textured = Result {
        var model = BuiltModel.model([try Ball(24).textured(material: 0).part("globe")])
        var material = Material()
        material.baseColorTexture = TextureReference(texture: 0)
        model.materials = [material]
        model.textures = [SourceTexture(name: "map", encoding: .png, bytes: TestImage.png(size: 512))]
        return try BuiltModel(model)
    }

    @Test func `the first picture of a dense mesh is small and shows all of it`() throws {
        let built = try BuiltModel.stone.get()
        let bytes = built.plan.firstPicture.reduce(0) { $0 + Int(built.plan.chunks[$1].byteCount) }
        #expect(bytes <= 40_000)
        #expect(built.plan.firstPicture.count == 2)
        #expect(!built.plan.standIn.isEmpty)
        #expect(built.plan.standIn.error > 0 && built.plan.standIn.error < 0.2)
    }

    @Test func `the first picture of an assembly is its proxy`() throws {
        let built = try BuiltModel.row.get()
        let sector = built.archive.index.sectors[0]
        let proxy = try #require(sector.proxyNode)
        #expect(built.plan.firstPicture == [Int(sector.chunk), Int(built.archive.index.nodes[Int(proxy)].chunk)])
        let bytes = built.plan.firstPicture.reduce(0) { $0 + Int(built.plan.chunks[$1].byteCount) }
        #expect(bytes <= 40_000)
    }

    @Test func `the first picture of a textured model has the smallest level of its texture`() throws {
        let built = try ModelTests.textured.get()
        let tail = try #require(built.archive.index.textures[0].levelChunks.last)
        #expect(built.plan.firstPicture.contains(Int(tail)))
        let bytes = built.plan.firstPicture.reduce(0) { $0 + Int(built.plan.chunks[$1].byteCount) }
        #expect(bytes <= 40_000)
    }

    @Test func `of a dense mesh the near side comes first, and all of it in the end`() throws {
        let built = try BuiltModel.stone.get()
        var viewer = DirectViewer(built.plan, limits: .withoutPrefetch)
        let view = ViewState.at(.zero, from: 2.5)
        viewer.look(view, 1)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
        #expect(built.plan.misplaced(in: viewer.chunks) == [])
        let towards = normalized(view.eye)
        let sides = viewer.chunks.compactMap { chunk -> Double? in
            let record = built.archive.index.nodes.first { Int($0.chunk) == chunk && $0.level == 0 }
            guard let record else { return nil }
            let grid = built.archive.index.geometries[0].grid
            let size = Double3(record.extent) * grid.step
            let center = grid.position(record.origin) + size / 2 - Double3(repeating: 1)
            return dot(center, towards)
        }
        #expect(sides.count > 8)
        let half = sides.count / 2
        #expect(sides[..<half].reduce(0, +) / Double(half) > sides[half...].reduce(0, +) / Double(sides.count - half))
    }

    @Test func `an assembly from afar is its proxy, near by its parts`() throws {
        let built = try BuiltModel.row.get()
        var far = DirectViewer(built.plan, limits: .withoutPrefetch)
        far.look(.at(Double3(400, 0, 0), from: 2_000_000), 1)
        #expect(far.chunks == built.plan.firstPicture)
        #expect(far.actions.compactMap(\.settledView) == [1])

        var near = DirectViewer(built.plan, limits: .withoutPrefetch)
        let view = ViewState.at(Double3(100, 0, 0), from: 30)
        near.look(view, 1)
        #expect(near.actions.compactMap(\.settledView) == [1])
        #expect(built.plan.misplaced(in: near.chunks) == [])
        // Each of the three kinds of balls at its finest, once.
        for (number, geometry) in built.archive.index.geometries.enumerated() where !geometry.isProxy {
            #expect(near.stream.sentGeometries.contains(number))
        }
        expectReady(near, sector: 0)
    }

    /// Whatever is to be shown in a proxy's place is there as a whole.
    private func expectReady(_ viewer: DirectViewer, sector: Int) {
        guard let index = try? BuiltModel.row.get().archive.index else { return }
        let held = viewer.stream.held
        #expect(held.contains(Int(index.sectors[sector].chunk)))
        for child in index.sectors[sector].children {
            let record = index.sectors[Int(child)]
            #expect(held.contains(Int(record.chunk)))
            if let proxy = record.proxyNode { #expect(held.contains(Int(index.nodes[Int(proxy)].chunk))) }
        }
    }

    @Test func `the message order lets every chunk be understood`() throws {
        for built in [try BuiltModel.row.get(), try ModelTests.textured.get()] {
            var viewer = DirectViewer(built.plan)
            viewer.look(.at(built.archive.bounds.center, from: 3), 1)
            var (geometries, materials) = (Set<Int>(), Set<Int>())
            for action in viewer.actions {
                switch action {
                case .sendMaterial(let material): #expect(materials.insert(material).inserted)
                case .sendGeometry(let geometry):
                    #expect(geometries.insert(geometry).inserted)
                    for material in built.archive.index.geometries[geometry].materials {
                        #expect(materials.contains(Int(material)))
                    }
                case .sendChunk(_, let chunk):
                    for node in built.archive.index.nodes where Int(node.chunk) == chunk {
                        #expect(geometries.contains(Int(node.geometry)))
                    }
                case .recall, .settled: break
                }
            }
        }
    }

    @Test func `texture levels come as fine as the picture shows them`() throws {
        let built = try ModelTests.textured.get()
        let levels = built.archive.index.textures[0].levelChunks.map { Int($0) }
        #expect(levels.count == 4)
        func levelCount(_ distance: Double) -> Int {
            var viewer = DirectViewer(built.plan, limits: .withoutPrefetch)
            viewer.look(.at(Double3(repeating: 0), from: distance), 1)
            #expect(viewer.actions.compactMap(\.settledView) == [1])
            #expect(built.plan.misplaced(in: viewer.chunks) == [])
            return levels.count { viewer.stream.held.contains($0) }
        }
        #expect(levelCount(1000) == 1)
        #expect(levelCount(20) > 1 && levelCount(20) < 4)
        #expect(levelCount(2.2) == 4)
    }

    @Test func `a shared geometry's worth is the sum over its instances`() throws {
        let parts = try [Ball(20, noise: 0.01), Ball(22, noise: 0.01, seed: 2)].map { try $0.part("ball") }
        var instances = (0..<8).map {
            (part: 0, transform: AffineTransform.translation(Double3(Double($0) * 3, 0, 0)))
        }
        instances.append((1, .translation(Double3(12, 3, 0))))
        let built = try BuiltModel(BuiltModel.model(parts, instances))
        let query = query(built, .at(Double3(12, 0, 0), from: 40))
        let gains = gains(built, query)
        let chunks = built.archive.index.geometries.filter { !$0.isProxy }.map {
            Int(built.archive.index.nodes[Int($0.firstNode)].chunk)
        }
        #expect(chunks.count == 2)
        if chunks[0] != chunks[1] { #expect(gains[chunks[0]] > 5 * gains[chunks[1]]) }
    }

    @Test func `a hint makes what it names worth more`() throws {
        let built = try BuiltModel.row.get()
        let view = ViewState.at(Double3(100, 0, 0), from: 30)
        var query = query(built, view)
        let before = gains(built, query)
        // Node 52 is the ball at x = 104, of the second kind.
        query.hint = built.plan.hint(weight: 10, treeNodes: [52])
        let after = gains(built, query)
        #expect(zip(before, after).contains { $0 < $1 })
        #expect(zip(before, after).allSatisfy { $0 <= $1 })
        query.hint = built.plan.hint(weight: 1e30, treeNodes: [52])
        #expect(gains(built, query) == after, "10 is the most")
        #expect(built.plan.hint(weight: 5, treeNodes: []) == nil)
    }

    private func query(_ built: BuiltModel, _ view: ViewState) -> RankingQuery {
        var held = BitSet(count: built.plan.chunkCount)
        // Everything but the parts themselves, so that these are ranked.
        let parts = Set(
            built.archive.index.nodes.filter {
                !built.archive.index.geometries[Int($0.geometry)].isProxy && $0.level == 0
            }.map { Int($0.chunk) })
        for chunk in 0..<built.plan.chunkCount where !parts.contains(chunk) { held.insert(chunk) }
        return RankingQuery(
            camera: RankingCamera(view, origin: built.plan.origin, margin: 0.05), threshold: 0.01, held: held,
            stored: BitSet(count: built.plan.chunkCount))
    }

    private func gains(_ built: BuiltModel, _ query: RankingQuery) -> [Float] {
        var scratch = RankingScratch()
        ChunkRanking(plan: built.plan, query: query).run(&scratch)
        return (0..<built.plan.chunkCount).map { scratch.stamps[$0] == scratch.stamp ? scratch.gains[$0] : 0 }
    }
}
