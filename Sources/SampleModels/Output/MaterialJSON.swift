// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// glTF's JSON for the parts of a `Material` that the sample models use; members at their default are left out.
enum MaterialJSON {
    static func value(_ material: Material) -> JSONValue {
        var surface: [(String, JSONValue)] = [
            ("baseColorFactor", .numbers(material.baseColorFactor)),
            ("metallicFactor", .short(material.metallicFactor)),
            ("roughnessFactor", .short(material.roughnessFactor)),
        ]
        add(material.baseColorTexture, "baseColorTexture", to: &surface)
        add(material.metallicRoughnessTexture, "metallicRoughnessTexture", to: &surface)
        var members: [(String, JSONValue)] = [
            ("name", .string(material.name)), ("pbrMetallicRoughness", .object(surface)),
        ]
        add(material.normalTexture, "normalTexture", to: &members)
        add(material.occlusionTexture, "occlusionTexture", to: &members)
        add(material.emissiveTexture, "emissiveTexture", to: &members)
        if material.emissiveFactor != [0, 0, 0] {
            members.append(("emissiveFactor", .numbers(material.emissiveFactor)))
        }
        if material.alphaMode == .blend { members.append(("alphaMode", .string("BLEND"))) }
        if material.isDoubleSided { members.append(("doubleSided", .bool(true))) }
        if let clearcoat = material.clearcoat {
            let coat: JSONValue = .object([
                ("clearcoatFactor", .short(clearcoat.factor)),
                ("clearcoatRoughnessFactor", .short(clearcoat.roughnessFactor)),
            ])
            members.append(("extensions", .object([("KHR_materials_clearcoat", coat)])))
        }
        return .object(members)
    }

    static func extensionsUsed(by materials: [Material]) -> [String] {
        materials.contains { $0.clearcoat != nil } ? ["KHR_materials_clearcoat"] : []
    }

    private static func add(
        _ reference: TextureReference?, _ name: String, to members: inout [(String, JSONValue)]
    ) {
        guard let reference else { return }
        members.append((name, .object([("index", .integer(reference.texture))])))
    }
}
