// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import Testing

@Suite struct PLYImporterTests {
    let folder = ReaderFolder()

    static let header = """
        ply
        format ascii 1.0
        element vertex 4
        property float x
        property float y
        property float z
        element face 2
        property list uchar int vertex_indices
        end_header

        """
    static let square = header + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3\n"

    /// A square as binary PLY with normals, colours and a face colour that nobody asked for.
    static func binarySquare(big: Bool) -> [UInt8] {
        var result = Array(
            """
            ply
            format binary_\(big ? "big" : "little")_endian 1.0
            element vertex 4
            property uchar red
            property float x
            property float y
            property float z
            property uchar green
            property uchar blue
            property float nx
            property float ny
            property float nz
            element other 2
            property list ushort double numbers
            property short one
            element face 3
            property short flags
            property list uchar int vertex_indices
            end_header

            """.utf8)
        for (x, y) in [(0, 0), (1, 0), (1, 1), (0, 1)] as [(Float, Float)] {
            result += [10] + bytes(x, y, 5, big: big) + [20, 30] + bytes(0 as Float, 0, 2, big: big)
        }
        result += bytes(2 as UInt16, big: big) + [UInt8](repeating: 1, count: 18)
        result += bytes(0 as UInt16, big: big) + [7, 7]
        for face in [[0, 1, 2], [0, 2, 3], [0, 1, 2, 3]] as [[Int32]] {
            result += [0, 1, UInt8(face.count)] + face.flatMap { bytes($0, big: big) }
        }
        return result
    }

    @Test func `text squares are read with their name and place`() throws {
        let model = try folder.read("my square.ply", Self.square)
        #expect(model.name == "my square")
        #expect(model.format == "PLY (ascii)")
        #expect(elements(model.parts[0].indices) == [0, 1, 2, 0, 2, 3])
        #expect(elements(model.parts[0].positions) == [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0])
        #expect(model.instances[0].transform == .identity)
    }

    @Test(arguments: [false, true]) func `binary files are read in both byte orders`(big: Bool) throws {
        let model = try folder.read("a.ply", Self.binarySquare(big: big))
        #expect(model.format == "PLY (binary, \(big ? "big" : "little") endian)")
        #expect(elements(model.parts[0].indices) == [0, 1, 2, 0, 2, 3, 0, 1, 2, 0, 2, 3])
        #expect(
            elements(model.parts[0].colors) == [10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255])
        #expect(elements(model.parts[0].normals).prefix(3) == [0, 0, 1])
    }

    @Test(arguments: ["\r\n", "\r", " \t\n"]) func `line ends and white space do not matter`(end: String) throws {
        let text = Self.square.replacing("\n", with: end).dropLast(end.count)
        #expect(try folder.read("a.ply", String(text)).parts[0].triangleCount == 2)
    }

    @Test func `a file with only returns may have data that begins with a line feed`() throws {
        let text = """
            ply\rformat binary_little_endian 1.0\relement face 1\rproperty uchar a\r\
            property list uchar uchar vertex_index\relement vertex 3\rproperty char x\rproperty char y\r\
            property char z\rend_header\r
            """
        let model = try folder.read("a.ply", Array(text.utf8) + [10, 3, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 255, 0])
        #expect(elements(model.parts[0].positions) == [0, 0, 0, 1, 0, 0, 0, -1, 0])
    }

    @Test(arguments: [("uchar", "255 128 0"), ("ushort", "65535 32896 0"), ("float", "1 0.5 0")])
    func `vertex colours are read from all types`(type: String, values: String) throws {
        let colors = ["red", "green", "blue"].map { "property \(type) \($0)\n" }.joined()
        let text =
            Self.header.replacing("property float z\n", with: "property float z\n" + colors)
            + ["0 0 0", "1 0 0", "1 1 0", "0 1 0"].map { "\($0) \(values)\n" }.joined() + "3 0 1 2\n3 0 2 3"
        #expect(elements(try folder.read("a.ply", text).parts[0].colors).prefix(4) == [255, 128, 0, 255])
    }

    @Test func `face colours split the vertices they disagree on`() throws {
        let colors = ["red", "green", "blue"].map { "property uchar \($0)\n" }.joined()
        let text =
            Self.header.replacing("end_header", with: colors + "end_header")
            + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2 255 0 0\n3 0 2 3 0 255 0\n"
        let part = try folder.read("a.ply", text).parts[0]
        #expect(part.vertexCount == 6)
        #expect(elements(part.colors).prefix(4) == [255, 0, 0, 255])
        #expect(elements(part.colors).suffix(4) == [0, 255, 0, 255])
        #expect(elements(part.indices) == [0, 1, 2, 3, 4, 5])
    }

    @Test func `corner texture coordinates split vertices and find their texture`() throws {
        try folder.write("skin.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0])
        let text =
            Self.header
            .replacing("end_header", with: "property list uchar float texcoord\nend_header")
            .replacing("format ascii 1.0", with: "format ascii 1.0\ncomment TextureFile skin.png")
            + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2 6 0 0 1 0 1 1\n3 0 2 3 6 0 0 1 1 0.5 1\n"
        let model = try folder.read("a.ply", text)
        #expect(model.parts[0].vertexCount == 4)
        #expect(elements(model.parts[0].textureCoordinates.first) == [0, 1, 1, 1, 1, 0, 0.5, 0])
        #expect(model.textures.map(\.encoding) == [.png])
        #expect(model.parts[0].materialRanges == [.init(firstTriangle: 0, triangleCount: 2, material: 0)])
    }

    @Test func `triangles are sorted by their texture where there are several`() throws {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]
        try folder.write("a.png", png)
        try folder.write("b.png", png)
        let text =
            Self.header
            .replacing(
                "format ascii 1.0", with: "format ascii 1.0\ncomment TextureFile a.png\ncomment TextureFile b.png"
            )
            .replacing("face 2", with: "face 3")
            .replacing("end_header", with: "property list uchar float texcoord\nproperty int texnumber\nend_header")
            + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2 6 0 0 1 0 1 1 1\n3 0 2 3 6 0 0 1 1 0.5 1 0\n3 0 1 3 0 99\n"
        let model = try folder.read("a.ply", text)
        #expect(
            model.parts[0].materialRanges == [
                .init(firstTriangle: 0, triangleCount: 2, material: 0),
                .init(firstTriangle: 2, triangleCount: 1, material: 1),
            ])
        #expect(model.textures.map(\.name) == ["a.png", "b.png"])
        let positions = elements(model.parts[0].positions)
        let last = elements(model.parts[0].indices).suffix(3).map {
            Array(positions[(Int($0) * 3)..<(Int($0) * 3 + 3)])
        }
        #expect(last == [[0, 0, 0], [1, 0, 0], [1, 1, 0]])
    }

    @Test func `a texture that is missing is a warning`() throws {
        let text =
            Self.header.replacing("format", with: "comment TextureFile ../no.png\nformat")
            .replacing("property float z\n", with: "property float z\nproperty float s\nproperty float t\n")
            + "0 0 0 0 0\n1 0 0 0 0\n1 1 0 1 1\n0 1 0 0.25 0.25\n3 0 1 2\n3 0 2 3\n"
        let model = try folder.read("a.ply", text)
        #expect(model.warnings.count == 1 && model.warnings[0].contains("no.png"))
        #expect(elements(model.parts[0].textureCoordinates.first).suffix(2) == [0.25, 0.75])
    }

    @Test func `strips restart at negative numbers and keep their winding`() throws {
        let text = """
            ply
            format ascii 1.0
            element vertex 5
            property double x
            property double y
            property double z
            element tristrips 1
            property list int int vertex_indices
            end_header
            0 0 0 1 0 0 0 1 0 1 1 0 0 2 0
            8 0 1 2 3 -1 2 3 4
            """
        let part = try folder.read("a.ply", text).parts[0]
        #expect(elements(part.indices) == [0, 1, 2, 2, 1, 3, 2, 3, 4])
    }

    @Test func `concave polygons keep their shape`() throws {
        let text = """
            ply
            format ascii 1.0
            element vertex 6
            property float x
            property float y
            property float z
            element face 1
            property list uchar int vertex_indices
            end_header
            0 0 0
            4 0 0
            4 4 0
            2 1 0
            1 1 0
            0 4 0
            6 0 1 2 3 4 5
            """
        let part = try folder.read("a.ply", text).parts[0]
        let positions = elements(part.positions)
        var area: Float = 0
        for first in stride(from: 0, to: 12, by: 3) {
            let corners = elements(part.indices)[first..<(first + 3)].map { index in
                Float3(positions[Int(index) * 3], positions[Int(index) * 3 + 1], 0)
            }
            let twice = cross(corners[1] - corners[0], corners[2] - corners[0]).z
            #expect(twice > 0)
            area += twice / 2
        }
        // Shoelace of the outline.
        #expect(area == 8.5)
    }

    @Test func `far coordinates in double precision keep their detail`() throws {
        let text =
            Self.header.replacing("float", with: "double")
            + "4000000.25 0 0\n4000001.125 0 0\n4000001 1 0\n4000000 1 0\n3 0 1 2\n3 0 2 3\n"
        let part = try folder.read("a.ply", text).parts[0]
        #expect(part.origin == Double3(4_000_000, 0, 0))
        #expect(elements(part.positions).prefix(4) == [0.25, 0, 0, 1.125])
    }

    @Test func `triangles at points that are not finite are left out and counted`() throws {
        let model = try folder.read("a.ply", Self.square.replacing("1 0 0\n", with: "nan 0 1e99\n"))
        #expect(model.parts[0].triangleCount == 1)
        #expect(model.warnings == ["1 triangles with corners that are not finite numbers were left out"])
    }

    @Test func `an index out of range names the face`() throws {
        let error = try #require(try folder.error("a.ply", Self.square.replacing("3 0 2 3", with: "3 0 2 4")))
        #expect(error.code == .malformed)
        #expect(error.place == "face 1 of 2")
        var square = Self.binarySquare(big: false)
        square[square.count - 4] = 9
        #expect(try folder.error("a.ply", square)?.place == "face 2 of 3")
    }

    @Test func `points without faces are refused as empty`() throws {
        let text = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n"
        #expect(try folder.error("a.ply", text)?.code == .empty)
    }

    @Test(arguments: ["1000000000000", "9223372036854775807", "4294967294"])
    func `hostile counts are refused before memory is taken`(count: String) throws {
        for element in ["vertex 4", "face 2"] {
            let name = element.split(separator: " ")[0]
            let text = Self.square.replacing("element \(element)", with: "element \(name) \(count)")
            let error = try #require(try folder.error("a.ply", text))
            #expect(error.code == .malformed || error.code == .tooLarge)
        }
        let list = Self.square.replacing("uchar int", with: "uint int").replacing("3 0 1 2", with: "\(count) 0 1 2")
        #expect(try folder.error("a.ply", list)?.code == .malformed)
        let nothing = Self.square.replacing("element face", with: "element nothing \(count)\nelement face")
        #expect(try folder.error("a.ply", nothing) == nil)
    }

    @Test(arguments: [
        "property float x\n", "format ascii 1.0\n", "end_header\n",
    ]) func `headers without what is needed are refused`(line: String) throws {
        #expect(try folder.error("a.ply", Self.square.replacing(line, with: "")) != nil)
    }

    @Test func `every truncation is an error`() throws {
        for whole in [Self.binarySquare(big: false), Self.binarySquare(big: true)] {
            for count in 0..<whole.count {
                #expect(try folder.error("a.ply", Array(whole[..<count])) != nil, "at \(count)")
            }
        }
        // The last digit and the line end behind it carry nothing that could be missed.
        let text = Array(Self.square.utf8)
        for count in 0..<(text.count - 2) { #expect(try folder.error("a.ply", Array(text[..<count])) != nil) }
    }

    @Test func `damaged files never trap`() throws {
        let colored =
            Self.header.replacing(
                "end_header",
                with: "property uchar red\nproperty uchar green\n"
                    + "property uchar blue\nproperty list uchar float texcoord\nend_header")
            + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2 1 2 3 6 0 0 1 0 1 1\n4 0 1 2 3 4 5 6 0\n"
        try fuzz(
            [
                Array(Self.square.utf8), Self.binarySquare(big: false), Self.binarySquare(big: true),
                Array(colored.utf8),
            ],
            name: "a.ply", rounds: 3000, seed: 1)
    }

    @Test func `reading can be cancelled`() throws {
        let path = try folder.write("a.ply", Array(Self.square.utf8))
        let options = ImportOptions(isCancelled: { true })
        #expect { try ModelImporter.read(path: path, options: options) } throws: { error in
            (error as? ImportError)?.code == .cancelled
        }
    }

    @Test func `spilled arrays give the same model`() throws {
        let options = ImportOptions(spill: SpillPolicy(memoryLimit: 16, directory: "/var/tmp"))
        let part = try folder.read("a.ply", Self.binarySquare(big: false), options).parts[0]
        #expect(part.positions.isSpilled)
        #expect(elements(part.indices) == [0, 1, 2, 0, 2, 3, 0, 1, 2, 0, 2, 3])
    }
}
