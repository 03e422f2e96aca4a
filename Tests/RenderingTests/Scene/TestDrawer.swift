// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import Rendering

/// Stands for the GPU: keeps what a loader hands out, and checks that what is drawn is there.
struct TestDrawer {
    let model: TestModel
    let pool: DecodePool
    let loader: SceneLoader
    private(set) var meshes: [UInt32: PackedMesh] = [:]
    private(set) var textures: Set<SceneChanges.TextureLevel> = []
    private(set) var damages: [String] = []
    private(set) var droppedCount = 0
    private(set) var largestByteCount = 0

    init(_ model: TestModel, budget: Int = 1 << 30, threads: Int = 2) {
        self.model = model
        pool = DecodePool(threadCount: threads)
        loader = SceneLoader(archive: model.archive, plan: model.plan, decoders: pool, budgetByteCount: budget)
    }

    /// The device was lost.
    mutating func forgetAll() {
        meshes = [:]
        textures = []
    }

    @discardableResult
    mutating func update(_ views: [SceneView]) -> SceneChanges {
        let changes = loader.update(views: views)
        for node in changes.droppedNodes { #expect(meshes.removeValue(forKey: node) != nil) }
        for level in changes.droppedTextures { #expect(textures.remove(level) != nil) }
        for mesh in changes.meshes { #expect(meshes.updateValue(mesh, forKey: mesh.node) == nil) }
        for texture in changes.textures {
            let level = SceneChanges.TextureLevel(texture: texture.texture, level: texture.level)
            #expect(textures.insert(level).inserted)
        }
        damages += changes.damages
        droppedCount += changes.droppedNodes.count
        let bytes = meshes.values.reduce(0) { $0 + $1.gpuByteCount }
        #expect(bytes == loader.scene.residentGPUByteCount)
        largestByteCount = max(largestByteCount, loader.gpuByteCount)
        return changes
    }

    /// Updates and selects in turn until nothing more comes.
    ///
    /// - Returns: the last list of each view.
    @discardableResult
    mutating func settle(_ views: [SceneView], triangleLimit: Int = 100_000_000) -> [DrawList] {
        for round in 0..<20_000 {
            let changes = update(views)
            let lists = views.map { draw($0, triangleLimit: triangleLimit) }
            if changes.isSettled { return lists }
            if round % 8 == 7 { pauseBriefly() }
        }
        Issue.record("it does not settle")
        return []
    }

    /// Selects, and checks what is to be drawn.
    mutating func draw(_ view: SceneView, triangleLimit: Int = 100_000_000) -> DrawList {
        let list = loader.select(
            view.view, viewer: view.viewer, thresholdPixels: view.thresholdPixels, triangleLimit: triangleLimit)
        var triangles = 0
        for item in list.items + list.blended {
            triangles += Int(item.indexCount) / 3 * Int(item.instanceCount)
            #expect(Int(item.firstVisible + item.instanceCount) <= list.visibleRows.count)
            if item.isBox { continue }
            let mesh = meshes[item.node]
            #expect(mesh != nil, "node \(item.node) is drawn and not there")
            #expect(Int(item.firstIndex + item.indexCount) <= mesh?.indexCount ?? 0)
            #expect(item.origin == mesh?.origin && Double(item.gridStep) == mesh?.gridStep)
        }
        #expect(triangles == list.triangleCount)
        #expect(list.visibleRows.allSatisfy { Int($0) < list.rows.count })
        let problem = problem(with: list)
        #expect(problem == nil)
        return list
    }

    /// Every instance is drawn as a closed cut: of each geometry's nodes the patches whose child is not drawn, and
    /// nothing that a finer node has replaced.
    private func problem(with list: DrawList) -> String? {
        var drawn: [UInt32: Set<Int>] = [:]
        for item in list.items + list.blended where !item.isBox {
            for place in item.firstVisible..<item.firstVisible + item.instanceCount {
                drawn[list.visibleRows[Int(place)], default: []].insert(Int(item.node))
            }
        }
        let index = model.archive.index
        for nodes in drawn.values {
            guard let first = nodes.first else { continue }
            let geometry = Int(index.nodes[first].geometry)
            guard nodes.allSatisfy({ index.nodes[$0].geometry == UInt32(geometry) }) else {
                return "an instance draws two geometries"
            }
            let cut = Cut(of: index.geometries[geometry], in: index, containing: { nodes.contains($0) })
            for node in index.geometries[geometry].nodes where cut.contains(node) {
                // What is expanded and all of whose patches were replaced draws nothing; nothing else may.
                let isReplaced = index.nodes[node].children.allSatisfy { cut.contains(Int($0)) }
                if nodes.contains(node), isReplaced, !index.nodes[node].children.isEmpty {
                    return "node \(node) is drawn though it is replaced"
                }
                if meshes[UInt32(node)] == nil { return "node \(node) is missing in the cut" }
            }
        }
        return nil
    }
}

/// Lets other threads run.
func pauseBriefly() {
    var spec = timespec(tv_sec: 0, tv_nsec: 500_000)
    nanosleep(&spec, nil)
}
