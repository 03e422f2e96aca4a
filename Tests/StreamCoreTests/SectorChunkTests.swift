// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

@Suite struct SectorChunkTests {
    static let header = SectorHeader(
        sector: 2, parent: 1, children: [3, 4, 9],
        bounds: Bounds(minimum: Double3(-1, -2, -3), maximum: Double3(1e7, 2, 3)), proxyNode: 12, proxyError: 0.5,
        instanceCount: 6)
    static let instances: [Instance] = (0..<6).map { number in
        var transform = AffineTransform.rotation(Double4(0, 0, Double(number % 2), 1))
        // The palette holds floats; so does this.
        transform.x = Double3(Float3(transform.x))
        transform.y = Double3(Float3(transform.y))
        transform.z = Double3(Float3(transform.z))
        transform.translation = Double3(1e7 + Double(number), .pi, -Double(number))
        return Instance(geometry: UInt32(number % 3), treeNode: UInt32(100 + number), transform: transform)
    }

    static func encode(_ header: SectorHeader) -> [UInt8] {
        var writer = ByteWriter()
        header.write(to: &writer)
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ChunkError) -> SectorHeader {
        var reader = ByteReader(bytes.rawSpan)
        let header = try SectorHeader(from: &reader)
        try reader.finish()
        return header
    }

    @Test func `sector headers round-trip, and damage never traps`() {
        expectDecoderProperties(Self.header, encode: Self.encode, decode: Self.decode)
        let root = SectorHeader(
            sector: 0, parent: nil, children: [], bounds: Bounds(minimum: .zero, maximum: .zero), proxyNode: nil,
            proxyError: 0x1p50, instanceCount: .max)
        expectDecoderProperties(root, rounds: 500, encode: Self.encode, decode: Self.decode)
    }

    @Test func `the header's bytes are those that the format says`() {
        let expected = """
            02000000 01000000 0c000000 000000000000e03f
            000000000000f0bf 00000000000000c0 00000000000008c0 00000000d0126341 0000000000000040 0000000000000840
            03000000 03000000 04000000 09000000 06000000
            """
        #expect(Self.encode(Self.header) == [UInt8](hex: expected))
    }

    @Test func `boxes and errors that are no numbers are refused`() {
        let broken: [(inout SectorHeader) -> Void] = [
            { $0.proxyError = -1 }, { $0.proxyError = .nan }, { $0.bounds.minimum.y = .nan },
            { $0.bounds.maximum.x = .infinity },
        ]
        for change in broken {
            var header = Self.header
            change(&header)
            #expect(chunkError { _ = try Self.decode(Self.encode(header)) } == .invalid(field: .sectorBox, offset: 68))
        }
    }

    @Test func `a hostile number of children is refused before anything is allocated`() {
        var bytes = Self.encode(Self.header)
        for place in 68..<72 { bytes[place] = 0xff }
        #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .count, offset: 68))
    }

    @Test func `instance tables round-trip, and damage never traps`() {
        expectDecoderProperties(
            Self.instances, encode: InstanceTable.encode, decode: { try InstanceTable.decode($0.rawSpan, count: 6) })
        expectDecoderProperties(
            [], rounds: 200, encode: InstanceTable.encode, decode: { try InstanceTable.decode($0.rawSpan, count: 0) })
    }

    @Test func `equal rotations share a palette entry`() {
        let bytes = InstanceTable.encode(Self.instances)
        #expect(bytes.count == 6 * (4 + 4 + 4 + 24) + 4 + 2 * 36)
        #expect(Array(bytes[48..<52]) == [2, 0, 0, 0])
        #expect(bytes.count <= InstanceTable.maximumByteCount(count: 6))
        let distinct = (0..<50).map { number in
            Instance(geometry: 0, treeNode: 0, transform: .scale(Double3(repeating: Double(1 + number))))
        }
        #expect(InstanceTable.encode(distinct).count == InstanceTable.maximumByteCount(count: 50))
    }

    @Test func `a small table's bytes are those that the format says`() {
        let instance = Instance(
            geometry: 1, treeNode: 2,
            transform: AffineTransform(
                x: Double3(1, 2, 3), y: Double3(4, 5, 6), z: Double3(7, 8, 9), translation: Double3(1, -2, 0.5)))
        let expected = """
            01000000 02000000 01000000
            0000803f 00000040 00004040 00008040 0000a040 0000c040 0000e040 00000041 00001041
            00000000 000000000000f03f 00000000000000c0 000000000000e03f
            """
        #expect(InstanceTable.encode([instance]) == [UInt8](hex: expected))
    }

    @Test func `tables that lie are refused`() {
        let bytes = InstanceTable.encode(Self.instances)
        func error(_ count: Int, _ change: (inout [UInt8]) -> Void = { _ in }) -> ChunkError? {
            var copy = bytes
            change(&copy)
            return chunkError { _ = try InstanceTable.decode(copy.rawSpan, count: count) }
        }
        #expect(error(6) == nil)
        #expect(error(Int(UInt32.max)) == .truncated(offset: 0, needed: 36 * Int(UInt32.max), available: bytes.count))
        #expect(error(6) { $0.append(0) } == .trailingBytes(offset: bytes.count))
        // Palette: too large, then an index into nothing, then a rotation and a place that are not finite.
        #expect(error(6) { $0[48] = 7 } == .invalid(field: .instanceTable, offset: 48))
        #expect(error(6) { $0[52 + 72] = 2 } == .invalid(field: .instanceTable, offset: 52 + 72 + 4))
        #expect(error(6) { $0.replaceSubrange(52..<56, with: [0, 0, 0x80, 0x7f]) } != nil)
        #expect(
            error(6) { $0.replaceSubrange(bytes.count - 8..<bytes.count, with: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]) } != nil)
    }

    @Test func `texture level headers round-trip, and damage never traps`() {
        let header = TextureLevelHeader(texture: 9, level: 2, encoding: .png, width: 640, height: 1)
        func encode(_ header: TextureLevelHeader) -> [UInt8] {
            var writer = ByteWriter()
            header.write(to: &writer)
            return writer.bytes
        }
        func decode(_ bytes: [UInt8]) throws -> TextureLevelHeader {
            var reader = ByteReader(bytes.rawSpan)
            return try TextureLevelHeader(from: &reader)
        }
        expectDecoderProperties(header, encode: encode, decode: decode)
        #expect(encode(header) == [UInt8](hex: "09000000 02 01 8002 0100"))
        #expect(encode(header).count == TextureLevelHeader.byteCount)
        for (place, values) in [(5, [2 as UInt8]), (6, [0, 0]), (8, [0, 0])] {
            var bytes = encode(header)
            bytes.replaceSubrange(place..<place + values.count, with: values)
            #expect(chunkError { _ = try decode(bytes) } != nil)
        }
    }
}
