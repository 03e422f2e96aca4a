// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import StreamCore

@Suite("What is drawn of what is resident") struct ResidentSceneTests {
    /// One large geometry, several small ones, and sectors with and without proxies.
    private static func model(_ maker: inout SceneModelMaker, instances: Int = 60) -> SceneModel {
        var geometries = [maker.addGeometry(leaves: 200)]
        for leaves in [1, 1, 3, 9, 30] { geometries.append(maker.addGeometry(leaves: leaves)) }
        return maker.place(geometries, instanceCount: instances, sectorCount: 7)
    }

    @Test("is sound after every arrival, in any order, from anywhere", arguments: 1...4)
    func anyOrder(seed: UInt64) throws {
        var maker = SceneModelMaker(seed: seed)
        let model = Self.model(&maker)
        var scene = ResidentScene()
        for geometry in maker.shuffled(model.geometries) { try scene.addGeometry(geometry) }
        for sector in maker.shuffled(model.sectors) {
            try scene.addSector(sector.header, instances: sector.instances)
            expectSound(&scene, maker.view(of: model.bounds))
        }
        for (number, node) in maker.shuffled(model.nodes).enumerated() {
            try scene.add(node)
            if number % 7 == 0 {
                expectSound(&scene, maker.view(of: model.bounds), threshold: [0.25, 1, 8][number % 3], "\(number)")
            }
        }
        #expect(scene.statistics.residentNodeCount > 0)
    }

    @Test("is the finest of a view when everything is there and nothing limits it") func finest() throws {
        var maker = SceneModelMaker(seed: 9)
        let geometry = maker.addGeometry(leaves: 50)
        let model = maker.place([geometry], instanceCount: 1, hasProxies: false)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view, threshold: 0.001)
        let leaves = model.nodes.filter { $0.header.level == 0 }.reduce(0) { $0 + Int64($1.header.triangleCount) }
        #expect(scene.statistics.triangleCount == leaves)
        expectSound(&scene, view, threshold: 100_000)
        #expect(scene.statistics.triangleCount == Int64(model.nodes[0].header.triangleCount))
    }

    @Test("is sound while chunks are taken away in any order") func removal() throws {
        var maker = SceneModelMaker(seed: 5)
        let model = Self.model(&maker)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        for (number, node) in maker.shuffled(model.nodes).enumerated() {
            scene.removeChunk(node.chunk)
            if number % 7 == 0 { expectSound(&scene, maker.view(of: model.bounds), "\(number)") }
        }
        #expect(scene.gpuByteCount == 0 && scene.residentTriangleCount == 0 && scene.nodeSlots.count == 0)
        try model.addAll(to: &scene)
        expectSound(&scene, maker.view(of: model.bounds))
        #expect(scene.statistics.residentNodeCount == model.nodes.count)
    }

    @Test("are boxes where nothing of a geometry is there") func boxes() throws {
        var maker = SceneModelMaker(seed: 6)
        let geometry = maker.addGeometry(leaves: 1)
        let model = maker.place([geometry], instanceCount: 10, hasProxies: false)
        var scene = ResidentScene()
        for geometry in model.geometries { try scene.addGeometry(geometry) }
        try scene.addSector(model.sectors[0].header, instances: model.sectors[0].instances)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view)
        #expect(scene.statistics.boxCount == 10 && scene.statistics.triangleCount == 120)
        #expect(scene.draws.allSatisfy { $0.node == Draw.boxFlag | geometry && $0.material & 0xff_ffff == 4 })
        try scene.add(model.nodes[0])
        expectSound(&scene, view)
        #expect(scene.statistics.boxCount == 0)
    }

    @Test("is one draw for all instances that show the same, apart from mirrored ones") func instancing() throws {
        var maker = SceneModelMaker(seed: 7)
        let geometry = maker.addGeometry(leaves: 1)
        let model = maker.place([geometry], instanceCount: 100, hasProxies: false)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        expectSound(&scene, ViewState.home(of: model.bounds, width: 1280, height: 720))
        let mirrored = model.sectors[0].instances.count { $0.transform.determinant < 0 }
        #expect(mirrored > 0)
        let counts = scene.draws.map { ($0.material >> 24, Int($0.instanceCount)) }
        #expect(counts.count == 2)
        for (flags, count) in counts { #expect(count == (flags == 1 ? mirrored : 100 - mirrored)) }
    }

    @Test("does not flicker at the threshold") func hysteresis() throws {
        var maker = SceneModelMaker(seed: 8)
        let geometry = maker.addGeometry(leaves: 64)
        let model = maker.place([geometry], instanceCount: 1, hasProxies: false)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view, threshold: 2)
        let fine = scene.statistics.triangleCount
        expectSound(&scene, view, threshold: 2 / 0.9)
        #expect(scene.statistics.triangleCount == fine)
        expectSound(&scene, view, threshold: 64)
        #expect(scene.statistics.triangleCount < fine)
    }

    @Test("is unchanged by a view that is none") func badViews() throws {
        var maker = SceneModelMaker(seed: 8)
        let model = Self.model(&maker)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        var view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view)
        let before = scene.draws
        for threshold: Double in [0, -1, .nan, .infinity] {
            let isSelected = scene.select(view, thresholdPixels: threshold)
            #expect(!isSelected)
        }
        view.eye.x = .nan
        let isSelected = scene.select(view, thresholdPixels: 1)
        #expect(!isSelected)
        #expect(scene.draws == before)
    }
}

@Suite("Budgets of a scene") struct SceneBudgetTests {
    private static func scene(_ maker: inout SceneModelMaker) throws -> (ResidentScene, SceneModel) {
        let geometries = [maker.addGeometry(leaves: 400), maker.addGeometry(leaves: 20), maker.addGeometry(leaves: 5)]
        let model = maker.place(geometries, instanceCount: 40, sectorCount: 4)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        return (scene, model)
    }

    @Test("of triangles are never exceeded, however small, at once", arguments: [1, 500, 5000, 50_000])
    func triangles(limit: Int64) throws {
        var maker = SceneModelMaker(seed: 21)
        var (scene, model) = try Self.scene(&maker)
        scene.setLimits(gpuByteCount: 1 << 30, triangleCount: limit)
        for _ in 0..<40 { expectSound(&scene, maker.view(of: model.bounds), threshold: 0.05) }
    }

    /// Selects until the threshold stands, which it soon must.
    private func settle(
        _ scene: inout ResidentScene, _ view: ViewState, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for _ in 0..<400 {
            expectSound(&scene, view, threshold: 0.05, sourceLocation: sourceLocation)
            if !scene.statistics.isThresholdMoving { return }
        }
        Issue.record("the threshold never stands", sourceLocation: sourceLocation)
    }

    @Test("of triangles raise the threshold, and lower it again when there is room") func threshold() throws {
        var maker = SceneModelMaker(seed: 22)
        var (scene, model) = try Self.scene(&maker)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view, threshold: 0.05)
        let unlimited = scene.statistics.triangleCount
        #expect(scene.statistics.thresholdPixels < 0.0501)
        scene.setLimits(gpuByteCount: 1 << 30, triangleCount: unlimited / 2)
        settle(&scene, view)
        #expect(scene.statistics.thresholdPixels > 0.05)
        #expect(scene.statistics.triangleCount <= unlimited / 2 && scene.statistics.triangleCount > unlimited / 4)
        scene.setLimits(gpuByteCount: 1 << 30, triangleCount: unlimited * 2)
        settle(&scene, view)
        #expect(scene.statistics.triangleCount == unlimited)
    }

    @Test("of triangles are used nearly whole before many parts give way to one stand-in") func cliff() throws {
        var maker = SceneModelMaker(seed: 9)
        let model = maker.place([maker.addGeometry(leaves: 1)], instanceCount: 400)
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view, threshold: 0.05)
        let open = Double(scene.statistics.triangleCount)
        func visibleCount(sharing share: Double) -> Int {
            scene.setLimits(gpuByteCount: 1 << 30, triangleCount: Int64(open / share))
            settle(&scene, view)
            return scene.statistics.visibleInstanceCount
        }
        #expect([0.9, 0.97, 0.99, 1.01, 0.97, 0.94, 0.99].map(visibleCount) == [400, 400, 400, 1, 1, 400, 400])
        // With a reserve, until that is used.
        scene.setTriangleReserve(1.3)
        #expect([0.99, 1.01, 1.29, 1.31, 1.27, 1.22].map(visibleCount) == [400, 400, 400, 1, 1, 400])
        // What has just given way waits before it comes back.
        #expect(visibleCount(sharing: 1.31) == 1)
        scene.setLimits(gpuByteCount: 1 << 30, triangleCount: Int64(open))
        var count = 0
        while scene.statistics.visibleInstanceCount == 1, count < 400 {
            _ = scene.select(view, thresholdPixels: 0.05)
            count += 1
        }
        #expect(count < 100)
    }

    @Test("of GPU memory are kept by evicting what is worth least; what remains is sound") func eviction() throws {
        var maker = SceneModelMaker(seed: 23)
        var (scene, model) = try Self.scene(&maker)
        let needless = scene.evict()
        #expect(needless == [], "there is room")
        let full = scene.gpuByteCount
        scene.gpuByteLimit = full
        let roots = Set(model.nodes.filter { $0.header.parents.isEmpty }.map(\.chunk))
        var held = Set(model.nodes.map(\.chunk))
        for _ in 0..<30 {
            let view = maker.view(of: model.bounds)
            expectSound(&scene, view)
            let used = Set(scene.chunks.indices.filter { scene.chunks[$0].usedTime == scene.time })
            let evicted = scene.evict()
            #expect(scene.gpuByteCount <= full / 10 * 9 || evicted.isEmpty)
            #expect(roots.isDisjoint(with: evicted))
            if !evicted.isEmpty { #expect(used.count < held.count) }
            held.subtract(evicted)
            expectSound(&scene, view, "after eviction")
            for node in maker.shuffled(model.nodes) where !held.contains(node.chunk) {
                guard scene.gpuByteCount < full * 97 / 100 else { break }
                try scene.add(node)
                held.insert(node.chunk)
            }
        }
    }

    @Test("of GPU memory that a view alone would exceed raise the threshold") func memoryPressure() throws {
        var maker = SceneModelMaker(seed: 24)
        var (scene, model) = try Self.scene(&maker)
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        expectSound(&scene, view, threshold: 0.05)
        scene.gpuByteLimit = scene.statistics.usedGPUByteCount
        settle(&scene, view)
        #expect(scene.statistics.thresholdPixels > 0.05)
        #expect(scene.statistics.usedGPUByteCount <= scene.gpuByteLimit)
    }
}
