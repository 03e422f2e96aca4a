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
    /// Reads and checks an index: afterwards every number in it is within its limits, every reference in range, parents
    /// precede children, and the two directions of every link agree.
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
            textures.append(try TilesetIndex.readTexture(&reader))
        }
        try reader.finish()
        try check()
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
        guard TilesetLimits.allows(origin: node.origin, extent: node.extent) else {
            throw .invalid(field: .nodeBox, offset: start)
        }
        guard node.vertexCount <= NodeHeader.maximumVertexCount else {
            throw .invalid(field: .vertexCount, offset: start)
        }
        guard node.triangleCount <= NodeHeader.maximumTriangleCount else {
            throw .invalid(field: .triangleCount, offset: start)
        }
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
        guard TilesetLimits.gridSteps.contains(step), step.significand == 1,
            TilesetLimits.coordinateSteps.contains(coordinateStep), coordinateStep.significand == 1
        else {
            throw .invalid(field: .grid, offset: start)
        }
        let triangleCount: UInt64 = try reader.read()
        let isProxy: UInt8 = try reader.read()
        guard isProxy <= 1 else { throw .invalid(field: .reservedByte, offset: reader.offset - 1) }
        let border: UInt64 = try reader.read()
        return GeometryRecord(
            firstNode: firstNode, nodeCount: nodeCount, grid: Grid(step: step), layout: layout,
            coordinateStep: coordinateStep, triangleCount: triangleCount, materials: try readList(&reader),
            isProxy: isProxy == 1, border: border)
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
        guard proxyError >= 0, proxyError <= TilesetLimits.largestCoordinate, TilesetLimits.allows(bounds) else {
            throw .invalid(field: .sectorBox, offset: start)
        }
        return SectorRecord(
            parent: parent == none ? nil : parent, children: try readList(&reader), bounds: bounds, chunk: chunk,
            instanceCount: instanceCount, proxyNode: proxyNode == none ? nil : proxyNode, proxyError: proxyError,
            triangleCount: triangleCount)
    }

    private static func readTexture(_ reader: inout ByteReader) throws(ChunkError) -> TextureRecord {
        let start = reader.offset
        let texture = TextureRecord(
            width: try reader.read(), height: try reader.read(), levelChunks: try readList(&reader))
        // A picture that could not be read when the archive was made has no size and no levels.
        if texture.width == 0, texture.height == 0, texture.levelChunks.isEmpty { return texture }
        let sides = 1...UInt32(TilesetLimits.largestTextureSide)
        guard sides.contains(texture.width), sides.contains(texture.height),
            Int(texture.width) * Int(texture.height) <= TilesetLimits.largestTexturePixelCount,
            texture.levelChunks.count <= TextureLevelHeader.levelCount(width: texture.width, height: texture.height)
        else { throw .invalid(field: .textureLevel, offset: start) }
        return texture
    }
}
