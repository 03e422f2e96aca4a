// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import Inspection
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing
import TilesetBuilding

/// Many parts and instances: sectors, proxies, shared chunks.
@Suite struct AssemblyTests {
    @Test func `ten thousand instances get sectors and proxies`() throws {
        let folder = ArchiveFolder()
        let parts = [Shape.cylinder(sides: 5), Shape.cylinder(sides: 6)]
        var instances: [(part: Int, transform: AffineTransform)] = []
        for number in 0..<10_000 {
            let place = Double3(Double(number % 100) * 4, 0, Double(number / 100) * 4)
            instances.append((number % 2, .translation(place) * .scale(Double3(repeating: 0.4 + Double(number % 3)))))
        }
        let built = try folder.build(model(try parts.map { try $0.part() }, instances))
        expectSound(built, cuts: 5)
        #expect(built.geometries.count == 2 && built.summary.instanceCount == 10_000)
        #expect(try built.instances().count == 10_000)
        #expect(Set(try built.instances().map { $0.treeNode }).count == 10_000, "each knows its tree node")
        let sectors = built.index.sectors
        #expect(sectors.count > 20 && built.summary.proxyCount > 1)
        #expect(sectors[0].proxyNode != nil && sectors[0].triangleCount == UInt64(built.summary.triangleCount))
        for (number, sector) in sectors.enumerated() {
            let instances = try built.archive.instances(inSector: number)
            #expect(instances.count <= 1024)
            for child in sector.children.map({ sectors[Int($0)] }) {
                if child.proxyNode != nil { #expect(sector.proxyError >= child.proxyError && sector.proxyNode != nil) }
                var around = sector.bounds
                around.add(child.bounds)
                #expect(around == sector.bounds, "a sector's box holds its children's")
            }
            if let proxy = sector.proxyNode {
                #expect(sector.proxyError > 0 && sector.proxyError < sector.bounds.diagonal)
                let (header, mesh) = try built.archive.decodeNode(Int(proxy))
                #expect(header.codec == .plain && mesh.triangleCount <= 2560)
            }
        }
        let root = built.index.nodes[Int(sectors[0].proxyNode!)]
        let bytes = [sectors[0].chunk, root.chunk].reduce(0) { $0 + Int(built.index.chunks[Int($1)].byteCount) }
        #expect(bytes <= 40_000, "the first picture takes \(bytes) bytes")
    }

    @Test func `a proxy that is no simpler than its parts gives way to them`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(
            model([try Shape.cube().part()], [(0, .translation(.zero)), (0, .translation(Double3(5, 0, 0)))]))
        expectSound(built, cuts: 2)
        let root = built.index.sectors[0]
        #expect(root.proxyNode != nil)
        // The diagonal of a face.
        #expect(root.proxyError >= 2.8)
    }

    @Test func `three thousand tiny parts share chunks`() throws {
        let folder = ArchiveFolder()
        var random = SeededGenerator(seed: 12)
        var instances: [(part: Int, transform: AffineTransform)] = []
        let parts = try (0..<3000).map { number -> SourcePart in
            // Triangles in an order of their own, so that no two look alike.
            var shape = Shape.cube()
            shape.indices = stride(from: 0, to: 36, by: 3).shuffled(using: &random)
                .flatMap { shape.indices[$0..<$0 + 3] }
            shape.positions = shape.positions.map { $0 * .random(in: 0.5...1.5, using: &random) }
            let place = Double3(Double(number % 15), Double(number / 15 % 15), Double(number / 225)) * 5
            instances.append((number, .translation(place)))
            return try shape.part("part \(number)")
        }
        let built = try folder.build(model(parts, instances))
        expectSound(built, cuts: 1)
        #expect(built.geometries.count == 3000)
        let chunks = Set(built.geometries.map { built.index.nodes[Int($0.firstNode)].chunk })
        #expect(chunks.count < 60)
        for chunk in chunks { #expect(built.index.chunks[Int(chunk)].byteCount <= 24_000) }
        #expect(built.summary.archiveByteCount / 3000 < 500)
    }

    @Test func `an assembly does not depend on the number of threads`() throws {
        let folder = ArchiveFolder()
        func source() throws -> SourceModel {
            let parts = try [Shape.stone(12), .cube(6), .cylinder(sides: 30)].map { try $0.part() }
            return model(
                parts, (0..<120).map { ($0 % 3, .translation(Double3(Double($0 % 11) * 3, Double($0 / 11) * 3, 0))) })
        }
        for threads in [1, 2, 4] { try folder.build(source(), "\(threads)", threads: threads) }
        let expected = try folder.bytes("1")
        #expect(try folder.bytes("2") == expected)
        #expect(try folder.bytes("4") == expected)
    }

    @Test func `a tree a hundred thousand nodes deep keeps its names`() throws {
        let folder = ArchiveFolder()
        var source = try model(Shape.cube())
        source.nodes = (0..<100_000).map { SourceNode(name: "n\($0)", parent: $0 == 0 ? nil : $0 - 1) }
        source.nodes[99_999].name = "der Größte 🌍 \"quoted\"\u{0}"
        source.nodes[99_999].properties = [("b", "2"), ("a", "1"), ("b", "")]
        source.instances[0].node = 99_999
        let built = try folder.build(source)
        let tree = built.archive.description.tree
        #expect(tree.names.count == 100_000 && tree.names[50_000] == "n50000" && tree.parents[50_000] == 49_999)
        #expect(tree.parents[0] == -1)
        let node = try #require(try built.instances().first).treeNode
        #expect(tree.names[Int(node)] == "der Größte 🌍 \"quoted\"\u{0}")
        #expect(tree.properties[99_999] == [["b", "2"], ["a", "1"], ["b", ""]], "in the file's order")
    }

    @Test func `all instances at one place are no endless octree`() throws {
        let folder = ArchiveFolder()
        let triangle = Shape(positions: [0, 0, 0, 1, 0, 0, 0, 1, 0], indices: [0, 1, 2])
        let built = try folder.build(
            model([try triangle.part()], Array(repeating: (0, .translation(Double3(3, 3, 3))), count: 1500)))
        expectSound(built, cuts: 1)
        #expect(built.index.sectors.count < 10)
        #expect(try built.instances().count == 1500)
    }

    @Test func `parts nobody places are not built`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(
            model([try Shape.stone(30).part(), try Shape.cube().part()], [(1, .identity), (1, .identity)]))
        #expect(built.geometries.count == 1 && built.summary.partCount == 1)
        #expect(built.summary.uniqueTriangleCount == 12 && built.summary.triangleCount == 24)
    }
}
