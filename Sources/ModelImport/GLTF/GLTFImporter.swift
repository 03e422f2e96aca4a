// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
import FoundationEssentials
import StreamCore

/// Reads glTF 2.0: .glb files, and .gltf files with their buffers and images in data URIs or in files beside them.
///
/// Taken over: triangles with normals, two sets of texture coordinates and colours; the node tree with names and
/// extras; instancing; metallic-roughness materials with the extensions in `readExtensions`; JPEG and PNG images.
/// Shown at rest: skins (bind pose) and morph targets (default weights). Left out with a warning: points, lines,
/// animations, other materials and images.
///
/// - Source: the glTF 2.0 specification and the extensions' own.
package struct GLTFImporter {
    /// What may be in `extensionsRequired`.
    static let readExtensions: Set<String> = [
        "EXT_mesh_gpu_instancing", "EXT_meshopt_compression", "KHR_draco_mesh_compression",
        "KHR_mesh_quantization",
        "KHR_texture_transform", "KHR_materials_clearcoat", "KHR_materials_emissive_strength",
        "KHR_materials_ior",
        "KHR_materials_pbrSpecularGlossiness", "KHR_materials_sheen", "KHR_materials_specular",
        "KHR_materials_transmission", "KHR_materials_unlit",
    ]

    /// Whether a file that starts with `bytes` (best all of it) is GLB, or JSON with a member "asset".
    package static func recognizes(_ bytes: RawSpan) -> Bool {
        GLTFContainer.isGLB(bytes) || GLTFContainer.isJSONWithAsset(bytes)
    }

    /// Reads a whole model. Runs on the calling thread; memory: the result, the JSON text and its values, and what
    /// meshopt and Draco streams unpack to.
    ///
    /// - Throws: `ImportError`; its place is a JSON path like "accessors[3].count", or a byte of the GLB container.
    package static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError)
        -> SourceModel
    {
        let container = try GLTFContainer(of: file)
        let document = try decode(container, file)
        let session = GLTFImport(file: file, options: options, container: container, document: document)
        try session.checkVersionAndExtensions()
        return try session.model()
    }

    private static func decode(_ container: GLTFContainer, _ file: MappedFile) throws(ImportError)
        -> GLTFDocument
    {
        let text = GLTFBytes.copy(file.bytes.extracting(container.json))
        do {
            var document = try JSONDecoder().decode(GLTFDocument.self, from: Data(text))
            document.orderExtras(asIn: text)
            return document
        } catch let error as DecodingError {
            throw ImportError(error, file: file.path)
        } catch {
            throw ImportError(.malformed, "the JSON cannot be read: \(error)", file: file.path)
        }
    }
}

extension ImportError {
    fileprivate init(_ error: DecodingError, file: String) {
        func place(_ path: [any CodingKey]) -> String {
            path.reduce(into: "") { text, key in
                if let index = key.intValue {
                    text += "[\(index)]"
                } else {
                    text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
                }
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            self.init(.malformed, "it is missing", file: file, place: place(context.codingPath + [key]))
        case .valueNotFound(_, let context):
            self.init(.malformed, "it is null", file: file, place: place(context.codingPath))
        case .typeMismatch(_, let context):
            self.init(.malformed, "it is of the wrong kind", file: file, place: place(context.codingPath))
        case .dataCorrupted(let context):
            let reason =
                context.codingPath.isEmpty ? "the JSON text is broken" : "the value cannot be used"
            let cause = context.underlyingError.map { " (\($0))" } ?? ""
            self.init(.malformed, reason + cause, file: file, place: place(context.codingPath))
        @unknown default:
            self.init(.malformed, "the JSON cannot be read", file: file)
        }
    }
}

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
                    properties: entry.extras?.properties ?? []))
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
        for node in tree.sceneNodes {
            let entry = document.nodes[node]
            guard let index = entry.mesh else {
                keys.append(nil)
                continue
            }
            let mesh = try element(document.meshes, index, "meshes", "nodes[\(node)].mesh")
            let weights = (entry.weights ?? mesh.weights ?? []).map { $0.isFinite ? $0 : 0 }
            let hasTargets = mesh.primitives.contains { $0.targets?.isEmpty == false }
            if hasTargets {
                warnings.add("morph targets are shown with their default weights", "meshes[\(index)]")
            }
            let isShaped = hasTargets && weights.contains { $0 != 0 }
            var skin = entry.skin
            if let used = skin {
                _ = try element(document.skins, used, "skins", "nodes[\(node)].skin")
                if mesh.primitives.contains(where: { $0.attributes["JOINTS_0"] != nil }) {
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
