// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Inspection
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing
import TilesetBuilding

/// Where parts end up in the world.
@Suite struct PlacementTests {
    /// A block without any symmetry.
    private var block: Shape {
        Shape.ball(4) { p in Double3(p.x * (1.2 + 0.2 * p.y), p.y * (0.7 + 0.3 * p.z), p.z + 0.5 * p.x * p.x) }
    }

    /// Every corner of every built triangle lies on its source place. Both lists are sorted by triangle.
    private func expectAt(
        _ built: Built, _ shapes: [(Shape, AffineTransform)], accuracy: Double,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let triangles = try built.worldTriangles()
        var expected: [Double3] = []
        for (shape, transform) in shapes {
            for first in stride(from: 0, to: shape.indices.count, by: 3) {
                let corners = shape.indices[first..<first + 3].map { vertex in
                    let p = 3 * Int(vertex)
                    return transform.apply(
                        to: Double3(Float3(shape.positions[p], shape.positions[p + 1], shape.positions[p + 2]))
                            + shape.origin)
                }
                expected.append((corners[0] + corners[1] + corners[2]) / 3)
            }
        }
        #expect(triangles.count == expected.count, sourceLocation: location)
        var farthest = 0.0
        for triangle in triangles {
            let middle = (triangle[0] + triangle[1] + triangle[2]) / 3
            farthest = max(farthest, expected.map { lengthSquared($0 - middle) }.min()?.squareRoot() ?? .infinity)
        }
        #expect(farthest <= accuracy, "a triangle is off by \(farthest)", sourceLocation: location)
    }

    @Test func `a part ten thousand kilometres away keeps its detail`() throws {
        let folder = ArchiveFolder()
        let away = AffineTransform.translation(Double3(1e7, -2e6, 5e6))
        let built = try folder.build(model([try block.part()], [(0, away)]))
        expectSound(built)
        try expectAt(built, [(block, away)], accuracy: 1e-4)
    }

    @Test func `an origin in double precision is kept too`() throws {
        let folder = ArchiveFolder()
        var shape = block
        shape.origin = Double3(4e6, 3e6, -1e7)
        let built = try folder.build(model([try shape.part(), try shape.part()], [(0, .identity), (1, .identity)]))
        try expectAt(built, [(shape, .identity), (shape, .identity)], accuracy: 1e-4)
        #expect(built.geometries.count == 1)
    }

    @Test(arguments: [1e-6, 1e-3, 1, 1e6]) func `parts of any size keep their shape`(size: Double) throws {
        let folder = ArchiveFolder()
        let shape = block.transformed(.scale(Double3(repeating: size)))
        let built = try folder.build(model(shape))
        expectSound(built)
        try expectAt(built, [(shape, .identity)], accuracy: size * 1e-4)
    }

    @Test func `a mirrored instance stays mirrored`() throws {
        let folder = ArchiveFolder()
        let mirror = AffineTransform.translation(Double3(9, 0, 0)) * .scale(Double3(-1, 1, 1))
        let built = try folder.build(model([try block.part()], [(0, .identity), (0, mirror)]))
        expectSound(built)
        let determinants = try built.instances().map { $0.transform.determinant }.sorted()
        #expect(determinants.count == 2 && determinants[0] < 0 && determinants[1] > 0)
        #expect(built.geometries.count == 1)
        try expectAt(built, [(block, .identity), (block, mirror)], accuracy: 1e-3)
    }

    @Test func `the mirror image of a part is another part`() throws {
        let folder = ArchiveFolder()
        let mirrored = block.transformed(.scale(Double3(-1, 1, 1)))
        let built = try folder.build(model([try block.part(), try mirrored.part()]))
        #expect(built.geometries.count == 2)
        try expectAt(built, [(block, .identity), (mirrored, .identity)], accuracy: 1e-3)
    }

    @Test func `parts that differ by rotation, uniform scale and place are one geometry`() throws {
        let folder = ArchiveFolder()
        var random = SeededGenerator(seed: 8)
        var shapes = [block]
        for _ in 0..<12 {
            func number(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &random) }
            let move = AffineTransform.translation(Double3(number(-20...20), number(-20...20), number(-20...20)))
            let turn = AffineTransform.rotation(
                Double4(number(-1...1), number(-1...1), number(-1...1), number(-1...1)))
            shapes.append(block.transformed(move * turn * .scale(Double3(repeating: number(0.1...4)))))
        }
        let built = try folder.build(model(try shapes.map { try $0.part() }))
        expectSound(built)
        #expect(built.geometries.count == 1 && built.summary.partCount == 13 && built.summary.instanceCount == 13)
        try expectAt(built, shapes.map { ($0, .identity) }, accuracy: 2e-3)
    }

    @Test func `parts that differ in one vertex, material, colour or non-uniform scale stay apart`() throws {
        let folder = ArchiveFolder()
        var moved = block
        moved.positions[10] += 0.02
        var painted = block
        painted.ranges = [(block.triangleCount, 0)]
        var coloured = block
        coloured.colors = Array(repeating: 77, count: 4 * block.vertexCount)
        let stretched = block.transformed(.scale(Double3(1, 1, 1.01)))
        let shapes = [block, moved, painted, coloured, stretched]
        var source = model(try shapes.map { try $0.part() })
        source.materials = [Material()]
        let built = try folder.build(source)
        #expect(built.geometries.count == 5)
        try expectAt(built, shapes.map { ($0, .identity) }, accuracy: 1e-3)
    }

    @Test func `an instance with an impossible transform is left out with a warning`() throws {
        let folder = ArchiveFolder()
        var broken = AffineTransform.identity
        broken.translation.x = .nan
        let built = try folder.build(
            model([try block.part()], [(0, .identity), (0, .scale(Double3(1, 0, 1))), (0, broken)]))
        expectSound(built)
        #expect(built.summary.instanceCount == 1 && !built.summary.warnings.isEmpty)
    }

    @Test func `bounds are tight around all instances`() throws {
        let folder = ArchiveFolder()
        let cube = Shape.cube(3)
        let built = try folder.build(
            model([try cube.part()], [(0, .identity), (0, .translation(Double3(10, 20, 30)))]))
        #expect(length(built.archive.bounds.minimum - Double3(-1, -1, -1)) < 1e-3)
        #expect(length(built.archive.bounds.maximum - Double3(11, 21, 31)) < 1e-3)
    }

    @Test(arguments: [
        AffineTransform.translation(Double3(2e15, 0, 0)), .scale(Double3(repeating: 3.5e38)),
        .translation(Double3(0, -1e300, 0)), .scale(Double3(1, 1e16, 1e-16)),
    ])
    func `what is placed beyond what viewers can compute is refused with its names`(away: AffineTransform) throws {
        let folder = ArchiveFolder()
        var source = model([try block.part(), try Shape.cube().part()], [(0, .identity), (1, away)])
        source.nodes[1].name = "far node"
        source.parts[1].name = "far part"
        #expect {
            try folder.build(source)
        } throws: { error in
            guard case .outOfRange(let reason)? = error as? BuildError else { return false }
            return reason.contains("far node") && reason.contains("far part") && reason.contains("10^15")
        }
        #expect(folder.files.isEmpty)
    }

    @Test(arguments: [1e38 as Float, 1e30, 2e15])
    func `a part that is larger than viewers can compute is refused with its name`(size: Float) throws {
        let folder = ArchiveFolder()
        var shape = block
        for index in shape.positions.indices { shape.positions[index] *= size }
        var part = try shape.part()
        part.name = "huge"
        let source = model([part], [(0, .identity)])
        #expect {
            try folder.build(source)
        } throws: { error in
            guard case .outOfRange(let reason)? = error as? BuildError else { return false }
            return reason.contains("huge")
        }
    }

    @Test(arguments: [1e-30, 1e-38, 1e-43])
    func `a part that is smaller than anything builds or has nothing to show`(size: Double) throws {
        let folder = ArchiveFolder()
        var shape = block
        for index in shape.positions.indices { shape.positions[index] *= Float(size) }
        let source = model([try shape.part(), try block.part()], [(0, .identity), (1, .identity)])
        expectSound(try folder.build(source))
    }
}
