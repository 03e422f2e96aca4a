// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Finds every decoded triangle among the source's by its three positions in cyclic order, and with it every decoded
/// vertex among the source's. Triangles with equal positions are told apart by nothing and paired in order.
struct TriangleMatch {
    /// Source triangle of each decoded one.
    let sourceTriangles: [UInt32]
    /// Source vertex of each decoded one.
    let sourceVertices: [Int]

    /// - Throws: `mismatch` when the two are not the same set of triangles.
    init(source: NodeMesh, decoded: NodeMesh) throws(NodeCodingError) {
        guard source.triangleCount == decoded.triangleCount else {
            throw .mismatch("\(source.triangleCount) triangles became \(decoded.triangleCount)")
        }
        var positions = PositionTable(capacity: source.vertexCount)
        let sourceIDs = TriangleMatch.identify(source.positions, &positions)
        let knownPositions = positions.count
        let decodedIDs = TriangleMatch.identify(decoded.positions, &positions)
        guard positions.count == knownPositions else { throw .mismatch("positions changed") }

        var triangles = TriangleTable(capacity: source.triangleCount)
        for triangle in 0..<source.triangleCount {
            let (key, _) = TriangleMatch.key(source.indices, triangle, sourceIDs)
            triangles.insert(key, triangle)
        }
        var sourceTriangles = [UInt32](repeating: 0, count: decoded.triangleCount)
        var sourceVertices = [Int](repeating: 0, count: decoded.vertexCount)
        for triangle in 0..<decoded.triangleCount {
            let (key, rotation) = TriangleMatch.key(decoded.indices, triangle, decodedIDs)
            guard let found = triangles.take(key) else { throw .mismatch("a triangle changed") }
            let (_, sourceRotation) = TriangleMatch.key(source.indices, found, sourceIDs)
            sourceTriangles[triangle] = UInt32(found)
            for corner in 0..<3 {
                let decodedVertex = Int(decoded.indices[3 * triangle + (corner + rotation) % 3])
                sourceVertices[decodedVertex] = Int(source.indices[3 * found + (corner + sourceRotation) % 3])
            }
        }
        self.sourceTriangles = sourceTriangles
        self.sourceVertices = sourceVertices
    }

    /// The range of each decoded triangle.
    func labels(rangeTriangleCounts: [Int]) -> [UInt16] {
        var rangeOfTriangle = [UInt16]()
        rangeOfTriangle.reserveCapacity(sourceTriangles.count)
        for (range, count) in rangeTriangleCounts.enumerated() {
            rangeOfTriangle.append(contentsOf: repeatElement(UInt16(range), count: count))
        }
        return sourceTriangles.map { rangeOfTriangle[Int($0)] }
    }

    private static func identify(_ positions: [Int32], _ table: inout PositionTable) -> [UInt32] {
        var ids: [UInt32] = []
        ids.reserveCapacity(positions.count / 3)
        for first in stride(from: 0, to: positions.count, by: 3) {
            // 21 bits an axis: the finest grid a geometry may have.
            let x = UInt64(truncatingIfNeeded: positions[first]) & 0x1f_ffff
            let y = UInt64(truncatingIfNeeded: positions[first + 1]) & 0x1f_ffff
            let z = UInt64(truncatingIfNeeded: positions[first + 2]) & 0x1f_ffff
            ids.append(table.insert(x | y << 21 | z << 42))
        }
        return ids
    }

    /// The position ids of a triangle, the smallest first, as one number; and which corner that is.
    @inline(__always)
    private static func key(_ indices: [UInt32], _ triangle: Int, _ ids: [UInt32]) -> (UInt64, Int) {
        let a = UInt64(ids[Int(indices[3 * triangle])])
        let b = UInt64(ids[Int(indices[3 * triangle + 1])])
        let c = UInt64(ids[Int(indices[3 * triangle + 2])])
        if a <= b && a <= c { return (a << 42 | b << 21 | c, 0) }
        if b <= c { return (b << 42 | c << 21 | a, 1) }
        return (c << 42 | a << 21 | b, 2)
    }
}

/// Numbers distinct keys in order of appearance: open addressing, because a Dictionary costs more than the rest of the
/// encoder.
private struct PositionTable {
    private var keys: [UInt64]
    private var values: [UInt32]
    private(set) var count = 0
    private let capacity: Int

    init(capacity: Int) {
        var size = 16
        while size < 3 * capacity { size *= 2 }
        self.capacity = size
        keys = Array(repeating: .max, count: size)
        values = Array(repeating: 0, count: size)
    }

    /// The number of `key`; a new one if it has none. Beyond the capacity, keys without a number all get `.max`.
    mutating func insert(_ key: UInt64) -> UInt32 {
        var slot = hashSlot(key, mask: capacity - 1)
        while keys[slot] != .max {
            if keys[slot] == key { return values[slot] }
            slot = (slot + 1) & (capacity - 1)
        }
        guard count < capacity * 3 / 4 else {
            count += 1
            return 0
        }
        keys[slot] = key
        values[slot] = UInt32(count)
        count += 1
        return values[slot]
    }
}

/// A multimap from triangle key to triangle numbers, first in, first out.
private struct TriangleTable {
    private var keys: [UInt64]
    private var heads: [Int32]
    private var following: [Int32]
    private let capacity: Int

    init(capacity triangleCount: Int) {
        var size = 16
        while size < 2 * triangleCount { size *= 2 }
        capacity = size
        keys = Array(repeating: .max, count: size)
        heads = Array(repeating: -1, count: size)
        following = Array(repeating: -1, count: triangleCount)
    }

    mutating func insert(_ key: UInt64, _ triangle: Int) {
        let slot = find(key)
        keys[slot] = key
        var last = heads[slot]
        if last < 0 {
            heads[slot] = Int32(triangle)
            return
        }
        while following[Int(last)] >= 0 { last = following[Int(last)] }
        following[Int(last)] = Int32(triangle)
    }

    mutating func take(_ key: UInt64) -> Int? {
        let slot = find(key)
        guard keys[slot] == key, heads[slot] >= 0 else { return nil }
        let triangle = Int(heads[slot])
        heads[slot] = following[triangle]
        return triangle
    }

    private func find(_ key: UInt64) -> Int {
        var slot = hashSlot(key, mask: capacity - 1)
        while keys[slot] != .max && keys[slot] != key { slot = (slot + 1) & (capacity - 1) }
        return slot
    }
}

@inline(__always)
private func hashSlot(_ key: UInt64, mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
}
