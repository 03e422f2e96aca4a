// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore

extension ModelDescription {
    /// Cuts texts and clamps factors to what an archive may say (`TilesetLimits`): nobody would see more of them.
    mutating func keepLimits() {
        name.keepLimit()
        sourceFormat.keepLimit()
        for index in warnings.indices { warnings[index].keepLimit() }
        for index in textures.indices { textures[index].name.keepLimit() }
        for index in materials.indices { materials[index].keepLimits() }
        for index in tree.names.indices { tree.names[index].keepLimit() }
        tree.properties = tree.properties.mapValues { pairs in
            pairs.map { pair in
                pair.map { text in
                    var text = text
                    text.keepLimit()
                    return text
                }
            }
        }
    }
}

extension String {
    /// Cut between characters.
    fileprivate mutating func keepLimit() {
        let limit = TilesetLimits.longestTextByteCount
        if utf8.count <= limit { return }
        var byteCount = 0
        let end = indices.first { index in
            byteCount += String(self[index]).utf8.count
            return byteCount > limit
        }
        if let end { self = String(self[..<end]) }
    }
}

extension Material {
    fileprivate mutating func keepLimits() {
        name.keepLimit()
        clamp(&baseColorFactor)
        clamp(&metallicFactor)
        clamp(&roughnessFactor)
        clamp(&emissiveFactor)
        clamp(&emissiveStrength)
        clamp(&normalScale)
        clamp(&occlusionStrength)
        clamp(&alphaCutoff)
        clamp(&transmissionFactor)
        clamp(&indexOfRefraction)
        if sheen != nil {
            clamp(&sheen!.colorFactor)
            clamp(&sheen!.roughnessFactor)
        }
        if clearcoat != nil {
            clamp(&clearcoat!.factor)
            clamp(&clearcoat!.roughnessFactor)
            clamp(&clearcoat!.normalScale)
        }
        if specular != nil {
            clamp(&specular!.factor)
            clamp(&specular!.colorFactor)
        }
        clampReferences()
    }

    private mutating func clampReferences() {
        let references: [WritableKeyPath<Material, TextureReference?>] = [
            \.baseColorTexture, \.metallicRoughnessTexture, \.normalTexture, \.occlusionTexture, \.emissiveTexture,
            \.transmissionTexture,
        ]
        for path in references { clamp(&self[keyPath: path]) }
        if sheen != nil {
            clamp(&sheen!.colorTexture)
            clamp(&sheen!.roughnessTexture)
        }
        if clearcoat != nil {
            clamp(&clearcoat!.texture)
            clamp(&clearcoat!.roughnessTexture)
            clamp(&clearcoat!.normalTexture)
        }
        if specular != nil {
            clamp(&specular!.texture)
            clamp(&specular!.colorTexture)
        }
    }
}

private func clamp(_ reference: inout TextureReference?) {
    if reference == nil { return }
    clamp(&reference!.offset)
    clamp(&reference!.rotation)
    clamp(&reference!.scale)
}

private func clamp(_ values: inout [Float]) { for index in values.indices { clamp(&values[index]) } }

/// What is no number is 0.
private func clamp(_ value: inout Float) {
    let limit = TilesetLimits.largestFactor
    value = value.isNaN ? 0 : min(limit, max(-limit, value))
}
