// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import StreamCore
import TestSupport
import Testing

@testable import ChunkCoding

@Suite struct HostilePayloadTests {
    static let meshes = [
        TestMeshes.sphere(VertexLayout(coordinateSetCount: 1, colorComponentCount: 3), rings: 4).split([10, 20]),
        TestMeshes.sphere(VertexLayout(normals: .stored, coordinateSetCount: 2, colorComponentCount: 4), rings: 4),
        TestMeshes.sphere(rings: 4).withBorderNormals(every: 2).split([3]),
        TestMeshes.sphere(rings: 4).onCoarserGrid(shift: 3, butEvery: 5).withBorderNormals(every: 3).split([7]),
    ]

    /// A payload whose header is changed after encoding.
    static func payload(
        _ mesh: NodeMesh, _ codec: NodeHeader.Codec, _ change: (inout NodeHeader, inout [UInt8]) -> Void
    ) -> [UInt8] {
        var body = NodeCoding.encodeBody(mesh, preferring: codec)
        var header = mesh.header(codec: body.codec, vertexCount: body.vertexCount)
        change(&header, &body.bytes)
        return NodeCoding.payload(header: header, body: body.bytes.rawSpan)
    }

    @Test(arguments: NodeCodingTests.codecs) func `every truncation is an error`(codec: NodeHeader.Codec) {
        for mesh in Self.meshes {
            let bytes = encodePayload(mesh, codec).bytes
            for length in 0..<bytes.count { #expect(nodeError(Array(bytes[..<length])) != nil, "\(length)") }
        }
    }

    @Test(arguments: NodeCodingTests.codecs) func `every truncation of the body alone is an error`(
        codec: NodeHeader.Codec
    ) {
        for mesh in Self.meshes {
            let count = NodeCoding.encodeBody(mesh, preferring: codec).bytes.count
            for length in 0..<count {
                let bytes = Self.payload(mesh, codec) { $1.removeLast(count - length) }
                #expect(nodeError(bytes) != nil, "\(length)")
            }
        }
    }

    @Test(arguments: NodeCodingTests.codecs) func `bytes after the body's last field are an error`(
        codec: NodeHeader.Codec
    ) {
        for mesh in Self.meshes {
            let bytes = Self.payload(mesh, codec) { $1.append(0) }
            guard case .chunk(.trailingBytes) = nodeError(bytes) else {
                Issue.record("\(nodeError(bytes) as Any)")
                continue
            }
        }
    }

    @Test func `a body in the other codec is an error`() {
        for mesh in Self.meshes {
            #expect(nodeError(Self.payload(mesh, .plain) { header, _ in header.codec = .draco }) != nil)
            #expect(nodeError(Self.payload(mesh, .draco) { header, _ in header.codec = .plain }) != nil)
        }
    }

    @Test(arguments: NodeCodingTests.codecs) func `a header that promises another mesh is an error`(
        codec: NodeHeader.Codec
    ) {
        let changes: [(inout NodeHeader) -> Void] = [
            { $0.vertexCount += 1 }, { $0.vertexCount -= 1 }, { $0.vertexCount = 1 << 20 },
            { $0.extent.y += 1 }, { $0.extent.z -= 1 },
            {
                $0.triangleCount += 1
                $0.ranges[0].triangleCount += 1
            },
            {
                $0.triangleCount -= 1
                $0.ranges[0].triangleCount -= 1
            },
            {
                $0.triangleCount = 1 << 20
                $0.ranges = [.init(child: nil, material: 0, triangleCount: 1 << 20)]
            },
            { $0.layout.coordinateSetCount = 2 - $0.layout.coordinateSetCount / 2 * 2 },
        ]
        for mesh in Self.meshes {
            for (number, change) in changes.enumerated() {
                let bytes = Self.payload(mesh, codec) { header, _ in change(&header) }
                // A Draco mesh may hold more attributes than the header lists; nobody reads them.
                if codec == .draco, number == 8, mesh.layout.coordinateSetCount == 2 { continue }
                #expect(nodeError(bytes) != nil, "change \(number)")
            }
        }
    }

    /// A payload of a mesh in two or more ranges whose details are the test's own.
    private static func error(
        _ mesh: NodeMesh, _ codec: NodeHeader.Codec, head: UInt8, _ write: (inout BinaryEncoder) -> Void,
        then change: (inout [UInt8]) -> Void = { _ in }
    ) -> NodeCodingError? {
        // In one range and without normals of borders there are no details.
        var bare = NodeCoding.encodeBody(mesh.split([]), preferring: codec)
        #expect(bare.bytes[0] == 0)
        bare.bytes[0] = head
        var encoder = BinaryEncoder()
        write(&encoder)
        var stream = encoder.finish()
        change(&stream)
        let header = mesh.header(codec: bare.codec, vertexCount: bare.vertexCount)
        return nodeError(NodeCoding.payload(header: header, body: (bare.bytes + stream).rawSpan))
    }

    private static func writeNoBorderNormals(_ count: Int, to encoder: inout BinaryEncoder) {
        BorderNormals.write(
            Array(repeating: NodeMesh.computedNormal, count: count), sums: [], depths: [], to: &encoder)
    }

    @Test func `label runs that overflow a range or the mesh are errors`() throws {
        let mesh = TestMeshes.sphere(rings: 9)
        let count = UInt32(mesh.triangleCount)
        let vertexCount = NodeCoding.encodeBody(mesh, preferring: .draco).vertexCount
        /// Runs of a length and a place among the recent labels.
        func error(_ runs: [(length: UInt32, place: UInt32)], first: UInt32 = 10) -> NodeCodingError? {
            Self.error(mesh.split([Int(first)]), .draco, head: 16) { encoder in
                var (lengths, places) = (NumberModel(), NumberModel())
                for run in runs {
                    encoder.encode(run.length - 1, &lengths)
                    encoder.encode(run.place, &places)
                }
                Self.writeNoBorderNormals(vertexCount, to: &encoder)
            }
        }
        func isLabelError(_ error: NodeCodingError?) -> Bool {
            if case .chunk(.invalid(field: .labelRuns, _)) = error { return true }
            return false
        }
        // The first label is itself, the second one more than the number of recent ones; then 1 is the one before.
        #expect(error([(10, 0), (count - 10, 2)]) == nil)
        #expect(error([(4, 0), (count - 10, 2), (6, 1)]) == nil)
        #expect(error([(4, 0), (6, 0), (count - 10, 2)]) == nil)
        #expect(isLabelError(error([(11, 0), (count - 11, 2)])))
        #expect(isLabelError(error([(10, 0), (count - 9, 2)])))
        #expect(isLabelError(error([(count, 1)])))
        #expect(isLabelError(error([(1 << 31, 1)])))
        #expect(isLabelError(error([(10, 0), (1, 0)])))
        #expect(isLabelError(error([(10, 0), (1, 3)])))
        #expect(isLabelError(error([(10, 0), (1, 70_000)])))
        #expect(isLabelError(error([(10, 2)])))
        #expect(error([(10, 0)]) != nil)
        #expect(error([]) != nil)
    }

    @Test func `details that a codec needs and the byte in front denies are errors`() {
        let mesh = TestMeshes.sphere(rings: 9)
        let heads: [UInt8] = [32, 64, 128, 1, 12, 16 + 13, 16 + 15]
        for head in heads {
            let error = Self.error(mesh, .plain, head: head) { _ in }
            #expect(error == .chunk(.invalid(field: .details, offset: 0)), "\(head)")
        }
        let error = Self.error(mesh.split([10]), .draco, head: 0) { _ in
        } then: {
            $0 = []
        }
        #expect(error == .chunk(.invalid(field: .details, offset: 0)).atSamePlace(as: error))
    }

    @Test func `plain indices must introduce every vertex once`() {
        let header = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(1, 0, 0), Int3(0, 1, 0)], indices: [0, 1, 2]
        ).header(codec: .plain)
        func error(_ indices: [UInt8]) -> NodeCodingError? {
            let columns: [UInt8] = [0, 2, 1, 0, 0, 2, 0, 0, 0]
            return nodeError(NodeCoding.payload(header: header, body: ([0] + indices + columns).rawSpan))
        }
        #expect(error([0, 0, 0]) == nil)
        #expect(error([0, 0, 1]) == .chunk(.invalid(field: .vertexCount, offset: 4)))
        #expect(error([1, 0, 0]) == .chunk(.invalid(field: .vertexIndex, offset: 2)))
        #expect(error([0, 0, 3]) == .chunk(.invalid(field: .vertexIndex, offset: 4)))
        var small = header
        small.vertexCount = 2
        #expect(
            nodeError(NodeCoding.payload(header: small, body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0].rawSpan))
                == .chunk(.invalid(field: .vertexIndex, offset: 4)))
    }

    @Test func `border normals must be on the octahedron`() {
        let mesh = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(1, 0, 0), Int3(0, 1, 0)], indices: [0, 1, 2])
        /// The normal is +z for all: the middle of both halves.
        func error(coarseness: UInt32, _ zigzag: UInt32) -> NodeCodingError? {
            Self.error(mesh, .plain, head: 16) { encoder in
                encoder.encode(coarseness, bitCount: 4)
                var flags = [BitModel(), BitModel()]
                var differences = [NumberModel(), NumberModel()]
                for wasListed in [0, 1, 1] {
                    encoder.encode(true, &flags[wasListed])
                    for half in 0..<2 { encoder.encode(zigzag, &differences[half]) }
                }
            }
        }
        for (coarseness, limit) in [(UInt32(0), UInt32(2047)), (1, 1024), (4, 128)] {
            #expect(error(coarseness: coarseness, 2 * limit) == nil)
            #expect(error(coarseness: coarseness, 2 * limit - 1) == nil)
            let steps: [UInt32] = [2 * limit + 1, 2 * limit + 2, .max - 1, .max - 2]
            for bad in steps {
                let error = error(coarseness: coarseness, bad)
                #expect(error == .chunk(.invalid(field: .borderNormals, offset: 0)).atSamePlace(as: error))
            }
        }
        let error = error(coarseness: 5, 0)
        #expect(error == .chunk(.invalid(field: .borderNormals, offset: 0)).atSamePlace(as: error))
    }

    @Test(arguments: NodeCodingTests.codecs) func `damage never traps`(codec: NodeHeader.Codec) {
        for (number, mesh) in Self.meshes.enumerated() {
            mutate(encodePayload(mesh, codec).bytes, rounds: 2000, seed: UInt64(number)) { damaged in
                var reader = ByteReader(damaged.rawSpan)
                guard let (header, mesh) = try? NodeCoding.decode(&reader) else { return }
                let isSound =
                    mesh.vertexCount == header.vertexCount && mesh.triangleCount == header.triangleCount
                    && mesh.indices.allSatisfy { $0 < header.vertexCount } && mesh.normals.count == mesh.vertexCount
                    && mesh.rangeTriangleCounts.reduce(0, +) == mesh.triangleCount
                    && mesh.colors.count == header.layout.colorComponentCount * mesh.vertexCount
                if !isSound { Issue.record("\(damaged.hex)") }
                var copy = mesh
                copy.computeNormals()
            }
        }
    }

    @Test func `errors are sentences`() {
        #expect(NodeCodingError.mismatch("x").description == "the mesh does not match its header: x")
        #expect(NodeCodingError.chunk(.trailingBytes(offset: 1)).description == "unexpected bytes from byte 1 on")
        #expect(NodeCodingError.draco(.missingAttribute(id: 3)).description == "the Draco mesh has no attribute 3")
    }
}

extension NodeCodingError {
    /// The same error at the offset of another, for tests that do not care where.
    func atSamePlace(as other: NodeCodingError?) -> NodeCodingError {
        guard case .chunk(.invalid(let field, _)) = self, case .chunk(.invalid(_, let offset)) = other else {
            return self
        }
        return .chunk(.invalid(field: field, offset: offset))
    }
}
