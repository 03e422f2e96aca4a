// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import StreamCore
import TestSupport
import Testing

@testable import ChunkCoding

/// A mesh's payload in a codec, and what it decodes to.
func encodePayload(_ mesh: NodeMesh, _ codec: NodeHeader.Codec) -> (bytes: [UInt8], header: NodeHeader) {
    let body = NodeCoding.encodeBody(mesh, preferring: codec)
    let header = mesh.header(codec: body.codec, vertexCount: body.vertexCount)
    return (NodeCoding.payload(header: header, body: body.bytes.rawSpan), header)
}

/// Decodes one payload that fills the bytes.
func decodePayload(_ bytes: [UInt8]) throws -> (header: NodeHeader, mesh: NodeMesh) {
    var reader = ByteReader(bytes.rawSpan)
    let result = try NodeCoding.decode(&reader)
    try reader.finish()
    return result
}

func nodeError(_ bytes: [UInt8]) -> NodeCodingError? {
    do {
        _ = try decodePayload(bytes)
        return nil
    } catch { return error as? NodeCodingError }
}

@Suite struct NodeCodingTests {
    static let codecs: [NodeHeader.Codec] = [.plain, .draco]
    static let layouts = [VertexLayout.Normals.computed, .stored].flatMap { normals in
        (0...2).flatMap { sets in
            [0, 3, 4].map { VertexLayout(normals: normals, coordinateSetCount: sets, colorComponentCount: $0) }
        }
    }

    /// Checks that the mesh comes back in a codec up to the order of vertices.
    static func expectRoundTrip(
        _ mesh: NodeMesh, _ codec: NodeHeader.Codec, isKept: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (bytes, header) = encodePayload(mesh, codec)
        if isKept { #expect(header.codec == codec, "the codec gave way", sourceLocation: sourceLocation) }
        let (decodedHeader, decoded) = try decodePayload(bytes)
        #expect(decodedHeader == header, sourceLocation: sourceLocation)
        #expect(decoded.vertexCount == header.vertexCount, sourceLocation: sourceLocation)
        // Draco keeps ten bits of a stored normal; they have a test of their own.
        let withNormals = header.codec == .plain || mesh.layout.normals == .computed
        #expect(
            decoded.canonical(withNormals: withNormals) == mesh.canonical(withNormals: withNormals),
            sourceLocation: sourceLocation)
    }

    @Test(arguments: codecs, layouts) func `every layout round-trips`(codec: NodeHeader.Codec, layout: VertexLayout)
        throws
    {
        let sphere = TestMeshes.sphere(layout)
        try Self.expectRoundTrip(sphere, codec)
        try Self.expectRoundTrip(sphere.split([1, 40, 30]), codec)
        try Self.expectRoundTrip(TestMeshes.wedgedCube(layout), codec)
        try Self.expectRoundTrip(TestMeshes.nonManifold(layout), codec)
        try Self.expectRoundTrip(TestMeshes.duplicates(layout).split([50, 60, 20]), codec)
        if layout.normals == .computed {
            try Self.expectRoundTrip(sphere.withBorderNormals(every: 3), codec)
            try Self.expectRoundTrip(sphere.withBorderNormals(every: 1).split([100]), codec)
            try Self.expectRoundTrip(TestMeshes.wedgedCube(layout).withBorderNormals(every: 1), codec)
            try Self.expectRoundTrip(TestMeshes.nonManifold(layout).withBorderNormals(every: 2), codec)
        }
    }

    @Test(arguments: codecs, 1...13) func `meshes on a coarser grid come back exactly`(
        codec: NodeHeader.Codec, shift: Int
    ) throws {
        for layout in [VertexLayout(), VertexLayout(normals: .stored, coordinateSetCount: 1)] {
            for step in [2, 3, 5, 1000] {
                var mesh = TestMeshes.sphere(layout).onCoarserGrid(shift: shift, butEvery: step)
                if layout.normals == .computed { mesh = mesh.withBorderNormals(every: step) }
                try Self.expectRoundTrip(mesh, codec)
                for index in mesh.positions.indices { mesh.positions[index] -= 123_457 }
                try Self.expectRoundTrip(mesh.split([30, 40]), codec)
            }
        }
    }

    @Test func `a coarser grid and what has neighbours on it costs less`() {
        let mesh = TestMeshes.sphere()
        let fine = NodeCoding.encodeBody(mesh, preferring: .draco).bytes.count
        // The same shape in steps of 2^5.
        let coarse = NodeCoding.encodeBody(mesh.onCoarserGrid(shift: 5, butEvery: 1000), preferring: .draco).bytes
        #expect(coarse.count <= fine + 40)
        #expect(coarse[0] == 16 + 5)
        // Normals that are what the decoder computes cost little more than saying so.
        var shaded = mesh
        shaded.computeNormals()
        let listed = NodeCoding.encodeBody(shaded, preferring: .draco).bytes
        #expect(listed.count <= fine + mesh.vertexCount / 4)
    }

    @Test(arguments: codecs) func `places that a coarser grid would make one stay apart`(codec: NodeHeader.Codec) throws
    {
        var mesh = TestMeshes.sphere().onCoarserGrid(shift: 6, butEvery: 1000)
        // Beside its neighbour, nearer than the grid of the others.
        for axis in 0..<3 { mesh.positions[axis] = mesh.positions[3 + axis] + (axis == 0 ? 1 : 0) }
        try Self.expectRoundTrip(mesh, codec)
        #expect(NodeCoding.encodeBody(mesh, preferring: codec).bytes[0] & 15 == 0)
    }

    @Test func `numbers and bits come back from the arithmetic coder`() throws {
        let numbers: [UInt32] = [0, 1, 2, 3, 7, 8, 255, 65_535, 1 << 30, (1 << 31) - 1, 1 << 31, .max - 2, .max - 1, 0]
        for seed in UInt32(0)..<200 {
            var encoder = BinaryEncoder()
            var (number, bit) = (NumberModel(), BitModel())
            let skew = seed % 9
            func isSet(_ index: UInt32) -> Bool { (index &* 2_654_435_761 &+ seed) >> 16 % 9 < skew }
            for index in UInt32(0)..<300 {
                encoder.encode(isSet(index), &bit)
                if index % 23 == 0 { encoder.encode(numbers[Int(index / 23)], &number) }
                encoder.encode(index & 31, bitCount: 5)
            }
            let bytes = encoder.finish()
            var decoder = try BinaryDecoder(bytes)
            (number, bit) = (NumberModel(), BitModel())
            for index in UInt32(0)..<300 {
                #expect(try decoder.decode(&bit) == isSet(index))
                if index % 23 == 0 { #expect(try decoder.decode(&number) == numbers[Int(index / 23)]) }
                #expect(try decoder.decode(bitCount: 5) == index & 31)
            }
            try decoder.finish()
            #expect(decoder.offset == bytes.count)
        }
    }

    @Test func `stored normals survive Draco to a quarter of a degree`() throws {
        let mesh = TestMeshes.sphere(VertexLayout(normals: .stored))
        let (_, decoded) = try decodePayload(encodePayload(mesh, .draco).bytes)
        for vertex in 0..<decoded.vertexCount {
            let position = Float3(
                Float(decoded.positions[3 * vertex]), Float(decoded.positions[3 * vertex + 1]),
                Float(decoded.positions[3 * vertex + 2]))
            let difference = length(normalized(position) - OctahedralNormal.decode(decoded.normals[vertex]))
            #expect(difference * 180 / .pi < 0.25)
        }
    }

    @Test func `wedges keep each side's normal`() throws {
        for codec in Self.codecs {
            let mesh = TestMeshes.wedgedCube(VertexLayout(normals: .stored))
            let (_, decoded) = try decodePayload(encodePayload(mesh, codec).bytes)
            var flat = decoded
            flat.normals = Array(repeating: NodeMesh.computedNormal, count: flat.vertexCount)
            flat.computeNormals()
            #expect(flat.normals == decoded.normals)
        }
    }

    @Test func `meshes far from the origin, of one triangle, and of many ranges round-trip`() throws {
        for codec in Self.codecs {
            var far = TestMeshes.sphere()
            for first in stride(from: 0, to: far.positions.count, by: 3) {
                far.positions[first] -= (1 << 28) - 6000
                far.positions[first + 1] += (1 << 28) - 6000
            }
            try Self.expectRoundTrip(far, codec)
            let one = TestMeshes.mesh(
                VertexLayout(), points: [.zero, Int3(1 << 20, 0, 0), Int3(0, 5, 0)], indices: [0, 1, 2])
            try Self.expectRoundTrip(one, codec)
            let sphere = TestMeshes.sphere()
            try Self.expectRoundTrip(sphere.split(Array(repeating: 1, count: sphere.triangleCount - 1)), codec)
            try Self.expectRoundTrip(sphere.split([0, 100, 0]), codec)
        }
    }

    @Test func `Draco gives way where it would drop triangles`() throws {
        // Two corners at one place: Draco drops the triangle, the plain codec keeps it.
        let mesh = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(9, 0, 0), Int3(0, 9, 0), Int3(9, 0, 0)], indices: [0, 1, 2, 1, 3, 2])
        let (bytes, header) = encodePayload(mesh, .draco)
        let decoded = try decodePayload(bytes).mesh
        #expect(decoded.canonical() == mesh.canonical())
        let repeated = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(9, 0, 0), Int3(0, 9, 0)], indices: [0, 1, 2, 1, 1, 2])
        #expect(encodePayload(repeated, .draco).header.codec == .plain)
        #expect(try decodePayload(encodePayload(repeated, .draco).bytes).mesh.triangleCount == 2)
        _ = header
    }

    @Test func `several payloads follow each other in a chunk`() throws {
        let meshes = [
            TestMeshes.sphere(), TestMeshes.wedgedCube(VertexLayout(coordinateSetCount: 1)), TestMeshes.nonManifold(),
        ]
        let bytes = meshes.flatMap { encodePayload($0, .draco).bytes + encodePayload($0, .plain).bytes }
        var reader = ByteReader(bytes.rawSpan)
        for mesh in meshes {
            for codec in [NodeHeader.Codec.draco, .plain] {
                let (header, decoded) = try NodeCoding.decode(&reader)
                #expect(header.codec == codec && decoded.canonical() == mesh.canonical())
            }
        }
        try reader.finish()
    }

    @Test func `normals are computed by area where none is given`() {
        var cube = TestMeshes.wedgedCube(VertexLayout(), size: 10)
        let given = OctahedralNormal.encode(Float3(1, 1, 1))
        cube.normals[5] = given
        cube.computeNormals()
        #expect(cube.normals[5] == given)
        #expect(OctahedralNormal.decode(cube.normals[0]) == Float3(-1, 0, 0))
        #expect(OctahedralNormal.decode(cube.normals[23]) == Float3(0, 0, 1))
        #expect(cube.facing() == [43, 43, 43, 43, 43, 43])
        #expect(NodeMesh(layout: VertexLayout()).box.maximum == .zero)
        #expect(NodeMesh(layout: VertexLayout()).facing() == [0, 0, 0, 0, 0, 0])
    }
}
