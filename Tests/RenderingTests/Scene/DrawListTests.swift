// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import Rendering

@Suite("A draw list") struct DrawListTests {
    @Test("draws what light passes last, one instance at a time, back to front") func blended() throws {
        let model = try TestModel.glass.get()
        var drawer = TestDrawer(model)
        for direction in [Double3(1, 0.1, 0), Double3(-1, 0.1, 0)] {
            let view = SceneView(
                viewer: 1, view: .at(Double3(2, 0, 0), from: 20, direction: direction), thresholdPixels: 0.01)
            let list = try #require(drawer.settle([view]).first)
            try #require(list.blended.count == 2 && !list.items.isEmpty)
            #expect(list.blended.allSatisfy { $0.instanceCount == 1 && $0.material == 1 })
            #expect(list.items.allSatisfy { $0.material == 0 })
            let places = list.blended.map { item -> Double in
                let row = Int(list.visibleRows[Int(item.firstVisible)])
                return length(Self.center(item, list, row: row) - view.view.eye)
            }
            #expect(places[0] > places[1] + 3, "\(places)")
        }
    }

    /// A point of an item's mesh in the world: its smallest corner.
    private static func center(_ item: DrawList.Item, _ list: DrawList, row: Int) -> Double3 {
        let words = list.rows.words[row * InstanceRows.wordCount..<(row + 1) * InstanceRows.wordCount].map { $0 }
        func float(_ place: Int) -> Double { Double(Float(bitPattern: words[place])) }
        let cell = Int3(
            Int32(bitPattern: words[12]), Int32(bitPattern: words[13]), Int32(bitPattern: words[14]))
        let local = Double3(item.origin &- cell) * Double(item.gridStep)
        return Double3(float(0), float(1), float(2)) * local.x + Double3(float(4), float(5), float(6)) * local.y
            + Double3(float(8), float(9), float(10)) * local.z + Double3(float(3), float(7), float(11))
            + list.reference
    }

    @Test("says which instances are mirrored") func mirrored() throws {
        let model = try TestModel.far.get()
        var drawer = TestDrawer(model)
        let home = SceneView(
            viewer: 1, view: .home(of: model.archive.bounds, width: 640, height: 480), thresholdPixels: 1)
        let list = try #require(drawer.settle([home]).first)
        var count = 0
        for item in list.items + list.blended {
            for place in item.firstVisible..<item.firstVisible + item.instanceCount {
                let instance = drawer.loader.scene.transform(ofRow: Int(list.visibleRows[Int(place)]))
                #expect(item.isMirrored == (instance.determinant < 0))
                if item.isMirrored { count += 1 }
            }
        }
        #expect(count > 0)
    }

    @Test("keeps its rows' version until a row changes") func rowVersions() throws {
        let model = try TestModel.row.get()
        var drawer = TestDrawer(model)
        let near = SceneView(viewer: 1, view: .at(.zero, from: 9), thresholdPixels: 1)
        drawer.settle([near])
        let first = drawer.draw(near)
        let second = drawer.draw(near)
        #expect(first.rows.version == second.rows.version && first.rows.words == second.rows.words)
        var far = near
        far.view = .at(Double3(500, 0, 0), from: 9)
        let third = drawer.draw(far)
        #expect(third.rows.version != second.rows.version && third.reference != second.reference)
    }

    @Test("gets texture levels coarse first, no finer than seen, and gives the finest up first") func textures() throws
    {
        let model = try TestModel.glass.get()
        let levelCount = model.archive.index.textures[0].levelChunks.count
        var drawer = TestDrawer(model)
        var order: [Int] = []
        func settle(_ view: SceneView) {
            for _ in 0..<20_000 {
                let changes = drawer.update([view])
                order += changes.textures.map(\.level)
                _ = drawer.draw(view)
                if changes.isSettled { return }
                pauseBriefly()
            }
        }
        settle(SceneView(viewer: 1, view: .at(.zero, from: 30), thresholdPixels: 0.01))
        #expect(order.first == levelCount - 1 && !order.contains(0))
        settle(SceneView(viewer: 1, view: .at(.zero, from: 1.6), thresholdPixels: 1))
        #expect(order == (0..<levelCount).reversed())
        // Room for everything but the finest levels.
        drawer.loader.setBudget(byteCount: 1 << 20)
        settle(SceneView(viewer: 1, view: .at(.zero, from: 1.7), thresholdPixels: 1))
        #expect(drawer.textures.count < levelCount && drawer.textures.contains { $0.level == levelCount - 1 })
        #expect(!drawer.textures.contains { $0.level == 0 })
    }

    @Test("does not depend on what a list held before") func reuse() throws {
        let model = try TestModel.row.get()
        var drawer = TestDrawer(model)
        let near = SceneView(viewer: 1, view: .at(.zero, from: 9), thresholdPixels: 1)
        drawer.settle([near])
        let fresh = drawer.draw(near)
        var used = DrawList()
        drawer.loader.select(
            .home(of: model.archive.bounds, width: 64, height: 64), viewer: 1, thresholdPixels: 9,
            triangleLimit: 1000, into: &used)
        for _ in 0..<3 {
            drawer.loader.select(
                near.view, viewer: 1, thresholdPixels: 1, triangleLimit: 100_000_000, into: &used)
        }
        #expect(used.items == fresh.items && used.visibleRows == fresh.visibleRows)
        #expect(used.triangleCount == fresh.triangleCount && used.isComplete)
    }
}
