// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GPU
import StreamCore

/// How a material is drawn.
struct MaterialEntry {
    /// In the table that the shaders read.
    var row: Int
    var features: MaterialFeatures
    /// A texture or -1 for each slot.
    var textures: [Int]
    var isDoubleSided: Bool
    /// Entries of the same group are drawn together.
    var group: Int
}

/// The model's materials: their rows on the device, and how each must be drawn. Row 0 is the fallback's.
final class MaterialTable {
    static let texelCount = 64
    private static let firstSlotTexel = 8

    let buffer: Buffer
    private(set) var entries: [MaterialEntry] = []
    /// Of the first entry of each group.
    private(set) var groups: [MaterialEntry] = []

    init(_ materials: [Material], _ roles: TextureRoles, _ uploader: Uploader) throws(GPUError) {
        var values: [Float] = []
        var known: [String: Int] = [:]
        for (row, material) in ([.fallback] + materials).enumerated() {
            var entry = MaterialTable.entry(material, row: row, roles)
            let key = "\(entry.features.rawValue) \(entry.isDoubleSided) \(entry.textures)"
            if let group = known[key] {
                entry.group = group
            } else {
                entry.group = groups.count
                known[key] = entry.group
                groups.append(entry)
            }
            entries.append(entry)
            values += MaterialTable.pack(material, roles)
        }
        buffer = try Buffer(
            uploader.device, byteCount: 4 * values.count, usage: [.storage, .copyDestination], memory: .device)
        try uploader.write(values, to: buffer, at: 0)
    }

    /// The entry of a material of the model; of an unknown one, the fallback's.
    func entry(_ material: UInt32) -> MaterialEntry {
        let row = Int(material) + 1
        return row < entries.count ? entries[row] : entries[0]
    }

    private static func entry(_ material: Material, row: Int, _ roles: TextureRoles) -> MaterialEntry {
        let textures = MaterialSlot.all.enumerated().map { number, slot in
            material.isUnlit && number > 0 ? -1 : slot.find(material)?.texture ?? -1
        }
        return MaterialEntry(
            row: row, features: material.features(roles), textures: textures, isDoubleSided: material.isDoubleSided,
            group: 0)
    }

    /// A row's 256 numbers, as mesh.frag reads them.
    static func pack(_ material: Material, _ roles: TextureRoles) -> [Float] {
        var out = [Float](repeating: 0, count: 4 * texelCount)
        func set(_ texel: Int, _ values: [Float]) {
            for (at, value) in values.prefix(4).enumerated() { out[4 * texel + at] = value }
        }
        // Archives are checked when they are opened; a list that is too short all the same costs its colour and no more.
        func list(_ values: [Float], _ count: Int) -> [Float] {
            Array((values + Array(repeating: 1, count: count)).prefix(count))
        }
        let baseColor = list(material.baseColorFactor, 4)
        let f0 = (material.indexOfRefraction - 1) / (material.indexOfRefraction + 1)
        let alpha = material.alphaMode == .opaque ? 1 : baseColor[3]
        set(0, baseColor.prefix(3) + [alpha])
        set(
            1,
            [material.metallicFactor, material.roughnessFactor, material.occlusionStrength, material.normalScale])
        set(2, list(material.emissiveFactor, 3).map { $0 * material.emissiveStrength } + [material.alphaCutoff])
        set(
            3,
            [f0 * f0, material.transmissionFactor, material.specular?.factor ?? 1, material.clearcoat?.factor ?? 0])
        set(4, list(material.specular?.colorFactor ?? [], 3) + [material.clearcoat?.roughnessFactor ?? 0])
        set(5, list(material.sheen?.colorFactor ?? [0, 0, 0], 3) + [material.sheen?.roughnessFactor ?? 0])
        set(6, [material.clearcoat?.normalScale ?? 1])
        for (number, slot) in MaterialSlot.all.enumerated() {
            guard let reference = slot.find(material) else { continue }
            let (sine, cosine) = (sin(reference.rotation), cos(reference.rotation))
            let (scale, offset) = (list(reference.scale, 2), list(reference.offset, 2))
            set(firstSlotTexel + 2 * number, [cosine * scale[0], -sine * scale[0], sine * scale[1], cosine * scale[1]])
            let role = roles.conversion(reference.texture, isColor: slot.isColor)
            let setAndRole = Float(reference.coordinateSet + 2 * role)
            set(firstSlotTexel + 2 * number + 1, offset + [setAndRole])
        }
        return out
    }
}
