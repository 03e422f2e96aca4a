// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// What of a scene is on the device. All of it can be made again from the archive.
final class SceneObjects {
    let uploader: Uploader
    let meshes: MeshStore
    let textures: TextureStore
    let materials: MaterialTable
    private let library: PipelineLibrary
    private var textureSets: [Int: (version: Int, textures: HeldTextures)] = [:]

    init(
        _ library: PipelineLibrary, materials: [Material], samplers: [TextureSampler]
    ) throws(GPUError) {
        self.library = library
        uploader = Uploader(library.device)
        let roles = TextureRoles(materials)
        meshes = try MeshStore(uploader)
        textures = try TextureStore(samplers, roles, uploader)
        self.materials = try MaterialTable(materials, roles, uploader)
    }

    /// Brings in what a scene's update changed.
    ///
    /// - Parameter levelCounts: stored levels of each texture.
    func apply(_ changes: SceneChanges, levelCounts: [Int]) throws(GPUError) {
        for node in changes.droppedNodes { meshes.remove(node) }
        for dropped in changes.droppedTextures where dropped.texture < levelCounts.count {
            try textures.remove(dropped.texture, level: dropped.level, levelCount: levelCounts[dropped.texture])
        }
        for mesh in changes.meshes { try meshes.add(mesh) }
        var levels: [Int: [PackedTexture]] = [:]
        for level in changes.textures { levels[level.texture, default: []].append(level) }
        for texture in levels.keys.sorted() { try textures.add(levels[texture] ?? []) }
    }

    /// What a group of materials samples.
    func textureSet(_ entry: MaterialEntry) throws(GPUError) -> BindingSet { try textures(of: entry).set }

    /// As above, to be kept: it stays what it is when textures are replaced.
    func textures(of entry: MaterialEntry) throws(GPUError) -> HeldTextures {
        // The browser's limit. Not on a CPU: lavapipe walks over every texel of a pixel's footprint, which never ends
        // where a texture repeats a thousand times.
        let anisotropy: Float = library.device.description.kind == .cpu ? 1 : 8
        let version = textures.version(of: entry.textures)
        if let known = textureSets[entry.group], known.version == version { return known.textures }
        var bindings: [(image: Image, sampler: Sampler)] = []
        for (slot, texture) in zip(MaterialSlot.all, entry.textures) {
            bindings.append(try textures.binding(texture, missing: slot.missing, anisotropy: anisotropy))
        }
        let held = HeldTextures(
            set: try BindingSet(library.device, library.textureLayout, [.textures(bindings)]),
            images: bindings.map(\.image))
        textureSets[entry.group] = (version, held)
        return held
    }
}

/// Textures of a group of materials as they are now.
struct HeldTextures {
    let set: BindingSet
    let images: [Image]
}
