// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

@Suite struct NodeHeaderTests {
    static let header = NodeHeader(
        codec: .draco, layout: VertexLayout(normals: .stored, coordinateSetCount: 2, colorComponentCount: 4), level: 3,
        node: 77, geometry: 5, vertexCount: 1000, triangleCount: 1500, error: 0.25, rmsError: 0.125,
        origin: Int3(-100, 0, 300), extent: Int3(1, 0, 70_000), facing: [255, 0, 1, 2, 3, 4], parents: [1, 4, 60],
        ranges: [
            .init(child: 80, material: 0, triangleCount: 200), .init(child: 80, material: 7, triangleCount: 1000),
            .init(child: nil, material: 0, triangleCount: 300),
        ])

    static func encode(_ header: NodeHeader) -> [UInt8] {
        var writer = ByteWriter()
        header.write(to: &writer)
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ChunkError) -> NodeHeader {
        var reader = ByteReader(bytes.rawSpan)
        let header = try NodeHeader(from: &reader)
        try reader.finish()
        return header
    }

    /// The error of a header changed by `change`.
    static func error(_ change: (inout NodeHeader) -> Void) -> ChunkError? {
        var header = header
        change(&header)
        return chunkError { _ = try decode(encode(header)) }
    }

    @Test func `headers round-trip, and damage never traps`() {
        expectDecoderProperties(Self.header, encode: Self.encode, decode: Self.decode)
        var root = Self.header
        root.error = .infinity
        root.rmsError = .infinity
        root.parents = []
        root.ranges = [.init(child: nil, material: 65_535, triangleCount: 1500)]
        expectDecoderProperties(root, rounds: 1000, encode: Self.encode, decode: Self.decode)
    }

    @Test func `the bytes are those that the format says`() {
        let expected = """
            01 15 03 00 4d000000 05000000 e8030000 dc050000 0000803e 0000003e
            9cffffff 00000000 2c010000 01000000 00000000 70110100 ff0001020304
            0300 01000000 04000000 3c000000
            0300 50000000 0000 c801  50000000 0700 e807  ffffffff 0000 ac02
            """
        #expect(Self.encode(Self.header) == [UInt8](hex: expected))
    }

    @Test func `exactly the layouts that exist have a byte`() {
        var accepted = 0
        for byte in 0...255 {
            guard let layout = VertexLayout(byte: UInt8(byte)) else { continue }
            accepted += 1
            #expect(layout.byte == UInt8(byte))
        }
        #expect(accepted == 2 * 3 * 3)
    }

    @Test func `unknown codecs, layouts and a used reserved byte are refused`() {
        var bytes = Self.encode(Self.header)
        bytes[0] = 2
        #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .nodeCodec, offset: 0))
        bytes[0] = 0
        bytes[1] = 0x06
        #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .vertexLayout, offset: 1))
        bytes[1] = 0
        bytes[3] = 1
        #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .reservedByte, offset: 3))
    }

    @Test func `counts over the limit are refused`() {
        let tooMany = UInt32(NodeHeader.maximumVertexCount + 1)
        #expect(Self.error { $0.vertexCount = tooMany } == .invalid(field: .vertexCount, offset: 12))
        #expect(Self.error { $0.vertexCount = .max } == .invalid(field: .vertexCount, offset: 12))
        #expect(Self.error { $0.triangleCount = tooMany } == .invalid(field: .triangleCount, offset: 16))
    }

    @Test func `errors that are no distance are refused`() {
        for bad in [Float.nan, -1, -.infinity, .signalingNaN] {
            #expect(Self.error { $0.error = bad } == .invalid(field: .nodeError, offset: 20))
            #expect(Self.error { $0.rmsError = bad } == .invalid(field: .nodeError, offset: 20))
        }
    }

    @Test func `boxes outside the grid are refused`() {
        let limit: Int32 = 1 << 28
        let boxes: [(Int3, Int3)] = [
            (.zero, Int3(0, -1, 0)), (Int3(0, 0, -limit), .zero), (Int3(limit, 0, 0), .zero),
            (.zero, Int3(0, limit, 0)), (Int3(limit - 1, 0, 0), Int3(1, 0, 0)), (Int3(.max, 0, 0), Int3(1, 0, 0)),
            (Int3(0, .max, 0), Int3(0, limit - 1, 0)), (Int3(0, 0, .min), .zero), (.zero, Int3(.min, 0, 0)),
        ]
        for (origin, extent) in boxes {
            let error = Self.error {
                $0.origin = origin
                $0.extent = extent
            }
            #expect(error == .invalid(field: .nodeBox, offset: 28), "\(origin) \(extent)")
        }
        #expect(Self.error { $0.origin = Int3(limit - 2, 1 - limit, 0) } == nil)
    }

    @Test func `ranges that do not add up are refused`() {
        let offset = 58 + 2 + 12
        #expect(Self.error { $0.ranges[0].triangleCount += 1 } == .invalid(field: .triangleRanges, offset: offset))
        #expect(Self.error { $0.ranges[0].triangleCount = .max } == .invalid(field: .triangleRanges, offset: offset))
        #expect(Self.error { $0.ranges = [] } == .invalid(field: .triangleRanges, offset: offset))
    }

    @Test func `hostile list lengths end with the bytes`() {
        var bytes = Self.encode(Self.header)
        bytes[58] = 0xff
        bytes[59] = 0xff
        guard case .truncated = chunkError({ _ = try Self.decode(bytes) }) else {
            Issue.record("65,535 parents were accepted")
            return
        }
    }
}
