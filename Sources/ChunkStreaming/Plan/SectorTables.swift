// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore

/// Builds the plan's arrays about sectors and instances.
struct SectorTables {
    private(set) var sectors: [PlanSector] = []
    private(set) var instances: [PlanInstance] = []

    /// - Throws: `ChunkError` when an instance table is damaged.
    init(_ archive: Archive, origin: Double3) throws(ChunkError) {
        instances.reserveCapacity(archive.index.sectors.reduce(0) { $0 + Int($1.instanceCount) })
        for (number, record) in archive.index.sectors.enumerated() {
            let first = instances.count
            for instance in try archive.instances(inSector: number) {
                instances.append(SectorTables.place(instance, origin))
            }
            let half = record.bounds.size * 0.5
            let slack = pointwiseMax(record.bounds.maximum - origin, origin - record.bounds.minimum).max() * 1.2e-7
            sectors.append(
                PlanSector(
                    center: Float3(record.bounds.center - origin), half: Float3(half + max(slack, 0)),
                    chunk: record.chunk,
                    proxyChunk: record.proxyNode.map { archive.index.nodes[Int($0)].chunk } ?? none,
                    proxyError: Float(record.proxyError),
                    shownError: Float(record.bounds.shownError(ofProxyError: record.proxyError)),
                    firstInstance: UInt32(first),
                    instanceCount: UInt32(instances.count - first)))
        }
    }

    /// More chunks than this are not listed for a sector.
    private static let contentLimit = 64

    /// Lists what the instances of each sector need, and marks the sectors whose list is complete.
    mutating func listContent(_ index: TilesetIndex, _ textures: TextureTables) -> CompactLists {
        let contents = index.geometries.indices.map { SectorTables.content(of: $0, index, textures) }
        var result = CompactLists()
        for number in sectors.indices {
            var geometries = Set<UInt32>()
            var chunks = Set<UInt32>()
            for instance in sectors[number].instances where chunks.count <= SectorTables.contentLimit {
                let geometry = instances[instance].geometry
                if geometries.insert(geometry).inserted { chunks.formUnion(contents[Int(geometry)]) }
            }
            sectors[number].isContentListed = chunks.count <= SectorTables.contentLimit
            result.append(sectors[number].isContentListed ? chunks.sorted() : [])
        }
        return result
    }

    /// Chunks of a geometry's nodes and textures; a few more than `contentLimit` when there are many.
    private static func content(of geometry: Int, _ index: TilesetIndex, _ textures: TextureTables) -> Set<UInt32> {
        var result = Set<UInt32>()
        for node in index.geometries[geometry].nodes where result.count <= contentLimit {
            result.insert(index.nodes[node].chunk)
        }
        for use in textures.geometryTextures[geometry] where result.count <= contentLimit {
            result.formUnion(index.textures[Int(textures.uses[Int(use)].texture)].levelChunks)
        }
        return result
    }

    private static func place(_ instance: Instance, _ origin: Double3) -> PlanInstance {
        let transform = instance.transform
        return PlanInstance(
            x: Float3(transform.x), y: Float3(transform.y), z: Float3(transform.z),
            translation: Float3(transform.translation - origin), geometry: instance.geometry,
            treeNode: instance.treeNode, scale: Float(transform.largestScale))
    }
}

/// Builds the plan's arrays about chunks.
struct ChunkTables {
    private(set) var chunks: [PlanChunk]
    private(set) var parents = CompactLists()
    private let index: TilesetIndex

    init(_ index: TilesetIndex, _ textures: TextureTables) {
        self.index = index
        chunks = index.chunks.map { PlanChunk(kind: $0.kind, byteCount: $0.byteCount, gpuByteCount: 0) }
        var lists = [[UInt32]](repeating: [], count: index.chunks.count)
        addNodes(&lists)
        addSectors(&lists)
        for (number, texture) in index.textures.enumerated() {
            for (level, chunk) in texture.levelChunks.enumerated() {
                chunks[Int(chunk)].owner = UInt32(number)
                chunks[Int(chunk)].gpuByteCount = textures.gpuByteCounts[number][level]
                if level + 1 < texture.levelChunks.count { lists[Int(chunk)].append(texture.levelChunks[level + 1]) }
            }
        }
        for chunk in lists.indices { parents.append(Set(lists[chunk]).subtracting([UInt32(chunk)]).sorted()) }
    }

    private mutating func addNodes(_ lists: inout [[UInt32]]) {
        for node in index.nodes {
            let chunk = Int(node.chunk)
            for parent in node.parents {
                let parentChunk = index.nodes[Int(parent)].chunk
                if lists[chunk].last != parentChunk { lists[chunk].append(parentChunk) }
            }
            let layout = index.geometries[Int(node.geometry)].layout
            let isWide = node.extent.max() > 65_535
            let stride =
                (isWide ? 12 : 8) + 4 + 8 * layout.coordinateSetCount + (layout.colorComponentCount > 0 ? 4 : 0)
            let bytes =
                UInt64(node.vertexCount) * UInt64(stride)
                + 3 * UInt64(node.triangleCount) * (node.vertexCount > 65_535 ? 4 : 2)
            chunks[chunk].gpuByteCount = UInt32(clamping: UInt64(chunks[chunk].gpuByteCount) + bytes)
        }
    }

    private mutating func addSectors(_ lists: inout [[UInt32]]) {
        for (number, sector) in index.sectors.enumerated() {
            let chunk = Int(sector.chunk)
            chunks[chunk].owner = UInt32(number)
            if let parent = sector.parent { lists[chunk].append(index.sectors[Int(parent)].chunk) }
            if let proxy = sector.proxyNode { lists[Int(index.nodes[Int(proxy)].chunk)].append(sector.chunk) }
        }
    }
}
