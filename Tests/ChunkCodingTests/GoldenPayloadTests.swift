// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore
import TestSupport
import Testing

/// Bytes that every version of the program must read, because archives hold them.
@Suite struct GoldenPayloadTests {
    /// A strip of three triangles, two ranges, a copied normal, one coordinate set, RGB.
    static var mesh: NodeMesh {
        var mesh = TestMeshes.mesh(
            VertexLayout(coordinateSetCount: 1, colorComponentCount: 3),
            points: [
                Int3(-1, 0, 2), Int3(300, 0, 2), Int3(-1, 70_000, 2), Int3(300, 70_000, -1), Int3(299, 140_000, 2),
            ],
            indices: [0, 1, 2, 2, 1, 3, 2, 3, 4])
        mesh.normals[3] = OctahedralNormal.encode(Float3(0, 0, 1))
        return mesh.split([2])
    }

    static var header: NodeHeader {
        var header = mesh.header(codec: .plain, node: 9)
        header.geometry = 4
        header.level = 1
        header.error = 0.5
        header.rmsError = 0.25
        header.parents = [3, 5]
        header.ranges[0].child = 12
        header.ranges[1].material = 2
        return header
    }

    static let plain = """
        000a010009000000040000000500000003000000 0000003f0000803e ffffffff00000000ffffffff 2d010000e022020003000000
        0002000000fd 02000300000005000000 0200 0c000000000002 ffffffff020001 4b000000
        10 000000010200020100 00da04d904da0401 0000e0c50800e0c508 0600000506
        058e0e8d0e8e0e05 0400dfc50805d9c508 fe03a503a603a50301 0200e00100e001 0800000506 41e42be700
        """

    @Test func `the plain codec's bytes are those that the format says`() throws {
        let body = NodeCoding.encodeBody(Self.mesh, preferring: .plain)
        let bytes = NodeCoding.payload(header: Self.header, body: body.bytes.rawSpan)
        #expect(bytes.hex == [UInt8](hex: Self.plain).hex)
        let decoded = try decodePayload([UInt8](hex: Self.plain))
        #expect(decoded.header == Self.header)
        // The plain codec keeps the order of first use, which this mesh has.
        #expect(decoded.mesh == Self.mesh)
    }
}
