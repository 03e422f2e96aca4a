// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of one message; every failure names the message and the field. For the generated decoders.
struct WireReader: ~Escapable {
    private var reader: ByteReader
    /// What errors name; set once the type is known.
    var message: StaticString
    private var lastField: StaticString = "type"

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ message: StaticString) {
        reader = ByteReader(bytes)
        self.message = message
    }

    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ field: StaticString, as type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        lastField = field
        do { return try reader.read() } catch { throw WireError(message, field, .truncated) }
    }

    mutating func readBool(_ field: StaticString) throws(WireError) -> Bool {
        let value: UInt8 = try read(field)
        guard value < 2 else { throw WireError(message, field, .unknownValue(value)) }
        return value == 1
    }

    mutating func readEnum<Value: RawRepresentable<UInt8>>(_ field: StaticString) throws(WireError) -> Value {
        let value: UInt8 = try read(field)
        guard let result = Value(rawValue: value) else { throw WireError(message, field, .unknownValue(value)) }
        return result
    }

    mutating func readFloat(_ field: StaticString) throws(WireError) -> Float {
        let value = Float(bitPattern: try read(field))
        guard value.isFinite else { throw WireError(message, field, .notFinite) }
        return value
    }

    mutating func readDouble(_ field: StaticString) throws(WireError) -> Double {
        let value = Double(bitPattern: try read(field))
        guard value.isFinite else { throw WireError(message, field, .notFinite) }
        return value
    }

    mutating func readInt3(_ field: StaticString) throws(WireError) -> Int3 {
        Int3(try read(field), try read(field), try read(field))
    }

    mutating func readFloat2(_ field: StaticString) throws(WireError) -> Float2 {
        Float2(try readFloat(field), try readFloat(field))
    }

    mutating func readFloat3(_ field: StaticString) throws(WireError) -> Float3 {
        Float3(try readFloat(field), try readFloat(field), try readFloat(field))
    }

    mutating func readFloat4(_ field: StaticString) throws(WireError) -> Float4 {
        Float4(try readFloat(field), try readFloat(field), try readFloat(field), try readFloat(field))
    }

    mutating func readDouble3(_ field: StaticString) throws(WireError) -> Double3 {
        Double3(try readDouble(field), try readDouble(field), try readDouble(field))
    }

    mutating func readList(_ field: StaticString) throws(WireError) -> [UInt32] {
        let count: UInt32 = try read(field)
        // Before anything is allocated for it.
        guard UInt64(count) * 4 <= UInt64(reader.remaining) else { throw WireError(message, field, .count) }
        var items: [UInt32] = []
        items.reserveCapacity(Int(count))
        for _ in 0..<count { items.append(try read(field)) }
        return items
    }

    /// The rest of the message.
    mutating func readBytes(_ field: StaticString) throws(WireError) -> [UInt8] {
        lastField = field
        do { return try reader.readBytes(reader.remaining).copiedBytes } catch {
            throw WireError(message, field, .truncated)
        }
    }

    func finish() throws(WireError) {
        if reader.remaining > 0 { throw WireError(message, lastField, .trailingBytes) }
    }
}

extension ByteWriter {
    mutating func write(_ value: Bool) { write(value ? UInt8(1) : 0) }

    mutating func write(_ value: Float2) {
        write(value.x)
        write(value.y)
    }

    mutating func write(_ value: Float3) {
        write(value.x)
        write(value.y)
        write(value.z)
    }

    mutating func write(_ value: Float4) {
        write(value.x)
        write(value.y)
        write(value.z)
        write(value.w)
    }

    /// Count, then the numbers.
    mutating func writeList(_ items: [UInt32]) {
        write(UInt32(items.count))
        for item in items { write(item) }
    }
}
