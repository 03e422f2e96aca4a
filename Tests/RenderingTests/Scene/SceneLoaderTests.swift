// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import Rendering

private func view(_ viewer: Int, _ view: ViewState, threshold: Double = 1) -> SceneView {
    SceneView(viewer: viewer, view: view, thresholdPixels: threshold)
}

@Suite("A scene that is loaded") struct SceneLoaderTests {
    @Test("shows something after the first update, and in the end all that the view can show")
    func untilSettled() throws {
        for model in [try TestModel.stone.get(), try TestModel.row.get(), try TestModel.far.get()] {
            var drawer = TestDrawer(model)
            let home = view(7, .home(of: model.archive.bounds, width: 1280, height: 720), threshold: 0.5)
            drawer.update([home])
            let first = drawer.draw(home)
            #expect(first.triangleCount > 0 && !first.isComplete)
            #expect(first.thresholdPixels > 0.5)
            let last = try #require(drawer.settle([home]).first)
            #expect(last.isComplete && last.thresholdPixels == 0.5 && last.triangleCount > first.triangleCount)
            #expect(last.items.allSatisfy { !$0.isBox })
            #expect(drawer.damages.isEmpty)
        }
    }

    @Test("is the source to the last triangle when nothing may be wrong") func finest() throws {
        let model = try TestModel.stone.get()
        var drawer = TestDrawer(model)
        var all = ViewState.home(of: model.archive.bounds, width: 1280, height: 720)
        all.projection = .orthographic(halfHeight: 2)
        let list = try #require(drawer.settle([view(1, all, threshold: 0.001)]).first)
        #expect(list.triangleCount == model.archive.triangleCount)
    }

    @Test("draws no more triangles than asked, and says how wrong the picture is") func triangleLimit() throws {
        let model = try TestModel.stone.get()
        var drawer = TestDrawer(model)
        let near = view(1, .at(.zero, from: 3))
        let free = try #require(drawer.settle([near]).first)
        var last = free
        for limit in [free.triangleCount / 2, free.triangleCount / 8, 3000] {
            last = drawer.draw(near, triangleLimit: limit)
            #expect(last.triangleCount <= limit && last.thresholdPixels > 1)
        }
        // Roots are drawn whatever the limit is.
        #expect(drawer.draw(near, triangleLimit: 1).triangleCount > 1)
        // A larger limit counts at once.
        let again = drawer.draw(near)
        #expect(again.triangleCount == free.triangleCount && again.thresholdPixels == 1)
    }

    @Test("serves two cameras as it serves each alone") func twoViewers() throws {
        let model = try TestModel.row.get()
        let bounds = model.archive.bounds
        let left = view(1, .at(Double3(10, 0, 0), from: 8))
        let right = view(2, .at(bounds.maximum - Double3(10, 0, 0), from: 25, direction: Double3(-1, 0.4, 0.5)))
        var (both, first, second) = (TestDrawer(model), TestDrawer(model), TestDrawer(model))
        both.settle([left, right])
        first.settle([left])
        second.settle([right])
        // Selected in turn many times: neither's hysteresis, threshold or rows disturb the other's.
        for round in 0..<20 {
            let (a, b) = (both.draw(left), both.draw(right))
            let (alone, other) = (first.draw(left), second.draw(right))
            #expect(Set(a.items.map(\.node)) == Set(alone.items.map(\.node)), "round \(round)")
            #expect(a.triangleCount == alone.triangleCount && a.reference == alone.reference)
            #expect(b.triangleCount == other.triangleCount && b.reference == other.reference)
            #expect(a.reference != b.reference)
            #expect(a.isComplete && b.isComplete)
        }
        // A tight limit for one does not make the other coarser.
        for _ in 0..<10 { _ = both.draw(left, triangleLimit: 2000) }
        #expect(both.draw(right).triangleCount == second.draw(right).triangleCount)
    }

    @Test("forgets viewers, and takes new ones in their place") func comingAndGoing() throws {
        let model = try TestModel.stone.get()
        var drawer = TestDrawer(model)
        let near = ViewState.at(.zero, from: 3)
        let expected = try #require(drawer.settle([view(1, near)]).first).triangleCount
        for viewer in 2..<12 {
            drawer.loader.remove(viewer: viewer - 1)
            #expect(drawer.settle([view(viewer, near)]).first?.triangleCount == expected)
        }
        #expect(drawer.loader.viewers.count == 1)
    }

    @Test("stays within a small budget, shows every part closed, and settles") func smallBudget() throws {
        let model = try TestModel.boulder.get()
        // Far less than the close views need; at least one MiB is allowed for meshes.
        let budget = 1_200_000
        var drawer = TestDrawer(model, budget: budget)
        var random = SeededGenerator(seed: 5)
        func unit() -> Double { .random(in: -1...1, using: &random) }
        for _ in 0..<12 {
            let near = ViewState.at(.zero, from: 1.6 + abs(unit()), direction: Double3(unit(), unit(), unit()))
            let other = ViewState.at(.zero, from: 1.5, direction: Double3(unit(), unit(), unit()))
            let lists = drawer.settle([view(1, near, threshold: 0.2), view(2, other, threshold: 0.2)])
            #expect(lists.allSatisfy { $0.triangleCount > 1000 })
        }
        #expect(drawer.droppedCount > 10)
        // Whose view is newest may change with every picture; nothing is loaded or dropped for that.
        let views = [1, 2].map { view($0, .at(.zero, from: 1.6 + Double($0) * 0.1), threshold: 0.2) }
        drawer.settle(views)
        let count = drawer.droppedCount
        for round in 0..<20 {
            let changes = drawer.update(round % 2 == 0 ? views.reversed() : views)
            #expect(changes.isSettled && changes.meshes.isEmpty)
        }
        #expect(drawer.droppedCount == count)
        // Some more than the budget may be there for a moment: what was being decoded when it filled up.
        #expect(drawer.largestByteCount < budget * 3 / 2, "\(drawer.largestByteCount)")
    }

    @Test("asks for nothing finer than the view needs") func frugality() throws {
        let model = try TestModel.stone.get()
        var drawer = TestDrawer(model)
        drawer.settle([view(1, .at(.zero, from: 60))])
        #expect(drawer.meshes.count < model.archive.index.nodes.count / 4)
    }

    @Test("loads everything again after the device was lost") func deviceLoss() throws {
        let model = try TestModel.glass.get()
        var drawer = TestDrawer(model)
        let home = view(1, .home(of: model.archive.bounds, width: 1280, height: 720))
        let before = try #require(drawer.settle([home]).first)
        drawer.loader.forgetGPU()
        #expect(drawer.loader.gpuByteCount == 0)
        drawer.forgetAll()
        let after = try #require(drawer.settle([home]).first)
        #expect(after.triangleCount == before.triangleCount && after.isComplete)
    }

    @Test("shows what is left of a damaged model, and tells each damage once") func damage() throws {
        let whole = try TestModel.stone.get()
        let node = try whole.node { !$0.parents.isEmpty && !$0.children.isEmpty }
        let chunk = Int(whole.archive.index.nodes[node].chunk)
        var drawer = TestDrawer(try whole.damaged(chunks: [chunk]))
        let near = view(1, .at(.zero, from: 2), threshold: 0.1)
        for _ in 0..<3 {
            let list = try #require(drawer.settle([near]).first)
            #expect(list.triangleCount > 1000 && list.isComplete)
            drawer.settle([view(1, .at(.zero, from: 20))])
        }
        #expect(drawer.damages.count == 1 && drawer.damages[0].contains("chunk \(chunk)"))
    }

    @Test("of nothing but damage ends, and draws nothing that is not there") func onlyDamage() throws {
        let whole = try TestModel.stone.get()
        let nodes = whole.archive.index.nodes
        let chunks = Set(nodes.map { Int($0.chunk) }).sorted()
        var drawer = TestDrawer(try whole.damaged(chunks: chunks))
        let list = try #require(drawer.settle([view(1, .at(.zero, from: 3))]).first)
        #expect(drawer.meshes.isEmpty && list.items.allSatisfy(\.isBox))
    }

    @Test("of a model without triangles is complete and empty") func empty() throws {
        let model = try TestModel.empty()
        var drawer = TestDrawer(model)
        let list = try #require(drawer.settle([view(1, .at(.zero, from: 3))]).first)
        #expect(list.items.isEmpty && list.triangleCount == 0 && list.isComplete)
    }

    @Test("of noise never stops the loader, and shows what is whole") func noise() throws {
        let home = SceneView(viewer: 1, view: .at(.zero, from: 4), thresholdPixels: 0.5)
        for model in [try TestModel.glass.get(), try TestModel.row.get()] {
            try model.mutated(rounds: 25, seed: 77) { model in
                var drawer = TestDrawer(model)
                drawer.settle([home])
                #expect(Set(drawer.damages).count == drawer.damages.count)
            }
        }
    }

    @Test("ignores views that are none") func nonsense() throws {
        let model = try TestModel.stone.get()
        var drawer = TestDrawer(model)
        var bad = ViewState.at(.zero, from: 3)
        bad.eye.x = .nan
        #expect(drawer.settle([view(1, bad), view(2, .at(.zero, from: 3), threshold: .nan)]).count == 2)
        #expect(drawer.draw(view(1, bad)).items.isEmpty)
    }

    @Test("gives up what it decodes when it goes, and the pool serves the others") func shutDown() throws {
        let model = try TestModel.row.get()
        let pool = DecodePool(threadCount: 2)
        let home = view(1, .home(of: model.archive.bounds, width: 1280, height: 720))
        for _ in 0..<10 {
            let loader = SceneLoader(
                archive: model.archive, plan: model.plan, decoders: pool, budgetByteCount: 1 << 30)
            _ = loader.update(views: [home])
        }
        let loader = SceneLoader(archive: model.archive, plan: model.plan, decoders: pool, budgetByteCount: 1 << 30)
        var rounds = 0
        while !loader.update(views: [home]).isSettled, rounds < 20_000 {
            rounds += 1
            pauseBriefly()
        }
        #expect(rounds < 20_000)
        pool.shutDown()
        #expect(pool.openCount(of: loader.client) == 0)
        loader.forgetGPU()
        _ = loader.update(views: [home])
        #expect(pool.openCount(of: loader.client) == 0)
    }
}
