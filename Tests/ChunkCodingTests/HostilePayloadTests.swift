// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import DracoCoding
import StreamCore
import TestSupport
import Testing

@Suite struct HostilePayloadTests {
    static let meshes = [
        TestMeshes.sphere(VertexLayout(coordinateSetCount: 1, colorComponentCount: 3), rings: 4).split([10, 20]),
        TestMeshes.sphere(VertexLayout(normals: .stored, coordinateSetCount: 2, colorComponentCount: 4), rings: 4),
        TestMeshes.sphere(rings: 4).withBorderNormals(every: 2).split([3]),
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

    @Test func `label runs that overflow a range or the mesh are errors`() throws {
        let mesh = TestMeshes.sphere(rings: 4)
        let count = UInt32(mesh.triangleCount)
        let draco = NodeCoding.encodeBody(mesh, preferring: .draco)
        // Without runs and border normals, whose count is the last byte.
        let meshBytes = Array(draco.bytes.dropLast())
        func error(_ runs: [(length: UInt32, range: UInt32)], rangeCount: UInt32 = 2, first: UInt32 = 10)
            -> NodeCodingError?
        {
            var writer = ByteWriter()
            writer.write(contentsOf: meshBytes)
            for run in runs { writer.writeVarint((run.length - 1) * rangeCount + run.range) }
            writer.writeVarint(0)
            let header = mesh.split([Int(first)]).header(codec: .draco, vertexCount: draco.vertexCount)
            return nodeError(NodeCoding.payload(header: header, body: writer.bytes.rawSpan))
        }
        func isLabelError(_ error: NodeCodingError?) -> Bool {
            if case .chunk(.invalid(field: .labelRuns, _)) = error { return true }
            return false
        }
        #expect(error([(10, 0), (count - 10, 1)]) == nil)
        #expect(error([(4, 0), (count - 10, 1), (6, 0)]) == nil)
        #expect(isLabelError(error([(11, 0), (count - 11, 1)])))
        #expect(isLabelError(error([(10, 0), (count - 9, 1)])))
        #expect(isLabelError(error([(count, 1)])))
        #expect(isLabelError(error([(1 << 31, 1)])))
        #expect(isLabelError(error([(10, 0), (1, 0)])))
        #expect(error([(10, 0)]) != nil)
        #expect(error([(10, 0), (count - 10, 1), (1, 0)]) != nil)
        #expect(error([]) != nil)
    }

    @Test func `plain indices must introduce every vertex once`() {
        let header = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(1, 0, 0), Int3(0, 1, 0)], indices: [0, 1, 2]
        ).header(codec: .plain)
        func error(_ indices: [UInt8]) -> NodeCodingError? {
            let columns: [UInt8] = [0, 2, 1, 0, 0, 2, 0, 0, 0, 0]
            return nodeError(NodeCoding.payload(header: header, body: (indices + columns).rawSpan))
        }
        #expect(error([0, 0, 0]) == nil)
        #expect(error([0, 0, 1]) == .chunk(.invalid(field: .vertexCount, offset: 3)))
        #expect(error([1, 0, 0]) == .chunk(.invalid(field: .vertexIndex, offset: 1)))
        #expect(error([0, 0, 3]) == .chunk(.invalid(field: .vertexIndex, offset: 3)))
        var small = header
        small.vertexCount = 2
        #expect(
            nodeError(NodeCoding.payload(header: small, body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0].rawSpan))
                == .chunk(.invalid(field: .vertexIndex, offset: 3)))
    }

    @Test func `border normals must name vertices`() {
        let mesh = TestMeshes.mesh(
            VertexLayout(), points: [.zero, Int3(1, 0, 0), Int3(0, 1, 0)], indices: [0, 1, 2])
        func error(_ border: [UInt8]) -> NodeCodingError? {
            nodeError(
                Self.payload(mesh, .plain) { _, body in
                    body.removeLast()
                    body += border
                })
        }
        #expect(error([0]) == nil)
        #expect(error([2, 1, 1, 2, 3, 1, 4, 5, 6]) == nil)
        for bad: [UInt8] in [
            [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 3, 0, 0, 0], [2, 2, 0, 0, 0, 1, 0, 0, 0],
            [1, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x0f],
        ] {
            #expect(error(bad) == .chunk(.invalid(field: .borderNormals, offset: 0)).atSamePlace(as: error(bad)))
        }
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
