// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A metallic-roughness material, in the terms of glTF 2.0 and its KHR_materials extensions.
/// Factors are linear; `[r, g, b]` and `[r, g, b, a]` arrays have exactly 3 and 4 elements.
package struct Material: Equatable, Sendable {
    package enum AlphaMode: String, Sendable { case opaque, mask, blend }

    package var name = ""
    package var baseColorFactor: [Float] = [1, 1, 1, 1]
    package var metallicFactor: Float = 1
    package var roughnessFactor: Float = 1
    package var emissiveFactor: [Float] = [0, 0, 0]
    /// KHR_materials_emissive_strength.
    package var emissiveStrength: Float = 1
    package var normalScale: Float = 1
    package var occlusionStrength: Float = 1
    package var alphaMode = AlphaMode.opaque
    package var alphaCutoff: Float = 0.5
    package var isDoubleSided = false
    /// KHR_materials_unlit.
    package var isUnlit = false

    package var baseColorTexture: TextureReference?
    package var metallicRoughnessTexture: TextureReference?
    package var normalTexture: TextureReference?
    package var occlusionTexture: TextureReference?
    package var emissiveTexture: TextureReference?

    package var sheen: Sheen?
    package var clearcoat: Clearcoat?
    package var specular: Specular?
    /// KHR_materials_transmission.
    package var transmissionFactor: Float = 0
    package var transmissionTexture: TextureReference?
    /// KHR_materials_ior.
    package var indexOfRefraction: Float = 1.5

    /// KHR_materials_sheen.
    package struct Sheen: Equatable, Sendable {
        package var colorFactor: [Float] = [0, 0, 0]
        package var roughnessFactor: Float = 0
        package var colorTexture: TextureReference?
        package var roughnessTexture: TextureReference?
        package init() {}
    }

    /// KHR_materials_clearcoat.
    package struct Clearcoat: Equatable, Sendable {
        package var factor: Float = 0
        package var roughnessFactor: Float = 0
        package var texture: TextureReference?
        package var roughnessTexture: TextureReference?
        package var normalTexture: TextureReference?
        package var normalScale: Float = 1
        package init() {}
    }

    /// KHR_materials_specular.
    package struct Specular: Equatable, Sendable {
        package var factor: Float = 1
        package var colorFactor: [Float] = [1, 1, 1]
        package var texture: TextureReference?
        package var colorTexture: TextureReference?
        package init() {}
    }

    package init() {}
}

extension Material {
    /// Every texture the material samples, in the order of the slots; a texture that several slots share is there as often.
    package var textureReferences: [TextureReference] {
        var result: [TextureReference] = []
        let slots = [
            baseColorTexture, metallicRoughnessTexture, normalTexture, occlusionTexture, emissiveTexture,
            sheen?.colorTexture, sheen?.roughnessTexture, clearcoat?.texture, clearcoat?.roughnessTexture,
            clearcoat?.normalTexture, specular?.texture, specular?.colorTexture, transmissionTexture,
        ]
        for case let reference? in slots { result.append(reference) }
        return result
    }
}

/// Which texture a material slot samples, with which coordinates.
package struct TextureReference: Equatable, Sendable {
    /// Index into the model's textures.
    package var texture: Int
    /// 0 or 1: which set of texture coordinates.
    package var coordinateSet = 0
    /// KHR_texture_transform: `uv' = offset + rotate(rotation, scale * uv)`; rotation in radians, counter-clockwise.
    package var offset: [Float] = [0, 0]
    package var rotation: Float = 0
    package var scale: [Float] = [1, 1]

    package init(texture: Int) { self.texture = texture }
}

/// How a texture is sampled outside 0...1 and between texels.
package struct TextureSampler: Equatable, Sendable {
    package enum Wrap: String, Sendable { case `repeat`, mirroredRepeat, clampToEdge }

    package var wrapU = Wrap.repeat
    package var wrapV = Wrap.repeat
    /// True where the source asks for NEAREST magnification (pixel art, lookup tables).
    package var isNearest = false

    package init() {}
}

#if !hasFeature(Embedded)
    extension Material: Codable {}
    extension Material.AlphaMode: Codable {}
    extension Material.Sheen: Codable {}
    extension Material.Clearcoat: Codable {}
    extension Material.Specular: Codable {}
    extension TextureReference: Codable {}
    extension TextureSampler: Codable {}
    extension TextureSampler.Wrap: Codable {}
#endif
