// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore
import TestSupport
import Testing

@Suite struct SurfaceDistanceTests {
    /// In double precision, by another method: the nearest point of a triangle is its plane's if that lies inside, else
    /// on one of its sides.
    private func distance(_ p: Double3, _ a: Double3, _ b: Double3, _ c: Double3) -> Double {
        func toSegment(_ a: Double3, _ b: Double3) -> Double {
            let along = b - a
            let square = lengthSquared(along)
            let t = square > 0 ? min(max(dot(p - a, along) / square, 0), 1) : 0
            return length(p - a - along * t)
        }
        var best = min(toSegment(a, b), min(toSegment(b, c), toSegment(c, a)))
        let normal = cross(b - a, c - a)
        if lengthSquared(normal) > 1e-24 {
            let sides = [(a, b), (b, c), (c, a)].map { dot(cross($0.1 - $0.0, p - $0.0), normal) }
            if sides.allSatisfy({ $0 >= 0 }) { best = min(best, abs(dot(p - a, normalized(normal)))) }
        }
        return best
    }

    private func expectAgreement(_ mesh: Mesh, _ points: [Float3], accuracy: Double = 1e-4) {
        let surface = SurfaceDistance(positions: mesh.positions, indices: mesh.indices)
        for point in points {
            var expected = Double.infinity
            for first in stride(from: 0, to: mesh.indices.count, by: 3) {
                let corners = mesh.indices[first..<first + 3].map { Double3(mesh.point($0)) }
                expected = min(expected, distance(Double3(point), corners[0], corners[1], corners[2]))
            }
            let got = Double(surface.distance(to: point))
            #expect(abs(got - expected) <= accuracy * max(1, expected), "at \(point): \(got), not \(expected)")
        }
    }

    private func soup(_ count: Int, spread: Float, size: Float, seed: UInt64) -> Mesh {
        var random = SeededGenerator(seed: seed)
        var mesh = Mesh()
        for _ in 0..<count {
            let center = random.point(-spread...spread)
            for _ in 0..<3 {
                let point = center + random.point(-size...size)
                mesh.indices.append(UInt32(mesh.vertexCount))
                mesh.positions += [point.x, point.y, point.z]
            }
        }
        return mesh
    }

    @Test(arguments: [(1, 10), (2, 0.5), (37, 1), (400, 0.3), (400, 6)] as [(Int, Float)])
    func `agrees with all triangles tried one by one`(count: Int, size: Float) {
        let mesh = soup(count, spread: 5, size: size, seed: UInt64(count))
        var random = SeededGenerator(seed: 77)
        expectAgreement(mesh, (0..<60).map { _ in random.point(-8...8) })
    }

    @Test func `a flat grid and a line of triangles have thin boxes`() {
        var random = SeededGenerator(seed: 4)
        expectAgreement(Mesh.grid(12), (0..<60).map { _ in random.point(-3...15) })
        var line = Mesh()
        for number in 0..<30 {
            line.positions += [Float(number), 0, 0]
            if number >= 2 { line.indices += [UInt32(number - 2), UInt32(number - 1), UInt32(number)] }
        }
        expectAgreement(line, (0..<40).map { _ in random.point(-5...35) })
    }

    @Test func `triangles that are lines or points are measured to as such`() {
        var mesh = soup(40, spread: 4, size: 1, seed: 21)
        for triangle in 0..<40 {
            let first = UInt32(3 * triangle)
            switch triangle % 4 {
            case 0: mesh.indices.replaceSubrange(3 * triangle..<3 * triangle + 3, with: [first, first, first])
            case 1: mesh.indices.replaceSubrange(3 * triangle..<3 * triangle + 3, with: [first, first + 1, first])
            case 2: mesh.indices.replaceSubrange(3 * triangle..<3 * triangle + 3, with: [first, first, first + 1])
            default: break
            }
        }
        var random = SeededGenerator(seed: 22)
        expectAgreement(mesh, (0..<80).map { _ in random.point(-6...6) })
    }

    @Test func `far points are measured too`() {
        let mesh = soup(100, spread: 2, size: 0.4, seed: 31)
        expectAgreement(
            mesh, [Float3(1000, 0, 0), Float3(-5000, 300, 2), Float3(0, 0, 1e6), Float3(-1e5, -1e5, -1e5)],
            accuracy: 1e-5)
    }

    @Test func `a surface of one place, and points many cells away, do not trap`() {
        let dot = Mesh(positions: [1, 2, 3], indices: [0, 0, 0])
        let atOnePlace = SurfaceDistance(positions: dot.positions, indices: dot.indices)
        #expect(atOnePlace.distance(to: Float3(1, 2, 3)) == 0)
        #expect(atOnePlace.distance(to: Float3(4, 6, 3)) == 5)
        let tiny = Mesh(positions: [0, 0, 0, 1e-6, 0, 0, 0, 1e-6, 0], indices: [0, 1, 2])
        let surface = SurfaceDistance(positions: tiny.positions, indices: tiny.indices)
        #expect(abs(surface.distance(to: Float3(1e6, 0, 0)) - 1e6) < 1)
    }

    @Test func `points on the surface have no distance`() {
        let mesh = soup(50, spread: 3, size: 1, seed: 41)
        let surface = SurfaceDistance(positions: mesh.positions, indices: mesh.indices)
        for first in stride(from: 0, to: mesh.indices.count, by: 3) {
            let (a, b, c) = (
                mesh.point(mesh.indices[first]), mesh.point(mesh.indices[first + 1]),
                mesh.point(mesh.indices[first + 2])
            )
            #expect(surface.distance(to: a) == 0)
            #expect(surface.distance(to: a * 0.2 + b * 0.3 + c * 0.5) < 1e-3)
        }
    }
}
