// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

/// Which 32-bit words describe a vertex besides its position. Vertices with equal positions and equal words are one.
struct VertexWords: Equatable, Sendable {
    var layout: VertexLayout
    /// A word that keeps the two sides of a hard edge apart where normals are computed.
    var hasCreases = false
    /// A word with the material, so that simplification never mixes materials.
    var hasMaterials = false

    private var normalCount: Int { layout.normals == .stored || hasCreases ? 1 : 0 }
    /// Octahedral code where normals are stored, else the hard-edge group.
    var normal: Int { 0 }
    func coordinate(set: Int) -> Int { normalCount + 2 * set }
    var color: Int { normalCount + 2 * layout.coordinateSetCount }
    var material: Int { color + (layout.colorComponentCount > 0 ? 1 : 0) }
    var count: Int { material + (hasMaterials ? 1 : 0) }
    var hasNormalWord: Bool { normalCount == 1 }
}

/// All triangles of one level of a geometry, on its integer grid.
struct LevelMesh: Sendable {
    var format: VertexWords
    /// xyz per vertex.
    var positions: [Int32] = []
    /// `format.count` per vertex.
    var words: [UInt32] = []
    /// The position's number, equal for vertices at one place; empty: no two vertices share a place.
    var places: [UInt32] = []
    /// Normals that must stay as they are because a finer level's border shows them; `NodeMesh.computedNormal` for all
    /// others. Empty where normals are stored as words.
    var borderNormals: [UInt32] = []
    /// Three vertices per triangle.
    var triangles: [UInt32] = []
    /// The finer node each triangle came from, in order of creation; empty at level 0.
    var labels: [UInt32] = []

    static let noLabel = UInt32.max

    init(format: VertexWords) { self.format = format }

    var vertexCount: Int { positions.count / 3 }
    var triangleCount: Int { triangles.count / 3 }
    var placeCount: Int { placesAreVertices ? vertexCount : Int((places.max() ?? 0)) + 1 }
    var placesAreVertices: Bool { places.isEmpty }

    @inline(__always)
    func place(_ vertex: UInt32) -> UInt32 { places.isEmpty ? vertex : places[Int(vertex)] }

    @inline(__always)
    func point(_ vertex: UInt32) -> Int3 {
        let first = 3 * Int(vertex)
        return Int3(positions[first], positions[first + 1], positions[first + 2])
    }

    func material(_ vertex: UInt32) -> UInt16 {
        format.hasMaterials ? UInt16(truncatingIfNeeded: words[Int(vertex) * format.count + format.material]) : 0
    }

    /// Drops the vertices that no triangle uses, keeping the order of the others.
    mutating func dropUnusedVertices() {
        var newIndex = [UInt32](repeating: .max, count: vertexCount)
        for vertex in triangles { newIndex[Int(vertex)] = 0 }
        var count: UInt32 = 0
        for vertex in newIndex.indices where newIndex[vertex] == 0 {
            newIndex[vertex] = count
            moveVertex(from: vertex, to: Int(count))
            count += 1
        }
        positions.removeLast(positions.count - 3 * Int(count))
        words.removeLast(words.count - format.count * Int(count))
        if !borderNormals.isEmpty { borderNormals.removeLast(borderNormals.count - Int(count)) }
        if !places.isEmpty {
            places.removeLast(places.count - Int(count))
            renumberPlaces()
        }
        for index in triangles.indices { triangles[index] = newIndex[Int(triangles[index])] }
    }

    private mutating func moveVertex(from old: Int, to new: Int) {
        guard old != new else { return }
        for axis in 0..<3 { positions[3 * new + axis] = positions[3 * old + axis] }
        for word in 0..<format.count { words[format.count * new + word] = words[format.count * old + word] }
        if !borderNormals.isEmpty { borderNormals[new] = borderNormals[old] }
        if !places.isEmpty { places[new] = places[old] }
    }

    private mutating func renumberPlaces() {
        var newPlace = [UInt32](repeating: .max, count: Int((places.max() ?? 0)) + 1)
        var count: UInt32 = 0
        for vertex in places.indices {
            let place = Int(places[vertex])
            if newPlace[place] == .max {
                newPlace[place] = count
                count += 1
            }
            places[vertex] = newPlace[place]
        }
    }
}
