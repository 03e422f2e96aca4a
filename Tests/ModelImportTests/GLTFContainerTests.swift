// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import TestSupport
import Testing

@Suite struct GLTFContainerTests {
    @Test("glTF is recognised by its content")
    func recognition() {
        func recognizes(_ bytes: [UInt8]) -> Bool { GLTFImporter.recognizes(bytes.span.bytes) }
        func recognizes(_ text: String) -> Bool { recognizes(Array(text.utf8)) }
        #expect(recognizes(triangleDraft().glb))
        #expect(recognizes(triangleDraft().text(uri: nil)))
        #expect(recognizes("\u{FEFF} \n\t{ \"scene\": {\"a\":[\"}\"]}, \"asset\" :{}}"))
        #expect(!recognizes("{\"scene\": {\"asset\": 1}}"))
        #expect(!recognizes("{\"name\": \"asset\"}"))
        #expect(!recognizes("[{\"asset\": 1}]"))
        for text in ["", "{", "{\"", "{\"\\", "solid asset", "ply\n", "glT"] { #expect(!recognizes(text)) }
    }

    @Test("a .gltf file finds its buffer in a data URI and in files of its folder")
    func buffers() throws {
        let draft = triangleDraft()
        #expect(try readGLTF(draft.text(uri: draft.dataURI)).format == "glTF 2.0")
        let folder = ReaderFolder()
        try folder.write("model/sub folder/b.bin", draft.binary)
        try folder.write("outside.bin", draft.binary)
        func read(_ uri: String) throws -> SourceModel {
            let path = try folder.write("model/model.gltf", draft.text(uri: uri))
            return try GLTFImporter.read(MappedFile(path: path), options: ImportOptions())
        }
        #expect(try read("sub%20folder/b.bin").parts.count == 1)
        #expect(try read("./sub folder/x/.././b.bin").parts.count == 1)
        for uri in [
            "../outside.bin", "sub%20folder/../../outside.bin", "%2e%2e/outside.bin", "/etc/passwd",
            "%2Fetc/passwd", "file:///etc/passwd", "http://localhost/b.bin", "C:/b.bin", "", "sub folder/b.bin%00",
            "data:text/plain,AAAA", "data:;base64,A*==", "data:",
        ] {
            let error = #expect(throws: ImportError.self) { try read(uri) }
            #expect(error?.code == .malformed && error?.place == "buffers[0].uri", "\(uri)")
        }
        let missing = #expect(throws: ImportError.self) { try read("nothing.bin") }
        #expect(missing?.code == .unreadable && missing?.place == "buffers[0].uri")
    }

    @Test("versions other than 2 are refused")
    func versions() {
        var draft = triangleDraft()
        draft.json["asset"] = ["version": "1.0"]
        #expect(gltfError(draft)?.code == .unsupported)
        draft.json["asset"] = ["version": "2.1", "minVersion": "2.1"]
        #expect(gltfError(draft)?.place == "asset.minVersion")
        draft.json["asset"] = ["version": "2.1"]
        #expect(gltfError(draft) == nil)
    }

    @Test("errors in the JSON name their place")
    func jsonErrors() {
        var draft = triangleDraft()
        draft.change("accessors", 0) { $0["count"] = "three" }
        #expect(gltfError(draft)?.place == "accessors[0].count")
        draft.change("accessors", 0) { $0["count"] = nil }
        #expect(gltfError(draft)?.place == "accessors[0].count")
        draft.change("accessors", 0) { $0["count"] = 4 }
        #expect(gltfError(draft)?.place == "accessors[0].count")
        draft.change("accessors", 0) { $0["count"] = -1 }
        #expect(gltfError(draft)?.place == "accessors[0].count")
        draft.json["asset"] = nil
        #expect(gltfError(draft)?.place == "asset")
    }

    @Test("every truncation of a GLB is an error")
    func truncations() throws {
        let bytes = triangleDraft().glb
        let folder = ReaderFolder()
        for length in 0..<bytes.count {
            let path = try folder.write("cut.glb", Array(bytes[..<length]))
            #expect(throws: ImportError.self, "\(length)") {
                try GLTFImporter.read(MappedFile(path: path), options: ImportOptions())
            }
        }
        #expect(try readGLTF(bytes + [1, 2, 3]).parts.count == 1, "bytes behind the declared length are ignored")
    }

    @Test("two thousand mutations of small files give a sound model or an error")
    func mutations() throws {
        let folder = ReaderFolder()
        var generator = SeededGenerator(seed: 2026)
        let seeds = try GLTFSeeds.all()
        for round in 0..<2000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) { GLTFSeeds.mutate(&bytes, &generator) }
            let path = try folder.write("fuzzed.glb", bytes)
            do {
                var model = try GLTFImporter.read(MappedFile(path: path), options: ImportOptions())
                model.name = "fuzzed"
                expectSound(model)
            } catch is ImportError {}
        }
    }
}

/// Small files that use many features, and changes that mostly keep them parseable.
enum GLTFSeeds {
    static func all() throws -> [[UInt8]] {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let normal = draft.accessor([0, 0, 1, 0, 0, 1, 0, 0, 1] as [Float], "VEC3")
        let uv = draft.accessor([0, 0, 255, 0, 0, 255] as [UInt8], "VEC2", normalized: true)
        let color = draft.accessor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as [UInt16], "VEC4", normalized: true)
        let joints = draft.accessor([UInt8](repeating: 0, count: 12), "VEC4")
        let weights = draft.accessor([Float](repeating: 0.25, count: 12), "VEC4")
        let list = draft.accessor([0, 1, 2, 0] as [UInt16], "SCALAR")
        let attributes = [
            "POSITION": position, "NORMAL": normal, "TEXCOORD_0": uv, "COLOR_0": color, "JOINTS_0": joints,
            "WEIGHTS_0": weights,
        ]
        draft.add("images", ["bufferView": draft.view(GLTFMaterialTests.png)])
        draft.add("textures", ["source": 0])
        draft.add("materials", ["normalTexture": ["index": 0]])
        draft.add("skins", ["joints": [1]])
        draft.show(
            primitives: [
                ["attributes": attributes, "indices": list, "mode": 5, "targets": [["POSITION": normal]]],
                ["attributes": ["POSITION": position], "material": 0],
            ], mesh: ["weights": [1]], node: ["skin": 0])
        draft.add("nodes", ["mesh": 0, "translation": [1, 2, 3], "children": [2]])
        let instancing = ["attributes": ["TRANSLATION": position]]
        draft.add("nodes", ["mesh": 0, "extensions": ["EXT_mesh_gpu_instancing": instancing]])
        draft.json["scenes"] = [["nodes": [0, 1]]]
        let compression = GLTFCompressionTests()
        return [draft.glb, triangleDraft().glb, try compression.dracoDraft().glb, compression.draft().glb]
    }

    static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard bytes.count > 20 else { return }
        let place = Int.random(in: 20..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        default:
            // Another number at a digit of the JSON.
            guard let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
            bytes[digit] = UInt8.random(in: 0x30...0x39, using: &generator)
        }
    }
}
