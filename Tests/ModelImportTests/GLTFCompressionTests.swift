// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import FileMapping
import MeshProcessing
import ModelImport
import Testing

/// The streams were written by libmeshoptimizer 0.18 for the quad (0 0 0) (1 0 0) (0 1 0) (1 1 0), triangles 0 1 2, 2 1 3.
@Suite struct GLTFCompressionTests {
    static let positions: [UInt8] =
        [
            0xA0, 0x00, 0x00, 0x01, 0x3F, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x3F, 0x00, 0x00, 0x00, 0x7E, 0x7D,
            0x7E, 0x00, 0x00, 0x01, 0x0C, 0x00, 0x00, 0x00, 0xFF, 0x01, 0x0C, 0x00, 0x00, 0x00, 0x7E,
        ] + [UInt8](repeating: 0, count: 36)
    static let triangles: [UInt8] = [
        0xE0, 0xF0, 0x10, 0x00, 0x76, 0x87, 0x56, 0x67, 0x78, 0xA9, 0x86, 0x65, 0x89, 0x68, 0x98, 0x01, 0x69, 0, 0,
    ]
    static let sequence: [UInt8] = [0xD0, 0x00, 0x04, 0x04, 0x00, 0x02, 0x08, 0x00, 0x00, 0x00, 0x00]
    /// Normals (0 0 1) (1 0 0) (0 -1 0) (0.6 0.8 0) of 8 bits.
    static let octahedral: [UInt8] =
        [0xA0, 0x01, 0x3F, 0x00, 0x00, 0x00, 0xFE, 0xFD, 0x6C, 0x01, 0x0F, 0x00, 0x00, 0x00, 0xFD, 0x6F]
        + [UInt8](repeating: 0, count: 32) + [0x7F, 0x00]
    /// The identity and a quarter turn about y.
    static let quaternions: [UInt8] =
        [
            0xA0, 0x00, 0x00, 0x01, 0x10, 0x00, 0x00, 0x00, 0x01, 0x30, 0x00, 0x00, 0x00, 0xFE, 0x00, 0x00, 0x01, 0x30,
            0x00, 0x00, 0x00, 0x03,
        ] + [UInt8](repeating: 0, count: 31) + [0xFF, 0x7F]
    static let exponential: [UInt8] =
        [
            0xA0, 0x00, 0x01, 0x3F, 0x00, 0x00, 0x00, 0x40, 0x3F, 0x40, 0x00, 0x01, 0x20, 0x00, 0x00, 0x00, 0x00, 0x01,
            0x0C, 0x00, 0x00, 0x00, 0x40, 0x00, 0x01, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x20,
        ] + [UInt8](repeating: 0, count: 26) + [0xF2, 0, 0, 0, 0xF2, 0, 0, 0, 0xF2]
    static let quad: [Float] = [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0]

    /// A view whose elements lie compressed in buffer 0 and uncompressed in a fallback buffer that is not there.
    private func compressedView(
        _ draft: inout GLTFDraft, _ stream: [UInt8], mode: String, filter: String? = nil, stride: Int, count: Int
    ) -> Int {
        let offset = draft.binary.count
        draft.binary += stream
        while draft.binary.count % 4 != 0 { draft.binary.append(0) }
        var entry: [String: Any] = [
            "buffer": 0, "byteOffset": offset, "byteLength": stream.count, "byteStride": stride, "count": count,
            "mode": mode,
        ]
        entry["filter"] = filter
        return draft.add(
            "bufferViews",
            [
                "buffer": 1, "byteLength": stride * count, "extensions": ["EXT_meshopt_compression": entry],
            ])
    }

    func draft(mode: String = "TRIANGLES", _ stream: [UInt8] = triangles) -> GLTFDraft {
        var draft = GLTFDraft()
        let positions = compressedView(&draft, Self.positions, mode: "ATTRIBUTES", stride: 12, count: 4)
        let normals = compressedView(
            &draft, Self.octahedral, mode: "ATTRIBUTES", filter: "OCTAHEDRAL", stride: 4, count: 4)
        let indices = compressedView(&draft, stream, mode: mode, stride: 2, count: 6)
        draft.add("accessors", ["bufferView": positions, "componentType": 5126, "count": 4, "type": "VEC3"])
        draft.add(
            "accessors",
            ["bufferView": normals, "componentType": 5120, "normalized": true, "count": 4, "type": "VEC3"])
        draft.add("accessors", ["bufferView": indices, "componentType": 5123, "count": 6, "type": "SCALAR"])
        draft.show(["attributes": ["POSITION": 0, "NORMAL": 1], "indices": 2])
        draft.json["extensionsRequired"] = ["EXT_meshopt_compression", "KHR_mesh_quantization"]
        draft.json["buffers"] = [
            ["byteLength": draft.binary.count],
            ["byteLength": 1000, "extensions": ["EXT_meshopt_compression": ["fallback": true]]],
        ]
        return draft
    }

    @Test(
        "EXT_meshopt_compression is decoded, without its fallback buffer",
        arguments: [("TRIANGLES", triangles, [0, 1, 2, 2, 1, 3]), ("INDICES", sequence, [0, 1, 2, 2, 1, 3])])
    func meshopt(mode: String, stream: [UInt8], expected: [UInt32]) throws {
        let part = try readGLTF(draft(mode: mode, stream)).parts[0]
        #expect(floats(part.positions) == Self.quad)
        #expect(indices(part) == expected)
        let normals: [Float] = [0, 0, 1, 1, 0, 0, 0, -1, 0, 0.6, 0.8, 0]
        #expect(zip(floats(part.normals), normals).allSatisfy { abs($0 - $1) < 0.02 })
    }

    @Test("every truncation of a meshopt stream, unknown modes and wrong layouts are refused")
    func brokenMeshopt() {
        for length in 0..<Self.positions.count {
            #expect(throws: MeshoptError.self) {
                try decode(Array(Self.positions[..<length]), .attributes, .none, 4, 12)
            }
        }
        for length in 0..<Self.triangles.count {
            #expect(throws: MeshoptError.self) {
                try decode(Array(Self.triangles[..<length]), .triangles, .none, 6, 2)
            }
        }
        #expect(throws: MeshoptError.self) { try decode(Self.positions, .attributes, .none, 4, 10) }
        #expect(throws: MeshoptError.self) { try decode(Self.positions, .attributes, .quaternion, 4, 12) }
        #expect(throws: MeshoptError.self) { try decode(Self.positions, .attributes, .none, .max, 12) }
        #expect(throws: MeshoptError.self) { try decode(Self.positions, .attributes, .none, 1 << 40, 256) }
        #expect(throws: MeshoptError.self) { try decode(Self.positions, .attributes, .none, -1, 12) }
        #expect(throws: MeshoptError.self) { try decode(Self.triangles, .triangles, .none, 5, 2) }
        #expect(throws: MeshoptError.self) { try decode(Self.triangles, .triangles, .exponential, 6, 4) }
        #expect(gltfError(draft(mode: "TRIANGLES", Self.sequence))?.code == .malformed)
        #expect(gltfError(draft(mode: "ELSE", Self.sequence))?.place.hasSuffix(".mode") == true)
    }

    @Test("quaternions and exponents are restored by their filters")
    func filters() throws {
        let turns = try decode(Self.quaternions, .attributes, .quaternion, 2, 8).withUnsafeBytes {
            $0.bindMemory(to: Int16.self).map { Float($0) / 32767 }
        }
        let half = Float(0.5).squareRoot()
        #expect(zip(turns, [0, 0, 0, 1, 0, half, 0, half]).allSatisfy { abs(abs($0) - $1) < 1e-3 })
        let values = try decode(Self.exponential, .attributes, .exponential, 4, 12).withUnsafeBytes {
            Array($0.bindMemory(to: Float.self))
        }
        #expect(values == Self.quad)
    }

    private func decode(
        _ bytes: [UInt8], _ mode: MeshoptDecoder.Mode, _ filter: MeshoptDecoder.Filter, _ count: Int, _ stride: Int
    ) throws -> [UInt8] {
        try MeshoptDecoder.decode(bytes.span.bytes, mode: mode, filter: filter, count: count, stride: stride)
    }

    func dracoDraft() throws -> GLTFDraft {
        var encoder = DracoMeshEncoder(pointCount: 4)
        encoder.add(.position, id: 7, componentCount: 3, values: Self.quad)
        encoder.add(
            .color, id: 9, componentCount: 4,
            values: [255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255] as [UInt8])
        let stream = try encoder.encode(indices: [0, 1, 2, 2, 1, 3], speed: 5)
        var draft = GLTFDraft()
        let view = draft.view(stream)
        draft.add("accessors", ["componentType": 5126, "count": 4, "type": "VEC3"])
        draft.add("accessors", ["componentType": 5121, "count": 4, "type": "VEC4", "normalized": true])
        draft.add("accessors", ["componentType": 5125, "count": 6, "type": "SCALAR"])
        draft.show([
            "attributes": ["POSITION": 0, "COLOR_0": 1], "indices": 2,
            "extensions": [
                "KHR_draco_mesh_compression": ["bufferView": view, "attributes": ["POSITION": 7, "COLOR_0": 9]]
            ],
        ])
        draft.json["extensionsRequired"] = ["KHR_draco_mesh_compression"]
        return draft
    }

    @Test("KHR_draco_mesh_compression is decoded by attribute ids")
    func draco() throws {
        let part = try readGLTF(dracoDraft()).parts[0]
        #expect(part.vertexCount == 4 && part.triangleCount == 2)
        let corners = Set((0..<4).map { [part.positions[3 * $0], part.positions[3 * $0 + 1]] })
        #expect(corners == [[0, 0], [1, 0], [0, 1], [1, 1]])
        #expect(elements(part.colors) == [255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255])
    }

    @Test("a Draco stream that is cut off or lacks an attribute is refused")
    func brokenDraco() throws {
        var cut = try dracoDraft()
        cut.change("bufferViews", 0) { $0["byteLength"] = 20 }
        #expect(gltfError(cut)?.place == "meshes[0].primitives[0].extensions.KHR_draco_mesh_compression")
        var missing = try dracoDraft()
        missing.change("meshes", 0) { mesh in
            var primitives = mesh["primitives"] as! [[String: Any]]
            primitives[0]["extensions"] = [
                "KHR_draco_mesh_compression": ["bufferView": 0, "attributes": ["POSITION": 3]]
            ]
            mesh["primitives"] = primitives
        }
        #expect(gltfError(missing)?.place == "accessors[0]")
    }
}
