// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ModelStorage
import StreamCore

/// Builds the plan's arrays about textures: who samples them, and how densely.
struct TextureTables {
    private(set) var textures: [PlanTexture] = []
    private(set) var gpuByteCounts: [[UInt32]] = []
    private(set) var uses: [TextureUse] = []
    private(set) var geometryTextures = CompactLists()
    /// Per material: its textures.
    private let references: [[Reference]]
    private let archive: Archive

    private struct Reference {
        var texture: Int
        var set: Int
        /// Of the area of the coordinates.
        var areaScale: Float
        var weight: Float
    }

    /// Nodes that are decoded to measure densities; beyond, a texture is taken to cover its geometry once.
    private static let measuredCount = 2000
    /// Of one geometry: they stand for all. The finest, because coarse ones of many charts have lost their proportions.
    private static let measuredCountPerGeometry = 4

    init(_ archive: Archive, geometries: [PlanGeometry]) {
        self.archive = archive
        references = archive.description.materials.map { TextureTables.references($0, archive.index.textures.count) }
        for record in archive.index.textures { add(record) }
        for (material, list) in references.enumerated() {
            for reference in list where textures[reference.texture].material == none {
                textures[reference.texture].material = UInt32(material)
            }
        }
        var measured = 0
        for (number, record) in archive.index.geometries.enumerated() {
            let isTextured = record.materials.contains { !references[Int($0)].isEmpty }
            guard isTextured, !record.isProxy else {
                geometryTextures.append([])
                continue
            }
            let nodes = TextureTables.samples(record, archive.index)
            measured += nodes.count
            add(record, geometries[number], measured <= TextureTables.measuredCount ? areas(record, nodes) : [:])
        }
    }

    private static func references(_ material: Material, _ count: Int) -> [Reference] {
        let slots: [(TextureReference?, Float)] = [
            (material.baseColorTexture, 1), (material.emissiveTexture, 0.7), (material.normalTexture, 0.6),
            (material.metallicRoughnessTexture, 0.35), (material.occlusionTexture, 0.25),
            (material.transmissionTexture, 0.3), (material.sheen?.colorTexture, 0.4),
            (material.sheen?.roughnessTexture, 0.2), (material.clearcoat?.texture, 0.2),
            (material.clearcoat?.roughnessTexture, 0.2), (material.clearcoat?.normalTexture, 0.3),
            (material.specular?.texture, 0.2), (material.specular?.colorTexture, 0.3),
        ]
        return slots.compactMap { slot, weight in
            guard let slot, (0..<count).contains(slot.texture) else { return nil }
            return Reference(
                texture: slot.texture, set: slot.coordinateSet, areaScale: abs(slot.scale[0] * slot.scale[1]),
                weight: weight)
        }
    }

    private mutating func add(_ record: TextureRecord) {
        var reductions: [Float] = []
        var bytes: [UInt32] = []
        for (position, chunk) in record.levelChunks.enumerated() {
            let header = TextureTables.header(archive, Int(chunk))
            let width = header.map { Int($0.width) } ?? max(1, Int(record.width) >> position)
            let height = header.map { Int($0.height) } ?? max(1, Int(record.height) >> position)
            reductions.append(max(1, Float(record.width) / Float(width)))
            bytes.append(UInt32(clamping: width * height * 4))
        }
        textures.append(PlanTexture(material: none, reductions: reductions))
        gpuByteCounts.append(bytes)
    }

    /// What a level says of its size; nil if that cannot be read.
    private static func header(_ archive: Archive, _ chunk: Int) -> TextureLevelHeader? {
        let byteCount = min(TextureLevelHeader.byteCount, Int(archive.index.chunks[chunk].byteCount))
        guard let bytes = try? archive.peek(chunk, 0..<byteCount) else { return nil }
        var reader = ByteReader(bytes.rawSpan)
        return try? TextureLevelHeader(from: &reader)
    }

    private struct SlotArea {
        var surface = 0.0
        var coordinates = [0.0, 0.0]
    }

    /// Some of a geometry's finest nodes, evenly spread.
    private static func samples(_ record: GeometryRecord, _ index: TilesetIndex) -> [Int] {
        let finest = record.nodes.filter { index.nodes[$0].level == 0 }
        let count = min(finest.count, measuredCountPerGeometry)
        return (0..<count).map { finest[$0 * finest.count / count] }
    }

    /// Per material slot: the area of the surface and of its texture coordinates.
    private func areas(_ record: GeometryRecord, _ nodes: [Int]) -> [Int: SlotArea] {
        var result: [Int: SlotArea] = [:]
        for node in nodes {
            guard let (header, mesh) = try? archive.decodeNode(node) else { continue }
            var triangle = 0
            for range in header.ranges {
                for _ in 0..<range.triangleCount {
                    TextureTables.add(mesh, triangle, record, &result[Int(range.material), default: SlotArea()])
                    triangle += 1
                }
            }
        }
        return result
    }

    private static func add(_ mesh: NodeMesh, _ triangle: Int, _ record: GeometryRecord, _ area: inout SlotArea) {
        let corners = (0..<3).map { Int(mesh.indices[3 * triangle + $0]) }
        let points = corners.map { corner in
            record.grid.position(
                Int3(mesh.positions[3 * corner], mesh.positions[3 * corner + 1], mesh.positions[3 * corner + 2]))
        }
        area.surface += length(cross(points[1] - points[0], points[2] - points[0])) / 2
        for set in 0..<min(2, mesh.coordinates.count) {
            let places = corners.map { corner in
                SIMD2(Double(mesh.coordinates[set][2 * corner]), Double(mesh.coordinates[set][2 * corner + 1]))
                    * record.coordinateStep
            }
            let (a, b) = (places[1] - places[0], places[2] - places[0])
            area.coordinates[set] += abs(a.x * b.y - a.y * b.x) / 2
        }
    }

    /// Joins a geometry's slots: of each texture the densest use counts.
    private mutating func add(_ record: GeometryRecord, _ geometry: PlanGeometry, _ areas: [Int: SlotArea]) {
        var found: [Int: TextureUse] = [:]
        for (slot, material) in record.materials.enumerated() {
            for reference in references[Int(material)] {
                let texture = archive.index.textures[reference.texture]
                var density = max(Float(texture.width), Float(texture.height)) / max(geometry.half.max() * 2, 1e-9)
                if let area = areas[slot], area.surface > 0 {
                    let share = Float(area.coordinates[min(reference.set, 1)] / area.surface) * reference.areaScale
                    density = (share * Float(texture.width) * Float(texture.height)).squareRoot()
                }
                guard density.isFinite, density > 0 else { continue }
                let known = found[reference.texture]
                found[reference.texture] = TextureUse(
                    texture: UInt32(reference.texture), texelDensity: max(density, known?.texelDensity ?? 0),
                    weight: max(reference.weight, known?.weight ?? 0))
            }
        }
        let first = UInt32(uses.count)
        for texture in found.keys.sorted() { if let use = found[texture] { uses.append(use) } }
        geometryTextures.append(first..<UInt32(uses.count))
    }
}
