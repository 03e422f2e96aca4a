// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import TestSupport
import Testing

@Suite struct OBJImporterTests {
    let folder = ReaderFolder()

    static let square = """
        # a square
        v 0 0 0
        v 1 0 0
        v 1 1 0
        v 0 1 0
        vt 0 0
        vt 1 0
        vt 1 1
        vt 0 0.25
        vn 0 0 2

        """
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 2, count: 24)

    @Test(arguments: [
        "f 1 2 3\nf 1 3 4", "f 1 2 3 4", "f -4 -3 -2 -1", "f 1 2 \\\n 3 4", "f 1 2 \\\r\n3 4  # end", "  f\t1 2 3 4 ",
        "fo 1 2 3 4",
    ]) func `faces are read in all their forms`(face: String) throws {
        let part = try folder.read("a.obj", Self.square + face).parts[0]
        #expect(elements(part.indices) == [0, 1, 2, 0, 2, 3])
        #expect(elements(part.positions) == [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0])
        #expect(part.normals == nil && part.textureCoordinates.isEmpty)
    }

    @Test func `texture coordinates and normals come with their corners`() throws {
        let both = try folder.read("a.obj", Self.square + "f 1/1/1 2/2/1 3/3/1 4/4/1").parts[0]
        #expect(elements(both.textureCoordinates[0]) == [0, 1, 1, 1, 1, 0, 0, 0.75])
        #expect(elements(both.normals) == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
        let normals = try folder.read("a.obj", Self.square + "f 1//1 2//-1 3//1").parts[0]
        #expect(normals.normals != nil && normals.textureCoordinates.isEmpty)
        let coordinates = try folder.read("a.obj", Self.square + "f 1/1 2/2 3/-1").parts[0]
        #expect(elements(coordinates.textureCoordinates[0]).suffix(2) == [0, 0.75])
    }

    @Test func `corners that differ are different vertices, equal ones are shared`() throws {
        let part = try folder.read("a.obj", Self.square + "f 1/1 2/2 3/3\nf 1/1 3/3 4/4\nf 1/2 3/3 4/4").parts[0]
        #expect(part.vertexCount == 5)
        #expect(elements(part.indices) == [0, 1, 2, 0, 2, 3, 4, 2, 3])
    }

    @Test func `corners without a normal take the triangle's where others have one`() throws {
        let part = try folder.read("a.obj", Self.square + "vn 1 0 0\nf 1//2 2//2 3//2\nf 1 3 4").parts[0]
        #expect(elements(part.normals) == [1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1])
    }

    @Test func `vertex colours are read, with and without a weight`() throws {
        let text = "v 0 0 0 1 0 0\nv 1 0 0 1 0.5 0 nan\nv 0 1 0\nv 0 0 1 1\nf 1 2 3 \nf 1 3 4"
        let colors = elements(try folder.read("a.obj", text).parts[0].colors)
        #expect(colors == [255, 0, 0, 255, 128, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])
    }

    @Test func `objects and groups become a tree of parts`() throws {
        let text =
            Self.square + "o house\nf 1 2 3\ng roof\nf 1 3 4\no car\ng wheel left\nf 1 2 4\no house\ng roof\nf 2 3 4"
        let model = try folder.read("town.obj", text)
        #expect(model.nodes.map(\.name) == ["town", "house", "roof", "car", "wheel left"])
        #expect(model.nodes.map(\.parent) == [nil, 0, 1, 0, 3])
        #expect(model.parts.map(\.name) == ["house", "roof", "wheel left"])
        #expect(model.parts.map(\.triangleCount) == [1, 2, 1])
        #expect(model.instances.map(\.node) == [1, 2, 4])
    }

    @Test func `triangles are sorted by material`() throws {
        try folder.write("m.mtl", Array("newmtl red\nKd 1 0 0\nnewmtl blue\nKd 0 0 1\nNs 98\nd 0.5\n".utf8))
        let text =
            "mtllib m.mtl\n" + Self.square
            + "usemtl red\nf 1 2 3\nusemtl blue\nf 1 3 4\nusemtl red\nf 2 3 4\nusemtl lost\nf 1 2 4"
        let model = try folder.read("a.obj", text)
        #expect(
            model.parts[0].materialRanges == [
                .init(firstTriangle: 0, triangleCount: 2, material: 0),
                .init(firstTriangle: 2, triangleCount: 1, material: 1),
                .init(firstTriangle: 3, triangleCount: 1, material: nil),
            ])
        #expect(model.materials.map(\.name) == ["red", "blue"])
        #expect(model.materials[1].baseColorFactor == [0, 0, 1, 0.5])
        #expect(model.materials[1].alphaMode == .blend)
        #expect(abs(model.materials[1].roughnessFactor - 0.1414) < 1e-3)
        #expect(model.materials[0].metallicFactor == 0)
        #expect(model.warnings.count == 1)
    }

    @Test func `textures are found in the folder and only there`() throws {
        try folder.write("maps/skin one.png", Self.png)
        try folder.write("n.png", Self.png)
        try folder.write(
            "m.mtl",
            Array(
                """
                newmtl a
                Kd 0.8 0.8 0.8
                map_Kd -s 2 3 1 -o 0.5 0.25 maps\\skin one.png
                map_Bump -bm 0.5 /somewhere/else/n.png
                map_Pr ../../n.png
                map_Ke gone.png
                Ke 2 0 0
                """.utf8))
        let model = try folder.read("a.obj", "mtllib m.mtl\n" + Self.square + "usemtl a\nf 1/1 2/2 3/3")
        let material = model.materials[0]
        let base = try #require(material.baseColorTexture)
        #expect(model.textures[base.texture].name == "skin one.png")
        #expect(base.scale == [2, 3] && base.offset == [0.5, 1 - 3 - 0.25])
        #expect(material.baseColorFactor == [1, 1, 1, 1])
        #expect(material.normalTexture != nil && material.normalScale == 0.5)
        #expect(material.metallicRoughnessTexture?.texture != nil)
        #expect(material.emissiveFactor == [1, 0, 0] && material.emissiveStrength == 2)
        #expect(model.warnings.count == 1 && model.warnings[0].contains("gone.png"))
    }

    @Test func `height maps and lost material files are warnings`() throws {
        var grey = Self.png
        grey[25] = 0
        try folder.write("h.png", grey)
        try folder.write("m.mtl", Array("newmtl a\nbump h.png\n".utf8))
        let model = try folder.read("a.obj", "mtllib m.mtl lost.mtl\n" + Self.square + "usemtl a\nf 1 2 3")
        #expect(model.materials[0].normalTexture == nil)
        #expect(model.warnings.count == 2)
    }

    @Test func `what has no triangles is left out with a warning`() throws {
        let text = Self.square + "f 1 2\nl 1 2\np 1\ncurv 0 1 1 2\ncurv2 1 2\ns off\nf 1 2 3\nfrobnicate 12\n"
        let model = try folder.read("a.obj", text)
        #expect(model.parts[0].triangleCount == 1)
        #expect(
            model.warnings == [
                "1 faces with fewer than 3 corners were left out", "2 line and point statements were left out",
                "2 free-form curves and surfaces were left out; export them as polygons",
                "1 unknown statements were left out",
            ])
        #expect(try folder.error("a.obj", Self.square + "l 1 2")?.code == .empty)
    }

    @Test func `faces may come before their vertices`() throws {
        let part = try folder.read("a.obj", "f 1 2 3 4\n" + Self.square).parts[0]
        #expect(part.triangleCount == 2 && part.vertexCount == 4)
    }

    @Test(arguments: [
        ("f 1 2 5", "line 11"), ("f 1 2 3\nf 0 1 2", "line 12"), ("f 1 2 -5", "line 11"), ("f 1/5 2/1 3/1", "line 11"),
        ("f 1//1 2//2 3//1", "line 11"), ("f 1 2 99999999999", "line 11"), ("f 1 2 x", "line 11"),
        ("f 1 2 3.5", "line 11"), ("v 1 2", "line 11"), ("v 1 2 x", "line 11"), ("vn 1", "line 11"),
        ("vt", "line 11"), ("f 1 2 99999999999999999999", "line 11"),
    ]) func `wrong statements are refused with their line`(statement: String, line: String) throws {
        let error = try #require(try folder.error("a.obj", Self.square + statement))
        #expect(error.code == .malformed)
        #expect(error.place == line)
    }

    @Test func `triangles at points that are not finite are left out and counted`() throws {
        let model = try folder.read("a.obj", Self.square + "v inf 0 1e60\nf 1 2 3\nf 1 2 5")
        #expect(model.parts[0].triangleCount == 1)
        #expect(model.warnings.count == 1)
    }

    @Test func `far coordinates keep their detail`() throws {
        let part = try folder.read("a.obj", "v 5e6 1e6 0\nv 5000000.125 1e6 0\nv 5e6 1000001 0\nf 1 2 3").parts[0]
        #expect(part.origin == Double3(5_000_000, 1_000_000, 0))
        #expect(elements(part.positions) == [0, 0, 0, 0.125, 0, 0, 0, 1, 0])
    }

    @Test func `every truncation gives a sound model or an error`() throws {
        let whole = Array((Self.square + "g a\nf 1/1/1 2/2/1 3/3/1\nusemtl b\nf 1 2 3 4\n").utf8)
        for count in 0..<whole.count { _ = try folder.error("a.obj", Array(whole[..<count])) }
        let firstFace = Array(Self.square.utf8).count
        for count in 0..<firstFace { #expect(try folder.error("a.obj", Array(whole[..<count])) != nil) }
    }

    @Test func `damaged files never trap`() throws {
        try folder.write("m.mtl", Array("newmtl b\nKd 1 0 0\n".utf8))
        let whole =
            "mtllib m.mtl\n" + Self.square
            + "o c\ng a\nf 1/1/1 2/2/1 3/3/1\nusemtl b\nf 1 2 3 4\nf -1//1 -2//1 -3//-1\n"
        let star = "v 0 3 0\nv 1 1 0\nv 3 1 0\nv 1 0 0\nv 2 -2 0\nv 0 -1 0\nv -2 -2 0\nv -1 0 0\nf 1 8 7 6 5 4 3 2\n"
        try fuzz([Array(whole.utf8), Array(star.utf8)], name: "a.obj", rounds: 3000, seed: 3)
    }

    @Test func `damaged material files never trap`() throws {
        var generator = SeededGenerator(seed: 4)
        let whole = Array(
            "newmtl b\nKd 1 0 0\nmap_Kd -s 1 2 -o 3 -clamp on a.png\nTr 0.5\nKe 1\nmap_d -mm 0 1 a.png\n".utf8)
        try folder.write("a.png", Self.png)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            try folder.write("m.mtl", bytes)
            _ = try folder.read("a.obj", "mtllib m.mtl\n" + Self.square + "usemtl b\nf 1 2 3")
        }
    }
}
