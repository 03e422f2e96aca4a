// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelImport
import StreamCore
import Testing

@Suite struct GLTFMaterialTests {
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 4, 5]

    private func material(_ entry: [String: Any], used: [String] = []) throws -> SourceModel {
        var draft = triangleDraft()
        draft.json["extensionsUsed"] = used
        draft.add("images", ["bufferView": draft.view(Self.png), "name": "first", "mimeType": "image/png"])
        draft.add("images", ["bufferView": draft.view(Self.jpeg), "mimeType": "image/png"])
        draft.add("samplers", ["wrapS": 33071, "wrapT": 33648, "magFilter": 9728])
        draft.add("textures", ["source": 1, "sampler": 0])
        draft.add("textures", ["source": 0])
        draft.add("materials", entry)
        draft.change("meshes", 0) { mesh in
            var primitives = mesh["primitives"] as! [[String: Any]]
            primitives[0]["material"] = 0
            mesh["primitives"] = primitives
        }
        return try readGLTF(draft)
    }

    @Test("the core material's members are read")
    func core() throws {
        let model = try material([
            "name": "paint", "doubleSided": true, "alphaMode": "MASK", "alphaCutoff": 0.25,
            "pbrMetallicRoughness": [
                "baseColorFactor": [0.1, 0.2, 0.3, 0.4], "metallicFactor": 0.5, "roughnessFactor": 0.6,
                "baseColorTexture": ["index": 1], "metallicRoughnessTexture": ["index": 0, "texCoord": 1],
            ],
            "normalTexture": ["index": 0, "scale": 2], "occlusionTexture": ["index": 0, "strength": 0.5],
            "emissiveTexture": ["index": 0], "emissiveFactor": [1, 2, 3],
        ])
        var expected = Material()
        expected.name = "paint"
        expected.isDoubleSided = true
        expected.alphaMode = .mask
        expected.alphaCutoff = 0.25
        expected.baseColorFactor = [0.1, 0.2, 0.3, 0.4]
        expected.metallicFactor = 0.5
        expected.roughnessFactor = 0.6
        expected.baseColorTexture = TextureReference(texture: 0)
        var second = TextureReference(texture: 1)
        expected.normalTexture = second
        expected.occlusionTexture = second
        expected.emissiveTexture = second
        second.coordinateSet = 1
        expected.metallicRoughnessTexture = second
        expected.normalScale = 2
        expected.occlusionStrength = 0.5
        expected.emissiveFactor = [1, 2, 3]
        #expect(model.materials == [expected])
        #expect(model.parts[0].materialRanges[0].material == 0)
        #expect(model.textures.map(\.encoding) == [.png, .jpeg], "told by content, not by media type")
        #expect(model.textures[0].bytes == Self.png && model.textures[0].name == "first")
        var sampler = TextureSampler()
        sampler.wrapU = .clampToEdge
        sampler.wrapV = .mirroredRepeat
        sampler.isNearest = true
        #expect(model.textures[1].sampler == sampler)
    }

    @Test("extensions of the material are read")
    func extensions() throws {
        let model = try material([
            "extensions": [
                "KHR_materials_unlit": [String: Any](), "KHR_materials_ior": ["ior": 1.25],
                "KHR_materials_emissive_strength": ["emissiveStrength": 8],
                "KHR_materials_transmission": ["transmissionFactor": 0.5, "transmissionTexture": ["index": 0]],
                "KHR_materials_sheen": ["sheenColorFactor": [1, 0, 0], "sheenRoughnessFactor": 0.5],
                "KHR_materials_clearcoat": [
                    "clearcoatFactor": 0.5, "clearcoatNormalTexture": ["index": 0, "scale": 3],
                ],
                "KHR_materials_specular": ["specularFactor": 0.5, "specularColorFactor": [1, 2, 3]],
            ] as [String: Any]
        ])
        let result = model.materials[0]
        #expect(result.isUnlit && result.indexOfRefraction == 1.25 && result.emissiveStrength == 8)
        #expect(result.transmissionFactor == 0.5 && result.transmissionTexture == TextureReference(texture: 0))
        #expect(result.sheen?.colorFactor == [1, 0, 0] && result.sheen?.roughnessFactor == 0.5)
        #expect(result.clearcoat?.factor == 0.5 && result.clearcoat?.normalScale == 3)
        #expect(result.specular?.factor == 0.5 && result.specular?.colorFactor == [1, 2, 3])
        #expect(model.warnings.isEmpty)
    }

    @Test("KHR_texture_transform is read, with its own coordinate set")
    func textureTransform() throws {
        let transform: [String: Any] = ["offset": [0.5, 1], "rotation": 0.25, "scale": [2, 3], "texCoord": 1]
        let reference: [String: Any] = [
            "index": 0, "texCoord": 0, "extensions": ["KHR_texture_transform": transform],
        ]
        let model = try material(["emissiveTexture": reference])
        var expected = TextureReference(texture: 0)
        expected.coordinateSet = 1
        expected.offset = [0.5, 1]
        expected.rotation = 0.25
        expected.scale = [2, 3]
        #expect(model.materials[0].emissiveTexture == expected)
    }

    @Test("specular-glossiness is converted with a warning")
    func specularGlossiness() throws {
        func converted(_ entry: [String: Any]) throws -> SourceModel {
            try material(["extensions": ["KHR_materials_pbrSpecularGlossiness": entry]])
        }
        let metal = try converted([
            "diffuseFactor": [0, 0, 0, 1], "specularFactor": [1, 0.75, 0.25], "glossinessFactor": 0.75,
        ])
        #expect(metal.materials[0].metallicFactor > 0.9 && metal.materials[0].roughnessFactor == 0.25)
        #expect(metal.warnings.count == 1)
        let plastic = try converted(["diffuseFactor": [0.5, 0.5, 0.5, 1], "specularFactor": [0.04, 0.04, 0.04]])
        #expect(plastic.materials[0].metallicFactor < 0.01)
        #expect(abs(plastic.materials[0].baseColorFactor[0] - 0.5) < 0.01)
    }

    @Test("unknown materials are a warning, unknown required extensions an error")
    func unknownExtensions() throws {
        let model = try material([:], used: ["KHR_materials_volume", "KHR_materials_unlit", "OTHER_thing"])
        #expect(model.warnings == ["the extension KHR_materials_volume is ignored"])
        var draft = triangleDraft()
        draft.json["extensionsRequired"] = ["KHR_mesh_quantization", "KHR_texture_basisu"]
        #expect(gltfError(draft)?.code == .unsupported)
        #expect(gltfError(draft)?.place == "extensionsRequired[1]")
        #expect(gltfError(draft)?.message.contains("KHR_texture_basisu") == true)
    }

    @Test("images of other kinds and missing ones drop the texture with a warning")
    func droppedTextures() throws {
        var draft = triangleDraft()
        draft.add("images", ["bufferView": draft.view(Array("RIFF1234WEBP".utf8))])
        draft.add("images", ["uri": "missing%20file.png"])
        draft.add("images", ["uri": "../outside.png"])
        for index in 0..<3 { draft.add("textures", ["source": index]) }
        draft.add("textures", ["extensions": ["KHR_texture_basisu": ["source": 0]]])
        for index in 0..<4 { draft.add("materials", ["normalTexture": ["index": index]]) }
        let model = try readGLTF(draft)
        #expect(model.textures.isEmpty && model.materials.allSatisfy { $0.normalTexture == nil })
        #expect(model.warnings.count == 4)
    }

    @Test("references to no texture, image or sampler are refused")
    func brokenReferences() {
        var draft = triangleDraft()
        draft.add("materials", ["normalTexture": ["index": 0]])
        #expect(gltfError(draft)?.place == "materials[0].normalTexture.index")
        draft.add("textures", ["source": 3])
        #expect(gltfError(draft)?.place == "textures[0].source")
    }
}
