// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

/// The triangles of one group with vertices numbered from 0: small enough to stay in the processor's cache, and what
/// the simplifier needs, whose cost grows with the number of vertices it is handed (28 times slower otherwise).
struct GroupMesh {
    /// The level's vertex behind each local one.
    private(set) var vertices: [UInt32] = []
    /// Three local vertices per triangle, sorted by range.
    private(set) var indices: [UInt32] = []
    private(set) var ranges: [Range] = []
    /// The level's triangle behind each of them.
    private(set) var triangles: [UInt32] = []

    struct Range: Equatable, Sendable {
        var label: UInt32
        var material: UInt16
        var triangleCount: Int
    }

    /// - Parameter removesDuplicates: drops all but one of triangles with the same vertices in the same order, which
    ///   would break border detection; right for the source's triangles only, because coarser levels may need them to
    ///   stay closed.
    init(_ mesh: LevelMesh, triangles: ArraySlice<UInt32>, removesDuplicates: Bool) {
        var order = Array(triangles)
        let hasLabels = !mesh.labels.isEmpty
        func key(_ triangle: UInt32) -> UInt64 {
            let label = hasLabels ? mesh.labels[Int(triangle)] : LevelMesh.noLabel
            return UInt64(label) << 16 | UInt64(mesh.material(mesh.triangles[3 * Int(triangle)]))
        }
        if hasLabels || mesh.format.hasMaterials {
            // Ties keep the triangle's number: the sort's result is the same everywhere.
            let keyed = order.map { (key($0), $0) }.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
            order = keyed.map { $0.1 }
        }
        if removesDuplicates { order = GroupMesh.withoutDuplicates(order, mesh) }
        self.triangles = order
        var local = LocalNumbers(expectedCount: order.count)
        indices.reserveCapacity(3 * order.count)
        for triangle in order {
            for corner in 0..<3 {
                let vertex = mesh.triangles[3 * Int(triangle) + corner]
                let (number, isNew) = local.insert(vertex)
                if isNew { vertices.append(vertex) }
                indices.append(number)
            }
            append(key(triangle))
        }
    }

    private mutating func append(_ key: UInt64) {
        let label = UInt32(key >> 16)
        let material = UInt16(truncatingIfNeeded: key)
        if let last = ranges.last, last.label == label, last.material == material {
            ranges[ranges.count - 1].triangleCount += 1
        } else {
            ranges.append(Range(label: label, material: material, triangleCount: 1))
        }
    }

    private static func withoutDuplicates(_ order: [UInt32], _ mesh: LevelMesh) -> [UInt32] {
        func canonical(_ triangle: UInt32) -> SIMD3<UInt32> {
            let (a, b, c) = (
                mesh.triangles[3 * Int(triangle)], mesh.triangles[3 * Int(triangle) + 1],
                mesh.triangles[3 * Int(triangle) + 2]
            )
            if a <= b && a <= c { return SIMD3(a, b, c) }
            return b <= c ? SIMD3(b, c, a) : SIMD3(c, a, b)
        }
        var seen = Set<SIMD3<UInt32>>(minimumCapacity: order.count)
        return order.filter { seen.insert(canonical($0)).inserted }
    }

    /// Positions relative to `origin`, exact because a group spans fewer than 2^24 grid steps.
    func floatPositions(_ mesh: LevelMesh, origin: Int3) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(3 * vertices.count)
        for vertex in vertices {
            let point = Float3(mesh.point(vertex) &- origin)
            result.append(point.x)
            result.append(point.y)
            result.append(point.z)
        }
        return result
    }

    /// What goes into the node's chunk.
    func nodeMesh(_ mesh: LevelMesh) -> NodeMesh {
        let format = mesh.format
        var node = NodeMesh(layout: format.layout)
        node.indices = indices
        node.rangeTriangleCounts = ranges.map { $0.triangleCount }
        node.positions.reserveCapacity(3 * vertices.count)
        for vertex in vertices {
            for axis in 0..<3 { node.positions.append(mesh.positions[3 * Int(vertex) + axis]) }
        }
        if format.layout.normals == .stored {
            node.normals = vertices.map { mesh.words[Int($0) * format.count + format.normal] }
        } else if mesh.borderNormals.isEmpty {
            node.normals = Array(repeating: NodeMesh.computedNormal, count: vertices.count)
        } else {
            node.normals = vertices.map { mesh.borderNormals[Int($0)] }
        }
        for set in 0..<format.layout.coordinateSetCount {
            node.coordinates[set] = vertices.flatMap { vertex -> [Int32] in
                let first = Int(vertex) * format.count + format.coordinate(set: set)
                return [Int32(bitPattern: mesh.words[first]), Int32(bitPattern: mesh.words[first + 1])]
            }
        }
        for vertex in vertices where format.layout.colorComponentCount > 0 {
            let color = mesh.words[Int(vertex) * format.count + format.color]
            for component in 0..<format.layout.colorComponentCount {
                node.colors.append(UInt8(truncatingIfNeeded: color >> UInt32(8 * component)))
            }
        }
        return node
    }
}

/// Numbers distinct vertices in order of appearance.
private struct LocalNumbers {
    private var keys: [UInt32]
    private var numbers: [UInt32]
    private var count: UInt32 = 0
    private let mask: Int

    /// - Parameter expectedCount: at most three times as many distinct vertices may come.
    init(expectedCount: Int) {
        var capacity = 64
        while capacity < 4 * expectedCount { capacity *= 2 }
        mask = capacity - 1
        keys = Array(repeating: .max, count: capacity)
        numbers = Array(repeating: 0, count: capacity)
    }

    mutating func insert(_ key: UInt32) -> (number: UInt32, isNew: Bool) {
        var slot = Int((key &* 0x9E37_79B1) >> 7) & mask
        while keys[slot] != .max {
            if keys[slot] == key { return (numbers[slot], false) }
            slot = (slot + 1) & mask
        }
        keys[slot] = key
        numbers[slot] = count
        count += 1
        return (count - 1, true)
    }
}
