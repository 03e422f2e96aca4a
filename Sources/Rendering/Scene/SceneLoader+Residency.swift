// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ChunkStreaming
import StreamCore

/// What comes and what leaves.
extension SceneLoader {
    /// Of the budget, for textures.
    private static let textureShare = 0.5

    /// Decodes what every first look at the model shows, on this thread.
    func loadFirstPicture(_ changes: inout SceneChanges) {
        isFirstPictureLoaded = true
        for chunk in order.plan.firstPicture where !resident.contains(chunk) && !damaged.contains(chunk) {
            let content = decoder.decode(chunk)
            take(DecodePool.Result(chunk: chunk, content: content), &changes)
        }
    }

    /// Puts what was decoded into the scene, and what has to be uploaded into `changes`.
    func take(_ result: DecodePool.Result, _ changes: inout SceneChanges) {
        let chunk = result.chunk
        guard !resident.contains(chunk), !damaged.contains(chunk) else { return }
        do throws(SceneError) {
            switch result.content {
            case .nodes(let nodes): try add(nodes, chunk, &changes)
            case .sector(let header, let instances): try scene.addSector(header, instances: instances)
            case .texture(let texture): add(texture, chunk, &changes)
            case .damaged(let reason):
                refuse(chunk, reason, &changes)
                return
            }
        } catch {
            scene.removeChunk(UInt32(chunk))
            refuse(chunk, "chunk \(chunk): it contradicts others (\(error))", &changes)
            return
        }
        resident.insert(chunk)
        version += 1
        changes.isSceneChanged = true
    }

    private func add(
        _ nodes: [(header: NodeHeader, mesh: PackedMesh)], _ chunk: Int, _ changes: inout SceneChanges
    ) throws(SceneError) {
        for (header, mesh) in nodes {
            try scene.addNode(header, chunk: UInt32(chunk), gpuByteCount: UInt32(clamping: mesh.gpuByteCount))
        }
        changes.meshes.append(contentsOf: nodes.lazy.map(\.mesh))
    }

    private func add(_ texture: PackedTexture, _ chunk: Int, _ changes: inout SceneChanges) {
        textures.add(
            TextureLevels.Entry(
                texture: texture.texture, level: texture.level, chunk: chunk, byteCount: texture.gpuByteCount))
        changes.textures.append(texture)
    }

    private func refuse(_ chunk: Int, _ reason: String, _ changes: inout SceneChanges) {
        damaged.insert(chunk)
        changes.damages.append(reason)
        // What it was part of is complete without it.
        changes.isSceneChanged = true
        version += 1
    }

    /// Drops what is worth least to all viewers where the budget is nearly full.
    ///
    /// - Parameter kept: chunks that the views need more than others, and that fit.
    func evict(sparing kept: BitSet, _ changes: inout SceneChanges) {
        applyLimits(triangleCount: Int.max)
        for chunk in scene.evict(sparing: { kept.contains(Int($0)) }) {
            guard case .nodes(let nodes) = contents[Int(chunk)] else { continue }
            for node in nodes {
                // What came with this very update never gets to the GPU.
                if let place = changes.meshes.firstIndex(where: { $0.node == node }) {
                    changes.meshes.remove(at: place)
                } else {
                    changes.droppedNodes.append(node)
                }
            }
            leave(Int(chunk), &changes)
        }
    }

    /// Makes room for texture levels: gives up levels that are worth nothing to any view, and then, while textures take
    /// more than their share, what is worth least.
    ///
    /// - Parameters:
    ///   - byteCount: that are wanted in addition.
    ///   - worth: of a chunk to all views.
    func fitTextures(adding byteCount: Int, worth: (Int) -> Float, _ changes: inout SceneChanges) {
        let share = Int(Double(budgetByteCount) * SceneLoader.textureShare)
        while textures.byteCount + byteCount > share {
            let limit: Float = textures.byteCount > share ? .infinity : 0
            guard let entry = textures.takeFinest(worthAtMost: limit, worth) else { return }
            let isSame = { (other: PackedTexture) in other.texture == entry.texture && other.level == entry.level }
            if let place = changes.textures.firstIndex(where: isSame) {
                changes.textures.remove(at: place)
            } else {
                changes.droppedTextures.append(SceneChanges.TextureLevel(texture: entry.texture, level: entry.level))
            }
            leave(entry.chunk, &changes)
        }
    }

    /// Bytes that texture levels may still take.
    var textureRoom: Int { Int(Double(budgetByteCount) * SceneLoader.textureShare) - textures.byteCount }

    private func leave(_ chunk: Int, _ changes: inout SceneChanges) {
        resident.remove(chunk)
        departures[chunk, default: 0] += 1
        wanted = [:]
        version += 1
        changes.isSceneChanged = true
    }
}
