// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore
import TestSupport
import Testing

/// Pins the behaviour of the installed libmeshoptimizer that the builder relies on: an unreferenced copy of a position
/// locks the vertices there.
@Suite struct SimplificationTests {
    /// A gently rolling sheet: everything could collapse.
    let size = 40
    var sheet: Mesh { Mesh.grid(size) { x, y in Float((x * x + y * y) % 7) * 0.001 } }

    @Test func `locked vertices survive a strong simplification`() {
        let mesh = sheet
        let locked = (3..<38).map { Mesh.vertex($0, ($0 * 7) % 41, ofGrid: size) }
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: locked, targetIndexCount: 30)
        #expect(Set(locked).isSubset(of: Set(result.indices)))
        #expect(result.indices.count < mesh.indices.count / 4)
        #expect(result.indices.allSatisfy { $0 < mesh.vertexCount }, "the copies that lock are never used")
    }

    @Test func `the same vertices do not survive without the lock`() {
        let mesh = sheet
        let places = (3..<38).map { Mesh.vertex($0, ($0 * 7) % 41, ofGrid: size) }
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [], targetIndexCount: 30)
        #expect(Set(places).intersection(result.indices).count < places.count / 2)
    }

    @Test func `an edge between locked vertices stays an edge of the surface`() {
        let mesh = sheet
        let locked = (0...size).map { Mesh.vertex($0, 20, ofGrid: size) }
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: locked, targetIndexCount: 30)
        var edges = Set<SIMD2<UInt32>>()
        for first in stride(from: 0, to: result.indices.count, by: 3) {
            for corner in 0..<3 {
                edges.insert(SIMD2(result.indices[first + corner], result.indices[first + (corner + 1) % 3]))
            }
        }
        for (a, b) in zip(locked, locked.dropFirst()) {
            #expect(edges.contains(SIMD2(a, b)) || edges.contains(SIMD2(b, a)))
        }
    }

    /// Two sheets with a vertex each at the places where they meet, as at a seam of texture coordinates.
    private func seam() -> (mesh: Mesh, left: [UInt32], right: [UInt32]) {
        var mesh = sheet
        var left: [UInt32] = []
        var right: [UInt32] = []
        for y in 0...size {
            let vertex = Mesh.vertex(20, y, ofGrid: size)
            left.append(vertex)
            right.append(UInt32(mesh.vertexCount))
            let point = mesh.point(vertex)
            mesh.positions += [point.x, point.y, point.z]
        }
        for first in stride(from: 0, to: mesh.indices.count, by: 3) {
            let corners = mesh.indices[first..<first + 3]
            guard corners.contains(where: { mesh.point($0).x > 20 }) else { continue }
            for corner in first..<first + 3 {
                if let y = left.firstIndex(of: mesh.indices[corner]) { mesh.indices[corner] = right[y] }
            }
        }
        return (mesh, left, right)
    }

    @Test func `both vertices of a locked seam survive`() {
        let (mesh, left, right) = seam()
        let locked = left[5...30] + right[5...30]
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: Array(locked), targetIndexCount: 30)
        #expect(Set(locked).isSubset(of: Set(result.indices)))
        #expect(result.indices.count < mesh.indices.count / 4)
    }

    @Test func `locking one vertex of a seam locks the other`() {
        let (mesh, left, right) = seam()
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [left[17]], targetIndexCount: 30)
        #expect(result.indices.contains(left[17]) && result.indices.contains(right[17]))
    }

    @Test func `an unlocked seam collapses along itself and stays closed`() {
        let (mesh, left, right) = seam()
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [], targetIndexCount: 60)
        let used = Set(result.indices)
        #expect(used.intersection(left).count < left.count / 2)
        let leftPlaces = left.indices.filter { used.contains(left[$0]) }
        let rightPlaces = right.indices.filter { used.contains(right[$0]) }
        #expect(leftPlaces == rightPlaces)
    }

    @Test func `the model's own open border is simplified`() {
        let mesh = sheet
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [], targetIndexCount: 60)
        let border = Set(result.indices).filter {
            let point = mesh.point($0)
            return point.x == 0 || point.y == 0 || point.x == Float(size) || point.y == Float(size)
        }
        #expect(border.count < 4 * size / 2)
        #expect(result.indices.count <= 120)
    }

    @Test func `the error of a flat sheet is about nothing, and that of a ridge about its height`() {
        let flat = Mesh.grid(20)
        let none = Simplification.simplify(
            indices: flat.indices, positions: flat.positions, locked: [], targetIndexCount: 6)
        #expect(none.error < 0.01 && none.indices.count <= 24)
        let ridge = Mesh.grid(20) { x, y in x == 10 && (5...15).contains(y) ? 4 : 0 }
        let some = Simplification.simplify(
            indices: ridge.indices, positions: ridge.positions, locked: [], targetIndexCount: 6)
        #expect(some.error > 0.2 && some.error < 8, "in the units of the positions")
    }

    @Test func `a target above what is there changes nothing`() {
        let mesh = Mesh.grid(4)
        let result = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [], targetIndexCount: mesh.indices.count)
        #expect(result.indices == mesh.indices && result.error == 0)
    }

    @Test func `sloppy simplification merges what no edge connects`() {
        var mesh = Mesh()
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let center = random.point(0...100)
            for _ in 0..<3 {
                mesh.indices.append(UInt32(mesh.vertexCount))
                let point = center + random.point(-1...1)
                mesh.positions += [point.x, point.y, point.z]
            }
        }
        let careful = Simplification.simplify(
            indices: mesh.indices, positions: mesh.positions, locked: [], targetIndexCount: 600)
        let sloppy = Simplification.simplifySloppy(
            indices: mesh.indices, positions: mesh.positions, targetIndexCount: 600)
        #expect(sloppy.indices.count <= 600 && sloppy.indices.count < careful.indices.count)
        #expect(sloppy.indices.allSatisfy { $0 < mesh.vertexCount })
        #expect(sloppy.error > 0 && sloppy.error < 100)
    }

    @Test func `vertex cache order keeps the triangles`() {
        let mesh = Mesh.grid(12)
        let order = Simplification.optimizeVertexCache(indices: mesh.indices, vertexCount: mesh.vertexCount)
        func triangles(_ indices: [UInt32]) -> Set<Set<UInt32>> {
            Set(stride(from: 0, to: indices.count, by: 3).map { Set(indices[$0..<$0 + 3]) })
        }
        #expect(order.count == mesh.indices.count && triangles(order) == triangles(mesh.indices))
    }
}
