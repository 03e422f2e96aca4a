// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

/// A node whose payload waits in the spool for its final ids.
struct BuiltNode: Sendable {
    var level: Int
    var codec: NodeHeader.Codec
    var origin: Int3
    var extent: Int3
    var facing: [UInt8]
    var vertexCount: Int
    var triangleCount: Int
    /// Infinite for a root.
    var error: Float
    var rmsError: Float
    var ranges: [GroupMesh.Range]
    /// Where its body lies in the spool.
    var body: Range<Int>
    /// Nodes, by number within the geometry, that this one's triangles are simplified from.
    var children: [UInt32] {
        var result: [UInt32] = []
        for range in ranges where range.label != LevelMesh.noLabel && range.label != result.last {
            result.append(range.label)
        }
        return result
    }
}

/// A geometry with its whole hierarchy; nodes are numbered in order of creation, finest first, until the archive is
/// laid out.
struct BuiltGeometry: Sendable {
    var nodes: [BuiltNode] = []
    var grid: Grid
    var format: VertexWords
    var coordinateStep: Double
    /// Of the source, after welding.
    var triangleCount: Int
    /// Model materials that ranges index.
    var materials: [Int]
    /// `EdgeHash` sum over the source mesh.
    var border: UInt64
    var isProxy = false
    /// The coarsest version, kept for making proxies.
    var roots: [Root] = []

    struct Root: Sendable {
        var mesh: NodeMesh
        /// Material slot of each of the mesh's ranges.
        var materials: [UInt16]
        /// Geometric error of drawing it, in the geometry's units.
        var error: Float
    }

    /// Around all vertices, in the geometry's space.
    var bounds: Bounds {
        var bounds = Bounds.empty
        for node in nodes where node.error == .infinity || node.children.isEmpty {
            bounds.add(grid.position(node.origin))
            bounds.add(grid.position(node.origin &+ node.extent))
        }
        return bounds
    }

    /// Of the finest nodes: vertices on their borders count once per node.
    var vertexCount: Int { nodes.reduce(0) { $0 + ($1.children.isEmpty ? $1.vertexCount : 0) } }

    var levelCount: Int { (nodes.map { $0.level }.max() ?? 0) + 1 }
}
