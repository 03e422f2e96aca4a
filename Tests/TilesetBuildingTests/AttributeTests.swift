// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ImageCoding
import ModelImport
import ModelStorage
import StreamCore
import Testing
import TilesetBuilding

/// Normals, colours, texture coordinates and materials through to the finest nodes.
@Suite struct AttributeTests {
    /// Radial normals, which a sphere's faces agree with the better the finer it is.
    private func withSmoothNormals(_ shape: Shape) -> Shape {
        var result = shape
        result.normals = []
        for first in stride(from: 0, to: shape.positions.count, by: 3) {
            let n = normalized(Float3(shape.positions[first], shape.positions[first + 1], shape.positions[first + 2]))
            result.normals! += [n.x, n.y, n.z]
        }
        return result
    }

    @Test func `a scan that brings its surface's own normals stores none`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model(withSmoothNormals(.ball(60))))
        #expect(built.index.geometries[0].layout.normals == .computed)
        expectSound(built)
    }

    @Test func `authored normals of a coarse model are kept`() throws {
        let folder = ArchiveFolder()
        let shape = withSmoothNormals(.ball(6))
        let built = try folder.build(model(shape))
        #expect(built.index.geometries[0].layout.normals == .stored)
        expectSound(built)
        let instance = try #require(try built.instances().first)
        for node in built.index.geometries[0].nodes where built.index.nodes[node].children.isEmpty {
            let mesh = try built.archive.decodeNode(node).mesh
            for vertex in 0..<mesh.vertexCount {
                let q = Int3(mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2])
                let place = instance.transform.apply(to: built.index.geometries[0].grid.position(q))
                let normal = Double3(OctahedralNormal.decode(mesh.normals[vertex]))
                #expect(dot(normal, normalized(place)) > 0.9999)
            }
        }
    }

    /// A box and a cylinder of separate triangles, as a CAD program writes STL.
    private func machined() -> Shape {
        var shape = Shape.cube(12)
        shape.add(Shape.cylinder(sides: 48).transformed(.translation(Double3(3, 0, 0))))
        return shape
    }

    @Test func `hard edges of a machined part without normals stay hard, round ones smooth`() throws {
        let folder = ArchiveFolder()
        let built = try folder.build(model([try machined().soupPart()]))
        expectSound(built)
        #expect(built.index.geometries[0].layout.normals == .computed)
        let instance = try #require(try built.instances().first)
        var cornerNormals: [Int3: Set<Int3>] = [:]
        for node in built.index.geometries[0].nodes where built.index.nodes[node].children.isEmpty {
            var mesh = try built.archive.decodeNode(node).mesh
            mesh.computeNormals()
            for vertex in 0..<mesh.vertexCount {
                let q = Int3(mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2])
                let place = instance.transform.apply(to: built.index.geometries[0].grid.position(q))
                let normal = OctahedralNormal.decode(mesh.normals[vertex])
                let rounded = Int3((Double3(normal) * Double(20)).rounded(.toNearestOrEven))
                cornerNormals[Int3((place * Double(1000)).rounded(.toNearestOrEven)), default: []].insert(rounded)
                if place.x < 1.5, abs(place.x) < 0.99, abs(place.y) > 0.99, abs(place.z) < 0.99 {
                    #expect(abs(normal.y) > 0.99, "a flat face shades flat")
                }
                let radial = Double3(place.x - 3, 0, place.z)
                if place.x > 1.9, abs(length(radial) - 1) < 0.01, abs(normal.y) < 0.5 {
                    #expect(dot(normalized(radial), Double3(normal)) > 0.99, "the round side shades round")
                }
            }
        }
        #expect(cornerNormals[Int3(1000, 1000, 1000)]?.count == 3, "a corner of the box has three normals")
    }

    @Test func `a noisy scan gets no hard edges`() throws {
        let folder = ArchiveFolder()
        let shape = Shape.stone(40, noise: 0.012)
        let built = try folder.build(model(shape))
        expectSound(built)
        // Borders of nodes count once for each of them; hard edges would double the rest too.
        let level0 = built.index.nodes.filter { $0.level == 0 }.reduce(0) { $0 + Int($1.vertexCount) }
        #expect(level0 < shape.vertexCount * 5 / 4)
    }

    @Test func `vertex colours survive, and white ones are not stored`() throws {
        let folder = ArchiveFolder()
        var shape = Shape.stone(24)
        shape.colors = (0..<shape.vertexCount).flatMap { vertex -> [UInt8] in
            [shape.positions[3 * vertex] > 0 ? 255 : 10, 128, 0, 255]
        }
        let built = try folder.build(model(shape), "coloured")
        expectSound(built)
        #expect(built.index.geometries[0].layout.colorComponentCount == 3)
        let instance = try #require(try built.instances().first)
        for node in built.index.geometries[0].nodes {
            let mesh = try built.archive.decodeNode(node).mesh
            for vertex in 0..<mesh.vertexCount {
                let q = Int3(mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2])
                let place = instance.transform.apply(to: built.index.geometries[0].grid.position(q))
                if abs(place.x) < 1e-3 { continue }
                #expect(Array(mesh.colors[3 * vertex..<3 * vertex + 3]) == [place.x > 0 ? 255 : 10, 128, 0])
            }
        }
        shape.colors = Array(repeating: 255, count: 4 * shape.vertexCount)
        #expect(try folder.build(model(shape), "white").index.geometries[0].layout.colorComponentCount == 0)
        shape.colors![3] = 100
        #expect(try folder.build(model(shape), "glass").index.geometries[0].layout.colorComponentCount == 4)
    }

    @Test
    func `texture coordinates are kept to a quarter texel, also beyond 0 to 1, and only where a texture needs them`()
        throws
    {
        let folder = ArchiveFolder()
        var shape = Shape.terrain(40)
        shape.coordinates = []
        for vertex in 0..<shape.vertexCount {
            shape.coordinates!.append(shape.positions[3 * vertex] * 7 + 2)
            shape.coordinates!.append(shape.positions[3 * vertex + 2] * -3)
        }
        shape.ranges = [(shape.triangleCount, 0)]
        var source = model([try shape.part()])
        source.materials = [Material()]
        #expect(try folder.build(source, "plain").index.geometries[0].layout.coordinateSetCount == 0)

        // A build empties the arrays of its source.
        source.parts = [try shape.part()]
        source.materials[0].baseColorTexture = TextureReference(texture: 0)
        let image = Image(width: 64, height: 64, channelCount: 3, pixels: Array(repeating: 90, count: 64 * 64 * 3))
        source.textures = [
            SourceTexture(name: "grey", encoding: .png, bytes: try ImageEncoding.png(image, compressionLevel: 6))
        ]
        let built = try folder.build(source, "textured")
        expectSound(built)
        let geometry = built.index.geometries[0]
        #expect(geometry.layout.coordinateSetCount == 1)
        let instance = try #require(try built.instances().first)
        for node in geometry.nodes where built.index.nodes[node].level == 0 {
            let mesh = try built.archive.decodeNode(node).mesh
            for vertex in 0..<mesh.vertexCount {
                let q = Int3(mesh.positions[3 * vertex], mesh.positions[3 * vertex + 1], mesh.positions[3 * vertex + 2])
                let place = instance.transform.apply(to: geometry.grid.position(q))
                let u = Double(mesh.coordinates[0][2 * vertex]) * geometry.coordinateStep
                let v = Double(mesh.coordinates[0][2 * vertex + 1]) * geometry.coordinateStep
                #expect(abs(u - (place.x * 7 + 2)) < 1e-3 && abs(v - place.z * -3) < 1e-3)
            }
        }
    }

    @Test func `each material keeps its triangles`() throws {
        let folder = ArchiveFolder()
        var shape = Shape.terrain(90)
        let count = shape.triangleCount
        shape.ranges = [(count / 2, 1), (100, nil), (0, 2), (count - count / 2 - 100, 0)]
        var source = model([try shape.part()])
        source.materials = ["zero", "one", "two"].map { name in
            var material = Material()
            material.name = name
            return material
        }
        let built = try folder.build(source)
        expectSound(built)
        let geometry = built.index.geometries[0]
        let names = geometry.materials.map { built.archive.description.materials[Int($0)].name }
        #expect(Set(names) == ["zero", "one", "default"])
        var counts: [String: Int] = [:]
        for node in geometry.nodes where built.index.nodes[node].level == 0 {
            for range in try built.archive.decodeNode(node).header.ranges where range.child == nil {
                counts[names[Int(range.material)], default: 0] += Int(range.triangleCount)
            }
        }
        #expect(counts == ["one": count / 2, "default": 100, "zero": count - count / 2 - 100])
        #expect(built.summary.materialCount == 3)
    }

    @Test func `a broken texture is left out with a warning`() throws {
        let folder = ArchiveFolder()
        var source = try model(Shape.cube(2))
        source.materials = [Material()]
        source.materials[0].baseColorTexture = TextureReference(texture: 0)
        source.textures = [
            SourceTexture(name: "torn", encoding: .png, bytes: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]),
            SourceTexture(name: "none", encoding: .jpeg, bytes: []),
        ]
        let built = try folder.build(source)
        expectSound(built)
        #expect(built.index.textures.count == 2 && built.index.textures.allSatisfy { $0.levelChunks.isEmpty })
        #expect(built.summary.warnings.contains { $0.contains("torn") })
        #expect(built.summary.warnings.contains { $0.contains("none") })
    }
}
