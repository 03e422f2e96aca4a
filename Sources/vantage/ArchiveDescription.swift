// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelStorage
import StreamCore

/// An archive in numbers and names, as text and as JSON.
struct ArchiveDescription: Encodable {
    struct Level: Encodable {
        let level: Int
        var nodes = 0
        var triangles = 0
        var bytes = 0
        /// Of what the nodes of this level replace, in the geometries' units; nil for roots only.
        var largestError: Float?
    }

    struct Texture: Encodable {
        let name: String
        let width: Int
        let height: Int
        let levelBytes: [Int]
    }

    let path: String
    let contentHash: String
    let bytes: Int
    let indexBytes: Int
    let hasThumbnail: Bool
    let boundsMinimum: [Double]
    let boundsMaximum: [Double]
    let geometries: Int
    let nodes: Int
    let chunks: Int
    let sectors: Int
    let proxies: Int
    let firstPictureBytes: Int
    let levels: [Level]
    let textureLevels: [Texture]
    let model: ModelDescription

    init(_ archive: Archive) {
        let index = archive.index
        path = archive.path
        contentHash = archive.contentHash.map { String(format: "%02x", $0) }.joined()
        bytes = archive.byteCount
        indexBytes = index.encode().count
        hasThumbnail = archive.thumbnail != nil
        boundsMinimum = (0..<3).map { archive.bounds.minimum[$0] }
        boundsMaximum = (0..<3).map { archive.bounds.maximum[$0] }
        geometries = index.geometries.count { !$0.isProxy }
        proxies = index.geometries.count { $0.isProxy }
        nodes = index.nodes.count
        chunks = index.chunks.count
        sectors = index.sectors.count
        firstPictureBytes = ArchiveDescription.firstPictureBytes(index)
        levels = ArchiveDescription.levels(index)
        textureLevels = index.textures.enumerated().map { number, texture in
            Texture(
                name: archive.description.textures[number].name, width: Int(texture.width),
                height: Int(texture.height),
                levelBytes: texture.levelChunks.map { Int(index.chunks[Int($0)].byteCount) })
        }
        model = archive.description
    }

    private static func levels(_ index: TilesetIndex) -> [Level] {
        var levels: [Level] = []
        for node in index.nodes where !index.geometries[Int(node.geometry)].isProxy {
            while levels.count <= Int(node.level) { levels.append(Level(level: levels.count)) }
            levels[Int(node.level)].nodes += 1
            levels[Int(node.level)].triangles += Int(node.triangleCount)
            levels[Int(node.level)].bytes += Int(node.byteCount)
            if node.error.isFinite {
                levels[Int(node.level)].largestError = max(levels[Int(node.level)].largestError ?? 0, node.error)
            }
        }
        return levels
    }

    /// The root sector, and its proxy or else the roots of what it holds.
    private static func firstPictureBytes(_ index: TilesetIndex) -> Int {
        var chunks: Set<UInt32> = [index.sectors[0].chunk]
        if let proxy = index.sectors[0].proxyNode {
            chunks.insert(index.nodes[Int(proxy)].chunk)
        } else {
            for node in index.nodes where node.parents.isEmpty { chunks.insert(node.chunk) }
        }
        return chunks.reduce(0) { $0 + Int(index.chunks[Int($1)].byteCount) }
    }

    func text(treeLineCount: Int) -> String {
        let size = (0..<3).map { String(format: "%.4g", boundsMaximum[$0] - boundsMinimum[$0]) }
        var lines = [
            "\(model.name): \(describe(bytes: bytes)) from \(model.sourceFormat) (\(describe(bytes: model.sourceByteCount)))",
            "  content    \(contentHash)",
            "  size       \(size.joined(separator: " × ")) m",
            "  triangles  \(describe(count: model.triangleCount)) in \(describe(count: model.instanceCount)) instances of "
                + "\(describe(count: geometries)) geometries (\(describe(count: model.partCount)) parts in the source)",
            "  archive    \(describe(count: nodes)) nodes, \(describe(count: chunks)) chunks, \(sectors) sectors, "
                + "\(proxies) proxies; first picture \(describe(bytes: firstPictureBytes)), index "
                + describe(bytes: indexBytes),
            "", "  level   nodes     triangles         bytes  largest error",
        ]
        for level in levels.reversed() {
            let error = level.largestError.map { String(format: "%.4g", $0) } ?? "-"
            lines.append(
                "  " + pad("\(level.level)", 5) + pad("\(level.nodes)", 8) + pad(describe(count: level.triangles), 14)
                    + pad(describe(bytes: level.bytes), 14) + pad(error, 15))
        }
        lines += materialLines + textureLines + treeLines(treeLineCount)
        lines += model.warnings.map { "  warning: \($0)" }
        return lines.joined(separator: "\n")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private var materialLines: [String] {
        var lines = ["", "  materials"]
        for material in model.materials.dropLast(2) {
            let color = material.baseColorFactor.map { String(format: "%.2f", $0) }.joined(separator: " ")
            var words = ["colour \(color)", String(format: "metallic %.2f", material.metallicFactor)]
            words.append(String(format: "roughness %.2f", material.roughnessFactor))
            if material.alphaMode != .opaque { words.append(material.alphaMode.rawValue) }
            if material.isDoubleSided { words.append("double-sided") }
            if material.isUnlit { words.append("unlit") }
            if let texture = material.baseColorTexture { words.append("colour texture \(texture.texture)") }
            lines.append("    \(material.name.isEmpty ? "(unnamed)" : material.name): \(words.joined(separator: ", "))")
        }
        return lines.count > 2 ? lines : []
    }

    private var textureLines: [String] {
        if textureLevels.isEmpty { return [] }
        return ["", "  textures"]
            + textureLevels.enumerated().map { number, texture in
                "    \(number) \(texture.name): \(texture.width) × \(texture.height), \(texture.levelBytes.count) levels, "
                    + describe(bytes: texture.levelBytes.reduce(0, +))
            }
    }

    private func treeLines(_ limit: Int) -> [String] {
        let tree = model.tree
        var depths: [Int] = []
        var lines = ["", "  tree"]
        for node in tree.names.indices {
            depths.append(tree.parents[node] < 0 ? 0 : depths[tree.parents[node]] + 1)
            if node < limit {
                let properties = (tree.properties[node] ?? []).map { $0.joined(separator: " ") }
                let suffix = properties.isEmpty ? "" : "  [\(properties.joined(separator: ", "))]"
                let indent = String(repeating: "  ", count: min(depths[node], 20) + 2)
                lines.append(indent + (tree.names[node].isEmpty ? "(unnamed)" : tree.names[node]) + suffix)
            }
        }
        if tree.names.count > limit { lines.append("    … \(describe(count: tree.names.count - limit)) more (--tree)") }
        return lines
    }
}
