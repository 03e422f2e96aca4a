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
        // And what is needed to know what else there is.
        let (root, held) = (built.archive.index.sectors[0], near.stream.held)
        #expect(held.contains(Int(root.chunk)))
        for child in root.children {
            #expect(held.contains(Int(built.archive.index.sectors[Int(child)].chunk)))
        }
    }

    @Test func `sectors whose content is wanted at once come without their proxies, and get them from afar`() throws {
        let built = try BuiltModel.row.get()
        let index = built.archive.index
        var viewer = DirectViewer(built.plan, limits: .withoutPrefetch)
        viewer.look(.at(Double3(100, 0, 0), from: 30), 1)
        func hasProxy(_ sector: SectorRecord, _ viewer: DirectViewer) -> Bool {
            sector.proxyNode.map { viewer.stream.held.contains(Int(index.nodes[Int($0)].chunk)) } ?? false
        }
        let proxies = index.sectors.filter { $0.proxyNode != nil }
        let skipped = proxies.filter { !hasProxy($0, viewer) && viewer.stream.held.contains(Int($0.chunk)) }
        #expect(!skipped.isEmpty)
        let hasFirstPicture = hasProxy(index.sectors[0], viewer)
        #expect(hasFirstPicture)
        // A viewer with little room needs them, to get by with fewer triangles.
        var small = DirectViewer(built.plan, limits: .withoutPrefetch)
        small.handle(.budget(gpuByteLimit: 1 << 40, gpuByteCount: 6 << 37))
        small.look(.at(Double3(100, 0, 0), from: 30), 1)
        let areThere = skipped.contains { hasProxy($0, small) }
        #expect(areThere)
        // From where its parts are no longer wanted, but those around it are, what stands for them comes.
        func error(_ sector: SectorRecord) -> Double { sector.proxyError }
        let found = skipped.compactMap { sector -> (SectorRecord, Double)? in
            guard let parent = sector.parent.map({ index.sectors[Int($0)] }), error(parent) > 1.2 * error(sector) else {
                return nil
            }
            return (sector, (error(parent) * error(sector)).squareRoot())
        }
        let (sector, between) = try #require(found.first)
        let pixelsPerMetre = ViewState.at(.zero, from: 1).height / 2 / 0.3
        viewer.look(.at(sector.bounds.center, from: between * pixelsPerMetre), 2)
        #expect(viewer.actions.compactMap(\.settledView).last == 2)
        let hasItNow = hasProxy(sector, viewer)
        #expect(hasItNow)
    }

    @Test func `a part is refined although others of its sector have nothing to show yet`() throws {
        let parts = try (0..<24).map { try Ball(12 + $0 % 6, noise: 0.01, seed: UInt64($0)).part("ball \($0)") }
        let instances = (0..<408).map {
            (part: $0 % 24, transform: AffineTransform.translation(Double3(Double($0) * 2, 0, 0)))
        }
        let built = try BuiltModel(BuiltModel.model(parts, instances))
        let index = built.archive.index
        // To know that nothing in view is missing, a viewer has to know what all parts are.
        var near = DirectViewer(built.plan, limits: .withoutPrefetch)
        near.look(.at(Double3(100, 0, 0), from: 5), 1)
        #expect(near.actions.compactMap(\.settledView) == [1])
        for (number, geometry) in index.geometries.enumerated() where !geometry.isProxy {
            #expect(near.stream.sentGeometries.contains(number))
        }
        #expect(near.chunks.count < built.plan.chunkCount / 2, "but not to have them")
        let rootChunks = Set(
            index.geometries.filter { !$0.isProxy }.map { Int(index.nodes[Int($0.firstNode)].chunk) }
        ).sorted()
        try #require(rootChunks.count > 1, "roots share chunks, but not all one")
        var query = query(built, .at(Double3(100, 0, 0), from: 30))
        query.held.removeAll()
        for sector in index.sectors { query.held.insert(Int(sector.chunk)) }
        for chunk in built.plan.firstPicture { query.held.insert(chunk) }
        query.held.insert(rootChunks[0])
        let gains = gains(built, query)
        let (shown, waiting) = (
            Set(built.plan.chunkNodes[rootChunks[0]].map { index.nodes[Int($0)].geometry }), rootChunks[1]
        )
        let finer = index.nodes.indices.filter {
            shown.contains(index.nodes[$0].geometry) && !index.nodes[$0].parents.isEmpty
        }
        #expect(finer.contains { gains[Int(index.nodes[$0].chunk)] > 0 })
        #expect(gains[waiting] > 0)
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
            Int(built.archive.index.nodes[Int($0.firstNode + $0.nodeCount - 1)].chunk)
        }
        #expect(chunks.count == 2 && chunks[0] != chunks[1])
        #expect(gains[chunks[1]] > 0 && gains[chunks[0]] > 5 * gains[chunks[1]])
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
