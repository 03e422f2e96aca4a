// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A hand-made index: a DAG of seven nodes on three levels (node 3 replaces patches of both 1 and 2), a proxy, two
/// sectors and a texture.
enum SmallTileset {
    /// Child to parents.
    static let parents: [[UInt32]] = [[], [0], [0], [1, 2], [1], [2], [3]]

    static let levels: [UInt8] = [3, 2, 2, 1, 1, 1, 0]

    /// One of nodes, four of sectors, two of texture levels.
    static func chunks(nodeCount: Int) -> [ChunkRecord] {
        var chunks = [ChunkRecord(kind: .nodes, offset: 65_536, byteCount: UInt32(100 * nodeCount), hash: SIMD16())]
        for number in 1..<7 {
            let end = chunks[number - 1].offset + UInt64(chunks[number - 1].byteCount)
            chunks.append(
                ChunkRecord(
                    kind: number < 5 ? .sector : .textureLevel, offset: end, byteCount: 100,
                    hash: SIMD16(repeating: UInt8(number))))
        }
        return chunks
    }

    /// - Parameter place: among the payloads of its chunk, which take 100 bytes each with the gap before them.
    static func node(
        _ geometry: UInt32, place: Int, level: UInt8, parents: [UInt32], children: [UInt32], error: Float
    ) -> NodeRecord {
        NodeRecord(
            geometry: geometry, chunk: 0, offset: UInt32(100 * place + 10), byteCount: 90, level: level,
            triangleCount: 100, vertexCount: 60,
            error: error, rmsError: error, origin: Int3(-5, 0, 5), extent: Int3(100, 1, 0), parents: parents,
            children: children)
    }

    static func geometry(_ first: UInt32, _ count: UInt32, isProxy: Bool) -> GeometryRecord {
        GeometryRecord(
            firstNode: first, nodeCount: count, grid: Grid(step: 0.125),
            layout: VertexLayout(normals: .stored, coordinateSetCount: 1, colorComponentCount: 3),
            coordinateStep: 0.25, triangleCount: 1000, materials: [0, 3], isProxy: isProxy, border: 7)
    }

    static func sector(_ parent: UInt32?, _ children: [UInt32], chunk: UInt32, proxy: UInt32?) -> SectorRecord {
        SectorRecord(
            parent: parent, children: children,
            bounds: Bounds(minimum: Double3(-1, -1, -1), maximum: Double3(1, 1, 1)), chunk: chunk, instanceCount: 3,
            proxyNode: proxy, proxyError: 0.5, triangleCount: 1 << 40)
    }

    static var index: TilesetIndex {
        var index = TilesetIndex()
        index.chunks = chunks(nodeCount: 8)
        for (id, parents) in parents.enumerated() {
            let children = self.parents.indices.filter { self.parents[$0].contains(UInt32(id)) }.map { UInt32($0) }
            index.nodes.append(
                node(
                    0, place: id, level: levels[id], parents: parents, children: children,
                    error: id == 0 ? .infinity : 1 / Float(id)))
        }
        index.nodes.append(node(1, place: 7, level: 0, parents: [], children: [], error: .infinity))
        index.geometries = [geometry(0, 7, isProxy: false), geometry(7, 1, isProxy: true)]
        index.sectors = [
            sector(nil, [1, 2], chunk: 1, proxy: 7), sector(0, [], chunk: 2, proxy: nil),
            sector(0, [3], chunk: 3, proxy: nil), sector(2, [], chunk: 4, proxy: nil),
        ]
        index.textures = [TextureRecord(width: 1024, height: 512, levelChunks: [5, 6])]
        return index
    }
}
