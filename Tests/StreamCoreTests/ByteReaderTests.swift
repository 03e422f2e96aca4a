// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

@Suite struct ByteReaderTests {
    func error(_ bytes: [UInt8], _ read: (inout ByteReader) throws -> Void) -> ChunkError? {
        var reader = ByteReader(bytes.rawSpan)
        do {
            try read(&reader)
            return nil
        } catch { return error as? ChunkError }
    }

    @Test func `every value is read as it was written`() throws {
        var writer = ByteWriter()
        writer.write(UInt8(0xab))
        writer.write(UInt16(0x1234))
        writer.write(UInt32(0xdead_beef))
        writer.write(UInt64.max - 1)
        writer.write(Int32.min)
        writer.write(Float(-0.0))
        writer.write(Double.pi)
        writer.write(Int3(1, -2, .max))
        writer.write(Double3(1, -2, .infinity))
        writer.writeBlock([9, 8, 7])
        #expect(Array(writer.bytes[..<7]) == [0xab, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde])

        let bytes = writer.bytes
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.read(UInt8.self) == 0xab)
        #expect(try reader.read(UInt16.self) == 0x1234)
        #expect(try reader.read(UInt32.self) == 0xdead_beef)
        #expect(try reader.read(UInt64.self) == .max - 1)
        #expect(try reader.read(Int32.self) == .min)
        #expect(try reader.readFloat().bitPattern == Float(-0.0).bitPattern)
        #expect(try reader.readDouble() == .pi)
        #expect(try reader.readInt3() == Int3(1, -2, .max))
        #expect(try reader.readDouble3() == Double3(1, -2, .infinity))
        let count = Int(try reader.read(UInt32.self))
        #expect(try reader.readBytes(count).copiedBytes == [9, 8, 7])
        try reader.finish()
        #expect(reader.remaining == 0 && reader.offset == bytes.count)
    }

    @Test func `varints round-trip at every width`() throws {
        var values: [UInt32] = [0, 1, .max]
        for bit in 0..<32 { values += [1 << UInt32(bit), (1 << UInt32(bit)) &- 1] }
        var writer = ByteWriter()
        for value in values {
            writer.writeVarint(value)
            writer.writeSignedVarint(Int32(bitPattern: value))
            writer.writeSignedVarint(-Int32(truncatingIfNeeded: value >> 1))
        }
        let bytes = writer.bytes
        var reader = ByteReader(bytes.rawSpan)
        for value in values {
            #expect(try reader.readVarint() == value)
            #expect(try reader.readSignedVarint() == Int32(bitPattern: value))
            #expect(try reader.readSignedVarint() == -Int32(truncatingIfNeeded: value >> 1))
        }
        try reader.finish()
    }

    @Test(arguments: [
        (UInt32(0), "00"), (127, "7f"), (128, "8001"), (16_384, "808001"), (.max, "ffffffff0f"),
    ])
    func `varints are LEB128`(value: UInt32, hex: String) {
        var writer = ByteWriter()
        writer.writeVarint(value)
        #expect(writer.bytes.hex == hex)
    }

    @Test func `signed varints are zigzag`() {
        var writer = ByteWriter()
        for value: Int32 in [0, -1, 1, -2, 2, .max, .min] { writer.writeSignedVarint(value) }
        #expect(writer.bytes.hex == "0001020304" + "feffffff0f" + "ffffffff0f")
    }

    @Test func `a varint beyond 32 bits is refused`() {
        for tail: UInt8 in [0x10, 0x1f, 0x80, 0xff] {
            let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, tail, 0]
            #expect(error(bytes) { _ = try $0.readVarint() } == .invalid(field: .varint, offset: 4))
        }
    }

    @Test func `reading past the end says what was needed`() {
        #expect(error([1, 2, 3]) { _ = try $0.read(UInt32.self) } == .truncated(offset: 0, needed: 4, available: 3))
        #expect(error([]) { _ = try $0.read(UInt8.self) } == .truncated(offset: 0, needed: 1, available: 0))
        #expect(error([0x80]) { _ = try $0.readVarint() } == .truncated(offset: 1, needed: 1, available: 0))
        #expect(error([1]) { _ = try $0.readBytes(2) } == .truncated(offset: 0, needed: 2, available: 1))
        #expect(error([1]) { _ = try $0.readBytes(-1) } == .truncated(offset: 0, needed: -1, available: 1))
        #expect(error([1]) { _ = try $0.readBytes(.max) } == .truncated(offset: 0, needed: .max, available: 1))
        #expect(error([1]) { try $0.finish() } == .trailingBytes(offset: 0))
    }

    @Test func `a failed read leaves the place`() {
        let bytes: [UInt8] = [5, 6]
        var reader = ByteReader(bytes.rawSpan)
        #expect(throws: ChunkError.self) { _ = try reader.read(UInt64.self) }
        #expect(reader.offset == 0)
    }

    @Test func `counts that cannot be there are refused`() throws {
        let bytes: [UInt8] = [3, 0, 0, 0, 1, 2, 3, 4, 5, 6]
        #expect(error(bytes) { _ = try $0.readCount(minimumSize: 2, field: .count) } == nil)
        #expect(
            error(bytes) { _ = try $0.readCount(minimumSize: 3, field: .count) } == .invalid(field: .count, offset: 0))
        #expect(
            error(bytes) { _ = try $0.readCount(minimumSize: 1, maximum: 2, field: .vertexCount) }
                == .invalid(field: .vertexCount, offset: 0))
        #expect(error([0xff, 0xff, 0xff, 0xff]) { _ = try $0.readCount(minimumSize: 0, field: .count) } == nil)
    }

    @Test func `errors are sentences`() {
        #expect(
            ChunkError.truncated(offset: 4, needed: 2, available: 1).description
                == "truncated: 2 bytes needed at byte 4, 1 left")
        #expect(ChunkError.invalid(field: .nodeBox, offset: 7).description == "invalid nodeBox at byte 7")
        #expect(ChunkError.trailingBytes(offset: 9).description == "unexpected bytes from byte 9 on")
    }
}
