// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import MeshProcessing
import StreamCore

/// A level cut into groups, and which places more than one group touches: those must not move when the groups are
/// simplified, or cracks would open between them.
struct LevelPartition: Sendable {
    /// Triangle numbers, group after group.
    let order: [UInt32]
    let groups: [Range<Int>]
    /// Per place.
    let isShared: [Bool]

    /// The whole level as one group.
    init(singleGroupOf mesh: LevelMesh) {
        order = (0..<UInt32(mesh.triangleCount)).map { $0 }
        groups = [0..<mesh.triangleCount]
        isShared = Array(repeating: false, count: mesh.placeCount)
    }

    /// - Parameters:
    ///   - level: rotates the splitting axes, so that borders of consecutive levels cross.
    ///   - alwaysShared: places that something outside this mesh also touches.
    init(_ mesh: LevelMesh, groupSize: Int, level: Int, threads: Int, alwaysShared: [Bool] = []) {
        var items = LevelPartition.centroids(mesh, level: level)
        let groups = TrianglePartition.split(&items, groupSize: groupSize, threads: threads)
        let order = items.map { $0.triangle }
        items = []
        self.order = order
        self.groups = groups
        isShared = LevelPartition.sharedPlaces(mesh, order, groups, alwaysShared)
    }

    private static func centroids(_ mesh: LevelMesh, level: Int) -> [TrianglePartition.Item] {
        let axes = splittingAxes(level: level)
        let positions = mesh.positions.span
        let triangles = mesh.triangles.span
        func sum(_ first: Int) -> Float3 {
            var total = Float3.zero
            for corner in 0..<3 {
                let start = 3 * Int(triangles[first + corner])
                total += Float3(
                    Float(positions[start]), Float(positions[start + 1]), Float(positions[start + 2]))
            }
            return total
        }
        var items: [TrianglePartition.Item] = []
        items.reserveCapacity(mesh.triangleCount)
        for triangle in 0..<mesh.triangleCount {
            let center = sum(3 * triangle)
            items.append(
                TrianglePartition.Item(
                    x: dot(axes.0, center), y: dot(axes.1, center), z: dot(axes.2, center),
                    triangle: UInt32(triangle)))
        }
        return items
    }

    /// A rotation by 0.9 l + 0.3 about z, then 1.7 l about x, without libm, so that every machine splits alike.
    static func splittingAxes(level: Int) -> (Float3, Float3, Float3) {
        func rotation(_ angle: Double) -> (cosine: Double, sine: Double) {
            // The half-angle form of a Taylor series, squared up: exact to 1e-12 for the few radians used here.
            let x = angle / 64
            var (c, s) = (1 - x * x / 2 + x * x * x * x / 24, x - x * x * x / 6 + x * x * x * x * x / 120)
            for _ in 0..<6 { (c, s) = (c * c - s * s, 2 * s * c) }
            return (c, s)
        }
        let (cz, sz) = rotation(0.9 * Double(level) + 0.3)
        let (cx, sx) = rotation(1.7 * Double(level))
        return (
            Float3(Double3(cz, -sz, 0)), Float3(Double3(sz * cx, cz * cx, -sx)), Float3(Double3(sz * sx, cz * sx, cx))
        )
    }

    private static func sharedPlaces(
        _ mesh: LevelMesh, _ order: [UInt32], _ groups: [Range<Int>], _ alwaysShared: [Bool]
    ) -> [Bool] {
        var isShared = alwaysShared.isEmpty ? Array(repeating: false, count: mesh.placeCount) : alwaysShared
        var owner = [UInt32](repeating: .max, count: isShared.count)
        let triangles = mesh.triangles.span
        for (group, range) in groups.enumerated() {
            for triangle in order[range] {
                for corner in 0..<3 {
                    let place = Int(mesh.place(triangles[3 * Int(triangle) + corner]))
                    if owner[place] == .max {
                        owner[place] = UInt32(group)
                    } else if owner[place] != UInt32(group) {
                        isShared[place] = true
                    }
                }
            }
        }
        return isShared
    }
}

extension LevelMesh {
    /// Fixes the normals of vertices that several groups share, so that all chunks around them show the same one: a
    /// vertex that already was on a border of the finer level keeps its normal, others get the area-weighted normal of
    /// this level's triangles.
    ///
    /// - Parameters:
    ///   - isShared: per place.
    ///   - shift: by how many bits the codes may be coarser.
    mutating func fixBorderNormals(_ isShared: [Bool], shift: Int) {
        guard format.layout.normals == .computed else { return }
        if borderNormals.isEmpty { borderNormals = Array(repeating: NodeMesh.computedNormal, count: vertexCount) }
        var slots = [UInt32](repeating: .max, count: vertexCount)
        var sums: [Float3] = []
        for triangle in 0..<triangleCount {
            let (a, b, c) = (triangles[3 * triangle], triangles[3 * triangle + 1], triangles[3 * triangle + 2])
            let needsA = needsNormal(a, isShared)
            let needsB = needsNormal(b, isShared)
            let needsC = needsNormal(c, isShared)
            guard needsA || needsB || needsC else { continue }
            let origin = point(a)
            let normal = cross(Float3(point(b) &- origin), Float3(point(c) &- origin))
            func add(_ vertex: UInt32) {
                if slots[Int(vertex)] == .max {
                    slots[Int(vertex)] = UInt32(sums.count)
                    sums.append(normal)
                } else {
                    sums[Int(slots[Int(vertex)])] += normal
                }
            }
            if needsA { add(a) }
            if needsB { add(b) }
            if needsC { add(c) }
        }
        for vertex in slots.indices where slots[vertex] != .max {
            borderNormals[vertex] = OctahedralNormal.rounded(
                OctahedralNormal.encode(sums[Int(slots[vertex])]), shift: shift)
        }
    }

    @inline(__always)
    private func needsNormal(_ vertex: UInt32, _ isShared: [Bool]) -> Bool {
        isShared[Int(place(vertex))] && borderNormals[Int(vertex)] == NodeMesh.computedNormal
    }
}
