// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// What a part is made of: the same mesh becomes several parts where skins or morph weights shape it differently.
struct GLTFPartKey: Hashable {
    var mesh: Int
    var skin: Int?
    /// Morph weights, empty when all are 0.
    var weights: [Float]
}

/// Builds the part of one mesh: checks and concatenates its primitives.
///
/// Vertices go through small blocks: read as floats, morphed, skinned, then written to the large arrays. A primitive
/// whose accessors were all seen in the same mesh shares their vertices.
struct GLTFPartBuilder {
    private struct Group {
        var source: GLTFVertexSource
        var firstVertex: Int
    }

    private struct Piece {
        var group: Int
        var indices: GLTFIndexSource
        var mode: GLTFTopology
        var indexCount: Int
        var material: Int?
        var place: String
        var firstTriangle = 0
        var triangleCount: Int { mode.triangleCount(of: indexCount) }
    }

    private let session: GLTFImport
    private let key: GLTFPartKey
    private let place: String
    /// From each joint's bind space to world space; empty without skin.
    private let skin: [AffineTransform]
    /// Where primitives without joints stand when others in the mesh have some.
    private let nodeTransform: AffineTransform
    private let expectedBytes: Int
    private var groups: [Group] = []
    private var pieces: [Piece] = []
    private var vertexCount = 0
    private var nonFiniteVertices = 0

    init(
        _ session: GLTFImport, _ key: GLTFPartKey, skin: [AffineTransform],
        nodeTransform: AffineTransform,
        expectedBytes: Int
    ) {
        self.session = session
        self.key = key
        self.skin = skin
        self.nodeTransform = nodeTransform
        self.expectedBytes = expectedBytes
        place = "meshes[\(key.mesh)]"
    }

    /// The part, or nil when no triangle is left.
    mutating func build(name: String) throws(ImportError) -> SourcePart? {
        try plan()
        guard !pieces.isEmpty else { return nil }
        var part = try allocate(name: name)
        for group in groups { try fill(part, from: group) }
        if !isSequential { part.indices = try makeIndices() }
        for piece in pieces {
            let range = SourcePart.MaterialRange(
                firstTriangle: piece.firstTriangle, triangleCount: piece.triangleCount,
                material: piece.material)
            part.materialRanges.append(range)
        }
        if part.normals != nil { try computeMissingNormals(of: part) }
        if nonFiniteVertices > 0 { try dropNonFinite(in: &part) }
        return part.triangleCount > 0 ? part : nil
    }

    // MARK: Planning

    private mutating func plan() throws(ImportError) {
        let mesh = session.document.meshes[key.mesh]
        var known: [GLTFVertexKey: Int] = [:]
        var firstTriangle = 0
        for (index, primitive) in mesh.primitives.enumerated() {
            let own = "\(place).primitives[\(index)]"
            guard let topology = try topology(of: primitive, own) else { continue }
            if let material = primitive.material {
                _ = try session.element(
                    session.document.materials, material, "materials", "\(own).material")
            }
            guard var piece = try piece(of: primitive, topology, &known, own) else { continue }
            guard piece.triangleCount > 0 else {
                session.warnings.add("primitives without a whole triangle are skipped", own)
                continue
            }
            if topology == .triangles, piece.indexCount % 3 != 0 {
                session.warnings.add("the indices after the last whole triangle are ignored", own)
            }
            try session.charge(piece.triangleCount, stride: 12, own)
            piece.firstTriangle = firstTriangle
            firstTriangle += piece.triangleCount
            pieces.append(piece)
        }
    }

    private func topology(
        of primitive: GLTFDocument.Primitive, _ place: String
    ) throws(ImportError) -> GLTFTopology? {
        let mode = primitive.mode ?? 4
        if (0...3).contains(mode) {
            session.warnings.add("points and lines are skipped", place)
            return nil
        }
        guard let topology = GLTFTopology(rawValue: mode) else {
            throw session.malformed("\(mode) is no primitive mode", "\(place).mode")
        }
        return topology
    }

    private mutating func piece(
        of primitive: GLTFDocument.Primitive, _ topology: GLTFTopology,
        _ known: inout [GLTFVertexKey: Int],
        _ place: String
    ) throws(ImportError) -> Piece? {
        var draco: GLTFDracoPrimitive?
        if let entry = primitive.extensions?.draco {
            draco = try GLTFDracoPrimitive(entry, of: primitive, in: session, place)
        }
        let indices = try session.indexSource(of: primitive, draco: draco, place)
        let vertexKey = GLTFVertexKey(primitive)
        if known[vertexKey] == nil {
            guard
                let source = try session.vertexSource(
                    of: primitive, weights: key.weights, isSkinned: key.skin != nil, draco: draco, place)
            else { return nil }
            known[vertexKey] = groups.count
            try add(source)
        }
        guard let group = known[vertexKey] else { return nil }
        let count =
            switch indices {
            case .sequence: groups[group].source.count
            case .accessor(let accessor): accessor.count
            case .list(let list): list.count
            }
        return Piece(
            group: group, indices: indices, mode: topology, indexCount: count,
            material: primitive.material,
            place: place)
    }

    private mutating func add(_ source: GLTFVertexSource) throws(ImportError) {
        try session.charge(source.count, stride: 48, source.place)
        groups.append(Group(source: source, firstVertex: vertexCount))
        vertexCount += source.count
        guard vertexCount <= Int(UInt32.max) else {
            throw session.error(.tooLarge, "a mesh of more than 4294967295 vertices is not read", place)
        }
    }

    /// Whether vertices 0, 1, 2, ... in order are the triangles.
    private var isSequential: Bool {
        var nextVertex = 0
        for piece in pieces {
            guard case .sequence = piece.indices, piece.mode == .triangles, piece.indexCount % 3 == 0,
                groups[piece.group].firstVertex == nextVertex
            else { return false }
            nextVertex += piece.indexCount
        }
        return nextVertex == vertexCount
    }

    private func allocate(name: String) throws(ImportError) -> SourcePart {
        func array<Element: BitwiseCopyable>(
            _ type: Element.Type, _ width: Int
        ) throws(ImportError) -> LargeArray<Element> {
            try session.makeArray(of: type, count: vertexCount * width, expectedTotalBytes: expectedBytes)
        }
        var part = SourcePart(name: name, positions: try array(Float.self, 3))
        let sources = groups.map(\.source)
        if sources.contains(where: { $0.normals != nil }) { part.normals = try array(Float.self, 3) }
        let hasSecondSet = sources.contains { $0.textureCoordinates[1] != nil }
        if hasSecondSet || sources.contains(where: { $0.textureCoordinates[0] != nil }) {
            part.textureCoordinates.append(try array(Float.self, 2))
        }
        if hasSecondSet { part.textureCoordinates.append(try array(Float.self, 2)) }
        if sources.contains(where: { $0.colors != nil }) { part.colors = try array(UInt8.self, 4) }
        return part
    }

    // MARK: Vertices

    private mutating func fill(_ part: SourcePart, from group: Group) throws(ImportError) {
        var block = GLTFVertexBlock(
            group.source, skin: skin, unskinned: key.skin == nil ? nil : nodeTransform)
        let blockCount = GLTFAccessor.blockCount
        for first in stride(from: 0, to: group.source.count, by: blockCount) {
            let range = first..<min(first + blockCount, group.source.count)
            let target = group.firstVertex + first
            if let vertex = block.readGeometry(range) {
                throw session.malformed(
                    "vertex \(vertex) names a joint that skins[\(key.skin ?? 0)] does not have",
                    group.source.place)
            }
            nonFiniteVertices += block.countNonFinite(range.count)
            GLTFBytes.write(block.positions, count: 3 * range.count, to: part.positions, at: 3 * target)
            if let normals = part.normals, group.source.normals != nil {
                GLTFBytes.write(block.normals, count: 3 * range.count, to: normals, at: 3 * target)
            }
            for (set, array) in part.textureCoordinates.enumerated() {
                block.readTextureCoordinates(range, set: set)
                GLTFBytes.write(block.textureCoordinates, count: 2 * range.count, to: array, at: 2 * target)
            }
            if let colors = part.colors {
                block.readColors(range)
                GLTFBytes.write(block.colors, count: 4 * range.count, to: colors, at: 4 * target)
            }
            try session.work(done: range.count)
        }
    }

    // MARK: Indices

    private func makeIndices() throws(ImportError) -> LargeArray<UInt32> {
        let triangleCount = pieces.reduce(0) { $0 + $1.triangleCount }
        let result = try session.makeArray(
            of: UInt32.self, count: 3 * triangleCount, expectedTotalBytes: expectedBytes)
        for piece in pieces { try fill(result, from: piece) }
        return result
    }

    private func fill(_ result: LargeArray<UInt32>, from piece: Piece) throws(ImportError) {
        let blockCount = GLTFAccessor.blockCount
        let group = groups[piece.group]
        let usedCount = piece.mode == .triangles ? piece.indexCount / 3 * 3 : piece.indexCount
        var block = [UInt32](repeating: 0, count: blockCount)
        var assembler = GLTFTriangleAssembler(piece.mode, capacity: blockCount)
        var target = 3 * piece.firstTriangle
        for first in stride(from: 0, to: usedCount, by: blockCount) {
            let range = first..<min(first + blockCount, usedCount)
            read(piece.indices, range, into: &block)
            for position in 0..<range.count where Int(block[position]) >= group.source.count {
                throw outOfRange(block[position], first + position, piece)
            }
            assembler.add(block, count: range.count, firstVertex: UInt32(group.firstVertex))
            GLTFBytes.write(assembler.indices, count: assembler.count, to: result, at: target)
            target += assembler.count
            try session.work(done: range.count)
        }
    }

    private func read(_ source: GLTFIndexSource, _ range: Range<Int>, into block: inout [UInt32]) {
        switch source {
        case .sequence:
            for position in 0..<range.count { block[position] = UInt32(range.lowerBound + position) }
        case .accessor(let accessor): accessor.readIndices(range, into: &block)
        case .list(let list):
            for position in 0..<range.count { block[position] = list[range.lowerBound + position] }
        }
    }

    private func outOfRange(_ index: UInt32, _ position: Int, _ piece: Piece) -> ImportError {
        let vertexCount = groups[piece.group].source.count
        guard case .accessor(let accessor) = piece.indices else {
            return session.malformed("index \(index) is beyond the \(vertexCount) vertices", piece.place)
        }
        let restart: UInt32 =
            switch accessor.scalar {
            case .uint8: 0xFF
            case .uint16: 0xFFFF
            default: 0xFFFF_FFFF
            }
        let reason =
            index == restart
            ? "primitive restart is not allowed" : "it is beyond the \(vertexCount) vertices"
        return session.malformed("element \(position) is \(index): \(reason)", accessor.place)
    }

    // MARK: Repairs

    /// Primitives without normals in a mesh where others have some: the average over a vertex's triangles, by area.
    private func computeMissingNormals(of part: SourcePart) throws(ImportError) {
        guard let normals = part.normals else { return }
        for (index, group) in groups.enumerated() where group.source.normals == nil {
            try session.charge(group.source.count, stride: 12, group.source.place)
            var sums = [Float3](repeating: .zero, count: group.source.count)
            for piece in pieces where piece.group == index {
                for triangle in piece.firstTriangle..<piece.firstTriangle + piece.triangleCount {
                    let corners = part.corners(of: triangle)
                    let normal = part.areaVector(of: corners)
                    for corner in [corners.0, corners.1, corners.2] {
                        sums[corner - group.firstVertex] += normal
                    }
                }
            }
            var flat: [Float] = []
            flat.reserveCapacity(3 * sums.count)
            for sum in sums {
                let normal = normalized(sum)
                flat += [normal.x, normal.y, normal.z]
            }
            GLTFBytes.write(flat, count: flat.count, to: normals, at: 3 * group.firstVertex)
        }
    }

    /// Removes the triangles with a corner that is not finite, and moves those corners onto a finite one.
    private func dropNonFinite(in part: inout SourcePart) throws(ImportError) {
        let positions = part.positions
        func isFinite(_ vertex: Int) -> Bool {
            (positions[3 * vertex] * 0 + positions[3 * vertex + 1] * 0 + positions[3 * vertex + 2] * 0)
                == 0
        }
        let kept = try session.makeArray(of: UInt32.self, count: 0, expectedTotalBytes: expectedBytes)
        var ranges: [SourcePart.MaterialRange] = []
        for range in part.materialRanges {
            let first = kept.count / 3
            for triangle in range.firstTriangle..<range.firstTriangle + range.triangleCount {
                let corners = part.corners(of: triangle)
                guard isFinite(corners.0), isFinite(corners.1), isFinite(corners.2) else { continue }
                do {
                    try kept.append(UInt32(corners.0))
                    try kept.append(UInt32(corners.1))
                    try kept.append(UInt32(corners.2))
                } catch {
                    throw ImportError(error, file: session.file.path)
                }
            }
            let count = kept.count / 3 - first
            if count > 0 {
                ranges.append(.init(firstTriangle: first, triangleCount: count, material: range.material))
            }
        }
        let dropped = part.triangleCount - kept.count / 3
        if dropped > 0 {
            session.warnings.add(
                "triangles with infinite or undefined corners were dropped", place, count: dropped)
        }
        let stand = kept.count > 0 ? Int(kept[0]) : 0
        for vertex in 0..<part.vertexCount where !isFinite(vertex) {
            for axis in 0..<3 {
                positions[3 * vertex + axis] = kept.count > 0 ? positions[3 * stand + axis] : 0
            }
        }
        part.indices = kept
        part.materialRanges = ranges
    }
}

extension SourcePart {
    /// The vertices of `triangle`.
    fileprivate func corners(of triangle: Int) -> (Int, Int, Int) {
        guard let indices else { return (3 * triangle, 3 * triangle + 1, 3 * triangle + 2) }
        return (
            Int(indices[3 * triangle]), Int(indices[3 * triangle + 1]), Int(indices[3 * triangle + 2])
        )
    }

    /// Along the normal, twice the area long; zero where it is not finite.
    fileprivate func areaVector(of corners: (Int, Int, Int)) -> Float3 {
        func point(_ vertex: Int) -> Float3 {
            Float3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2])
        }
        let origin = point(corners.0)
        let vector = cross(point(corners.1) - origin, point(corners.2) - origin)
        return vector.sum().isFinite ? vector : .zero
    }
}
