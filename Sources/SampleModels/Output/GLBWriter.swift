// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Writes a `GLBScene` as binary glTF 2.0: one JSON chunk, one binary chunk, the same bytes for the same scene.
///
/// - Source: glTF 2.0 specification, sections 3 (properties) and 4 (GLB file format).
struct GLBWriter {
    private let scene: GLBScene
    private var binary: [UInt8] = []
    private var views: [JSONValue] = []
    private var accessors: [JSONValue] = []

    init(_ scene: GLBScene) { self.scene = scene }

    /// - Throws: `FileError` when the disk is full or the place not writable; EFBIG past GLB's 4 GiB.
    static func write(_ scene: GLBScene, to path: String) throws(FileError) {
        var writer = GLBWriter(scene)
        var json = writer.document().text
        while json.count % 4 != 0 { json.append(UInt8(ascii: " ")) }
        while writer.binary.count % 4 != 0 { writer.binary.append(0) }
        let total = 12 + 8 + json.count + 8 + writer.binary.count
        guard total <= Int(UInt32.max) else { throw FileError(path: path, call: "write", errno: 27) }
        var head: [UInt8] = []
        for word in [0x4654_6C67, 2, total, json.count, 0x4E4F_534A] { head.append(littleEndian: UInt32(word)) }
        var middle: [UInt8] = []
        for word in [writer.binary.count, 0x004E_4942] { middle.append(littleEndian: UInt32(word)) }
        let file = try AtomicFile(path: path)
        for bytes in [head, json, middle, writer.binary] { try file.append(bytes) }
        try file.commit()
    }

    private mutating func document() -> JSONValue {
        let attributes = scene.geometries.map { addGeometry($0) }
        let images = scene.images.map { addImage($0) }
        let roots = scene.nodes.indices.filter { scene.nodes[$0].isRoot }
        var members: [(String, JSONValue)] = [
            ("asset", .object([("version", .string("2.0")), ("generator", .string(scene.generator))])),
            ("scene", .integer(0)),
            (
                "scenes",
                .array([.object([("name", .string(scene.name)), ("nodes", .array(roots.map(JSONValue.integer)))])])
            ),
            ("nodes", .array(scene.nodes.map(Self.node))),
            ("meshes", .array(scene.meshes.map { Self.mesh($0, primitive: attributes[$0.geometry]) })),
            ("materials", .array(scene.materials.map(MaterialJSON.value))),
        ]
        let extensions = MaterialJSON.extensionsUsed(by: scene.materials)
        if !extensions.isEmpty { members.append(("extensionsUsed", .array(extensions.map(JSONValue.string)))) }
        if !images.isEmpty {
            let sampler: JSONValue = .object([
                ("magFilter", .integer(9729)), ("minFilter", .integer(9987)), ("wrapS", .integer(10497)),
                ("wrapT", .integer(10497)),
            ])
            members += [
                (
                    "textures",
                    .array(images.indices.map { .object([("sampler", .integer(0)), ("source", .integer($0))]) })
                ),
                ("images", .array(images)), ("samplers", .array([sampler])),
            ]
        }
        members += [
            ("accessors", .array(accessors)), ("bufferViews", .array(views)),
            ("buffers", .array([.object([("byteLength", .integer((binary.count + 3) / 4 * 4))])])),
        ]
        return .object(members)
    }

    private static func node(_ node: GLBScene.Node) -> JSONValue {
        var members: [(String, JSONValue)] = [("name", .string(node.name))]
        if let mesh = node.mesh { members.append(("mesh", .integer(mesh))) }
        let p = node.position
        let q = node.rotation
        if p != .zero { members.append(("translation", .numbers([Float(p.x), Float(p.y), Float(p.z)]))) }
        if q != Double4(0, 0, 0, 1) {
            members.append(("rotation", .numbers([Float(q.x), Float(q.y), Float(q.z), Float(q.w)])))
        }
        if !node.children.isEmpty { members.append(("children", .array(node.children.map(JSONValue.integer)))) }
        if !node.extras.isEmpty { members.append(("extras", .object(node.extras))) }
        return .object(members)
    }

    private static func mesh(_ mesh: GLBScene.Mesh, primitive: [(String, JSONValue)]) -> JSONValue {
        let members = primitive + [("material", .integer(mesh.material))]
        return .object([("name", .string(mesh.name)), ("primitives", .array([.object(members)]))])
    }

    // MARK: Binary chunk

    private mutating func addImage(_ image: GLBScene.Image) -> JSONValue {
        let view = addView(image.bytes, target: nil)
        return .object([
            ("name", .string(image.name)), ("mimeType", .string(image.mediaType)), ("bufferView", .integer(view)),
        ])
    }

    /// The members of a primitive that name the geometry.
    private mutating func addGeometry(_ mesh: TriangleMesh) -> [(String, JSONValue)] {
        var attributes: [(String, JSONValue)] = []
        var low = mesh.positions.first ?? .zero
        var high = low
        for p in mesh.positions {
            low = pointwiseMin(low, p)
            high = pointwiseMax(high, p)
        }
        let range: [(String, JSONValue)] = [
            ("min", .numbers([low.x, low.y, low.z])), ("max", .numbers([high.x, high.y, high.z])),
        ]
        attributes.append(("POSITION", addFloats(mesh.positions.flatMap { [$0.x, $0.y, $0.z] }, "VEC3", 3, range)))
        attributes.append(("NORMAL", addFloats(mesh.normals.flatMap { [$0.x, $0.y, $0.z] }, "VEC3", 3)))
        if !mesh.tangents.isEmpty {
            attributes.append(("TANGENT", addFloats(mesh.tangents.flatMap { [$0.x, $0.y, $0.z, $0.w] }, "VEC4", 4)))
        }
        if !mesh.textureCoordinates.isEmpty {
            attributes.append(("TEXCOORD_0", addFloats(mesh.textureCoordinates.flatMap { [$0.x, $0.y] }, "VEC2", 2)))
        }
        return [("attributes", .object(attributes)), ("indices", addIndices(mesh))]
    }

    private mutating func addFloats(
        _ values: [Float], _ type: String, _ width: Int, _ extra: [(String, JSONValue)] = []
    ) -> JSONValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values { bytes.append(littleEndian: value.bitPattern) }
        let view = addView(bytes, target: 34962)
        return addAccessor(view, componentType: 5126, count: values.count / width, type: type, extra)
    }

    private mutating func addIndices(_ mesh: TriangleMesh) -> JSONValue {
        var bytes: [UInt8] = []
        let isShort = mesh.positions.count <= 65535
        bytes.reserveCapacity(mesh.indices.count * 4)
        for index in mesh.indices {
            if isShort {
                bytes.append(UInt8(truncatingIfNeeded: index))
                bytes.append(UInt8(truncatingIfNeeded: index >> 8))
            } else {
                bytes.append(littleEndian: index)
            }
        }
        let view = addView(bytes, target: 34963)
        return addAccessor(view, componentType: isShort ? 5123 : 5125, count: mesh.indices.count, type: "SCALAR", [])
    }

    private mutating func addAccessor(
        _ view: Int, componentType: Int, count: Int, type: String, _ extra: [(String, JSONValue)]
    ) -> JSONValue {
        let members: [(String, JSONValue)] = [
            ("bufferView", .integer(view)), ("componentType", .integer(componentType)), ("count", .integer(count)),
            ("type", .string(type)),
        ]
        accessors.append(.object(members + extra))
        return .integer(accessors.count - 1)
    }

    private mutating func addView(_ bytes: [UInt8], target: Int?) -> Int {
        while binary.count % 4 != 0 { binary.append(0) }
        var members: [(String, JSONValue)] = [
            ("buffer", .integer(0)), ("byteOffset", .integer(binary.count)), ("byteLength", .integer(bytes.count)),
        ]
        if let target { members.append(("target", .integer(target))) }
        binary += bytes
        views.append(.object(members))
        return views.count - 1
    }
}

extension [UInt8] {
    mutating func append(littleEndian word: UInt32) {
        append(UInt8(truncatingIfNeeded: word))
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word >> 16))
        append(UInt8(truncatingIfNeeded: word >> 24))
    }
}
