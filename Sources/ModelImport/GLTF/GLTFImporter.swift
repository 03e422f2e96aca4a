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
        var text = GLTFBytes.copy(file.bytes.extracting(container.json))
        // Some exporters fill the chunk up with zeros instead of spaces.
        while text.last == 0 { text.removeLast() }
        do {
            var document = try JSONDecoder().decode(GLTFDocument.self, from: Data(text))
            document.nodeProperties = GLTFExtrasReader.properties(in: text)
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
