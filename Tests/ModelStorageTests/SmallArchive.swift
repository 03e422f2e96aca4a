// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkCoding
import StreamCore
import TestSupport

@testable import ModelStorage

/// An archive of one sphere with two nodes (root plain, fine Draco), two sectors and a texture level.
enum SmallArchive {
    static let bounds = Bounds(minimum: Double3(-1, -2, -3), maximum: Double3(4, 5, 6))
    static let instances = [
        Instance(geometry: 0, treeNode: 0, transform: .identity),
        Instance(geometry: 0, treeNode: 1, transform: .translation(Double3(1e7, 0, -1))),
    ]

    static var description: ModelDescription {
        var description = ModelDescription()
        description.name = "sphere \"é\" / \u{1f600}"
        description.sourceFormat = "PLY"
        description.sourceByteCount = 1234
        var material = Material()
        material.name = "clay"
        material.baseColorTexture = TextureReference(texture: 0)
        material.sheen = Material.Sheen()
        description.materials = [material]
        description.textures = [ModelDescription.Texture(name: "clay", sampler: TextureSampler())]
        description.tree.names = ["root", "child"]
        description.tree.parents = [-1, 0]
        description.tree.properties = [1: [["maker", "x"], ["maker", "y"]]]
        description.partCount = 1
        description.instanceCount = 2
        description.triangleCount = 2 * nodes[1].mesh.triangleCount
        description.warnings = ["a warning"]
        return description
    }

    /// The coarse and the fine node: payload and what it decodes to.
    static let nodes: [(header: NodeHeader, mesh: NodeMesh, payload: [UInt8])] = [0, 1].map { number in
        let mesh = TestMeshes.sphere(rings: number == 0 ? 4 : 8)
        let body = NodeCoding.encodeBody(mesh, preferring: number == 0 ? .plain : .draco)
        var header = mesh.header(codec: body.codec, vertexCount: body.vertexCount, node: UInt32(number))
        header.level = UInt8(1 - number)
        if number == 0 {
            header.ranges[0].child = 1
        } else {
            header.parents = [0]; header.error = 0.5; header.rmsError = 0
        }
        return (header, mesh, NodeCoding.payload(header: header, body: body.bytes.rawSpan))
    }

    static func record(_ number: Int) -> NodeRecord {
        let (header, _, payload) = nodes[number]
        return NodeRecord(
            geometry: 0, chunk: 3, offset: number == 0 ? 0 : UInt32(nodes[0].payload.count),
            byteCount: UInt32(payload.count), level: header.level, triangleCount: header.triangleCount,
            vertexCount: header.vertexCount, error: header.error, rmsError: header.rmsError, origin: header.origin,
            extent: header.extent, parents: header.parents, children: number == 0 ? [1] : [])
    }

    static func sectorChunk(_ number: UInt32, _ instances: [Instance]) -> [UInt8] {
        var writer = ByteWriter()
        SectorHeader(
            sector: number, parent: number == 0 ? nil : 0, children: number == 0 ? [1] : [], bounds: bounds,
            proxyNode: nil,
            proxyError: 0, instanceCount: UInt32(instances.count)
        ).write(to: &writer)
        let table = InstanceTable.encode(instances)
        writer.write(UInt32(table.count))
        writer.write(contentsOf: Deflate.compress(table))
        return writer.bytes
    }

    static var index: TilesetIndex {
        var index = TilesetIndex()
        index.nodes = [record(0), record(1)]
        index.geometries = [
            GeometryRecord(
                firstNode: 0, nodeCount: 2, grid: Grid(step: 1.0 / 4096), layout: VertexLayout(), coordinateStep: 1,
                triangleCount: UInt64(nodes[1].mesh.triangleCount), materials: [0], isProxy: false, border: 0)
        ]
        index.sectors = [nil, 0].enumerated().map { number, parent in
            SectorRecord(
                parent: parent, children: number == 0 ? [1] : [], bounds: bounds, chunk: UInt32(number),
                instanceCount: number == 0 ? 0 : 2, proxyNode: nil, proxyError: 0,
                triangleCount: UInt64(2 * nodes[1].mesh.triangleCount))
        }
        index.textures = [TextureRecord(width: 2, height: 1, levelChunks: [2])]
        return index
    }

    static var chunks: [(bytes: [UInt8], kind: ChunkKind)] {
        var level = ByteWriter()
        TextureLevelHeader(texture: 0, level: 0, encoding: .png, width: 2, height: 1).write(to: &level)
        level.write(contentsOf: [1, 2, 3])
        return [
            (sectorChunk(0, []), .sector), (sectorChunk(1, instances), .sector), (level.bytes, .textureLevel),
            (nodes[0].payload + nodes[1].payload, .nodes),
        ]
    }

    /// A writer with everything but the name.
    static func writer(
        _ path: String, index: TilesetIndex = index, description: ModelDescription = description,
        chunks: [(bytes: [UInt8], kind: ChunkKind)] = chunks
    ) throws(ArchiveError) -> ArchiveWriter {
        let writer = try ArchiveWriter(path: path)
        for chunk in chunks { try writer.append(chunk.bytes, kind: chunk.kind) }
        try writer.finish(index: index, description: description, bounds: bounds)
        return writer
    }

    static func write(
        _ path: String, index: TilesetIndex = index, description: ModelDescription = description,
        chunks: [(bytes: [UInt8], kind: ChunkKind)] = chunks
    ) throws(ArchiveError) {
        try writer(path, index: index, description: description, chunks: chunks).commit()
    }
}

/// The error of opening what is at `path`.
func openError(_ path: String) -> ArchiveError? {
    do throws(ArchiveError) {
        _ = try Archive(path: path)
        return nil
    } catch { return error }
}
