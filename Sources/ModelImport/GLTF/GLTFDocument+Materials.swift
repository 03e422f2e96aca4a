// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension GLTFDocument {
    /// A material with the extensions we read.
    ///
    /// - Source: glTF 2.0 section 5.19, and the KHR_materials_* extension each member is named after.
    struct MaterialEntry: Decodable {
        var name: String?
        var pbrMetallicRoughness: MetallicRoughness?
        var normalTexture: TextureInfo?
        var occlusionTexture: TextureInfo?
        var emissiveTexture: TextureInfo?
        var emissiveFactor: [Float]?
        var alphaMode: String?
        var alphaCutoff: Float?
        var doubleSided: Bool?
        var extensions: Extensions?

        struct MetallicRoughness: Decodable {
            var baseColorFactor: [Float]?
            var baseColorTexture: TextureInfo?
            var metallicFactor: Float?
            var roughnessFactor: Float?
            var metallicRoughnessTexture: TextureInfo?
        }

        struct Extensions: Decodable {
            var unlit: Unlit?
            var sheen: Sheen?
            var clearcoat: Clearcoat?
            var transmission: Transmission?
            var ior: IndexOfRefraction?
            var specular: Specular?
            var emissiveStrength: EmissiveStrength?
            var specularGlossiness: SpecularGlossiness?

            enum CodingKeys: String, CodingKey {
                case unlit = "KHR_materials_unlit"
                case sheen = "KHR_materials_sheen"
                case clearcoat = "KHR_materials_clearcoat"
                case transmission = "KHR_materials_transmission"
                case ior = "KHR_materials_ior"
                case specular = "KHR_materials_specular"
                case emissiveStrength = "KHR_materials_emissive_strength"
                case specularGlossiness = "KHR_materials_pbrSpecularGlossiness"
            }
        }

        struct Unlit: Decodable {}

        struct Sheen: Decodable {
            var sheenColorFactor: [Float]?
            var sheenColorTexture: TextureInfo?
            var sheenRoughnessFactor: Float?
            var sheenRoughnessTexture: TextureInfo?
        }

        struct Clearcoat: Decodable {
            var clearcoatFactor: Float?
            var clearcoatTexture: TextureInfo?
            var clearcoatRoughnessFactor: Float?
            var clearcoatRoughnessTexture: TextureInfo?
            var clearcoatNormalTexture: TextureInfo?
        }

        struct Transmission: Decodable {
            var transmissionFactor: Float?
            var transmissionTexture: TextureInfo?
        }

        struct IndexOfRefraction: Decodable {
            var ior: Float?
        }

        struct Specular: Decodable {
            var specularFactor: Float?
            var specularTexture: TextureInfo?
            var specularColorFactor: [Float]?
            var specularColorTexture: TextureInfo?
        }

        struct EmissiveStrength: Decodable {
            var emissiveStrength: Float?
        }

        struct SpecularGlossiness: Decodable {
            var diffuseFactor: [Float]?
            var diffuseTexture: TextureInfo?
            var specularFactor: [Float]?
            var glossinessFactor: Float?
            var specularGlossinessTexture: TextureInfo?
        }
    }

    /// textureInfo, and the members that normal and occlusion textures add to it.
    struct TextureInfo: Decodable {
        var index: Int
        var texCoord: Int?
        var scale: Float?
        var strength: Float?
        var extensions: Extensions?

        struct Extensions: Decodable {
            var transform: Transform?
            enum CodingKeys: String, CodingKey { case transform = "KHR_texture_transform" }
        }

        struct Transform: Decodable {
            var offset: [Float]?
            var rotation: Float?
            var scale: [Float]?
            var texCoord: Int?
        }
    }
}
