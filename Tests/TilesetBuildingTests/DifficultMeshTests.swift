// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Inspection
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing
import TilesetBuilding

/// Meshes that break textbook assumptions still give sound archives.
@Suite struct DifficultMeshTests {
    @Test func `three faces on an edge`() throws {
        // Three sheets that share one border, like an open book with a page standing up.
        var shape = Shape.terrain(40)
        let spine = (0...40).map { UInt32($0 * 41) }
        for angle in [AffineTransform.rotation(Double4(0, 0, 1, 0)), .rotation(Double4(0, 0, 1, 1))] {
            var page = Shape.terrain(40)
            for vertex in 0..<page.vertexCount { page.positions[3 * vertex] += 0.5 }
            page = page.transformed(angle)
            for vertex in 0..<page.vertexCount { page.positions[3 * vertex] -= 0.5 }
            let first = UInt32(shape.vertexCount)
            shape.positions += page.positions
            shape.indices += page.indices.map { spine.contains($0) ? $0 : $0 + first }
        }
        try expectSoundBuild(shape)
    }

    @Test func `bow ties: surfaces that touch in single vertices`() throws {
        var shape = Shape()
        for number in 0..<40 {
            let ball = Shape.stone(8, seed: UInt64(number))
            let first = UInt32(shape.vertexCount)
            let offset = Float(number) * 2
            for vertex in 0..<ball.vertexCount {
                shape.positions += [
                    ball.positions[3 * vertex] + offset, ball.positions[3 * vertex + 1], ball.positions[3 * vertex + 2],
                ]
            }
            // The last vertex of each ball is the first of the next.
            shape.indices += ball.indices.map { $0 == 0 && number > 0 ? first - 1 : $0 + first }
        }
        try expectSoundBuild(shape)
    }

    @Test func `duplicate faces are drawn once`() throws {
        var shape = Shape.stone(20)
        let count = shape.triangleCount
        shape.indices += shape.indices
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        expectSound(built)
        #expect(try built.triangles(ofGeometry: 0).count == count)
    }

    @Test func `duplicate faces across the borders of groups do no harm`() throws {
        var shape = Shape.stone(36)
        shape.indices += shape.indices[..<(shape.indices.count / 6 * 3)]
        try expectSoundBuild(shape)
    }

    @Test func `opposite faces of a thin sheet both stay`() throws {
        var shape = Shape.terrain(60)
        let count = shape.triangleCount
        for first in stride(from: 0, to: 3 * count, by: 3) {
            shape.indices += [shape.indices[first], shape.indices[first + 2], shape.indices[first + 1]]
        }
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        let report = expectSound(built)
        #expect(report.sourceOpenEdgeCount == 0)
        #expect(try built.triangles(ofGeometry: 0).count == 2 * count)
    }

    @Test func `loose triangles without any neighbour`() throws {
        var random = SeededGenerator(seed: 3)
        var shape = Shape()
        for _ in 0..<9000 {
            let center = (0..<3).map { _ in Float.random(in: -1...1, using: &random) }
            for _ in 0..<3 {
                shape.indices.append(UInt32(shape.vertexCount))
                for axis in 0..<3 { shape.positions.append(center[axis] + .random(in: -0.02...0.02, using: &random)) }
            }
        }
        try expectSoundBuild(shape)
    }

    @Test func `a fan of a thousand triangles around one vertex, and slivers`() throws {
        var shape = Shape.cylinder(sides: 3000, height: 0.001)
        shape.add(Shape.cylinder(sides: 1000, height: 500))
        try expectSoundBuild(shape)
    }

    @Test func `parts that are empty or have no area are left out with a warning`() throws {
        let folder = ArchiveFolder()
        let flat = Shape(positions: [0, 0, 0, 1, 0, 0, 1, 0, 0], indices: [0, 1, 2, 0, 0, 1])
        let source = model([try Shape().part("nothing"), try flat.part("flat"), try Shape.cube(4).part("cube")])
        let built = try folder.build(source)
        expectSound(built)
        #expect(built.summary.instanceCount == 1 && built.geometries.count == 1)
        #expect(!built.summary.warnings.isEmpty)
    }

    @Test func `a model with nothing to draw is an error and leaves no file`() throws {
        let flat = Shape(positions: [0, 0, 0, 1, 0, 0, 1, 0, 0], indices: [0, 1, 2, 0, 0, 1])
        let point = Shape(positions: [4, 4, 4, 4, 4, 4, 4, 4, 4], indices: [0, 1, 2])
        let noInstances = model([try Shape.cube().part()], [])
        let flattened = model([try Shape.cube().part()], [(0, .scale(Double3(1, 1, 0)))])
        for source in [model([try flat.part()]), model([try point.part()]), noInstances, flattened, SourceModel()] {
            let folder = ArchiveFolder()
            do {
                try folder.build(source)
                Issue.record("it was built")
            } catch BuildError.nothingToDraw {
            } catch {
                Issue.record("\(error)")
            }
            #expect(folder.files == [])
        }
    }

    @Test func `unused vertices far away do not matter to the rest`() throws {
        var shape = Shape.stone(16)
        shape.positions += [1000, 1000, 1000]
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        expectSound(built)
        #expect(built.archive.bounds.longestSide < 3)
    }

    @Test func `one triangle is a model`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model(Shape(positions: [0, 0, 0, 1, 0, 0, 0, 1, 0], indices: [0, 1, 2])))
        expectSound(built)
        #expect(built.summary.triangleCount == 1 && built.summary.nodeCount == 1)
    }

    private func expectSoundBuild(_ shape: Shape, _ location: SourceLocation = #_sourceLocation) throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        expectSound(built, at: location)
        for node in built.index.nodes { #expect(!node.error.isNaN && !node.rmsError.isNaN, sourceLocation: location) }
    }
}
