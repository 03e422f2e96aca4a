// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import MeshProcessing
import StreamCore

/// Levels too large for the memory limit, built slab by slab from disk. What slabs share is locked like what groups
/// share, so the result is as closed as one built in memory; only the groups' borders differ.
extension GeometryBuilder {
    /// Bytes of memory that building one triangle in memory takes at its peak, by measurement, with `wordCount` words
    /// per vertex.
    static func bytesPerTriangle(wordCount: Int) -> Int { 52 + 6 * wordCount }

    /// How many triangles may be in memory at once; nil: any number.
    static func capacity(memoryLimit: Int?, wordCount: Int) -> Int? {
        memoryLimit.map { max(1 << 17, $0 / 2 / bytesPerTriangle(wordCount: wordCount)) }
    }

    typealias Source = (Int, (Span<UInt32>) throws(BuildError) -> Void) throws(BuildError) -> Void

    /// Builds levels from `source` until one fits in memory.
    ///
    /// - Parameters:
    ///   - source: calls its second argument with the record (see `TriangleSpool`) of every triangle, or of every n-th
    ///     one where the first says so; the same each time, all of them last.
    ///   - box: around all vertices, in grid steps.
    /// - Returns: the first level that fits, and its number.
    mutating func buildSlabs(
        format: VertexWords, grid: Grid, box: (minimum: Int3, maximum: Int3), capacity: Int,
        progress: (Int) -> Void,
        source: Source
    ) throws(BuildError) -> (mesh: LevelMesh, level: Int, done: Int) {
        var done = 0
        var next = try buildSlabLevel(
            0, format: format, grid: grid, box: box, capacity: capacity, done: &done, progress: progress, source: source
        )
        var level = 1
        while next.count > capacity {
            let input = next
            let previous = input.count
            next = try buildSlabLevel(
                level, format: format, grid: grid, box: box, capacity: capacity, done: &done, progress: progress,
                source: { step, body throws(BuildError) in
                    try input.forEachBlock { block throws(BuildError) in
                        for start in stride(from: 0, to: block.count, by: step * input.stride) {
                            try body(block.extracting(start..<start + input.stride))
                        }
                    }
                })
            level += 1
            // A soup that cannot be simplified would go round for ever; it is stored as it is, over the limit.
            if next.count * 10 > previous * 9 { break }
        }
        return (try next.load(), level, done)
    }

    private mutating func buildSlabLevel(
        _ level: Int, format: VertexWords, grid: Grid, box: (minimum: Int3, maximum: Int3), capacity: Int,
        done: inout Int, progress: (Int) -> Void,
        source: Source
    ) throws(BuildError) -> TriangleSpool {
        var (slabs, crossing) = try cut(level, format: format, box: box, capacity: capacity, source: source)
        let normals = try CrossingNormals(slabs, format: format, crossing: crossing)
        var next = try TriangleSpool(format: format, directory: options.spill.directory)
        for number in slabs.indices {
            var mesh = try slabs[number].load()
            slabs[number] = try TriangleSpool(format: format, directory: options.spill.directory)
            normals.fix(&mesh, shift: precision.normalShift)
            let isCrossing = mesh.flags { crossing.contains($0) }
            let partition = LevelPartition(
                mesh, groupSize: GeometryBuilder.groupTriangleCount, level: level, threads: options.threads,
                alwaysShared: isCrossing)
            mesh.fixBorderNormals(partition.isShared, shift: precision.normalShift)
            let result = try process(
                mesh, partition, level, grid, isRoot: false, base: done, progress: progress)
            done += mesh.triangleCount
            result.move(&mesh)
            try append(result, of: mesh, partition.isShared, to: &next)
        }
        try next.finish()
        return next
    }

    /// Where slabs are cut is decided by a sample: their size need not be exact.
    private static let countingStep = 8

    /// Distributes the triangles over slabs on disk, and finds the positions that several slabs may share.
    private func cut(
        _ level: Int, format: VertexWords, box: (minimum: Int3, maximum: Int3), capacity: Int,
        source: Source
    ) throws(BuildError) -> (slabs: [TriangleSpool], crossing: PositionSet) {
        var partition = SlabPartition(level: level, box: box)
        let corner = 4 + format.count
        func point(_ record: Span<UInt32>, _ number: Int) -> Float3 {
            let first = number * corner
            return Float3(
                Float(Int32(bitPattern: record[first])), Float(Int32(bitPattern: record[first + 1])),
                Float(Int32(bitPattern: record[first + 2])))
        }
        func centroid(_ record: Span<UInt32>) -> Float3 {
            (point(record, 0) + point(record, 1) + point(record, 2)) / 3
        }
        var count = 0
        try source(GeometryBuilder.countingStep) { record throws(BuildError) in
            partition.count(centroid(record))
            count += 1
            if count & 0xf_ffff == 0, options.isCancelled() { throw .cancelled }
        }
        partition.split(capacity: capacity / GeometryBuilder.countingStep)
        var slabs: [TriangleSpool] = []
        for _ in 0..<partition.slabCount {
            slabs.append(try TriangleSpool(format: format, directory: options.spill.directory))
        }
        var crossing = PositionSet()
        try source(1) { record throws(BuildError) in
            let slab = partition.slab(centroid(record))
            for number in 0..<3 where partition.slab(point(record, number)) != slab {
                let first = number * corner
                crossing.insert(
                    PositionSet.key(
                        Int32(bitPattern: record[first]), Int32(bitPattern: record[first + 1]),
                        Int32(bitPattern: record[first + 2])))
            }
            try slabs[slab].append(record)
            count += 1
            if count & 0xf_ffff == 0, options.isCancelled() { throw .cancelled }
        }
        for number in slabs.indices { try slabs[number].finish() }
        return (slabs, crossing)
    }

    /// Writes a slab's simplified triangles for the next level; vertices that stay locked take their normals along.
    private func append(
        _ result: NextLevel, of mesh: LevelMesh, _ isShared: [Bool], to spool: inout TriangleSpool
    ) throws(BuildError) {
        var record = [UInt32](repeating: 0, count: spool.stride)
        let corner = spool.cornerStride
        let wordCount = mesh.format.count
        for triangle in result.labels.indices {
            for number in 0..<3 {
                let vertex = result.triangles[3 * triangle + number]
                let first = number * corner
                for axis in 0..<3 { record[first + axis] = UInt32(bitPattern: mesh.positions[3 * Int(vertex) + axis]) }
                for word in 0..<wordCount { record[first + 3 + word] = mesh.words[Int(vertex) * wordCount + word] }
                let keepsNormal = !mesh.borderNormals.isEmpty && isShared[Int(mesh.place(vertex))]
                record[first + 3 + wordCount] =
                    keepsNormal ? mesh.borderNormals[Int(vertex)] : NodeMesh.computedNormal
            }
            record[record.count - 1] = result.labels[triangle]
            try spool.append(record.span)
        }
    }
}

/// A set of grid positions: open addressing with a multiplicative hash, because it is asked once per corner.
struct PositionSet: Sendable {
    private var slots: [UInt64] = Array(repeating: .max, count: 1024)
    private var count = 0

    /// 21 bits an axis, the finest grid there is.
    @inline(__always)
    static func key(_ x: Int32, _ y: Int32, _ z: Int32) -> UInt64 {
        let mask: UInt64 = 0x1f_ffff
        return UInt64(truncatingIfNeeded: x) & mask | (UInt64(truncatingIfNeeded: y) & mask) << 21
            | (UInt64(truncatingIfNeeded: z) & mask) << 42
    }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    func contains(_ key: UInt64) -> Bool { slots[slot(key)] == key }

    mutating func insert(_ key: UInt64) {
        let free = slot(key)
        if slots[free] == key { return }
        slots[free] = key
        count += 1
        if count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: .max, count: 2 * old.count)
        for key in old where key != .max { slots[slot(key)] = key }
    }

    /// Where the key is, or would go.
    @inline(__always)
    private func slot(_ key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
        while slots[slot] != key && slots[slot] != .max { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}

extension LevelMesh {
    /// A flag per place, from its position.
    func flags(_ isSet: (UInt64) -> Bool) -> [Bool] {
        var flags = [Bool](repeating: false, count: placeCount)
        for vertex in 0..<UInt32(vertexCount) where isSet(key(vertex)) { flags[Int(place(vertex))] = true }
        return flags
    }

    func key(_ vertex: UInt32) -> UInt64 {
        let first = 3 * Int(vertex)
        return PositionSet.key(positions[first], positions[first + 1], positions[first + 2])
    }
}

/// The normals of vertices that several slabs share, summed over the triangles of all of them before any slab is built,
/// because each slab alone sees only part of the fan.
struct CrossingNormals {
    private var welder: VertexWelder
    private var sums: [Float3] = []
    private let isNeeded: Bool

    init(
        _ slabs: [TriangleSpool], format: VertexWords, crossing: PositionSet
    ) throws(BuildError) {
        welder = VertexWelder(wordCount: format.count, expectedCount: 1024)
        isNeeded = format.layout.normals == .computed && !crossing.isEmpty
        guard isNeeded else { return }
        for slab in slabs {
            let (corner, stride) = (slab.cornerStride, slab.stride)
            try slab.forEachBlock { block throws(BuildError) in
                for start in Swift.stride(from: 0, to: block.count, by: stride) {
                    add(block.extracting(start..<start + stride), corner, format.count, crossing)
                }
            }
        }
    }

    private mutating func add(_ record: Span<UInt32>, _ corner: Int, _ wordCount: Int, _ crossing: PositionSet) {
        func position(_ number: Int) -> Int3 {
            let first = number * corner
            return Int3(
                Int32(bitPattern: record[first]), Int32(bitPattern: record[first + 1]),
                Int32(bitPattern: record[first + 2]))
        }
        let points = (position(0), position(1), position(2))
        let isListed = (
            crossing.contains(PositionSet.key(points.0.x, points.0.y, points.0.z)),
            crossing.contains(PositionSet.key(points.1.x, points.1.y, points.1.z)),
            crossing.contains(PositionSet.key(points.2.x, points.2.y, points.2.z))
        )
        guard isListed.0 || isListed.1 || isListed.2 else { return }
        let normal = cross(Float3(points.1 &- points.0), Float3(points.2 &- points.0))
        for (number, isListed) in [isListed.0, isListed.1, isListed.2].enumerated() where isListed {
            let first = number * corner
            // One that already has a normal from the finer level keeps it.
            if record[first + 3 + wordCount] != NodeMesh.computedNormal { continue }
            let point = position(number)
            let slot = Int(
                welder.insert(
                    x: point.x, y: point.y, z: point.z, words: record.extracting(first + 3..<first + 3 + wordCount)))
            if slot == sums.count { sums.append(normal) } else { sums[slot] += normal }
        }
    }

    /// Gives the mesh's shared vertices their normals.
    func fix(_ mesh: inout LevelMesh, shift: Int) {
        guard isNeeded, !mesh.borderNormals.isEmpty else { return }
        let wordCount = mesh.format.count
        let words = mesh.words
        for vertex in 0..<mesh.vertexCount where mesh.borderNormals[vertex] == NodeMesh.computedNormal {
            let first = 3 * vertex
            let slot = welder.find(
                x: mesh.positions[first], y: mesh.positions[first + 1], z: mesh.positions[first + 2],
                words: words.span.extracting(wordCount * vertex..<wordCount * (vertex + 1)))
            if let slot {
                mesh.borderNormals[vertex] = OctahedralNormal.rounded(
                    OctahedralNormal.encode(sums[Int(slot)]), shift: shift)
            }
        }
    }
}
