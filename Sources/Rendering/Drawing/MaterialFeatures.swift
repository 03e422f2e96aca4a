// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What a material asks of a program and of the material table: the same bits and numbers as
/// render/material-slots.js and the shaders.
struct MaterialFeatures: OptionSet, Hashable {
    let rawValue: UInt32

    static let sheen = MaterialFeatures(rawValue: 1 << 13)
    static let clearcoat = MaterialFeatures(rawValue: 1 << 14)
    static let specular = MaterialFeatures(rawValue: 1 << 15)
    static let transmission = MaterialFeatures(rawValue: 1 << 16)
    static let mask = MaterialFeatures(rawValue: 1 << 17)
    static let blend = MaterialFeatures(rawValue: 1 << 18)
    static let unlit = MaterialFeatures(rawValue: 1 << 19)
    static let plainCoordinates = MaterialFeatures(rawValue: 1 << 20)
    static let bitCount = 21

    /// The slot's texture.
    static func texture(_ slot: Int) -> MaterialFeatures { MaterialFeatures(rawValue: 1 << UInt32(slot)) }

    /// The constants that specialize mesh.frag.
    var constants: [UInt32: UInt32] {
        Dictionary(uniqueKeysWithValues: (0..<UInt32(MaterialFeatures.bitCount)).map { ($0, rawValue >> $0 & 1) })
    }
}

/// A place of a material where a texture can be.
struct MaterialSlot: Sendable {
    /// How it reads a texture: as encoded colour, or as numbers.
    var isColor: Bool
    /// What stands in for a texture of which nothing is there yet.
    var missing: Placeholder
    var find: @Sendable (Material) -> TextureReference?

    /// In the order of the shader's numbers.
    static let all: [MaterialSlot] = [
        MaterialSlot(isColor: true, missing: .gray) { $0.baseColorTexture },
        MaterialSlot(isColor: false, missing: .dull) { $0.metallicRoughnessTexture },
        MaterialSlot(isColor: false, missing: .flat) { $0.normalTexture },
        MaterialSlot(isColor: false, missing: .white) { $0.occlusionTexture },
        MaterialSlot(isColor: true, missing: .black) { $0.emissiveTexture },
        MaterialSlot(isColor: false, missing: .white) { $0.transmissionTexture },
        MaterialSlot(isColor: true, missing: .black) { $0.sheen?.colorTexture },
        MaterialSlot(isColor: false, missing: .white) { $0.sheen?.roughnessTexture },
        MaterialSlot(isColor: false, missing: .black) { $0.clearcoat?.texture },
        MaterialSlot(isColor: false, missing: .white) { $0.clearcoat?.roughnessTexture },
        MaterialSlot(isColor: false, missing: .flat) { $0.clearcoat?.normalTexture },
        MaterialSlot(isColor: false, missing: .white) { $0.specular?.texture },
        MaterialSlot(isColor: true, missing: .white) { $0.specular?.colorTexture },
    ]
}

/// One colour for a whole texture.
enum Placeholder: CaseIterable, Sendable {
    case white, black, gray, flat, dull

    var bytes: [UInt8] {
        switch self {
        case .white: [255, 255, 255, 255]
        case .black: [0, 0, 0, 255]
        case .gray: [150, 150, 150, 255]
        case .flat: [128, 128, 255, 255]
        case .dull: [255, 190, 0, 255]
        }
    }
}

/// How the model's materials read its textures: decides how each is stored.
struct TextureRoles {
    private var isColor: Set<Int> = []
    private var isData: Set<Int> = []

    init(_ materials: [Material]) {
        for material in materials {
            for slot in MaterialSlot.all {
                guard let reference = slot.find(material) else { continue }
                if slot.isColor { isColor.insert(reference.texture) } else { isData.insert(reference.texture) }
            }
        }
    }

    /// Whether a texture is stored as encoded colour, which sampling decodes.
    func isEncoded(_ texture: Int) -> Bool { isColor.contains(texture) && !isData.contains(texture) }

    /// 0: sampling gives what the slot reads; 1: the shader decodes sRGB; 2: it encodes.
    func conversion(_ texture: Int, isColor: Bool) -> Int {
        if isEncoded(texture) == isColor { return 0 }
        return isColor ? 1 : 2
    }
}

extension Material {
    /// What parts without a material, or with one that is not known, look like.
    static var fallback: Material {
        var material = Material()
        material.baseColorFactor = [0.8, 0.8, 0.8, 1]
        material.metallicFactor = 0
        material.roughnessFactor = 0.6
        material.isDoubleSided = true
        return material
    }

    var isTransmissive: Bool { transmissionFactor > 0 && !isUnlit }

    /// Whether light passes it, so that it is drawn after all others, back to front.
    var isBlended: Bool { alphaMode == .blend || isTransmissive }

    func features(_ roles: TextureRoles) -> MaterialFeatures {
        var features: MaterialFeatures = isBlended ? .blend : []
        if alphaMode == .mask { features.insert(.mask) }
        if hasPlainCoordinates(roles) { features.insert(.plainCoordinates) }
        if isUnlit {
            if baseColorTexture != nil { features.insert(.texture(0)) }
            return features.union(.unlit)
        }
        for (number, slot) in MaterialSlot.all.enumerated() where slot.find(self) != nil {
            features.insert(.texture(number))
        }
        if sheen != nil { features.insert(.sheen) }
        if let clearcoat, clearcoat.factor > 0 { features.insert(.clearcoat) }
        if specular != nil { features.insert(.specular) }
        if isTransmissive { features.insert(.transmission) }
        return features
    }

    private func hasPlainCoordinates(_ roles: TextureRoles) -> Bool {
        MaterialSlot.all.allSatisfy { slot in
            guard let reference = slot.find(self) else { return true }
            return reference.coordinateSet == 0 && reference.offset == [0, 0] && reference.rotation == 0
                && reference.scale == [1, 1] && roles.conversion(reference.texture, isColor: slot.isColor) == 0
        }
    }
}
