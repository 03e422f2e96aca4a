// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import Testing

@Suite struct GLTFGeometryTests {
    @Test("a triangle without indices is read from a GLB")
    func triangle() throws {
        let model = try readGLTF(triangleDraft(node: ["name": "corner"]))
        #expect(model.format == "glTF 2.0 (GLB)")
        #expect(model.parts.count == 1 && model.instances.count == 1)
        #expect(floats(model.parts[0].positions) == triangleCorners)
        #expect(model.parts[0].indices == nil && model.parts[0].triangleCount == 1)
        #expect(model.parts[0].name == "corner" && model.nodes[0].name == "corner")
        #expect(model.instances[0].transform == .identity)
    }

    @Test(
        "strips and fans become triangles that face the same way",
        arguments: [(5, [0, 1, 2, 1, 3, 2]), (6, [1, 2, 0, 2, 3, 0])])
    func topologies(mode: Int, expected: [UInt32]) throws {
        var draft = GLTFDraft()
        let position = draft.accessor([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0] as [Float], "VEC3")
        draft.show(["attributes": ["POSITION": position], "mode": mode])
        #expect(indices(try readGLTF(draft).parts[0]) == expected)
    }

    @Test("indices of one, two and four bytes are read")
    func indexTypes() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let lists = [
            draft.accessor([0, 1, 2] as [UInt8], "SCALAR"), draft.accessor([2, 1, 0] as [UInt16], "SCALAR"),
            draft.accessor([1, 0, 2] as [UInt32], "SCALAR"),
        ]
        draft.show(primitives: lists.map { ["attributes": ["POSITION": position], "indices": $0] })
        let part = try readGLTF(draft).parts[0]
        #expect(indices(part) == [0, 1, 2, 2, 1, 0, 1, 0, 2])
        #expect(part.vertexCount == 3, "primitives with the same accessors share their vertices")
        #expect(part.materialRanges.map(\.firstTriangle) == [0, 1, 2])
    }

    @Test("an index beyond the vertices is refused with its place")
    func indexOutOfRange() {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let list = draft.accessor([0, 1, 3] as [UInt8], "SCALAR")
        draft.show(["attributes": ["POSITION": position], "indices": list])
        #expect(gltfError(draft)?.place == "accessors[1]")
        #expect(gltfError(draft)?.message == "element 2 is 3: it is beyond the 3 vertices")
    }

    @Test("primitive restart is refused")
    func restart() {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let list = draft.accessor([0, 1, 2, 0xFFFF] as [UInt16], "SCALAR")
        draft.show(["attributes": ["POSITION": position], "indices": list, "mode": 5])
        #expect(gltfError(draft)?.message == "element 3 is 65535: primitive restart is not allowed")
    }

    @Test("points and lines are skipped with one warning")
    func pointsAndLines() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let modes = [0, 1, 4]
        draft.show(primitives: modes.map { ["attributes": ["POSITION": position], "mode": $0] })
        let model = try readGLTF(draft)
        #expect(model.parts[0].triangleCount == 1)
        #expect(model.warnings == ["meshes[0].primitives[0]: points and lines are skipped (2 times in all)"])
        draft.change("meshes", 0) { $0["primitives"] = [["attributes": ["POSITION": position], "mode": 0]] }
        #expect(gltfError(draft)?.code == .empty)
    }

    @Test("attributes may be interleaved with a stride")
    func interleaved() throws {
        var draft = GLTFDraft()
        let values: [Float] = [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]
        let view = draft.view(rawBytes(values), ["byteStride": 24])
        let entry: [String: Any] = ["bufferView": view, "componentType": 5126, "count": 3, "type": "VEC3"]
        let position = draft.add("accessors", entry)
        let normal = draft.add("accessors", entry.merging(["byteOffset": 12]) { $1 })
        draft.show(["attributes": ["POSITION": position, "NORMAL": normal]])
        let part = try readGLTF(draft).parts[0]
        #expect(floats(part.positions) == triangleCorners)
        #expect(floats(part.normals) == [0, 0, 1, 0, 0, 1, 0, 0, 1])
        draft.change("accessors", normal) { $0["byteOffset"] = 13 }
        #expect(gltfError(draft)?.place == "accessors[1].count")
    }

    @Test("a sparse accessor replaces elements of its buffer view, or of zeros")
    func sparse() throws {
        for hasBase in [true, false] {
            var draft = GLTFDraft()
            let positions = draft.view(rawBytes(triangleCorners))
            let indices = draft.view([0, 2])
            let values = draft.view(rawBytes([5, 5, 5, 7, 7, 7] as [Float]))
            var entry: [String: Any] = [
                "componentType": 5126, "count": 3, "type": "VEC3",
                "sparse": [
                    "count": 2, "indices": ["bufferView": indices, "componentType": 5121],
                    "values": ["bufferView": values],
                ],
            ]
            if hasBase { entry["bufferView"] = positions }
            draft.show(["attributes": ["POSITION": draft.add("accessors", entry)]])
            let expected: [Float] = [5, 5, 5, hasBase ? 1 : 0, 0, 0, 7, 7, 7]
            #expect(floats(try readGLTF(draft).parts[0].positions) == expected)
        }
    }

    @Test("sparse indices out of order are refused")
    func sparseOrder() {
        var draft = GLTFDraft()
        let indices = draft.view([2, 1])
        let values = draft.view(rawBytes([5, 5, 5, 7, 7, 7] as [Float]))
        let position = draft.accessor(
            triangleCorners, "VEC3",
            extra: [
                "sparse": [
                    "count": 2, "indices": ["bufferView": indices, "componentType": 5121],
                    "values": ["bufferView": values],
                ]
            ])
        draft.show(["attributes": ["POSITION": position]])
        #expect(gltfError(draft)?.place == "accessors[0].sparse.indices")
    }

    @Test("quantized attributes are read as KHR_mesh_quantization says")
    func quantization() throws {
        var draft = GLTFDraft()
        draft.json["extensionsRequired"] = ["KHR_mesh_quantization"]
        let position = draft.accessor([0, 0, 0, 0, 100, 0, 0, 0, 0, -100, 0, 0] as [Int16], "VEC4")
        draft.change("accessors", position) { $0["type"] = "VEC3" }
        draft.change("bufferViews", 0) { $0["byteStride"] = 8 }
        let normal = draft.accessor([0, 0, 127, 0, 0, 0, 127, 0, 0, 0, 127, 0] as [Int8], "VEC4", normalized: true)
        draft.change("accessors", normal) { $0["type"] = "VEC3" }
        draft.change("bufferViews", 1) { $0["byteStride"] = 4 }
        let uv = draft.accessor([0, 0, 65535, 0, 0, 65535] as [UInt16], "VEC2", normalized: true)
        draft.show(["attributes": ["POSITION": position, "NORMAL": normal, "TEXCOORD_1": uv]])
        let part = try readGLTF(draft).parts[0]
        #expect(floats(part.positions) == [0, 0, 0, 100, 0, 0, 0, -100, 0])
        #expect(floats(part.normals) == [0, 0, 1, 0, 0, 1, 0, 0, 1])
        #expect(part.textureCoordinates.count == 2)
        #expect(floats(part.textureCoordinates[0]) == [0, 0, 0, 0, 0, 0])
        #expect(floats(part.textureCoordinates[1]) == [0, 0, 1, 0, 0, 1])
    }

    @Test("vertex colours are encoded as sRGB with linear alpha")
    func colors() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let rgb = draft.accessor([0, 0.2159, 1, 2, -1, .nan, 0.001, 0.5, 0.25] as [Float], "VEC3")
        let rgba = draft.accessor(
            [0, 65535, 32768, 32768, 0, 0, 0, 0, 0, 0, 0, 65535] as [UInt16], "VEC4", normalized: true)
        draft.show(primitives: [
            ["attributes": ["POSITION": position, "COLOR_0": rgb]],
            ["attributes": ["POSITION": position, "COLOR_0": rgba]], ["attributes": ["POSITION": position]],
        ])
        let colors = elements(try readGLTF(draft).parts[0].colors)
        #expect(colors[0..<12].elementsEqual([0, 128, 255, 255, 255, 0, 0, 255, 3, 188, 137, 255]))
        #expect(colors[12..<24].elementsEqual([0, 255, 188, 128, 0, 0, 0, 0, 0, 0, 0, 255]))
        #expect(colors[24...].allSatisfy { $0 == 255 })
    }

    @Test("primitives without normals get computed ones when others in the mesh have some")
    func missingNormals() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let other = draft.accessor([0, 0, 0, 0, 1, 0, 1, 0, 0] as [Float], "VEC3")
        let normal = draft.accessor([0, 0, 3, 0, 0, 0, 0, 1, 0] as [Float], "VEC3")
        draft.show(primitives: [
            ["attributes": ["POSITION": position, "NORMAL": normal]], ["attributes": ["POSITION": other]],
        ])
        let normals = floats(try readGLTF(draft).parts[0].normals)
        #expect(normals[0..<9].elementsEqual([0, 0, 1, 0, 0, 1, 0, 1, 0]))
        #expect(normals[9...].elementsEqual([0, 0, -1, 0, 0, -1, 0, 0, -1]))
    }

    @Test("triangles with a corner that is not finite are dropped")
    func nonFinite() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners + [.nan, 0, 0, 2, 0, 0, 0, .infinity, 0], "VEC3")
        draft.show(["attributes": ["POSITION": position]])
        let model = try readGLTF(draft)
        #expect(indices(model.parts[0]) == [0, 1, 2])
        #expect(model.warnings == ["meshes[0]: triangles with infinite or undefined corners were dropped"])
    }

    @Test("an accessor that asks for zeros without end is refused")
    func zerosWithoutEnd() {
        for count in [Int.max, 1 << 40, 1 << 28] {
            var draft = triangleDraft()
            draft.change("accessors", 0) {
                $0["bufferView"] = nil
                $0["count"] = count
            }
            #expect(gltfError(draft)?.code == .tooLarge)
        }
    }

    @Test("many vertices go through all blocks")
    func manyBlocks() throws {
        var draft = GLTFDraft()
        let count = 30_000
        let values = (0..<3 * count).map { Float($0) }
        let list = (0..<UInt32(count)).reversed().map { $0 }
        let position = draft.accessor(values, "VEC3")
        let indexList = draft.accessor(list, "SCALAR")
        draft.show(["attributes": ["POSITION": position], "indices": indexList])
        let part = try readGLTF(draft).parts[0]
        #expect(elements(part.positions) == values)
        #expect(elements(part.indices) == list)
    }

    @Test("reading can be cancelled and reports progress")
    func cancelling() throws {
        let options = ImportOptions(isCancelled: { true })
        #expect(throws: ImportError.self) { try readGLTF(triangleDraft(), options) }
    }

    @Test("large arrays are spilled under a memory limit")
    func spilling() throws {
        let options = ImportOptions(spill: SpillPolicy(memoryLimit: 16, directory: "/var/tmp"))
        let part = try readGLTF(triangleDraft(), options).parts[0]
        #expect(part.positions.isSpilled && floats(part.positions) == triangleCorners)
    }
}
