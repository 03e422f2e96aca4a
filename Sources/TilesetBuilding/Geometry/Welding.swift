// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import MeshProcessing
import ModelImport
import StreamCore

/// Turns a source part into the finest level: vertices on the grid, equal ones made one, triangles without area dropped.
struct Welding {
    let part: SourcePart
    let quantization: Quantization
    let format: VertexWords
    /// Texture coordinates are stored in these steps.
    let coordinateStep: Double
    /// Index into the geometry's materials of each material range.
    let materialSlots: [UInt16]
    /// Per corner or per vertex: the word that keeps hard edges apart, or the normal's code; nil when there is none, or
    /// when the vertex's own normal is to be stored.
    let normalWords: NormalWords?

    /// Triangles left out because two of their corners are one.
    struct Dropped: Sendable {
        /// The source itself says so.
        var degenerate = 0
        /// The corners are less than a grid step apart.
        var tiny = 0
    }

    func weld() -> (mesh: LevelMesh, dropped: Dropped) {
        let vertexCount = part.vertexCount
        var welder = VertexWelder(
            wordCount: format.count, expectedCount: part.indices == nil ? vertexCount / 5 : vertexCount)
        var triangles: [UInt32] = []
        triangles.reserveCapacity(3 * part.triangleCount)
        // A vertex has one number unless its words depend on the triangle it is seen from.
        let isPerVertex = normalWords?.isPerCorner != true && !format.hasMaterials
        var known: [UInt32] = part.indices == nil || !isPerVertex ? [] : Array(repeating: .max, count: vertexCount)
        var dropped = Dropped()
        var words = [UInt32](repeating: 0, count: format.count)
        for (rangeIndex, range) in part.materialRanges.enumerated() {
            for triangle in range.firstTriangle..<range.firstTriangle + range.triangleCount {
                let corners = part.corners(of: triangle)
                func number(_ vertex: Int, _ corner: Int) -> UInt32 {
                    if !known.isEmpty, known[vertex] != .max { return known[vertex] }
                    fill(&words, vertex: vertex, corner: 3 * triangle + corner, rangeIndex)
                    let q = quantized(vertex)
                    let number = welder.insert(x: q.x, y: q.y, z: q.z, words: words.span)
                    if !known.isEmpty { known[vertex] = number }
                    return number
                }
                let a = number(corners.0, 0)
                let b = number(corners.1, 1)
                let c = number(corners.2, 2)
                if isDegenerate(welder, a, b, c) {
                    if isDegenerateInSource(corners) { dropped.degenerate += 1 } else { dropped.tiny += 1 }
                } else {
                    triangles.append(a)
                    triangles.append(b)
                    triangles.append(c)
                }
            }
        }
        known = []
        var mesh = LevelMesh(format: format)
        mesh.triangles = triangles
        (mesh.positions, mesh.words) = welder.take()
        if dropped.degenerate + dropped.tiny > 0 { mesh.dropUnusedVertices() }
        if format.count > 0 { mesh.places = Welding.places(mesh.positions) }
        return (mesh, dropped)
    }

    /// Hands out triangles that have an area as records of a `TriangleSpool`, without keeping anything.
    ///
    /// - Parameter step: every how manieth triangle.
    /// - Returns: what was left out.
    @discardableResult
    func forEachRecord(
        step: Int, _ body: (Span<UInt32>) throws(BuildError) -> Void
    ) throws(BuildError) -> Dropped {
        let corner = 4 + format.count
        var record = [UInt32](repeating: 0, count: 3 * corner + 1)
        for number in 0..<3 { record[number * corner + corner - 1] = NodeMesh.computedNormal }
        record[record.count - 1] = LevelMesh.noLabel
        var words = [UInt32](repeating: 0, count: format.count)
        var dropped = Dropped()
        var nextRelease = Welding.releaseTriangleCount
        for (rangeIndex, range) in part.materialRanges.enumerated() {
            let triangles = range.firstTriangle..<range.firstTriangle + range.triangleCount
            for triangle in stride(from: triangles.lowerBound, to: triangles.upperBound, by: step) {
                let corners = part.corners(of: triangle)
                func write(_ number: Int, _ vertex: Int) -> Int3 {
                    let point = quantized(vertex)
                    let first = number * corner
                    record[first] = UInt32(bitPattern: point.x)
                    record[first + 1] = UInt32(bitPattern: point.y)
                    record[first + 2] = UInt32(bitPattern: point.z)
                    if words.isEmpty { return point }
                    fill(&words, vertex: vertex, corner: 3 * triangle + number, rangeIndex)
                    for word in words.indices { record[first + 3 + word] = words[word] }
                    return point
                }
                let a = write(0, corners.0)
                let b = write(1, corners.1)
                let c = write(2, corners.2)
                if triangle >= nextRelease {
                    part.releaseResidentPages()
                    nextRelease = triangle + Welding.releaseTriangleCount
                }
                if a == b || b == c || c == a {
                    if isDegenerateInSource(corners) { dropped.degenerate += 1 } else { dropped.tiny += 1 }
                } else {
                    try body(record.span)
                }
            }
        }
        return dropped
    }

    /// How often spilled arrays give their pages back.
    private static let releaseTriangleCount = 1 << 20

    @inline(__always)
    private func quantized(_ vertex: Int) -> Int3 {
        quantization.quantize(
            part.positions[3 * vertex], part.positions[3 * vertex + 1], part.positions[3 * vertex + 2],
            origin: part.origin)
    }

    private func isDegenerate(_ welder: borrowing VertexWelder, _ a: UInt32, _ b: UInt32, _ c: UInt32) -> Bool {
        welder.samePosition(a, b) || welder.samePosition(b, c) || welder.samePosition(c, a)
    }

    private func isDegenerateInSource(_ corners: (Int, Int, Int)) -> Bool {
        let (a, b, c) = (part.point(corners.0), part.point(corners.1), part.point(corners.2))
        return a == b || b == c || c == a
    }

    private func fill(_ words: inout [UInt32], vertex: Int, corner: Int, _ rangeIndex: Int) {
        if let normalWords, format.hasNormalWord {
            words[format.normal] = normalWords.values[normalWords.isPerCorner ? corner : vertex]
        } else if format.layout.normals == .stored, let normals = part.normals {
            words[format.normal] = OctahedralNormal.encode(part.normal(normals, vertex))
        }
        for set in 0..<format.layout.coordinateSetCount {
            for component in 0..<2 {
                let value = Double(part.textureCoordinates[set][2 * vertex + component]) / coordinateStep
                let clamped = value.isFinite ? min(max(value, -0x3ff_ffff), 0x3ff_ffff) : 0
                words[format.coordinate(set: set) + component] = UInt32(bitPattern: Int32(clamped.rounded()))
            }
        }
        if format.layout.colorComponentCount > 0, let colors = part.colors {
            var color: UInt32 = 0
            for component in 0..<format.layout.colorComponentCount {
                color |= UInt32(colors[4 * vertex + component]) << UInt32(8 * component)
            }
            words[format.color] = color
        }
        if format.hasMaterials { words[format.material] = UInt32(materialSlots[rangeIndex]) }
    }

    /// Numbers the distinct positions; empty when they are all distinct.
    static func places(_ positions: [Int32]) -> [UInt32] {
        var welder = VertexWelder(wordCount: 0, expectedCount: positions.count / 3)
        let none: [UInt32] = []
        var places: [UInt32] = []
        places.reserveCapacity(positions.count / 3)
        for first in stride(from: 0, to: positions.count, by: 3) {
            places.append(
                welder.insert(
                    x: positions[first], y: positions[first + 1], z: positions[first + 2], words: none.span))
        }
        return welder.count == places.count ? [] : places
    }
}

/// A word per vertex or per corner that tells normals apart.
struct NormalWords {
    var isPerCorner: Bool
    var values: [UInt32]
}
