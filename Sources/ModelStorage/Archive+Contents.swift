// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import ChunkCoding
package import StreamCore

/// What is in the chunks, compared with what the index says of it: whatever these return keeps the format's rules. None
/// of them traps, whatever the bytes are.
extension Archive {
    /// Decodes one node.
    ///
    /// - Throws: `NodeCodingError` when the chunk is damaged or does not hold the node that the index describes.
    package func decodeNode(_ node: Int) throws(NodeCodingError) -> (header: NodeHeader, mesh: NodeMesh) {
        let record = index.nodes[node]
        let start = Int(record.offset)
        let payload: [UInt8]
        do throws(ChunkError) {
            payload = try chunkBytes(Int(record.chunk), in: start..<start + Int(record.byteCount))
        } catch {
            throw .chunk(error)
        }
        return try decodeNode(node, payload: payload.rawSpan)
    }

    /// Decodes one node of a chunk that was read as a whole.
    ///
    /// - Parameter chunk: all bytes of the node's chunk.
    /// - Throws: as `decodeNode(_:)`.
    package func decodeNode(
        _ node: Int, ofChunk chunk: RawSpan
    ) throws(NodeCodingError) -> (header: NodeHeader, mesh: NodeMesh) {
        let start = Int(index.nodes[node].offset)
        return try decodeNode(node, payload: chunk.extracting(start..<start + Int(index.nodes[node].byteCount)))
    }

    private func decodeNode(
        _ node: Int, payload: RawSpan
    ) throws(NodeCodingError) -> (header: NodeHeader, mesh: NodeMesh) {
        var reader = ByteReader(payload)
        let result = try NodeCoding.decode(&reader)
        if let problem = problem(ofNode: node, result.header) { throw .mismatch(problem) }
        do throws(ChunkError) { try reader.finish() } catch { throw .chunk(error) }
        return result
    }

    /// What a payload's header says otherwise than the index; nil: nothing.
    private func problem(ofNode node: Int, _ header: NodeHeader) -> String? {
        let record = index.nodes[node]
        let geometry = index.geometries[Int(record.geometry)]
        guard header.node == node, header.geometry == record.geometry else {
            return "the payload is of node \(header.node)"
        }
        var children = record.children[...]
        var last: UInt32?
        for case let child? in header.ranges.map({ $0.child }) where child != last {
            guard children.popFirst() == child else { return "the payload names child \(child)" }
            last = child
        }
        if !children.isEmpty { return "the payload lacks a child that the index names" }
        if header.parents != record.parents { return "the payload names other parents than the index" }
        let isSame =
            header.error == record.error && header.level == record.level && header.origin == record.origin
            && header.extent == record.extent && header.triangleCount == record.triangleCount
            && header.vertexCount == record.vertexCount && header.layout == geometry.layout
        if !isSame { return "the payload and the index disagree" }
        if header.ranges.contains(where: { Int($0.material) >= geometry.materials.count }) {
            return "the payload uses a missing material"
        }
        return nil
    }

    /// The instances of one sector (not of those below it).
    ///
    /// - Throws: as `sector`.
    package func instances(inSector sector: Int) throws(ChunkError) -> [Instance] { try self.sector(sector).instances }

    /// What a sector says of itself, and its instances.
    ///
    /// - Throws: `ChunkError` when the chunk is damaged, says something else than the index, or names a geometry or tree
    ///   node that does not exist.
    package func sector(_ sector: Int) throws(ChunkError) -> (header: SectorHeader, instances: [Instance]) {
        let bytes = try chunkBytes(Int(index.sectors[sector].chunk))
        var reader = ByteReader(bytes.rawSpan)
        let header = try SectorHeader(from: &reader)
        guard header == SectorHeader(index.sectors[sector], number: UInt32(sector)) else {
            throw .invalid(field: .sectorBox, offset: 0)
        }
        let count = Int(header.instanceCount)
        let byteCount = Int(try reader.read(UInt32.self))
        guard byteCount <= InstanceTable.maximumByteCount(count: count) else {
            throw .invalid(field: .instanceTable, offset: reader.offset)
        }
        let compressed = try reader.readBytes(reader.remaining)
        guard let table = try? Deflate.expand(compressed, byteCount: byteCount) else {
            throw .invalid(field: .instanceTable, offset: reader.offset)
        }
        let instances = try InstanceTable.decode(table.rawSpan, count: count)
        for instance in instances where !isValid(instance) { throw .invalid(field: .instanceTable, offset: 0) }
        return (header, instances)
    }

    private func isValid(_ instance: Instance) -> Bool {
        guard instance.geometry < index.geometries.count, instance.treeNode < description.tree.names.count else {
            return false
        }
        let size = reaches[Int(instance.geometry)] * instance.transform.largestScale
        return size <= TilesetLimits.largestCoordinate && !index.geometries[Int(instance.geometry)].isProxy
    }

    /// One stored level of a texture.
    ///
    /// - Parameter position: among the stored levels, finest first.
    /// - Returns: what the level says of itself, and its chunk: the image's bytes follow the header's.
    /// - Throws: `ChunkError` when the chunk is damaged or says something else than the index.
    package func textureLevel(
        _ texture: Int, at position: Int
    ) throws(ChunkError) -> (header: TextureLevelHeader, chunk: [UInt8]) {
        let record = index.textures[texture]
        let chunk = try chunkBytes(Int(record.levelChunks[position]))
        var reader = ByteReader(chunk.rawSpan)
        let header = try TextureLevelHeader(from: &reader)
        guard header.texture == texture, header.level >= position,
            header.level < TextureLevelHeader.levelCount(width: record.width, height: record.height),
            header.isLevel(ofSize: record.width, header.width), header.isLevel(ofSize: record.height, header.height)
        else { throw .invalid(field: .textureLevel, offset: 0) }
        return (header, chunk)
    }
}

extension SectorHeader {
    /// What the index says of a sector.
    fileprivate init(_ record: SectorRecord, number: UInt32) {
        self.init(
            sector: number, parent: record.parent, children: record.children, bounds: record.bounds,
            proxyNode: record.proxyNode, proxyError: record.proxyError, instanceCount: record.instanceCount)
    }
}

extension TextureLevelHeader {
    /// Whether a side is that of the full size halved `level` times, rounded up or down.
    fileprivate func isLevel(ofSize full: UInt32, _ side: UInt16) -> Bool {
        let smallest = max(1, full >> UInt32(level))
        let largest = (full + (1 << UInt32(level)) - 1) >> UInt32(level)
        return (smallest...max(smallest, largest)).contains(UInt32(side))
    }
}
