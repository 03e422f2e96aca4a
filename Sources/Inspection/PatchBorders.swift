// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

/// A directed edge seen as a signed count: +1 for each triangle that runs it one way, -1 the other way. Where a surface
/// continues, the counts of all its triangles cancel.
struct EdgeCount: Sendable {
    /// A hash of the two grid positions, in an order that does not depend on the direction.
    var edge: UInt64
    var count: Int32
}

/// The border of each patch of a node: its edges whose counts do not cancel inside the patch. Interior edges cannot
/// cause cracks, so cuts are checked by adding up the borders of the patches they draw.
struct PatchBorders: Sendable {
    struct Patch: Sendable {
        var child: UInt32?
        var border: [EdgeCount]
    }

    private(set) var patches: [Patch] = []

    init(_ node: (header: NodeHeader, mesh: NodeMesh)) {
        var triangle = 0
        var position = 0
        let ranges = node.header.ranges
        while position < ranges.count {
            let child = ranges[position].child
            var balance = EdgeBalance()
            while position < ranges.count, ranges[position].child == child {
                for _ in 0..<ranges[position].triangleCount {
                    balance.add(node.mesh, triangle: triangle)
                    triangle += 1
                }
                position += 1
            }
            patches.append(Patch(child: child, border: balance.unmatched))
        }
    }
}

/// Adds up edge counts.
struct EdgeBalance {
    private var counts: [UInt64: Int32] = [:]

    mutating func add(_ mesh: NodeMesh, triangle: Int) {
        let keys = (0..<3).map { corner -> UInt64 in
            let first = 3 * Int(mesh.indices[3 * triangle + corner])
            return EdgeHash.place(Int3(mesh.positions[first], mesh.positions[first + 1], mesh.positions[first + 2]))
        }
        for corner in 0..<3 {
            let (a, b) = (keys[corner], keys[(corner + 1) % 3])
            if a == b { continue }
            add(EdgeCount(edge: EdgeHash.edge(a, b), count: a < b ? 1 : -1))
        }
    }

    mutating func add(_ edge: EdgeCount) {
        let count = counts[edge.edge, default: 0] + edge.count
        counts[edge.edge] = count == 0 ? nil : count
    }

    var unmatched: [EdgeCount] { counts.map { EdgeCount(edge: $0.key, count: $0.value) } }
    var unmatchedEdges: Set<UInt64> { Set(counts.keys) }

    /// The `EdgeHash` sum of everything added.
    var border: UInt64 {
        counts.reduce(0) { $0 &+ UInt64(bitPattern: Int64($1.value)) &* $1.key }
    }
}
