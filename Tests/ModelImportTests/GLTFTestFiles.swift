// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import Testing

/// A glTF file under construction: JSON as dictionaries, one buffer that accessors are appended to.
struct GLTFDraft {
    var json: [String: Any] = ["asset": ["version": "2.0"]]
    var binary: [UInt8] = []

    /// Appends to a top-level list; returns the index.
    @discardableResult mutating func add(_ kind: String, _ entry: [String: Any]) -> Int {
        var list = json[kind] as? [Any] ?? []
        list.append(entry)
        json[kind] = list
        return list.count - 1
    }

    mutating func change(_ kind: String, _ index: Int, _ body: (inout [String: Any]) -> Void) {
        var list = json[kind] as? [[String: Any]] ?? []
        body(&list[index])
        json[kind] = list
    }

    mutating func view(_ bytes: [UInt8], _ extra: [String: Any] = [:]) -> Int {
        while binary.count % 4 != 0 { binary.append(0) }
        let entry: [String: Any] = ["buffer": 0, "byteOffset": binary.count, "byteLength": bytes.count]
        binary += bytes
        return add("bufferViews", entry.merging(extra) { $1 })
    }

    mutating func accessor<Scalar>(
        _ values: [Scalar], _ type: String, normalized: Bool = false, extra: [String: Any] = [:]
    ) -> Int {
        let widths = ["SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16]
        var entry: [String: Any] = [
            "bufferView": view(rawBytes(values)), "componentType": Self.code(Scalar.self),
            "count": values.count / widths[type]!, "type": type,
        ]
        if normalized { entry["normalized"] = true }
        return add("accessors", entry.merging(extra) { $1 })
    }

    static func code(_ type: Any.Type) -> Int {
        switch type {
        case is Int8.Type: 5120
        case is UInt8.Type: 5121
        case is Int16.Type: 5122
        case is UInt16.Type: 5123
        case is UInt32.Type: 5125
        default: 5126
        }
    }

    /// A mesh of one primitive, a node that shows it, and the scene.
    mutating func show(_ primitive: [String: Any], node: [String: Any] = [:]) {
        show(primitives: [primitive], node: node)
    }

    mutating func show(primitives: [[String: Any]], mesh: [String: Any] = [:], node: [String: Any] = [:]) {
        let index = add("meshes", mesh.merging(["primitives": primitives]) { $1 })
        let number = add("nodes", node.merging(["mesh": index]) { $1 })
        if json["scenes"] == nil { json["scenes"] = [["nodes": [number]]] }
    }

    func text(uri: String?) -> [UInt8] {
        var json = json
        if json["buffers"] == nil, !binary.isEmpty {
            var buffer: [String: Any] = ["byteLength": binary.count]
            if let uri { buffer["uri"] = uri }
            json["buffers"] = [buffer]
        }
        return Array(try! JSONSerialization.data(withJSONObject: json, options: [.sortedKeys]))
    }

    var glb: [UInt8] {
        var text = text(uri: nil)
        while text.count % 4 != 0 { text.append(0x20) }
        var binary = binary
        while binary.count % 4 != 0 { binary.append(0) }
        let length = 12 + 8 + text.count + (binary.isEmpty ? 0 : 8 + binary.count)
        var bytes = rawBytes([0x4654_6C67, 2, UInt32(length), UInt32(text.count), 0x4E4F_534A] as [UInt32]) + text
        if !binary.isEmpty { bytes += rawBytes([UInt32(binary.count), 0x004E_4942] as [UInt32]) + binary }
        return bytes
    }

    var dataURI: String { "data:application/octet-stream;base64," + Data(binary).base64EncodedString() }
}

func rawBytes<Scalar>(_ values: [Scalar]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

/// Reads `bytes` from a file of its own, and checks what every importer promises.
func readGLTF(_ bytes: [UInt8], _ options: ImportOptions = ImportOptions()) throws -> SourceModel {
    let folder = ReaderFolder()
    var model = try GLTFImporter.read(MappedFile(path: folder.write("model.glb", bytes)), options: options)
    model.name = "model"
    expectSound(model)
    return model
}

func readGLTF(_ draft: GLTFDraft, _ options: ImportOptions = ImportOptions()) throws -> SourceModel {
    try readGLTF(draft.glb, options)
}

func gltfError(_ draft: GLTFDraft) -> ImportError? {
    do {
        _ = try readGLTF(draft)
        return nil
    } catch { return error as? ImportError }
}

func floats(_ array: LargeArray<Float>?) -> [Float] { (0..<(array?.count ?? 0)).map { array![$0] } }
func indices(_ part: SourcePart) -> [UInt32] { (0..<(part.indices?.count ?? 0)).map { part.indices![$0] } }

/// One triangle, (0 0 0) (1 0 0) (0 1 0).
let triangleCorners: [Float] = [0, 0, 0, 1, 0, 0, 0, 1, 0]

func triangleDraft(node: [String: Any] = [:]) -> GLTFDraft {
    var draft = GLTFDraft()
    let position = draft.accessor(triangleCorners, "VEC3")
    draft.show(["attributes": ["POSITION": position]], node: node)
    return draft
}
