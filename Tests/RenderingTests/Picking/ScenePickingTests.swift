// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import Rendering

@Suite("Picking") struct ScenePickingTests {
    /// From around the model towards points in it, and a few past it.
    private static func rays(_ bounds: Bounds, count: Int, seed: UInt64) -> [PickRay] {
        var random = SeededGenerator(seed: seed)
        func unit() -> Double { .random(in: -1...1, using: &random) }
        return (0..<count).map { _ in
            let away = normalized(Double3(unit(), unit(), unit()))
            let origin = bounds.center + away * bounds.diagonal * (0.1 + abs(unit()))
            let target = bounds.center + bounds.size * 0.55 * Double3(unit(), unit(), unit())
            return PickRay(origin: origin, direction: normalized(target - origin))
        }
    }

    @Test("finds what testing all triangles finds, on any model") func bruteForce() throws {
        let models = [
            (try TestModel.stone.get(), 40), (try TestModel.row.get(), 12), (try TestModel.far.get(), 40),
            (try TestModel.glass.get(), 60),
        ]
        for (number, (model, rayCount)) in models.enumerated() {
            let reference = try BruteForce(model.archive)
            let picking = ScenePicking(archive: model.archive)
            var hitCount = 0
            for ray in Self.rays(model.archive.bounds, count: rayCount, seed: UInt64(number)) {
                let (hit, expected) = (try picking.pick(ray), reference.pick(ray))
                #expect((hit == nil) == (expected == nil), "model \(number), \(ray)")
                guard let hit, let expected else { continue }
                hitCount += 1
                // 10^7 m away, a double is good for two nanometres.
                let tolerance = 1e-6 + length(ray.origin) * 1e-14
                #expect(abs(hit.distance - expected.distance) < tolerance, "model \(number)")
                #expect(length(hit.point - expected.point) < tolerance)
                #expect(abs(length(hit.normal) - 1) < 1e-9 && dot(hit.normal, ray.direction) <= 0)
                #expect(dot(hit.normal, expected.normal) > 0.999)
                #expect(hit.treeNode == expected.treeNode && hit.material == expected.material)
            }
            #expect(hitCount > rayCount / 4, "model \(number): \(hitCount) hits")
        }
    }

    @Test("is independent of what is kept from earlier picks") func smallCache() throws {
        let model = try TestModel.row.get()
        let (large, small) = (
            ScenePicking(archive: model.archive), ScenePicking(archive: model.archive, cacheByteCount: 1)
        )
        for ray in Self.rays(model.archive.bounds, count: 40, seed: 4) {
            #expect(try large.pick(ray) == small.pick(ray))
        }
    }

    @Test("loses no ray at a vertex or an edge of a closed surface") func watertight() throws {
        let model = try TestModel.stone.get()
        let picking = ScenePicking(archive: model.archive)
        let index = model.archive.index
        let instance = try #require(try model.archive.instances(inSector: 0).first)
        var random = SeededGenerator(seed: 12)
        let leaves = index.nodes.indices.filter { index.nodes[$0].children.isEmpty }
        for _ in 0..<100 {
            let node = leaves[random.index(below: leaves.count)]
            let mesh = try model.archive.decodeNode(node).mesh
            let grid = index.geometries[Int(instance.geometry)].grid
            let triangle = 3 * random.index(below: mesh.triangleCount)
            func corner(_ number: Int) -> Double3 {
                let first = 3 * Int(mesh.indices[triangle + number])
                let q = Int3(mesh.positions[first], mesh.positions[first + 1], mesh.positions[first + 2])
                return instance.transform.apply(to: grid.position(q))
            }
            // Exactly at a corner, and at the middle of an edge; from far away, through the middle of the ball.
            for target in [corner(0), (corner(1) + corner(2)) * 0.5] {
                let outside = target * 50
                let ray = PickRay(origin: outside, direction: normalized(model.archive.bounds.center - outside))
                #expect(try picking.pick(ray) != nil)
                let direct = PickRay(origin: outside, direction: normalized(target - outside))
                #expect(try picking.pick(direct) != nil)
            }
        }
    }

    @Test("sees through the back of a surface, and counts distances from and to where asked") func sides() throws {
        let model = try TestModel.stone.get()
        let picking = ScenePicking(archive: model.archive)
        let direction = Double3(0, 0, -1)
        let outside = try #require(try picking.pick(PickRay(origin: Double3(0, 0, 9), direction: direction)))
        #expect(abs(outside.point.z - 1) < 0.1 && outside.normal.z > 0.5)
        // From within, every surface shows its back.
        #expect(try picking.pick(PickRay(origin: .zero, direction: direction)) == nil)
        let short = PickRay(origin: Double3(0, 0, 9), direction: direction, farthestDistance: 7)
        #expect(try picking.pick(short) == nil)
        let late = PickRay(origin: Double3(0, 0, 9), direction: direction, nearestDistance: 8.5)
        #expect(try picking.pick(late) == nil)
    }

    @Test("looks where the picture's pixel looks") func pixels() throws {
        for projection in [ViewState.Projection.perspective(tangent: 0.4), .orthographic(halfHeight: 3)] {
            var view = ViewState.at(Double3(5, 2, -3), from: 12)
            view.projection = projection
            let middle = PickRay(in: view, x: view.width / 2, y: view.height / 2)
            #expect(length(middle.direction + view.axes.z) < 1e-12 && length(middle.origin - view.eye) < 1e-12)
            // A place right and above of the middle is seen right and above.
            let place = view.eye - view.axes.z * 10 + view.axes.x * 2 + view.axes.y
            let height = if case .perspective(let tangent) = projection { tangent * 10 } else { 3.0 }
            let x = view.width / 2 + 2 / height * view.height / 2
            let ray = PickRay(in: view, x: x, y: view.height / 2 - 1 / height * view.height / 2)
            let along = dot(place - ray.origin, ray.direction)
            #expect(length(ray.origin + ray.direction * along - place) < 1e-9)
        }
    }

    @Test("says so where the model is damaged, and finds the rest") func damage() throws {
        let whole = try TestModel.row.get()
        let node = try whole.node { $0.children.isEmpty }
        let chunk = Int(whole.archive.index.nodes[node].chunk)
        let damaged = try whole.damaged(chunks: [chunk])
        let (healthy, picking) = (ScenePicking(archive: whole.archive), ScenePicking(archive: damaged.archive))
        var (damageCount, hitCount) = (0, 0)
        for ray in Self.rays(whole.archive.bounds, count: 200, seed: 8) {
            do throws(PickingError) {
                #expect(try picking.pick(ray) == healthy.pick(ray))
                hitCount += 1
            } catch {
                guard case .damaged = error else {
                    Issue.record("\(error)")
                    continue
                }
                damageCount += 1
            }
        }
        #expect(damageCount > 0 && hitCount > 0)
    }

    @Test("of noise never stops") func noise() throws {
        try TestModel.far.get().mutated(rounds: 20, seed: 5) { model in
            let picking = ScenePicking(archive: model.archive)
            for ray in Self.rays(model.archive.bounds, count: 20, seed: 6) {
                do throws(PickingError) { _ = try picking.pick(ray) } catch { #expect("\(error)".contains("damaged")) }
            }
        }
    }

    @Test("refuses rays that are none, and finds nothing in an empty model") func nothing() throws {
        let picking = ScenePicking(archive: try TestModel.empty().archive)
        #expect(try picking.pick(PickRay(origin: Double3(0, 0, 9), direction: Double3(0, 0, -1))) == nil)
        for direction in [Double3.zero, Double3(0, 2, 0), Double3(.nan, 0, 1)] {
            #expect(throws: PickingError.invalidRay) {
                try picking.pick(PickRay(origin: .zero, direction: direction))
            }
        }
    }

    @Test("goes through the holes of a mask, and through nothing else") func masks() throws {
        let model = try TestModel.lattice.get()
        let picking = ScenePicking(archive: model.archive)
        /// What is hit in square (column, row) of the four by four that lie before each other at `x`.
        func material(_ x: Double, _ column: Int, _ row: Int) throws -> Int? {
            let place = Double3(x + (Double(column) + 0.5) / 4, (Double(row) + 0.5) / 4, 0)
            let ray = PickRay(origin: place + Double3(0, 0, 5), direction: Double3(0, 0, -1))
            return try picking.pick(ray)?.material
        }
        for (column, row) in (0..<16).map({ ($0 % 4, $0 / 4) }) {
            // The texture, two by two, repeats twice in each direction; where its alpha is 0, the wall is hit.
            let isHole = (column + row) % 2 == 0
            #expect(try material(0, column, row) == (isHole ? 3 : 0), "\(column), \(row)")
            // The same texture, opaque.
            #expect(try material(2, column, row) == 1)
            // Nothing but a factor below the cutoff.
            #expect(try material(4, column, row) == 3)
        }
    }

    @Test("reads a damaged mask as damage") func damagedMask() throws {
        let whole = try TestModel.lattice.get()
        let chunk = try #require(whole.archive.index.textures[0].levelChunks.first)
        let picking = ScenePicking(archive: try whole.damaged(chunks: [Int(chunk)]).archive)
        #expect(throws: PickingError.damaged("texture 0: its bytes have changed since they were written")) {
            try picking.pick(PickRay(origin: Double3(0.4, 0.4, 5), direction: Double3(0, 0, -1)))
        }
        #expect(try picking.pick(PickRay(origin: Double3(2.4, 0.4, 5), direction: Double3(0, 0, -1))) != nil)
    }
}
