// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Puts the model together from the tree, the parts and the materials.
extension GLTFImport {
    func checkVersionAndExtensions() throws(ImportError) {
        let asset = document.asset
        guard asset.version.split(separator: ".").first == "2" else {
            throw error(
                .unsupported,
                "glTF \(asset.version.prefix(20)) is not read, only 2.0; convert it with a newer exporter",
                "asset.version")
        }
        if let minimum = asset.minVersion, minimum != "2.0" {
            throw error(
                .unsupported, "glTF \(minimum.prefix(20)) or newer is needed to read it", "asset.minVersion"
            )
        }
        for (index, name) in document.extensionsRequired.enumerated()
        where !GLTFImporter.readExtensions.contains(name) {
            throw error(
                .unsupported, "the extension \(name.prefix(80)) is not read; export the model without it",
                "extensionsRequired[\(index)]")
        }
        for name in document.extensionsUsed
        where name.hasPrefix("KHR_materials_") && !GLTFImporter.readExtensions.contains(name) {
            warnings.add("the extension \(name.prefix(80)) is ignored")
        }
        if !document.animations.isEmpty {
            warnings.add("animations are ignored (\(document.animations.count) in the file)")
        }
    }

    /// Resolves the tree, then builds each part that a node of the scene uses, once.
    func model() throws(ImportError) -> SourceModel {
        var model = SourceModel()
        model.format = container.isBinary ? "glTF 2.0 (GLB)" : "glTF 2.0"
        let tree = try tree()
        try poll()
        options.progress(0.05)
        try addParts(to: &model, tree)
        guard !model.instances.isEmpty else {
            throw error(
                .empty,
                (["it has no triangles to show"] + warnings.sentences.prefix(3)).joined(separator: "; "), ""
            )
        }
        let materials = try GLTFMaterials(of: self)
        model.materials = materials.materials
        model.textures = materials.textures
        model.warnings = warnings.sentences
        options.progress(1)
        return model
    }

    private func addParts(to model: inout SourceModel, _ tree: GLTFTree) throws(ImportError) {
        let keys = try partKeys(tree)
        let (work, bytes) = estimate(Set(keys.compactMap(\.self)))
        expectWork(work)
        var parts: [GLTFPartKey: Int?] = [:]
        let worldFromFile = options.worldFromFile(habitualUp: .y, habitualMetresPerUnit: 1)
        var position = [Int](repeating: 0, count: document.nodes.count)
        for (order, node) in tree.sceneNodes.enumerated() {
            position[node] = order
            let entry = document.nodes[node]
            let name =
                entry.name ?? keys[order].flatMap { document.meshes[$0.mesh].name } ?? "node \(node)"
            model.nodes.append(
                SourceNode(
                    name: name, parent: tree.parents[node].map { position[$0] },
                    properties: document.nodeProperties[node] ?? []))
            guard let key = keys[order] else { continue }
            if parts[key] == nil {
                let part = try part(key, node, tree, expectedBytes: bytes)
                if let part { model.parts.append(part) }
                parts[key] = .some(part == nil ? nil : model.parts.count - 1)
            }
            guard let part = parts[key] ?? nil else { continue }
            let nodeTransform =
                key.skin == nil ? worldFromFile * tree.worldTransforms[node] : worldFromFile
            for local in try instanceTransforms(of: node) {
                let transform = nodeTransform * local
                guard transform.isFinite else {
                    throw malformed("the transform overflows", "nodes[\(node)]")
                }
                model.instances.append(SourceInstance(part: part, node: order, transform: transform))
            }
        }
    }

    /// For each node of the scene, what it shows.
    private func partKeys(_ tree: GLTFTree) throws(ImportError) -> [GLTFPartKey?] {
        var keys: [GLTFPartKey?] = []
        keys.reserveCapacity(tree.sceneNodes.count)
        let meshes = document.meshes
        let meshesWithTargets = Set(
            meshes.indices.filter { meshes[$0].primitives.contains { $0.targets?.isEmpty == false } })
        let meshesWithJoints = Set(
            meshes.indices.filter { meshes[$0].primitives.contains { $0.attributes["JOINTS_0"] != nil } })
        for node in tree.sceneNodes {
            let entry = document.nodes[node]
            guard let index = entry.mesh else {
                keys.append(nil)
                continue
            }
            let mesh = try element(document.meshes, index, "meshes", "nodes[\(node)].mesh")
            let weights = (entry.weights ?? mesh.weights ?? []).map { $0.isFinite ? $0 : 0 }
            let hasTargets = meshesWithTargets.contains(index)
            if hasTargets {
                warnings.add("morph targets are shown with their default weights", "meshes[\(index)]")
            }
            let isShaped = hasTargets && weights.contains { $0 != 0 }
            var skin = entry.skin
            if let used = skin {
                _ = try element(document.skins, used, "skins", "nodes[\(node)].skin")
                if meshesWithJoints.contains(index) {
                    warnings.add("skinned: shown in bind pose", "nodes[\(node)]")
                } else {
                    warnings.add("the mesh has no joints, its skin is ignored", "nodes[\(node)]")
                    skin = nil
                }
            }
            keys.append(GLTFPartKey(mesh: index, skin: skin, weights: isShaped ? weights : []))
        }
        return keys
    }

    /// Vertices plus indices of all parts, and the bytes they take, as far as declared.
    private func estimate(_ keys: Set<GLTFPartKey>) -> (work: Int, bytes: Int) {
        var vertices = 0.0
        var indices = 0.0
        func count(_ accessor: Int?) -> Double {
            guard let accessor, document.accessors.indices.contains(accessor) else { return 0 }
            return Double(max(0, document.accessors[accessor].count))
        }
        for key in keys {
            var seen: Set<GLTFVertexKey> = []
            for primitive in document.meshes[key.mesh].primitives {
                if seen.insert(GLTFVertexKey(primitive)).inserted {
                    vertices += count(primitive.attributes["POSITION"])
                }
                indices += count(primitive.indices)
            }
        }
        let limit = 1e15
        return (Int(min(vertices + indices, limit)), Int(min(44 * vertices + 4 * indices, limit)))
    }

    private func part(
        _ key: GLTFPartKey, _ node: Int, _ tree: GLTFTree, expectedBytes: Int
    ) throws(ImportError) -> SourcePart? {
        var skin: [AffineTransform] = []
        if let index = key.skin { skin = try skinMatrices(index, tree, "nodes[\(node)].skin") }
        var builder = GLTFPartBuilder(
            self, key, skin: skin, nodeTransform: tree.worldTransforms[node], expectedBytes: expectedBytes
        )
        let name = document.meshes[key.mesh].name ?? document.nodes[node].name ?? "mesh \(key.mesh)"
        return try builder.build(name: name)
    }
}
