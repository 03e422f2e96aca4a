// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import StreamCore
import TestSupport
import Testing

@testable import ModelImport

@Suite struct ModelImporterTests {
    let folder = ReaderFolder()

    @Test func `formats are told apart by content, not by name`() throws {
        #expect(try folder.read("a.obj", PLYImporterTests.square).format == "PLY (ascii)")
        #expect(try folder.read("a.ply", STLImporterTests.text).format == "STL (ascii)")
        #expect(try folder.read("a.stl", OBJImporterTests.square + "f 1 2 3").format == "OBJ")
        #expect(try folder.read("noname", STLImporterTests.binary(STLImporterTests.facets)).name == "noname")
    }

    @Test(arguments: [
        ("ISO-10303-21;\nHEADER;", "STEP"), ("ISO-10303-21;\nFILE_SCHEMA(('IFC2X3'));", "IFC"),
        ("Kaydara FBX Binary  \0", "FBX"), ("PK\u{3}\u{4}aaaaaaaaa", "zip"), ("OFF\n1 1 1\n", "OFF"),
        ("<?xml version='1.0'?><COLLADA>", "COLLADA"), ("version https://git-lfs.github.com/spec/v1", "Git LFS"),
    ]) func `formats we do not read are named with a remedy`(text: String, name: String) throws {
        let error = try #require(try folder.error("a.glb", text))
        #expect(error.code == .unknownFormat)
        #expect(error.message.contains(name))
    }

    @Test func `archives and IGES are named`() throws {
        let iges = String(repeating: " ", count: 72) + "S      1\n"
        #expect(try folder.error("a", iges + iges)?.message.contains("IGES") == true)
        #expect(try folder.error("a", [0xFD] + Array("7zXZ\0aaa".utf8))?.message.contains("xz") == true)
        #expect(try folder.error("a", [0x1F, 0x8B, 8, 0, 0])?.message.contains("gzip") == true)
    }

    @Test func `empty, unknown and missing files are refused`() throws {
        #expect(try folder.error("a.ply", "")?.code == .empty)
        #expect(try folder.error("a.ply", "hello world")?.code == .unknownFormat)
        #expect { try ModelImporter.read(path: folder.path + "/none", options: ImportOptions()) } throws: { error in
            (error as? ImportError)?.code == .unreadable
        }
    }

    @Test func `numbers are read as the standard library reads them`() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<20_000 {
            let digits = Int.random(in: 1...15, using: &generator)
            let mantissa = UInt64.random(in: 0..<UInt64(pow(10, Double(digits))), using: &generator)
            let text =
                round % 2 == 0
                ? "\(round % 4 == 0 ? "-" : "")\(mantissa)e\(Int.random(in: -22...22, using: &generator))"
                : "\(Double(mantissa) / pow(10, Double(Int.random(in: 0...digits, using: &generator))))"
            #expect(number(text) == Double(text), "\(text)")
        }
        for _ in 0..<5_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite, value.magnitude > 1e-290, let read = number("\(value)") else { continue }
            #expect(abs(read - value) <= abs(value) * 1e-14, "\(value)")
        }
    }

    @Test(
        arguments: [
            ("1.", 1), (".5", 0.5), ("+2", 2), ("-0.0", 0), ("1e+2", 100), ("3.1+e2", 3.1), ("1e", 1),
            ("1e5000", .infinity),
            ("1e-5000", 0), ("-inf", -.infinity), ("12345678901234567890123", 1.2345678901234568e22),
        ] as [(String, Double)]) func `odd spellings of numbers are read`(text: String, value: Double)
    {
        #expect(number(text) == value)
    }

    @Test func `what is no number is none`() {
        for text in ["", "-", ".", "e5", "x", "+-1"] { #expect(number(text) == nil) }
        for text in ["nan", "-NaN", "1.#QNAN", "-1.#IND"] { #expect(number(text)?.isNaN == true) }
    }

    private func number(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        var position = 0
        return bytes.span.bytes.number(&position)
    }

    @Test func `long searches for equal corners are cut short`() {
        var joiner = VertexJoiner<SIMD2<UInt32>>(vertexCount: 1)
        for key in 0..<20_000 as Range<UInt32> { _ = joiner.join(0, SIMD2(key, 0)) }
        #expect(joiner.entries.count == 20_000)
        #expect(joiner.join(0, SIMD2(19_999, 0)) == 19_999)
        joiner.reset()
        #expect(joiner.join(0, SIMD2(7, 7)) == 0)
    }

    @Test func `polygons of any shape give two triangles fewer than corners`() {
        var triangulator = PolygonTriangulator()
        var generator = SeededGenerator(seed: 6)
        for count in 3..<200 {
            // A spiky star around a point: simple, concave, with known area.
            let corners = (0..<count).map { index in
                let angle = Double(index) / Double(count) * 2 * Double.pi
                let radius = Double.random(in: 0.2...3, using: &generator)
                return Double3(cos(angle) * radius, 5, -sin(angle) * radius)
            }
            triangulator.triangulate(corners)
            #expect(triangulator.triangles.count == (count - 2) * 3)
            guard count > 6 else { continue }
            var outline = 0.0
            for index in 0..<count { outline += cross(corners[index], corners[(index + 1) % count]).y }
            var sum = 0.0
            for first in stride(from: 0, to: triangulator.triangles.count, by: 3) {
                let t = (0..<3).map { corners[Int(triangulator.triangles[first + $0])] }
                let twice = cross(t[1] - t[0], t[2] - t[0]).y
                #expect(twice > -1e-9)
                sum += twice
            }
            #expect(abs(sum - outline) < 1e-9)
        }
        #expect(triangulator.fallbacks == 0)
    }

    @Test func `names that leave the folder are looked for beside the file only`() {
        func candidates(_ name: String) -> [String] { TextureFile.candidates(name, besideFile: "/m/a.obj") }
        #expect(candidates("t.png") == ["/m/t.png"])
        #expect(candidates("x\\.\\t.png") == ["/m/x/t.png", "/m/t.png"])
        #expect(candidates("x/../../t.png") == ["/m/t.png"])
        #expect(candidates("C:\\x\\t.png") == ["/m/t.png"])
        #expect(candidates("/etc/t.png") == ["/m/t.png"])
        #expect(candidates("..").isEmpty && candidates("").isEmpty)
    }
}
