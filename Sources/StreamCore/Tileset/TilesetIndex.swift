// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Everything an archive holds, without the payloads: what ranks, selects and serves chunks. Layout: FORMAT.md, "Index".
package struct TilesetIndex: Equatable, Sendable {
    package var chunks: [ChunkRecord] = []
    package var nodes: [NodeRecord] = []
    package var geometries: [GeometryRecord] = []
    /// The first is the root, around everything.
    package var sectors: [SectorRecord] = []
    package var textures: [TextureRecord] = []

    package init() {}
}

extension TilesetIndex {
    private static let none = UInt32.max

    package func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(chunks.count))
        for chunk in chunks {
            writer.write(chunk.kind.rawValue)
            writer.write(chunk.offset)
            writer.write(chunk.byteCount)
            for index in 0..<16 { writer.write(chunk.hash[index]) }
        }
        writer.write(UInt32(nodes.count))
        for node in nodes { TilesetIndex.write(node, to: &writer) }
        writer.write(UInt32(geometries.count))
        for geometry in geometries { TilesetIndex.write(geometry, to: &writer) }
        writer.write(UInt32(sectors.count))
        for sector in sectors { TilesetIndex.write(sector, to: &writer) }
        writer.write(UInt32(textures.count))
        for texture in textures {
            writer.write(texture.width)
            writer.write(texture.height)
            TilesetIndex.write(texture.levelChunks, to: &writer)
        }
        return writer.bytes
    }

    private static func write(_ list: [UInt32], to writer: inout ByteWriter) {
        writer.write(UInt32(list.count))
        for value in list { writer.write(value) }
    }

    private static func write(_ node: NodeRecord, to writer: inout ByteWriter) {
        for value in [node.geometry, node.chunk, node.offset, node.byteCount] { writer.write(value) }
        writer.write(node.level)
        writer.write(node.triangleCount)
        writer.write(node.vertexCount)
        writer.write(node.error)
        writer.write(node.rmsError)
        writer.write(node.origin)
        writer.write(node.extent)
        write(node.parents, to: &writer)
        write(node.children, to: &writer)
    }

    private static func write(_ geometry: GeometryRecord, to writer: inout ByteWriter) {
        writer.write(geometry.firstNode)
        writer.write(geometry.nodeCount)
        writer.write(geometry.grid.step)
        writer.write(geometry.layout.byte)
        writer.write(geometry.coordinateStep)
        writer.write(geometry.triangleCount)
        writer.write(UInt8(geometry.isProxy ? 1 : 0))
        writer.write(geometry.border)
        write(geometry.materials, to: &writer)
    }

    private static func write(_ sector: SectorRecord, to writer: inout ByteWriter) {
        writer.write(sector.parent ?? none)
        writer.write(sector.bounds.minimum)
        writer.write(sector.bounds.maximum)
        writer.write(sector.chunk)
        writer.write(sector.instanceCount)
        writer.write(sector.proxyNode ?? none)
        writer.write(sector.proxyError)
        writer.write(sector.triangleCount)
        write(sector.children, to: &writer)
    }
}

extension TilesetIndex {
    /// Reads and checks an index: afterwards every reference in it is in range, parents precede children, and the two
    /// directions of every link agree.
    ///
    /// - Throws: `truncated`, `trailingBytes`, or `invalid` with the field that breaks the rule.
    package init(decoding bytes: RawSpan) throws(ChunkError) {
        var reader = ByteReader(bytes)
        for _ in 0..<(try reader.readCount(minimumSize: 29, field: .count)) {
            chunks.append(try TilesetIndex.readChunk(&reader))
        }
        for _ in 0..<(try reader.readCount(minimumSize: 65, field: .count)) {
            nodes.append(try TilesetIndex.readNode(&reader))
        }
        for _ in 0..<(try reader.readCount(minimumSize: 46, field: .count)) {
            geometries.append(try TilesetIndex.readGeometry(&reader))
        }
        for _ in 0..<(try reader.readCount(minimumSize: 84, field: .count)) {
            sectors.append(try TilesetIndex.readSector(&reader))
        }
        for _ in 0..<(try reader.readCount(minimumSize: 12, field: .count)) {
            textures.append(
                TextureRecord(
                    width: try reader.read(), height: try reader.read(), levelChunks: try TilesetIndex.readList(&reader)
                ))
        }
        try reader.finish()
        try checkReferences()
    }

    private static func readList(_ reader: inout ByteReader) throws(ChunkError) -> [UInt32] {
        var list: [UInt32] = []
        for _ in 0..<(try reader.readCount(minimumSize: 4, field: .count)) { list.append(try reader.read()) }
        return list
    }

    private static func readChunk(_ reader: inout ByteReader) throws(ChunkError) -> ChunkRecord {
        guard let kind = ChunkKind(rawValue: try reader.read()) else {
            throw .invalid(field: .chunkRange, offset: reader.offset)
        }
        let offset: UInt64 = try reader.read()
        let byteCount: UInt32 = try reader.read()
        var hash = SIMD16<UInt8>()
        for index in 0..<16 { hash[index] = try reader.read() }
        return ChunkRecord(kind: kind, offset: offset, byteCount: byteCount, hash: hash)
    }

    private static func readNode(_ reader: inout ByteReader) throws(ChunkError) -> NodeRecord {
        let start = reader.offset
        let node = NodeRecord(
            geometry: try reader.read(), chunk: try reader.read(), offset: try reader.read(),
            byteCount: try reader.read(), level: try reader.read(), triangleCount: try reader.read(),
            vertexCount: try reader.read(), error: try reader.readFloat(), rmsError: try reader.readFloat(),
            origin: try reader.readInt3(), extent: try reader.readInt3(), parents: try readList(&reader),
            children: try readList(&reader))
        guard node.error >= 0, node.rmsError >= 0 else { throw .invalid(field: .nodeError, offset: start) }
        guard node.extent.min() >= 0, node.extent.max() < 1 << 28, node.origin.max() < 1 << 28,
            node.origin.min() > -(1 << 28)
        else { throw .invalid(field: .nodeBox, offset: start) }
        return node
    }

    private static func readGeometry(_ reader: inout ByteReader) throws(ChunkError) -> GeometryRecord {
        let start = reader.offset
        let firstNode: UInt32 = try reader.read()
        let nodeCount: UInt32 = try reader.read()
        let step = try reader.readDouble()
        guard let layout = VertexLayout(byte: try reader.read()) else {
            throw .invalid(field: .vertexLayout, offset: start)
        }
        let coordinateStep = try reader.readDouble()
        guard step > 0, step.isFinite, step.significand == 1, coordinateStep > 0, coordinateStep.significand == 1 else {
            throw .invalid(field: .grid, offset: start)
        }
        let triangleCount: UInt64 = try reader.read()
        let isProxy: UInt8 = try reader.read()
        let border: UInt64 = try reader.read()
        return GeometryRecord(
            firstNode: firstNode, nodeCount: nodeCount, grid: Grid(step: step), layout: layout,
            coordinateStep: coordinateStep, triangleCount: triangleCount, materials: try readList(&reader),
            isProxy: isProxy != 0, border: border)
    }

    private static func readSector(_ reader: inout ByteReader) throws(ChunkError) -> SectorRecord {
        let start = reader.offset
        let parent: UInt32 = try reader.read()
        let bounds = Bounds(minimum: try reader.readDouble3(), maximum: try reader.readDouble3())
        let chunk: UInt32 = try reader.read()
        let instanceCount: UInt32 = try reader.read()
        let proxyNode: UInt32 = try reader.read()
        let proxyError = try reader.readDouble()
        let triangleCount: UInt64 = try reader.read()
        guard proxyError >= 0, bounds.minimum.sum().isFinite, bounds.maximum.sum().isFinite else {
            throw .invalid(field: .sectorBox, offset: start)
        }
        return SectorRecord(
            parent: parent == none ? nil : parent, children: try readList(&reader), bounds: bounds, chunk: chunk,
            instanceCount: instanceCount, proxyNode: proxyNode == none ? nil : proxyNode, proxyError: proxyError,
            triangleCount: triangleCount)
    }

    private func checkReferences() throws(ChunkError) {
        try checkNodes()
        var nextNode = 0
        for geometry in geometries {
            guard Int(geometry.firstNode) == nextNode else { throw .invalid(field: .nodeOrder, offset: 0) }
            nextNode += Int(geometry.nodeCount)
        }
        guard nextNode == nodes.count else { throw .invalid(field: .nodeOrder, offset: 0) }
        for (id, geometry) in geometries.enumerated() {
            for node in geometry.nodes where nodes[node].geometry != id {
                throw .invalid(field: .nodeOrder, offset: 0)
            }
        }
        try checkSectors()
        for texture in textures {
            for chunk in texture.levelChunks { try check(chunk, holds: .textureLevel) }
        }
    }

    private func check(_ chunk: UInt32, holds kind: ChunkKind) throws(ChunkError) {
        guard chunk < chunks.count, chunks[Int(chunk)].kind == kind else {
            throw .invalid(field: .indexReference, offset: 0)
        }
    }

    private func checkNodes() throws(ChunkError) {
        var links: [UInt64] = []
        var backLinks: [UInt64] = []
        for (id, node) in nodes.enumerated() {
            guard node.geometry < geometries.count else { throw .invalid(field: .indexReference, offset: 0) }
            try check(node.chunk, holds: .nodes)
            guard UInt64(node.offset) + UInt64(node.byteCount) <= UInt64(chunks[Int(node.chunk)].byteCount) else {
                throw .invalid(field: .chunkRange, offset: 0)
            }
            for parent in node.parents {
                guard parent < id, nodes[Int(parent)].geometry == node.geometry else {
                    throw .invalid(field: .nodeOrder, offset: 0)
                }
                backLinks.append(TilesetIndex.link(from: Int(parent), to: id))
            }
            for child in node.children { links.append(TilesetIndex.link(from: id, to: Int(child))) }
        }
        guard TilesetIndex.areSameLinks(links, backLinks) else { throw .invalid(field: .nodeOrder, offset: 0) }
    }

    private func checkSectors() throws(ChunkError) {
        guard !sectors.isEmpty else { throw .invalid(field: .indexReference, offset: 0) }
        var links: [UInt64] = []
        var backLinks: [UInt64] = []
        for (id, sector) in sectors.enumerated() {
            try check(sector.chunk, holds: .sector)
            if let parent = sector.parent {
                guard parent < id else { throw .invalid(field: .indexReference, offset: 0) }
                backLinks.append(TilesetIndex.link(from: Int(parent), to: id))
            } else if id != 0 {
                throw .invalid(field: .indexReference, offset: 0)
            }
            for child in sector.children { links.append(TilesetIndex.link(from: id, to: Int(child))) }
            if let proxy = sector.proxyNode {
                guard proxy < nodes.count, geometries[Int(nodes[Int(proxy)].geometry)].isProxy else {
                    throw .invalid(field: .indexReference, offset: 0)
                }
            }
        }
        guard TilesetIndex.areSameLinks(links, backLinks) else { throw .invalid(field: .indexReference, offset: 0) }
    }

    private static func link(from parent: Int, to child: Int) -> UInt64 { UInt64(parent) << 32 | UInt64(child) }

    /// Whether two lists of links hold the same ones, each once. Sorting keeps this fast for a hostile index, where
    /// looking each link up in the other end's list would be quadratic.
    private static func areSameLinks(_ links: [UInt64], _ backLinks: [UInt64]) -> Bool {
        guard links.count == backLinks.count else { return false }
        let sorted = links.sorted()
        return sorted == backLinks.sorted() && zip(sorted, sorted.dropFirst()).allSatisfy { $0 != $1 }
    }
}
