// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import DracoCoding
import MeshProcessing
package import ModelStorage
import StreamCore

/// The fewest bytes that could show a view: the visible surface, simplified as far as the error threshold allows at each
/// distance, as one Draco mesh. No streaming system can know in advance what will be visible, so none reaches it; it is
/// the scale on which byte efficiency is measured.
///
/// Visible triangles (and one ring around them) are sorted into shells of distance, each √2 deeper than the one before,
/// and each shell into cells of about 2048 triangles. A cell is simplified as far as no vertex that went lies farther from
/// the surface than the threshold at the shell's front, with the vertices that it shares with other cells kept.
package enum SurfaceLimit {
    /// - Parameters:
    ///   - quality: holds the finest picture of the view.
    ///   - threshold: pixels.
    /// - Returns: bytes; 0 where nothing is visible. Geometry only: textures and instance tables are not counted.
    /// - Throws: `NodeCodingError` or `DracoError`.
    package static func byteCount(of quality: ViewQuality, archive: Archive, threshold: Double) throws -> Int {
        var surface = try VisibleSurface(quality, archive: archive)
        surface.addRing()
        let frustum = ViewFrustum(quality.reference.view)
        let cells = surface.cells(from: quality.reference.view.eye, isPerspective: frustum.isPerspective)
        let shared = surface.shared(between: cells)
        var indices: [UInt32] = []
        var nearest = Double.infinity
        for cell in cells {
            let metres = threshold * cell.distance / frustum.pixelScale
            nearest = min(nearest, metres)
            indices += simplify(cell.triangles, of: surface, keeping: shared, to: metres)
        }
        return try encodedByteCount(indices, surface.positions, step: nearest / 4)
    }

    private static func simplify(
        _ triangles: [UInt32], of surface: VisibleSurface, keeping shared: Set<UInt32>, to error: Double
    ) -> [UInt32] {
        var local: [UInt32: UInt32] = [:]
        var vertices: [UInt32] = []
        let indices = triangles.map { vertex in
            if let known = local[vertex] { return known }
            local[vertex] = UInt32(vertices.count)
            vertices.append(vertex)
            return UInt32(vertices.count - 1)
        }
        let origin = vertices.first.map { surface.positions[Int($0)] } ?? .zero
        let positions = vertices.flatMap { vertex -> [Float] in
            let p = surface.positions[Int(vertex)] - origin
            return [Float(p.x), Float(p.y), Float(p.z)]
        }
        let locked = vertices.indices.filter { shared.contains(vertices[$0]) }.map { UInt32($0) }
        // The simplifier's error is a mean; what must hold is a distance.
        var allowed = Float(error)
        for _ in 0..<maximumAttemptCount {
            let result = Simplification.simplify(
                indices: indices, positions: positions, locked: locked, targetIndexCount: 0, maximumError: allowed)
            let deviation = deviation(of: positions, from: result.indices)
            if deviation <= Float(error) { return result.indices.map { vertices[Int($0)] } }
            allowed *= max(0.5, min(0.9, Float(error) / deviation))
        }
        return triangles
    }

    private static let maximumAttemptCount = 12

    /// The largest distance from the triangles of a vertex that they left out.
    private static func deviation(of positions: [Float], from indices: [UInt32]) -> Float {
        if indices.isEmpty { return .infinity }
        let surface = SurfaceDistance(positions: positions, indices: indices)
        var kept = [Bool](repeating: false, count: positions.count / 3)
        for index in indices { kept[Int(index)] = true }
        var largest: Float = 0
        for vertex in kept.indices where !kept[vertex] {
            let point = Float3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2])
            largest = max(largest, surface.distance(to: point))
        }
        return largest
    }

    private static func encodedByteCount(_ indices: [UInt32], _ positions: [Double3], step: Double) throws -> Int {
        guard !indices.isEmpty, step > 0, step.isFinite else { return 0 }
        let grid = Double(sign: .plus, exponent: step.exponent, significand: 1)
        var local: [UInt32: UInt32] = [:]
        var values: [Int32] = []
        let origin = positions[Int(indices[0])]
        let encoded = indices.map { vertex -> UInt32 in
            if let known = local[vertex] { return known }
            let q = ((positions[Int(vertex)] - origin) / grid).rounded(.toNearestOrEven)
            for axis in 0..<3 { values.append(Int32(max(-1e9, min(1e9, q[axis])))) }
            let number = UInt32(values.count / 3 - 1)
            local[vertex] = number
            return number
        }
        var encoder = DracoMeshEncoder(pointCount: values.count / 3)
        encoder.add(.position, id: 0, componentCount: 3, values: values)
        return try encoder.encode(indices: encoded, speed: 0).count
    }
}

/// The triangles that a picture shows, welded by position within each instance.
private struct VisibleSurface {
    /// World space.
    var positions: [Double3] = []
    /// Three per triangle: visible ones.
    var visible: [UInt32] = []
    /// The same for triangles that are in the picture's cut but not visible.
    var hidden: [UInt32] = []

    init(_ quality: ViewQuality, archive: Archive) throws {
        let picture = quality.reference
        var isVisible = [Bool](repeating: false, count: picture.triangleCount)
        for id in picture.rasterizer.ids where id != .max { isVisible[Int(id)] = true }
        var meshes = MeshCache()
        var welder = VertexWelder(wordCount: 1, expectedCount: picture.triangleCount / 2 + 1)
        let sources = picture.sources
        for (number, source) in sources.enumerated() {
            let end = number + 1 < sources.count ? sources[number + 1].firstID : picture.triangleCount
            let drawn = quality.referenceInstances[source.instance]
            let mesh = try meshes.mesh(source.node, of: archive).mesh
            let grid = archive.index.geometries[drawn.geometry].grid
            let words = [UInt32(source.instance)]
            for triangle in 0..<end - source.firstID {
                var corners: [UInt32] = []
                for corner in 0..<3 {
                    let vertex = 3 * Int(mesh.indices[3 * (source.firstTriangle + triangle) + corner])
                    let q = Int3(mesh.positions[vertex], mesh.positions[vertex + 1], mesh.positions[vertex + 2])
                    let known = welder.count
                    let welded = welder.insert(x: q.x, y: q.y, z: q.z, words: words.span)
                    if Int(welded) == known { positions.append(drawn.transform.apply(to: grid.position(q))) }
                    corners.append(welded)
                }
                if isVisible[source.firstID + triangle] { visible += corners } else { hidden += corners }
            }
        }
    }

    /// Takes hidden triangles that touch visible ones along, so that silhouettes keep their shape.
    mutating func addRing() {
        let touched = Set(visible)
        for first in stride(from: 0, to: hidden.count, by: 3)
        where touched.contains(hidden[first]) || touched.contains(hidden[first + 1])
            || touched.contains(hidden[first + 2])
        {
            visible += hidden[first..<first + 3]
        }
        hidden = []
    }

    struct Cell {
        /// The shell's smallest distance from the eye, in metres; 1 in an orthographic view.
        var distance: Double
        /// Three vertices per triangle.
        var triangles: [UInt32]
    }

    private static let cellTriangleCount = 2048

    func cells(from eye: Double3, isPerspective: Bool) -> [Cell] {
        shells(from: eye, isPerspective: isPerspective).sorted { $0.key < $1.key }.flatMap { distance, triangles in
            var items = (0..<triangles.count / 3).map { triangle in
                let center = Float3(centroid(triangles[3 * triangle..<3 * triangle + 3]) - eye)
                return TrianglePartition.Item(x: center.x, y: center.y, z: center.z, triangle: UInt32(triangle))
            }
            let groups = TrianglePartition.split(&items, groupSize: VisibleSurface.cellTriangleCount, threads: 2)
            return groups.map { group in
                Cell(
                    distance: distance,
                    triangles: items[group].flatMap { triangles[3 * Int($0.triangle)..<3 * Int($0.triangle) + 3] })
            }
        }
    }

    private func centroid(_ corners: ArraySlice<UInt32>) -> Double3 {
        corners.reduce(Double3.zero) { $0 + positions[Int($1)] } / 3
    }

    /// Visible triangles by the smallest distance of their shell.
    private func shells(from eye: Double3, isPerspective: Bool) -> [Double: [UInt32]] {
        var result: [Double: [UInt32]] = [:]
        for first in stride(from: 0, to: visible.count, by: 3) {
            let corners = visible[first..<first + 3]
            // Half an octave of distance is an octave of its square.
            let square = max(lengthSquared(centroid(corners) - eye), .leastNormalMagnitude)
            let nearest = Double(sign: .plus, exponent: square.exponent, significand: 1).squareRoot()
            result[isPerspective ? nearest : 1, default: []] += corners
        }
        return result
    }

    /// Vertices of more than one cell.
    func shared(between cells: [Cell]) -> Set<UInt32> {
        var owner = [Int](repeating: -1, count: positions.count)
        var result: Set<UInt32> = []
        for (number, cell) in cells.enumerated() {
            for vertex in cell.triangles {
                if owner[Int(vertex)] >= 0, owner[Int(vertex)] != number { result.insert(vertex) }
                owner[Int(vertex)] = number
            }
        }
        return result
    }
}
