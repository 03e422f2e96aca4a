// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore

/// Builds the plan's arrays about nodes and geometries.
struct NodeTables {
    private(set) var nodes: [PlanNode] = []
    private(set) var geometries: [PlanGeometry] = []
    private(set) var roots = CompactLists()
    let parents: CompactLists
    let children: CompactLists

    /// Facing shares stand in the payloads. Reading those of a huge file would read all of it, so finer nodes, which
    /// stand later in the file, take their parent's.
    private static let scannedByteCount: UInt64 = 256 << 20

    init(_ archive: Archive) {
        let index = archive.index
        parents = CompactLists(index.nodes.lazy.map { $0.parents })
        children = CompactLists(index.nodes.lazy.map { $0.children })
        nodes.reserveCapacity(index.nodes.count)
        var shares: [SIMD8<UInt8>] = []
        shares.reserveCapacity(index.nodes.count)
        for (number, record) in index.nodes.enumerated() {
            let offset = index.chunks[Int(record.chunk)].offset
            let share =
                offset < NodeTables.scannedByteCount
                ? NodeTables.facing(archive, number) : record.parents.first.map { shares[Int($0)] }
            shares.append(share ?? SIMD8(43, 43, 43, 43, 43, 43, 0, 0))
            nodes.append(NodeTables.node(record, index.geometries[Int(record.geometry)].grid, shares[number]))
        }
        for number in nodes.indices.reversed() { extendReach(number) }
        for geometry in index.geometries { add(geometry, index, archive.description) }
    }

    /// The six facing bytes of a node's header: -x, +x, -y, +y, -z, +z; nil if they cannot be read.
    private static func facing(_ archive: Archive, _ node: Int) -> SIMD8<UInt8>? {
        let record = archive.index.nodes[node]
        let first = Int(record.offset) + 52
        guard let bytes = try? archive.peek(Int(record.chunk), first..<first + 6) else { return nil }
        var result = SIMD8<UInt8>()
        for axis in 0..<6 { result[axis] = bytes[axis] }
        return result
    }

    private static func node(_ record: NodeRecord, _ grid: Grid, _ facing: SIMD8<UInt8>) -> PlanNode {
        let minimum = grid.position(record.origin)
        let size = Double3(record.extent) * grid.step
        // Rounding to single precision must not make a box smaller.
        let slack = (pointwiseMax(minimum, -minimum).max() + size.max()) * 1.2e-7
        let center = Float3(minimum + size * 0.5)
        let half = Float3(size * 0.5 + slack)
        let (front, back) = areas(half, facing)
        return PlanNode(
            center: center, half: half, reachCenter: center, reachHalf: half, frontArea: front, backArea: back,
            error: record.error, reachError: record.error, chunk: record.chunk, triangleCount: record.triangleCount)
    }

    /// Areas of the surface in a box, seen along each axis from both sides.
    ///
    /// The shares say how the area is distributed over the axes, not how large it is; seen along an axis, one layer of
    /// surface covers at most the box's face. The axis that this bounds most gives the estimate.
    private static func areas(_ half: Float3, _ facing: SIMD8<UInt8>) -> (front: Float3, back: Float3) {
        let faces = Float3(half.y * half.z, half.z * half.x, half.x * half.y) * 4
        let front = Float3(Float(facing[1]), Float(facing[3]), Float(facing[5])) / 255
        let back = Float3(Float(facing[0]), Float(facing[2]), Float(facing[4])) / 255
        var total = Float.infinity
        for axis in 0..<3 {
            let largest = max(front[axis], back[axis])
            if largest > 0.02 { total = min(total, faces[axis] / largest) }
        }
        guard total.isFinite else { return (faces / 2, faces / 2) }
        return (front * total, back * total)
    }

    private mutating func extendReach(_ number: Int) {
        var low = nodes[number].center - nodes[number].half
        var high = nodes[number].center + nodes[number].half
        for item in children.range(number) {
            let child = nodes[Int(children.items[item])]
            low = pointwiseMin(low, child.reachCenter - child.reachHalf)
            high = pointwiseMax(high, child.reachCenter + child.reachHalf)
            nodes[number].remainingError = max(nodes[number].remainingError, child.error)
            nodes[number].reachError = max(nodes[number].reachError, child.reachError)
        }
        nodes[number].reachCenter = (low + high) * 0.5
        nodes[number].reachHalf = (high - low) * 0.5 + pointwiseMax(high, -low) * 1.2e-7
    }

    private mutating func add(_ record: GeometryRecord, _ index: TilesetIndex, _ description: ModelDescription) {
        var low = Float3(repeating: .infinity)
        var high = Float3(repeating: -.infinity)
        var (front, back) = (Float3.zero, Float3.zero)
        var rootNodes: [UInt32] = []
        var onlyChunk = record.nodeCount > 0 ? nodes[Int(record.firstNode)].chunk : none
        for number in record.nodes {
            if nodes[number].chunk != onlyChunk { onlyChunk = none }
            guard index.nodes[number].parents.isEmpty else { continue }
            rootNodes.append(UInt32(number))
            low = pointwiseMin(low, nodes[number].reachCenter - nodes[number].reachHalf)
            high = pointwiseMax(high, nodes[number].reachCenter + nodes[number].reachHalf)
            front += nodes[number].frontArea
            back += nodes[number].backArea
        }
        roots.append(rootNodes)
        let isEmpty = rootNodes.isEmpty
        geometries.append(
            PlanGeometry(
                firstNode: record.firstNode, nodeCount: record.nodeCount, center: isEmpty ? .zero : (low + high) * 0.5,
                half: isEmpty ? .zero : (high - low) * 0.5, frontArea: front, backArea: back, onlyChunk: onlyChunk,
                isProxy: record.isProxy,
                isTwoSided: record.materials.contains { description.materials[Int($0)].isDoubleSided }))
    }
}
