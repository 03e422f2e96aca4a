// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ModelStorage
import StreamCore

/// A few thousand triangles that hide roughly what the model hides: the root sector's proxy, or the roots.
struct OcclusionStandIn: Sendable {
    /// In the plan's space.
    private(set) var positions: [Float3] = []
    private(set) var indices: [UInt32] = []
    /// How far the triangles may be from the true surface, in metres.
    private(set) var error: Float = 0

    /// More would cost ranking more than they are worth.
    private static let triangleLimit = 6000

    var isEmpty: Bool { indices.isEmpty }

    init(positions: [Float3], indices: [UInt32], error: Float) {
        self.positions = positions
        self.indices = indices
        self.error = error
    }

    /// Damaged nodes and what does not fit are left out: less is hidden then.
    init(_ archive: Archive, instances: [PlanInstance], roots: CompactLists, origin: Double3) {
        let index = archive.index
        guard let sector = index.sectors.first else { return }
        if let proxy = sector.proxyNode {
            add(archive, Int(proxy), .translation(sector.bounds.minimum - origin))
            // What it lacks hides nothing.
            error = Float(sector.bounds.shownError(ofProxyError: sector.proxyError))
            return
        }
        for instance in instances.prefix(Int(sector.instanceCount)) {
            let transform = AffineTransform(
                x: Double3(instance.x), y: Double3(instance.y), z: Double3(instance.z),
                translation: Double3(instance.translation))
            for root in roots[Int(instance.geometry)] {
                let record = index.nodes[Int(root)]
                guard indices.count / 3 + Int(record.triangleCount) <= OcclusionStandIn.triangleLimit else { continue }
                add(archive, Int(root), transform)
                // Of the root's own surface: what its children say about replacing it.
                for child in record.children {
                    error = max(error, index.nodes[Int(child)].error * instance.scale)
                }
            }
        }
    }

    private mutating func add(_ archive: Archive, _ node: Int, _ transform: AffineTransform) {
        guard let (_, mesh) = try? archive.decodeNode(node) else { return }
        let grid = archive.index.geometries[Int(archive.index.nodes[node].geometry)].grid
        let first = UInt32(positions.count)
        for vertex in 0..<mesh.vertexCount {
            let q = Int3(
                mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2])
            positions.append(Float3(transform.apply(to: grid.position(q))))
        }
        indices.append(contentsOf: mesh.indices.map { first + $0 })
    }
}
