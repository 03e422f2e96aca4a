// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Appends little-endian values to bytes; the exact mirror of `ByteReader`.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        var rest = value.littleEndian
        for _ in 0..<MemoryLayout<Value>.size {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest = MemoryLayout<Value>.size == 1 ? 0 : rest >> 8
        }
    }

    package mutating func write(_ value: Float) { write(value.bitPattern) }
    package mutating func write(_ value: Double) { write(value.bitPattern) }

    package mutating func write(_ value: Int3) {
        write(value.x)
        write(value.y)
        write(value.z)
    }

    package mutating func write(_ value: Double3) {
        write(value.x)
        write(value.y)
        write(value.z)
    }

    package mutating func writeVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func writeSignedVarint(_ value: Int32) {
        writeVarint(UInt32(bitPattern: (value << 1) ^ (value >> 31)))
    }

    package mutating func write(contentsOf other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Length (u32), then the bytes.
    package mutating func writeBlock(_ block: [UInt8]) {
        write(UInt32(block.count))
        bytes.append(contentsOf: block)
    }
}
