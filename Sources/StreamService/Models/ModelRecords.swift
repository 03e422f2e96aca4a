// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import ModelStorage
import StreamCore

/// The messages that describe an archive's geometries and materials.
package struct ModelRecords: Sendable {
    private let description: ModelDescription
    private let textures: [TextureRecord]
    private let geometries: [Wire.Geometry]

    package init(_ archive: Archive) {
        description = archive.description
        textures = archive.index.textures
        let index = archive.index
        geometries = index.geometries.indices.map { ModelRecords.geometry($0, index) }
    }

    private static func geometry(_ number: Int, _ index: TilesetIndex) -> Wire.Geometry {
        let record = index.geometries[number]
        var minimum = Int3(repeating: .max)
        var maximum = Int3(repeating: .min)
        for node in index.nodes[record.nodes] where node.parents.isEmpty {
            minimum = pointwiseMin(minimum, node.origin)
            maximum = pointwiseMax(maximum, node.origin &+ node.extent)
        }
        if record.nodeCount == 0 { (minimum, maximum) = (.zero, .zero) }
        return Wire.Geometry(
            geometry: UInt32(number), gridStep: record.grid.step, layout: record.layout.byte,
            coordinateStep: record.coordinateStep, isProxy: record.isProxy, boxOrigin: minimum,
            boxExtent: maximum &- minimum, materials: record.materials)
    }

    package func geometry(_ number: Int) -> [UInt8] { geometries[number].encode() }

    private struct MaterialFacts: Encodable {
        let material: Material
        let textures: [TextureFacts]
    }

    private struct TextureFacts: Encodable {
        let texture: Int
        let width: Int
        let height: Int
        let levels: Int
        let wrapU: TextureSampler.Wrap
        let wrapV: TextureSampler.Wrap
        let isNearest: Bool
    }

    /// - Parameter described: textures that the viewer knows; those of this material are added.
    package func material(_ number: Int, described: inout Set<Int>) -> [UInt8] {
        let material = description.materials[number]
        let new = ModelRecords.textures(of: material).filter {
            textures.indices.contains($0) && described.insert($0).inserted
        }
        let facts = MaterialFacts(material: material, textures: new.map(texture))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The description itself came from JSON, so its numbers are finite.
        let json = (try? encoder.encode(facts)).map { [UInt8]($0) } ?? Array("{}".utf8)
        return Wire.Material(material: UInt32(number), json: json).encode()
    }

    private func texture(_ number: Int) -> TextureFacts {
        let record = textures[number]
        let sampler = description.textures[number].sampler
        return TextureFacts(
            texture: number, width: Int(record.width), height: Int(record.height), levels: record.levelChunks.count,
            wrapU: sampler.wrapU, wrapV: sampler.wrapV, isNearest: sampler.isNearest)
    }

    /// Each texture once, in the order of the slots.
    private static func textures(of material: Material) -> [Int] {
        var numbers: [Int] = []
        for reference in material.textureReferences where !numbers.contains(reference.texture) {
            numbers.append(reference.texture)
        }
        return numbers
    }
}
