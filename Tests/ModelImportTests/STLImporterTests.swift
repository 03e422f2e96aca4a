// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import Testing

@Suite struct STLImporterTests {
    let folder = ReaderFolder()

    static let text = """
        solid first one
          facet normal 0 0 1
            outer loop
              vertex 0 0 0
              vertex 1 0 0
              vertex 0 1.5e0 0
            endloop
          endfacet
        endsolid first one
        SOLID second
          FACET NORMAL 0 0 1
            OUTER LOOP
              VERTEX 0 0 0
              VERTEX 2 0 0
              VERTEX 0 2 0
            ENDLOOP
          ENDFACET
        ENDSOLID second
        """

    static func binary(_ facets: [[Float]], header: String = "solid in name only", attribute: UInt16 = 0) -> [UInt8] {
        var result = Array(header.utf8)
        result += [UInt8](repeating: 0x20, count: 80 - result.count) + bytes(UInt32(facets.count))
        for facet in facets { result += bytes(0 as Float, 0, 1) + facet.flatMap { bytes($0) } + bytes(attribute) }
        return result
    }

    static let facets: [[Float]] = [[0, 0, 0, 1, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0, -1, 0, 0]]

    @Test func `each solid of a text file is a part with its name`() throws {
        let model = try folder.read("two.stl", Self.text)
        #expect(model.format == "STL (ascii)")
        #expect(model.name == "two")
        #expect(model.nodes.map(\.name) == ["two", "first one", "second"])
        #expect(model.parts.map(\.name) == ["first one", "second"])
        #expect(elements(model.parts[0].positions) == [0, 0, 0, 1, 0, 0, 0, 1.5, 0])
        #expect(model.parts[0].indices == nil)
    }

    @Test func `STL is in millimetres with Z up unless told otherwise`() throws {
        let up = try folder.read("a.stl", Self.text).instances[0].transform.apply(to: Double3(0, 0, 1000))
        #expect(up == Double3(0, 1, 0))
        let options = ImportOptions(up: .y, metresPerUnit: 1)
        #expect(try folder.read("a.stl", Self.text, options).instances[0].transform == .identity)
    }

    @Test func `a binary file may begin with solid`() throws {
        let model = try folder.read("b.stl", Self.binary(Self.facets))
        #expect(model.format == "STL (binary)")
        #expect(elements(model.parts[0].positions) == Self.facets.flatMap { $0 })
        #expect(model.nodes.count == 1 && model.warnings.isEmpty)
    }

    @Test func `bytes behind a binary file are ignored, attributes too but with a warning`() throws {
        let model = try folder.read("b.stl", Self.binary(Self.facets, header: "x", attribute: 5) + [1, 2, 3])
        #expect(model.parts[0].triangleCount == 2)
        #expect(model.warnings.count == 1)
    }

    @Test func `facets that are not finite are left out and counted`() throws {
        var facets = Self.facets
        facets.append([.nan, 0, 0, 1, 0, 0, 0, .infinity, 0])
        let model = try folder.read("b.stl", Self.binary(facets))
        #expect(model.parts[0].triangleCount == 2)
        #expect(model.warnings == ["1 facets with corners that are not finite numbers were left out"])
        let text = try folder.read("a.stl", Self.text.replacing("1 0 0", with: "1e300 -1e300 nan"))
        #expect(text.parts.count == 1 && text.warnings.count == 1)
    }

    @Test func `far coordinates in text keep their detail`() throws {
        let text = Self.text.replacing("vertex 1 0 0", with: "vertex 100001.5 0 0")
            .replacing("vertex 0 0 0", with: "vertex 100000.25 0 0")
        let part = try folder.read("a.stl", text).parts[0]
        #expect(part.origin.x == 100_000)
        #expect(elements(part.positions).prefix(4) == [0.25, 0, 0, 1.5])
    }

    @Test(arguments: [
        ("vertex 1 0 0\n", ""), ("endloop", "vertex 1 2 3\nendloop"), ("vertex 1 0 0", "vertex 1 0"),
        ("endfacet", ""), ("1.5e0", "x"), ("outer", "inner"),
    ]) func `broken facets are refused with their line`(part: String, replacement: String) throws {
        let error = try #require(try folder.error("a.stl", Self.text.replacing(part, with: replacement)))
        #expect(error.code == .malformed)
        #expect(error.place.hasPrefix("line "))
    }

    @Test func `every truncation is an error`() throws {
        let whole = Self.binary(Self.facets, header: "made by a test")
        for count in 0..<whole.count { #expect(try folder.error("b.stl", Array(whole[..<count])) != nil) }
        let error = try #require(try folder.error("b.stl", Array(whole.dropLast(7))))
        #expect(error.code == .malformed && error.message.contains("7 bytes are missing"))
        // Without what follows the last endsolid nothing is missing.
        let text = Array(Self.text.utf8).dropLast(7)
        for count in 0..<text.count {
            let isBetweenSolids = count > Self.endOfFirstSolid - 12 && count < Self.endOfFirstSolid + 1
            if !isBetweenSolids { #expect(try folder.error("a.stl", Array(text[..<count])) != nil, "at \(count)") }
        }
    }

    /// Where "SOLID second" starts.
    static let endOfFirstSolid = text.split(separator: "SOLID second")[0].utf8.count

    @Test(arguments: [UInt32.max, 1 << 31, 1000]) func `hostile counts are refused`(count: UInt32) throws {
        var whole = Self.binary(Self.facets, header: "x")
        whole.replaceSubrange(80..<84, with: bytes(count))
        #expect(try folder.error("b.stl", whole)?.code == .malformed)
    }

    @Test func `solids without facets make no part`() throws {
        #expect(try folder.read("a.stl", Self.text + "\nsolid none\nendsolid none\n").parts.count == 2)
        #expect(try folder.error("a.stl", "solid none\nendsolid none\n")?.code == .empty)
    }

    @Test func `damaged files never trap`() throws {
        try fuzz(
            [Array(Self.text.utf8), Self.binary(Self.facets), Self.binary(Self.facets, header: "x")],
            name: "a.stl", rounds: 3000, seed: 2)
    }
}
