// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import Inspection
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import TilesetBuilding

/// The hierarchy of single parts: sound, without cracks, the same every time.
@Suite struct HierarchyTests {
    enum Kind: CaseIterable { case stone, torus, terrain, cube }

    private func shape(_ kind: Kind) -> Shape {
        switch kind {
        case .stone: .stone(42)
        case .torus: .torus(130, 50)
        case .terrain: .terrain(90)
        case .cube: .cube(30)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a part of several levels is sound and has no cracks`(kind: Kind) throws {
        let shape = shape(kind)
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        let report = expectSound(built, cuts: 80)
        #expect(built.summary.levelCount >= 2 && report.cutCount == 80)
        #expect(report.mostLevelsInACut >= 2)
        #expect(kind == .terrain ? report.sourceOpenEdgeCount == 360 : report.sourceOpenEdgeCount == 0)
        #expect(built.summary.uniqueTriangleCount == shape.triangleCount)
        #expect(try built.triangles(ofGeometry: 0).count == shape.triangleCount, "the finest level is complete")
    }

    @Test func `errors grow from every node to its parents`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model(Shape.stone(46)))
        for node in built.index.nodes {
            #expect(node.error > 0 && node.parents.isEmpty == (node.error == .infinity))
            for parent in node.parents {
                #expect(built.index.nodes[Int(parent)].error >= node.error)
                #expect(built.index.nodes[Int(parent)].level > node.level)
            }
        }
        let finite = built.index.nodes.map { $0.error }.filter { $0 < .infinity }
        #expect(finite.allSatisfy { $0 < 0.5 }, "no level of a unit stone is off by its radius")
    }

    @Test func `coarser levels are on coarser grids where no other group sees it`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model(Shape.stone(60)))
        var counts: [UInt8: (all: Int, coarse: Int)] = [:]
        for number in built.index.geometries[0].nodes {
            let (header, mesh) = try built.archive.decodeNode(number)
            let coarse = stride(from: 0, to: mesh.positions.count, by: 3).count { first in
                (0..<3).allSatisfy { mesh.positions[first + $0] & 1 == 0 }
            }
            counts[header.level, default: (0, 0)].all += mesh.vertexCount
            counts[header.level, default: (0, 0)].coarse += coarse
        }
        #expect(counts.count >= 3)
        for (level, count) in counts where level > 0 {
            // One in eight would be by chance.
            #expect(count.coarse * 2 > count.all, "level \(level): \(count.coarse) of \(count.all)")
        }
    }

    @Test func `levels are as precise as the source is, and half their error`() {
        let scan = LevelPrecision(edge: 20)
        #expect(scan.normalShift == 4)
        #expect(scan.positionShift(triangleLength: 13, error: 100) == 0)
        #expect(scan.positionShift(triangleLength: 27, error: 100) == 1)
        #expect(scan.positionShift(triangleLength: 54, error: 100) == 2)
        #expect(scan.positionShift(triangleLength: 54, error: 6) == 1)
        #expect(scan.positionShift(triangleLength: 54, error: 0) == 0)
        #expect(scan.positionShift(triangleLength: 1e12, error: 1e12) == NodeCoding.maximumPositionShift)
        // Machines' grids are finer, so their normals and levels are.
        let part = LevelPrecision(edge: 600)
        #expect(part.normalShift == 0)
        #expect(part.positionShift(triangleLength: 600, error: 1000) == 1)
        // A grid that is too coarse for its edges is not made coarser still.
        #expect(LevelPrecision(edge: 0.5).positionShift(triangleLength: 10, error: 10) == 0)
        #expect(LevelPrecision(edge: .infinity).normalShift == 0)
        #expect(LevelPrecision(edge: .infinity).positionShift(triangleLength: 1e9, error: 1e9) == 0)
    }

    @Test func `what a level says of its error holds for its vertices`() throws {
        // Every vertex of a coarse level of a sphere lies on the sphere: facets may be off by no more than the error.
        let folder = ArchiveFolder()
        let built = try folder.build(model(Shape.ball(40)))
        let geometry = built.index.geometries[0]
        let instance = try #require(try built.instances().first)
        for number in geometry.nodes {
            let (header, mesh) = try built.archive.decodeNode(number)
            var triangle = 0
            for range in header.ranges {
                let error = range.child.map { Double(built.index.nodes[Int($0)].error) } ?? 0.002
                for _ in 0..<range.triangleCount {
                    let corners = mesh.indices[3 * triangle..<3 * triangle + 3].map { vertex in
                        let first = 3 * Int(vertex)
                        return instance.transform.apply(
                            to: geometry.grid.position(
                                Int3(mesh.positions[first], mesh.positions[first + 1], mesh.positions[first + 2])))
                    }
                    let middle = (corners[0] + corners[1] + corners[2]) / 3
                    if abs(length(middle) - 1) > 1.5 * error + 1e-3 {
                        Issue.record(
                            "a triangle of level \(header.level) is off by \(abs(length(middle) - 1)), not \(error)")
                    }
                    triangle += 1
                }
            }
        }
    }

    @Test func `the archive does not depend on the number of threads, nor on chance`() throws {
        let folder = ArchiveFolder()
        let shape = Shape.stone(34)
        for (name, threads) in [("1", 1), ("1 again", 1), ("2", 2), ("4", 4)] {
            try folder.build(model(shape), name, threads: threads)
        }
        let expected = try folder.bytes("1")
        for name in ["1 again", "2", "4"] { #expect(try folder.bytes(name) == expected, "\(name)") }
    }

    @Test func `the first picture is small and needs no WebAssembly`() throws {
        for shape in [Shape.stone(40), Shape.terrain(45)] {
            let folder = ArchiveFolder()
            let built = try folder.build(model(shape))
            let root = built.index.nodes[0]
            #expect(root.parents.isEmpty)
            #expect(try built.archive.decodeNode(0).header.codec == .plain)
            let sector = built.index.chunks[Int(built.index.sectors[0].chunk)].byteCount
            #expect(sector + built.index.chunks[Int(root.chunk)].byteCount <= 40_000)
        }
    }

    @Test func `triangles without indices give what welded ones give`() throws {
        let folder = ArchiveFolder()
        let shape = Shape.stone(30)
        let welded = try folder.build(model(shape), "welded")
        let soup = try folder.build(model([try shape.soupPart()]), "soup")
        #expect(soup.summary.uniqueTriangleCount == welded.summary.uniqueTriangleCount)
        #expect(soup.summary.nodeCount == welded.summary.nodeCount)
        #expect(soup.index.nodes.map { $0.triangleCount } == welded.index.nodes.map { $0.triangleCount })
        expectSound(soup)
    }

    @Test func `dust far from a thing does not stop its levels`() throws {
        var shape = Shape.stone(24)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<700 {
            let place = AffineTransform.translation(
                Double3(
                    .random(in: -3...3, using: &random), .random(in: -3...3, using: &random),
                    .random(in: -3...3, using: &random)))
            shape.add(Shape.cube().transformed(place * .scale(Double3(repeating: 0.002))))
        }
        let folder = ArchiveFolder()
        let built = try folder.build(model(shape))
        expectSound(built)
        let roots = built.index.nodes.filter { $0.parents.isEmpty }
        #expect(roots.reduce(0) { $0 + Int($1.triangleCount) } < shape.triangleCount / 4)
    }

    @Test func `a part too large for the memory limit is built in slabs without cracks`() throws {
        let folder = ArchiveFolder()
        let shape = Shape.stone(120)
        #expect(shape.triangleCount > 1 << 17, "what fits at the smallest limit")
        var options = folder.options()
        options.spill.memoryLimit = 1 << 20
        let summary = try TilesetBuilder(options: options)
            .build(model(shape), sourceByteCount: 0, to: folder.path + "/slabs")
        let built = Built(archive: try Archive(path: folder.path + "/slabs"), summary: summary)
        let report = expectSound(built, cuts: 60)
        #expect(report.sourceOpenEdgeCount == 0 && summary.uniqueTriangleCount == shape.triangleCount)
    }
}
