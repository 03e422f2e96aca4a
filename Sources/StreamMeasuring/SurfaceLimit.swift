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
/// Visible triangles (and one ring around them) are sorted into shells of distance, each √2 deeper than the one before;
/// each shell is simplified to its own error, with the vertices it shares with other shells kept.
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
        let shells = surface.shells(from: quality.reference.view.eye, isPerspective: frustum.isPerspective)
        let shared = surface.shared(between: shells)
        var indices: [UInt32] = []
        var nearest = Double.infinity
        for (distance, triangles) in shells.sorted(by: { $0.key < $1.key }) {
            let metres = threshold * distance / frustum.pixelScale
            nearest = min(nearest, metres)
            indices += simplify(triangles, of: surface, keeping: shared, to: metres)
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
        let result = Simplification.simplify(
            indices: indices, positions: positions, locked: locked, targetIndexCount: 0, maximumError: Float(error))
        return result.indices.map { vertices[Int($0)] }
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

    /// Visible triangles by the smallest distance of their shell, in metres.
    func shells(from eye: Double3, isPerspective: Bool) -> [Double: [UInt32]] {
        var result: [Double: [UInt32]] = [:]
        for first in stride(from: 0, to: visible.count, by: 3) {
            let corners = visible[first..<first + 3]
            let center = corners.reduce(Double3.zero) { $0 + positions[Int($1)] } / 3
            // Half an octave of distance is an octave of its square.
            let square = max(lengthSquared(center - eye), .leastNormalMagnitude)
            let nearest = Double(sign: .plus, exponent: square.exponent, significand: 1).squareRoot()
            result[isPerspective ? nearest : 1, default: []] += corners
        }
        return result
    }

    /// Vertices of more than one shell.
    func shared(between shells: [Double: [UInt32]]) -> Set<UInt32> {
        var owner: [UInt32: Double] = [:]
        var result: Set<UInt32> = []
        for (shell, triangles) in shells {
            for vertex in triangles {
                if let other = owner[vertex], other != shell { result.insert(vertex) }
                owner[vertex] = shell
            }
        }
        return result
    }
}
