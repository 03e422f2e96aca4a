// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the tables of an index say of each other. Reading has checked each number by itself.
extension TilesetIndex {
    /// - Throws: `invalid` with the field that breaks the rule; its offset is 0.
    func check() throws(ChunkError) {
        try checkChunks()
        try checkGeometries()
        try checkNodes()
        try checkSectors()
        try checkTextures()
    }

    private static func invalid(_ field: ChunkField) -> ChunkError { .invalid(field: field, offset: 0) }

    /// Chunks stand behind each other, so that no two share bytes and their sizes add up to less than the file's.
    private func checkChunks() throws(ChunkError) {
        var end: UInt64 = 0
        for chunk in chunks {
            let (next, overflow) = chunk.offset.addingReportingOverflow(UInt64(chunk.byteCount))
            guard !overflow, chunk.offset >= end, chunk.byteCount <= TilesetLimits.largestChunkByteCount else {
                throw TilesetIndex.invalid(.chunkRange)
            }
            end = next
        }
    }

    private func check(_ chunk: UInt32, holds kind: ChunkKind) throws(ChunkError) {
        guard chunk < chunks.count, chunks[Int(chunk)].kind == kind else {
            throw TilesetIndex.invalid(.indexReference)
        }
    }

    // MARK: Geometries and nodes

    private func checkGeometries() throws(ChunkError) {
        var nextNode = 0
        for (id, geometry) in geometries.enumerated() {
            guard geometry.firstNode == nextNode, Int(geometry.nodeCount) <= nodes.count - nextNode else {
                throw TilesetIndex.invalid(.nodeOrder)
            }
            nextNode += Int(geometry.nodeCount)
            for node in geometry.nodes {
                guard nodes[node].geometry == id else { throw TilesetIndex.invalid(.nodeOrder) }
                guard reach(ofNode: node) <= TilesetLimits.largestCoordinate else { throw TilesetIndex.invalid(.grid) }
            }
        }
        guard nextNode == nodes.count else { throw TilesetIndex.invalid(.nodeOrder) }
        // The finest level holds at least one payload for each 2^20 of them.
        let isSmall = geometries.allSatisfy { $0.triangleCount <= UInt64($0.nodeCount) << 20 }
        guard isSmall else { throw TilesetIndex.invalid(.triangleCount) }
    }

    /// How far from its geometry's origin a node's box reaches, in the geometry's units.
    package func reach(ofNode node: Int) -> Double {
        let record = nodes[node]
        let low = Double3(record.origin)
        let far = pointwiseMax(-low, low + Double3(record.extent))
        return far.max() * geometries[Int(record.geometry)].grid.step
    }

    private func checkNodes() throws(ChunkError) {
        var links: [UInt64] = []
        var backLinks: [UInt64] = []
        for (id, node) in nodes.enumerated() {
            try check(node.chunk, holds: .nodes)
            guard node.byteCount >= NodeHeader.minimumByteCount,
                UInt64(node.offset) + UInt64(node.byteCount) <= UInt64(chunks[Int(node.chunk)].byteCount)
            else { throw TilesetIndex.invalid(.chunkRange) }
            for parent in node.parents { try checkParent(parent, of: id, &backLinks) }
            for child in node.children { links.append(TilesetIndex.link(from: id, to: Int(child))) }
        }
        guard TilesetIndex.areSameLinks(links, backLinks) else { throw TilesetIndex.invalid(.nodeOrder) }
        guard nodes.allSatisfy({ $0.parents.isEmpty == ($0.error == .infinity) }) else {
            throw TilesetIndex.invalid(.nodeError)
        }
        try checkPayloads()
    }

    private func checkParent(_ parent: UInt32, of id: Int, _ backLinks: inout [UInt64]) throws(ChunkError) {
        let node = nodes[id]
        guard parent < id, nodes[Int(parent)].geometry == node.geometry, nodes[Int(parent)].level > node.level else {
            throw TilesetIndex.invalid(.nodeOrder)
        }
        guard node.error <= nodes[Int(parent)].error else { throw TilesetIndex.invalid(.nodeError) }
        backLinks.append(TilesetIndex.link(from: Int(parent), to: id))
    }

    /// No two payloads share bytes, or a small file could hold many times what it seems to.
    private func checkPayloads() throws(ChunkError) {
        var places = nodes.map {
            (chunk: $0.chunk, start: UInt64($0.offset), end: UInt64($0.offset) + UInt64($0.byteCount))
        }
        places.sort { ($0.chunk, $0.start) < ($1.chunk, $1.start) }
        for (place, next) in zip(places, places.dropFirst()) where place.chunk == next.chunk && next.start < place.end {
            throw TilesetIndex.invalid(.chunkRange)
        }
    }

    // MARK: Sectors

    private func checkSectors() throws(ChunkError) {
        guard !sectors.isEmpty else { throw TilesetIndex.invalid(.indexReference) }
        var links: [UInt64] = []
        var backLinks: [UInt64] = []
        var depths: [Int] = []
        var isUsed = [Bool](repeating: false, count: chunks.count)
        for (id, sector) in sectors.enumerated() {
            try check(sector.chunk, holds: .sector)
            guard !isUsed[Int(sector.chunk)] else { throw TilesetIndex.invalid(.indexReference) }
            isUsed[Int(sector.chunk)] = true
            guard sector.triangleCount <= TilesetLimits.largestCount else { throw TilesetIndex.invalid(.triangleCount) }
            if let parent = sector.parent {
                guard parent < id, sector.proxyError <= sectors[Int(parent)].proxyError else {
                    throw TilesetIndex.invalid(.indexReference)
                }
                depths.append(depths[Int(parent)] + 1)
                backLinks.append(TilesetIndex.link(from: Int(parent), to: id))
            } else {
                guard id == 0 else { throw TilesetIndex.invalid(.indexReference) }
                depths.append(0)
            }
            guard depths[id] <= TilesetLimits.deepestSector else { throw TilesetIndex.invalid(.sectorDepth) }
            for child in sector.children { links.append(TilesetIndex.link(from: id, to: Int(child))) }
            try checkProxy(sector)
        }
        guard TilesetIndex.areSameLinks(links, backLinks) else { throw TilesetIndex.invalid(.indexReference) }
        try checkInstanceCounts()
    }

    private func checkProxy(_ sector: SectorRecord) throws(ChunkError) {
        guard let proxy = sector.proxyNode else { return }
        guard proxy < nodes.count, geometries[Int(nodes[Int(proxy)].geometry)].isProxy else {
            throw TilesetIndex.invalid(.indexReference)
        }
    }

    /// Readers reserve room for all instances before they read the tables.
    private func checkInstanceCounts() throws(ChunkError) {
        var total = 0
        for sector in sectors {
            let most = TilesetLimits.mostInstancesPerByte * Int(chunks[Int(sector.chunk)].byteCount)
            total += Int(sector.instanceCount)
            guard Int(sector.instanceCount) <= most, total <= TilesetLimits.mostInstances else {
                throw TilesetIndex.invalid(.instanceCount)
            }
        }
    }

    private func checkTextures() throws(ChunkError) {
        var isUsed = [Bool](repeating: false, count: chunks.count)
        for texture in textures {
            for chunk in texture.levelChunks {
                try check(chunk, holds: .textureLevel)
                guard !isUsed[Int(chunk)] else { throw TilesetIndex.invalid(.indexReference) }
                isUsed[Int(chunk)] = true
            }
        }
    }

    // MARK: Links

    private static func link(from parent: Int, to child: Int) -> UInt64 { UInt64(parent) << 32 | UInt64(child) }

    /// Whether two lists of links hold the same ones, each once. Sorting keeps this fast for a hostile index, where
    /// looking each link up in the other end's list would be quadratic.
    private static func areSameLinks(_ links: [UInt64], _ backLinks: [UInt64]) -> Bool {
        guard links.count == backLinks.count else { return false }
        let sorted = links.sorted()
        return sorted == backLinks.sorted() && zip(sorted, sorted.dropFirst()).allSatisfy { $0 != $1 }
    }
}
