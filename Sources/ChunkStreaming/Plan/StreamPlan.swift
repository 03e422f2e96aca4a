// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ModelStorage
package import StreamCore

/// What all viewers of an archive share: the index as flat arrays for ranking, the instances of every sector, how
/// geometries use textures, the stand-in that hides things from each other, and the first picture.
///
/// Immutable; safe on any thread. About 120 bytes per node, 80 per instance.
package final class StreamPlan: Sendable {
    package let chunkCount: Int
    package let nodeCount: Int
    package let geometryCount: Int
    package let materialCount: Int
    package let instanceCount: Int
    /// World space, metres.
    package let bounds: Bounds
    /// The plan's space is the world's minus this, so that single precision is enough.
    let origin: Double3

    let chunks: [PlanChunk]
    /// Per chunk: those that a viewer must have before it is of use.
    let chunkParents: CompactLists
    let chunkChildren: CompactLists
    let chunkNodes: CompactLists

    let nodes: [PlanNode]
    let parents: CompactLists
    let children: CompactLists
    let nodeGeometry: [UInt32]
    let geometries: [PlanGeometry]
    /// Per geometry: nodes without parents.
    let roots: CompactLists
    let geometryMaterials: CompactLists

    let sectors: [PlanSector]
    let sectorChildren: CompactLists
    /// Per sector: all chunks of its instances' geometries and textures, if they are few: a viewer that has them needs
    /// nothing more of these instances.
    let sectorContent: CompactLists
    let instances: [PlanInstance]
    /// Per node of the model's tree.
    let treeParents: [Int32]

    let textures: [PlanTexture]
    /// Per texture: the chunks of its levels, finest first.
    let textureLevels: CompactLists
    let textureUses: [TextureUse]
    /// Per geometry: numbers in `textureUses`.
    let geometryTextures: CompactLists

    let standIn: OcclusionStandIn
    /// Chunks of the first picture, in the order to send them: at most `firstPictureByteCount` unless the first two
    /// alone are larger.
    package let firstPicture: [Int]
    package static let firstPictureByteCount = 36_000

    /// O(nodes + instances); decodes the instance tables and the coarsest nodes only.
    ///
    /// - Throws: `ChunkError` when a sector's chunk is damaged.
    package init(archive: Archive) throws(ChunkError) {
        let index = archive.index
        chunkCount = index.chunks.count
        nodeCount = index.nodes.count
        geometryCount = index.geometries.count
        materialCount = archive.description.materials.count
        bounds = archive.bounds
        origin = archive.bounds.center

        let nodeTables = NodeTables(archive)
        nodes = nodeTables.nodes
        parents = nodeTables.parents
        children = nodeTables.children
        nodeGeometry = index.nodes.map { $0.geometry }
        geometries = nodeTables.geometries
        roots = nodeTables.roots
        geometryMaterials = CompactLists(index.geometries.lazy.map { $0.materials })

        var sectorTables = try SectorTables(archive, origin: origin)
        sectorChildren = CompactLists(index.sectors.lazy.map { $0.children })
        instances = sectorTables.instances
        instanceCount = instances.count
        treeParents = archive.description.tree.parents.map { Int32(clamping: $0) }

        let textureTables = TextureTables(archive, geometries: geometries)
        textures = textureTables.textures
        textureLevels = CompactLists(index.textures.lazy.map { $0.levelChunks })
        textureUses = textureTables.uses
        geometryTextures = textureTables.geometryTextures
        sectorContent = sectorTables.listContent(index, textureTables)
        sectors = sectorTables.sectors

        let chunkTables = ChunkTables(index, textureTables)
        chunks = chunkTables.chunks
        chunkParents = chunkTables.parents
        chunkChildren = chunkTables.parents.inverted(count: index.chunks.count)
        chunkNodes = CompactLists(
            count: index.chunks.count, targets: index.nodes.map { $0.chunk },
            sources: (0..<UInt32(index.nodes.count)).map { $0 })

        standIn = OcclusionStandIn(archive, instances: sectorTables.instances, roots: roots, origin: origin)
        firstPicture = FirstPicture(
            index: index, sectors: sectors, instances: instances, roots: roots, uses: textureUses,
            geometryTextures: geometryTextures
        ).chunks(byteLimit: StreamPlan.firstPictureByteCount)
    }
}
