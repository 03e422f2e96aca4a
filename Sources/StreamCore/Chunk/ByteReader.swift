// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Reads little-endian values from borrowed bytes, front to back; every read is checked against what is left.
package struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.bytes = bytes }

    package var remaining: Int { bytes.byteCount - offset }

    package mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(ChunkError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw .truncated(offset: offset, needed: size, available: remaining) }
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += size
        return Value(littleEndian: value)
    }

    package mutating func readFloat() throws(ChunkError) -> Float { Float(bitPattern: try read(UInt32.self)) }
    package mutating func readDouble() throws(ChunkError) -> Double { Double(bitPattern: try read(UInt64.self)) }

    package mutating func readInt3() throws(ChunkError) -> Int3 {
        Int3(try read(Int32.self), try read(Int32.self), try read(Int32.self))
    }

    package mutating func readDouble3() throws(ChunkError) -> Double3 {
        Double3(try readDouble(), try readDouble(), try readDouble())
    }

    /// A LEB128 unsigned integer of at most 32 bits.
    package mutating func readVarint() throws(ChunkError) -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), through: 28, by: 7) {
            let byte = try read(UInt8.self)
            guard shift < 28 || byte < 16 else { throw .invalid(field: .varint, offset: offset - 1) }
            value |= UInt32(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw .invalid(field: .varint, offset: offset)
    }

    /// A zigzag LEB128 signed integer.
    package mutating func readSignedVarint() throws(ChunkError) -> Int32 {
        let value = try readVarint()
        return Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)
    }

    /// A count of things of at least `minimumSize` bytes each (0: no bytes of their own), refused before anything is
    /// allocated when so many cannot be there.
    package mutating func readCount(
        minimumSize: Int, maximum: Int = .max, field: ChunkField
    ) throws(ChunkError) -> Int {
        let position = offset
        // Int has 32 bits in the browser.
        let number: UInt32 = try read()
        guard let count = Int(exactly: number), count <= maximum, minimumSize == 0 || count <= remaining / minimumSize
        else {
            throw .invalid(field: field, offset: position)
        }
        return count
    }

    @_lifetime(copy self)
    package mutating func readBytes(_ count: Int) throws(ChunkError) -> RawSpan {
        guard count >= 0, remaining >= count else {
            throw .truncated(offset: offset, needed: count, available: remaining)
        }
        defer { offset += count }
        return bytes.extracting(offset..<offset + count)
    }

    package func finish() throws(ChunkError) {
        if remaining > 0 { throw .trailingBytes(offset: offset) }
    }
}
