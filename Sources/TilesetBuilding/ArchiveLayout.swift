// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkCoding
import FileMapping
import ModelStorage
import StreamCore

/// Gives nodes, sectors and textures their final numbers and writes their chunks, coarse before fine, so that the front
/// of the file is a complete coarse model.
///
/// A large node is a chunk of its own. The nodes of small geometries (whole chains of levels, and several geometries
/// that stand near each other) share chunks, because a request costs more than their bytes.
struct ArchiveLayout {
    let geometries: [BuiltGeometry]
    let instances: [PlacedInstance]
    let tree: SectorTree
    /// Per sector: the proxy geometry's number and its error in metres.
    let proxies: [(geometry: Int, error: Double)?]
    let textures: [BuiltTexture]
    let spool: SpoolFile

    /// The largest geometry whose nodes share chunks.
    private static let sharedGeometryByteCount = 16_384
    /// Bytes of chunks that several geometries' roots, and that several geometries' finer nodes share.
    private static let rootBundleByteCount = 13_312
    private static let finerBundleByteCount = 2_048

    private var index = TilesetIndex()
    /// Per geometry: its nodes' creation numbers, coarsest first.
    private var orders: [[Int]] = []
    /// Per geometry: the rank of each creation number.
    private var ranks: [[Int]] = []
    private var parents: [[[UInt32]]] = []

    init(
        geometries: [BuiltGeometry], instances: [PlacedInstance], tree: SectorTree,
        proxies: [(geometry: Int, error: Double)?], textures: [BuiltTexture], spool: SpoolFile
    ) {
        self.geometries = geometries
        self.instances = instances
        self.tree = tree
        self.proxies = proxies
        self.textures = textures
        self.spool = spool
    }

    /// - Returns: the index, complete but for the chunk table, which the writer keeps.
    mutating func write(
        to writer: ArchiveWriter, progress: (Double) -> Void
    ) throws(BuildError) -> TilesetIndex {
        numberNodes()
        try writeSectors(writer)
        try writeTextures(writer, tails: true)
        try writeNodes(writer, progress)
        try writeTextures(writer, tails: false)
        return index
    }

    // MARK: Nodes

    private mutating func numberNodes() {
        var first: UInt32 = 0
        for (number, geometry) in geometries.enumerated() {
            let order = geometry.nodes.indices.sorted {
                let (a, b) = (geometry.nodes[$0], geometry.nodes[$1])
                return a.level != b.level ? a.level > b.level : $0 < $1
            }
            var rank = [Int](repeating: 0, count: order.count)
            for (position, node) in order.enumerated() { rank[node] = position }
            var parents = [[UInt32]](repeating: [], count: order.count)
            for node in order {
                for child in geometry.nodes[node].children { parents[Int(child)].append(first + UInt32(rank[node])) }
            }
            orders.append(order)
            ranks.append(rank)
            self.parents.append(parents)
            for node in order {
                index.nodes.append(
                    record(of: geometry.nodes[node], geometry: number, first: first, rank, parents[node]))
            }
            index.geometries.append(
                GeometryRecord(
                    firstNode: first, nodeCount: UInt32(order.count), grid: geometry.grid,
                    layout: geometry.format.layout, coordinateStep: geometry.coordinateStep,
                    triangleCount: UInt64(geometry.triangleCount), materials: geometry.materials.map { UInt32($0) },
                    isProxy: geometry.isProxy, border: geometry.border))
            first += UInt32(order.count)
        }
    }

    private func record(
        of node: BuiltNode, geometry: Int, first: UInt32, _ rank: [Int], _ parents: [UInt32]
    ) -> NodeRecord {
        NodeRecord(
            geometry: UInt32(geometry), chunk: 0, offset: 0, byteCount: 0, level: UInt8(node.level),
            triangleCount: UInt32(node.triangleCount), vertexCount: UInt32(node.vertexCount), error: node.error,
            rmsError: node.rmsError, origin: node.origin, extent: node.extent, parents: parents,
            children: node.children.map { first + UInt32(rank[Int($0)]) })
    }

    private func payload(geometry: Int, node: Int) throws(BuildError) -> [UInt8] {
        let built = geometries[geometry].nodes[node]
        let first = index.geometries[geometry].firstNode
        let header = NodeHeader(
            codec: built.codec, layout: geometries[geometry].format.layout, level: UInt8(built.level),
            node: first + UInt32(ranks[geometry][node]), geometry: UInt32(geometry),
            vertexCount: UInt32(built.vertexCount), triangleCount: UInt32(built.triangleCount), error: built.error,
            rmsError: built.rmsError, origin: built.origin, extent: built.extent, facing: built.facing,
            parents: parents[geometry][node],
            ranges: built.ranges.map { range in
                NodeHeader.Range(
                    child: range.label == LevelMesh.noLabel ? nil : first + UInt32(ranks[geometry][Int(range.label)]),
                    material: range.material, triangleCount: UInt32(range.triangleCount))
            })
        let body: [UInt8]
        do throws(FileError) { body = try spool.read(built.body) } catch { throw .scratch(error) }
        return NodeCoding.payload(header: header, body: body.rawSpan)
    }

    private mutating func writeNodes(_ writer: ArchiveWriter, _ progress: (Double) -> Void) throws(BuildError) {
        let sharing = geometries.map { geometry in
            geometry.nodes.reduce(0) { $0 + $1.body.count } < ArchiveLayout.sharedGeometryByteCount && !geometry.isProxy
        }
        try writeShared(writer, geometriesInPlace().filter { sharing[$0] })
        // Roots first, then by error: the order in which a viewer coming closer needs them.
        var large: [(geometry: Int, node: Int)] = []
        for geometry in geometries.indices where !sharing[geometry] && !geometries[geometry].isProxy {
            for node in orders[geometry] { large.append((geometry, node)) }
        }
        large.sort { a, b in
            let (errorA, errorB) = (
                geometries[a.geometry].nodes[a.node].error, geometries[b.geometry].nodes[b.node].error
            )
            if errorA != errorB { return errorA > errorB }
            return (a.geometry, ranks[a.geometry][a.node]) < (b.geometry, ranks[b.geometry][b.node])
        }
        for (position, item) in large.enumerated() {
            try write([item], writer)
            if position % 64 == 0 { progress(Double(position) / Double(large.count)) }
        }
        progress(1)
    }

    /// Geometries in the order in which sectors first use them, so that neighbours share chunks.
    private func geometriesInPlace() -> [Int] {
        var isKnown = [Bool](repeating: false, count: geometries.count)
        var order: [Int] = []
        for sector in tree.sectors {
            for instance in sector.instances where !isKnown[instances[instance].geometry] {
                isKnown[instances[instance].geometry] = true
                order.append(instances[instance].geometry)
            }
        }
        return order
    }

    /// Roots first, those of a region together, because none of them is of use alone. Then what refines them, geometry
    /// by geometry: a view that needs it of one needs it of few others.
    private mutating func writeShared(_ writer: ArchiveWriter, _ order: [Int]) throws(BuildError) {
        var (roots, finer): ([[(geometry: Int, node: Int)]], [[(geometry: Int, node: Int)]]) = ([], [])
        for geometry in order {
            let nodes = geometries[geometry].nodes
            let rootCount = orders[geometry].prefix { nodes[$0].error == .infinity }.count
            roots.append(orders[geometry].prefix(rootCount).map { (geometry, $0) })
            var level: [(geometry: Int, node: Int)] = []
            for node in orders[geometry].dropFirst(rootCount) {
                if let last = level.last, nodes[last.node].level != nodes[node].level {
                    finer.append(level)
                    level = []
                }
                level.append((geometry, node))
            }
            finer.append(level)
        }
        try writeBundles(roots, ArchiveLayout.rootBundleByteCount, writer)
        try writeBundles(finer, ArchiveLayout.finerBundleByteCount, writer)
    }

    /// Writes sets of nodes that stay together, several to a chunk while they are within a size.
    private mutating func writeBundles(
        _ sets: [[(geometry: Int, node: Int)]], _ largest: Int, _ writer: ArchiveWriter
    ) throws(BuildError) {
        var pending: [(geometry: Int, node: Int)] = []
        var byteCount = 0
        for set in sets where !set.isEmpty {
            let size = set.reduce(0) { $0 + geometries[$1.geometry].nodes[$1.node].body.count + 80 }
            if byteCount + size > largest, !pending.isEmpty {
                try write(pending, writer)
                pending = []
                byteCount = 0
            }
            pending += set
            byteCount += size
        }
        if !pending.isEmpty { try write(pending, writer) }
    }

    private mutating func write(
        _ nodes: [(geometry: Int, node: Int)], _ writer: ArchiveWriter
    ) throws(BuildError) {
        var bytes: [UInt8] = []
        for (geometry, node) in nodes {
            let payload = try payload(geometry: geometry, node: node)
            let id = Int(index.geometries[geometry].firstNode) + ranks[geometry][node]
            index.nodes[id].chunk = UInt32(writer.chunks.count)
            index.nodes[id].offset = UInt32(bytes.count)
            index.nodes[id].byteCount = UInt32(payload.count)
            bytes += payload
        }
        try append(bytes, .nodes, writer)
    }

    // MARK: Sectors and textures

    private mutating func writeSectors(_ writer: ArchiveWriter) throws(BuildError) {
        for (number, sector) in tree.sectors.enumerated() {
            let proxy = proxies[number]
            let proxyNode = proxy.map { index.geometries[$0.geometry].firstNode }
            let record = SectorRecord(
                parent: sector.parent.map { UInt32($0) }, children: sector.children.map { UInt32($0) },
                bounds: sector.bounds, chunk: UInt32(writer.chunks.count),
                instanceCount: UInt32(sector.instances.count),
                proxyNode: proxyNode, proxyError: proxy?.error ?? 0, triangleCount: 0)
            index.sectors.append(record)
            try append(sectorChunk(number, record, sector.instances), .sector, writer)
            if let proxy { try write([(proxy.geometry, 0)], writer) }
        }
        for number in index.sectors.indices.reversed() {
            let own = tree.sectors[number].instances.reduce(0) { $0 + geometries[instances[$1].geometry].triangleCount }
            index.sectors[number].triangleCount += UInt64(own)
            if let parent = index.sectors[number].parent {
                index.sectors[Int(parent)].triangleCount += index.sectors[number].triangleCount
            }
        }
    }

    private func sectorChunk(_ number: Int, _ record: SectorRecord, _ members: [Int]) -> [UInt8] {
        var writer = ByteWriter()
        SectorHeader(
            sector: UInt32(number), parent: record.parent, children: record.children, bounds: record.bounds,
            proxyNode: record.proxyNode, proxyError: record.proxyError, instanceCount: record.instanceCount
        ).write(to: &writer)
        let table = InstanceTable.encode(
            members.map { member in
                let instance = instances[member]
                return Instance(
                    geometry: UInt32(instance.geometry), treeNode: UInt32(instance.treeNode),
                    transform: instance.transform)
            })
        writer.write(UInt32(table.count))
        writer.write(contentsOf: Deflate.compress(table))
        return writer.bytes
    }

    private mutating func writeTextures(_ writer: ArchiveWriter, tails: Bool) throws(BuildError) {
        if tails {
            index.textures = textures.map {
                TextureRecord(
                    width: UInt32($0.width), height: UInt32($0.height),
                    levelChunks: Array(repeating: 0, count: $0.levels.count))
            }
        }
        let deepest = textures.map { $0.levels.count }.max() ?? 0
        for fromTail in tails ? 0..<min(1, deepest) : 1..<max(1, deepest) {
            for (number, texture) in textures.enumerated() where fromTail < texture.levels.count {
                let position = texture.levels.count - 1 - fromTail
                index.textures[number].levelChunks[position] = UInt32(writer.chunks.count)
                let body: [UInt8]
                do throws(FileError) { body = try spool.read(texture.levels[position].body) } catch {
                    throw .scratch(error)
                }
                var bytes = ByteWriter()
                texture.levels[position].header(texture: number).write(to: &bytes)
                bytes.write(contentsOf: body)
                try append(bytes.bytes, .textureLevel, writer)
            }
        }
    }

    private func append(_ bytes: [UInt8], _ kind: ChunkKind, _ writer: ArchiveWriter) throws(BuildError) {
        do throws(ArchiveError) { try writer.append(bytes, kind: kind) } catch { throw .archive(error.description) }
    }
}

/// A texture whose encoded levels wait in the spool.
struct BuiltTexture: Sendable {
    struct Level: Sendable {
        var level: Int
        var encoding: TextureLevelHeader.Encoding
        var width: Int
        var height: Int
        var body: Range<Int>

        func header(texture: Int) -> TextureLevelHeader {
            TextureLevelHeader(
                texture: UInt32(texture), level: UInt8(level), encoding: encoding, width: UInt16(width),
                height: UInt16(height))
        }
    }

    var width: Int
    var height: Int
    /// Finest first.
    var levels: [Level]
}
