// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The integer grid a geometry's vertices lie on: `position = q * step`, in the geometry's own space, whose origin is at
/// its smallest corner (instances carry the offset, in double precision).
///
/// `step` is a power of two, so every position is exact in float while |q| < 2^24.
package struct Grid: Equatable, Sendable {
    package var step: Double

    package init(step: Double) { self.step = step }

    package func position(_ q: Int3) -> Double3 { Double3(q) * step }
}

/// What a chunk holds.
package enum ChunkKind: UInt8, Sendable { case nodes = 1, sector = 2, textureLevel = 3 }

/// One unit of transfer in the archive.
package struct ChunkRecord: Equatable, Sendable {
    package var kind: ChunkKind
    /// From the start of the file.
    package var offset: UInt64
    package var byteCount: UInt32
    /// First 16 bytes of the SHA-256 of its bytes: its name in caches.
    package var hash: SIMD16<UInt8>

    package init(kind: ChunkKind, offset: UInt64, byteCount: UInt32, hash: SIMD16<UInt8>) {
        self.kind = kind
        self.offset = offset
        self.byteCount = byteCount
        self.hash = hash
    }
}

/// One element of a geometry's hierarchy, as the index knows it.
package struct NodeRecord: Equatable, Sendable {
    package var geometry: UInt32
    package var chunk: UInt32
    /// Where in the chunk the node's payload starts.
    package var offset: UInt32
    package var byteCount: UInt32
    package var level: UInt8
    package var triangleCount: UInt32
    package var vertexCount: UInt32
    /// See `NodeHeader.error`: infinite for a root.
    package var error: Float
    package var rmsError: Float
    package var origin: Int3
    package var extent: Int3
    /// Coarser nodes, all with smaller ids.
    package var parents: [UInt32]
    /// Finer nodes, all with larger ids.
    package var children: [UInt32]

    package init(
        geometry: UInt32, chunk: UInt32, offset: UInt32, byteCount: UInt32, level: UInt8, triangleCount: UInt32,
        vertexCount: UInt32, error: Float, rmsError: Float, origin: Int3, extent: Int3, parents: [UInt32],
        children: [UInt32]
    ) {
        self.geometry = geometry
        self.chunk = chunk
        self.offset = offset
        self.byteCount = byteCount
        self.level = level
        self.triangleCount = triangleCount
        self.vertexCount = vertexCount
        self.error = error
        self.rmsError = rmsError
        self.origin = origin
        self.extent = extent
        self.parents = parents
        self.children = children
    }
}

/// A unique mesh with its own hierarchy, placed by any number of instances.
package struct GeometryRecord: Equatable, Sendable {
    /// Its nodes are consecutive, coarsest first.
    package var firstNode: UInt32
    package var nodeCount: UInt32
    package var grid: Grid
    package var layout: VertexLayout
    /// Texture coordinates are `uv = q * coordinateStep`, a power of two.
    package var coordinateStep: Double
    /// Of the source mesh, after welding.
    package var triangleCount: UInt64
    /// Model materials that its nodes' ranges index.
    package var materials: [UInt32]
    /// True for the stand-in of a sector.
    package var isProxy: Bool
    /// `EdgeHash` sum over the source mesh: what the finest cut's must be, or a part of it is missing.
    package var border: UInt64

    package init(
        firstNode: UInt32, nodeCount: UInt32, grid: Grid, layout: VertexLayout, coordinateStep: Double,
        triangleCount: UInt64, materials: [UInt32], isProxy: Bool, border: UInt64
    ) {
        self.firstNode = firstNode
        self.nodeCount = nodeCount
        self.grid = grid
        self.layout = layout
        self.coordinateStep = coordinateStep
        self.triangleCount = triangleCount
        self.materials = materials
        self.isProxy = isProxy
        self.border = border
    }

    package var nodes: Range<Int> { Int(firstNode)..<Int(firstNode) + Int(nodeCount) }
}

/// A region of an assembly: instances, finer sectors, and a proxy that stands for all of them from afar.
package struct SectorRecord: Equatable, Sendable {
    package var parent: UInt32?
    package var children: [UInt32]
    /// Around everything in it and below, in world space.
    package var bounds: Bounds
    /// The chunk with its instances.
    package var chunk: UInt32
    package var instanceCount: UInt32
    /// A node of a proxy geometry in world space; nil: draw the instances.
    package var proxyNode: UInt32?
    /// Geometric error in metres of drawing the proxy instead.
    package var proxyError: Double
    /// Of all instances in it and below.
    package var triangleCount: UInt64

    package init(
        parent: UInt32?, children: [UInt32], bounds: Bounds, chunk: UInt32, instanceCount: UInt32, proxyNode: UInt32?,
        proxyError: Double, triangleCount: UInt64
    ) {
        self.parent = parent
        self.children = children
        self.bounds = bounds
        self.chunk = chunk
        self.instanceCount = instanceCount
        self.proxyNode = proxyNode
        self.proxyError = proxyError
        self.triangleCount = triangleCount
    }
}

/// Where a geometry stands.
package struct Instance: Equatable, Sendable {
    package var geometry: UInt32
    /// The node of the model's tree that placed it.
    package var treeNode: UInt32
    /// From the geometry's space to the world.
    package var transform: AffineTransform

    package init(geometry: UInt32, treeNode: UInt32, transform: AffineTransform) {
        self.geometry = geometry
        self.treeNode = treeNode
        self.transform = transform
    }
}

/// The encoded levels of one texture, finest first; a level that the archive does not hold is skipped.
package struct TextureRecord: Equatable, Sendable {
    package var width: UInt32
    package var height: UInt32
    /// Chunk of each stored level, finest first; the last holds the tail.
    package var levelChunks: [UInt32]

    package init(width: UInt32, height: UInt32, levelChunks: [UInt32]) {
        self.width = width
        self.height = height
        self.levelChunks = levelChunks
    }
}

extension Bounds {
    /// About how far what a sector's proxy shows is from the surface, in metres, where the sector has these bounds. A
    /// proxy's error is mostly what it lacks, a lost rail or the like.
    package func shownError(ofProxyError error: Double) -> Double { min(error, diagonal * 0.01) }
}
