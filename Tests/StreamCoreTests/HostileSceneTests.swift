// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import StreamCore

/// The error that `body` throws, if any.
private func sceneError(_ body: () throws(SceneError) -> Void) -> SceneError? {
    do throws(SceneError) {
        try body()
        return nil
    } catch { return error }
}

private func expectSelected(
    _ scene: inout ResidentScene, _ view: ViewState, _ threshold: Double = 1, _ comment: String = ""
) {
    let isSelected = scene.select(view, thresholdPixels: threshold)
    #expect(isSelected, "\(comment)")
}

@Suite("A scene given nonsense") struct HostileSceneTests {
    private static func small() -> SceneModel {
        var maker = SceneModelMaker(seed: 31)
        let geometry = maker.addGeometry(leaves: 12)
        return maker.place([geometry], instanceCount: 3)
    }

    @Test("refuses nodes whose links cannot be") func links() throws {
        let model = Self.small()
        var scene = ResidentScene()
        for geometry in model.geometries { try scene.addGeometry(geometry) }
        let node = model.nodes[5]
        func refused(_ change: (inout SceneModel.Node) -> Void) -> Bool {
            var copy = node
            change(&copy)
            var scene = scene
            return sceneError { () throws(SceneError) in try scene.add(copy) } == .inconsistent
        }
        #expect(!refused { _ in })
        #expect(refused { $0.header.parents = [$0.header.node] })
        #expect(refused { $0.header.parents = [$0.header.node + 1] })
        #expect(refused { $0.header.parents = [0, 0] })
        #expect(refused { $0.header.geometry = 99 })
        #expect(refused { $0.header.node = 0x8000_0001 })
        #expect(refused { $0.header.ranges[0].child = 0 })
    }

    @Test("refuses sectors whose links cannot be") func sectors() throws {
        let model = Self.small()
        var header = model.sectors[0].header
        func refused(_ change: (inout SectorHeader) -> Void) -> Bool {
            var copy = header
            change(&copy)
            var scene = ResidentScene()
            let instances = model.sectors[0].instances
            return sceneError { () throws(SceneError) in try scene.addSector(copy, instances: instances) }
                == .inconsistent
        }
        #expect(!refused { _ in })
        #expect(refused { $0.sector = 1 })
        #expect(refused { $0.parent = 0 })
        #expect(refused { $0.children = [0] })
        #expect(refused { $0.children = [3, 3] })
        #expect(refused { $0.instanceCount += 1 })
        header.sector = 4
        header.parent = 2
        #expect(!refused { _ in })
        #expect(refused { $0.parent = 4 })
    }

    @Test("refuses geometries that are no grid") func geometries() {
        let good = Self.small().geometries[0]
        func refused(_ change: (inout Wire.Geometry) -> Void) -> Bool {
            var copy = good
            change(&copy)
            var scene = ResidentScene()
            return sceneError { () throws(SceneError) in try scene.addGeometry(copy) } == .inconsistent
        }
        #expect(!refused { _ in })
        #expect(refused { $0.gridStep = 0 })
        #expect(refused { $0.gridStep = -1 })
        #expect(refused { $0.gridStep = 0.3 })
        #expect(refused { $0.boxExtent.x = -1 })
        #expect(refused { $0.boxOrigin.y = .max })
        #expect(refused { $0.boxOrigin.y = .min })
        #expect(refused { $0.boxExtent.z = .max })
    }

    @Test("does not expand a node whose parent does not know it") func oneSided() throws {
        var model = Self.small()
        for index in model.nodes.indices where !model.nodes[index].header.parents.isEmpty {
            for range in model.nodes[index].header.ranges.indices {
                model.nodes[index].header.ranges[range].child = nil
            }
        }
        model.nodes[0].header.ranges = [
            NodeHeader.Range(child: nil, material: 0, triangleCount: model.nodes[0].header.triangleCount)
        ]
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        expectSound(&scene, ViewState.home(of: model.bounds, width: 1280, height: 720), threshold: 0.001)
        #expect(scene.viewers[0].expanded.allSatisfy { $0.isEmpty })
    }

    @Test("stays sound with transforms and boxes of any size") func extremes() throws {
        var model = Self.small()
        let sizes: [Double] = [0, 1e-300, 1e-30, 1e30, 1e150, 1e300, -Double.greatestFiniteMagnitude]
        for (number, size) in sizes.enumerated() {
            var transform = AffineTransform.scale(Double3(repeating: size))
            transform.translation = Double3(repeating: sizes[(number + 3) % sizes.count])
            model.sectors[0].instances.append(Instance(geometry: 0, treeNode: 0, transform: transform))
        }
        model.sectors[0].header.instanceCount = UInt32(model.sectors[0].instances.count)
        model.sectors[0].header.bounds = Bounds(
            minimum: Double3(repeating: -1e308), maximum: Double3(repeating: 1e308))
        var scene = ResidentScene()
        try model.addAll(to: &scene)
        var maker = SceneModelMaker(seed: 32)
        for size in [1e-6, 1, 1e6] {
            let bounds = Bounds(minimum: .zero, maximum: Double3(repeating: size))
            for _ in 0..<20 { expectSelected(&scene, maker.view(of: bounds)) }
        }
    }

    @Test("takes damaged bytes without a trap, and then still works") func damage() throws {
        let model = Self.small()
        let view = ViewState.home(of: model.bounds, width: 1280, height: 720)
        var random = SeededGenerator(seed: 33)
        for round in 0..<20 {
            var scene = ResidentScene()
            for geometry in model.geometries {
                mutate(geometry.encode(), rounds: 3, seed: random.next()) {
                    try? scene.addGeometry(message: $0.rawSpan)
                }
            }
            for geometry in model.geometries { try? scene.addGeometry(geometry) }
            let sector = model.sectors[0]
            var writer = ByteWriter()
            sector.header.write(to: &writer)
            let table = InstanceTable.encode(sector.instances)
            mutate(table, rounds: 5, seed: random.next()) { damaged in
                try? scene.addSector(header: writer.bytes.rawSpan, table: damaged.rawSpan)
            }
            try? scene.addSector(header: writer.bytes.rawSpan, table: table.rawSpan)
            for node in model.nodes {
                var writer = ByteWriter()
                node.header.write(to: &writer)
                mutate(writer.bytes, rounds: 5, seed: random.next()) { damaged in
                    try? scene.addNode(
                        payload: damaged.rawSpan, chunk: UInt32(random.index(below: 9)), gpuByteCount: .max)
                }
            }
            for threshold in [0.01, 1, 100] { expectSelected(&scene, view, threshold, "\(round)") }
            _ = scene.evict()
            expectSelected(&scene, view)
        }
    }
}

@Suite("The table of slots") struct IdTableTests {
    @Test("agrees with a dictionary through any sequence of changes") func model() {
        var table = IdTable()
        var expected: [UInt32: Int32] = [:]
        var random = SeededGenerator(seed: 41)
        // Ids that collide, and the extremes.
        let ids = (0..<300).map { UInt32($0) &* 0x1000_0000 &+ UInt32($0) } + [0, .max, .max - 1]
        for step in 0..<20_000 {
            let id = ids[random.index(below: ids.count)]
            if random.index(below: 3) == 0 {
                table.remove(id)
                expected[id] = nil
            } else {
                table.set(id, to: Int32(step))
                expected[id] = Int32(step)
            }
            let probe = ids[random.index(below: ids.count)]
            #expect(table.slot(of: probe) == expected[probe] ?? -1)
            #expect(table.count == expected.count)
        }
    }
}
