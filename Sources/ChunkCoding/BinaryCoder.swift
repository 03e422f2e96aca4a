// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// How likely a bit is 0, in 1/4096; learns from the bits it sees. Never 0 or 1.
struct BitModel {
    fileprivate var zero: UInt32 = 2048

    fileprivate mutating func learn(_ bit: Bool) {
        if bit { zero -= zero >> 4 } else { zero += (4096 - zero) >> 4 }
    }
}

/// Learns how numbers are spread over powers of two: `length` bits of n + 1 after its leading one, in unary, then those
/// bits, of which the first is learnt too.
struct NumberModel {
    fileprivate var lengths = [BitModel](repeating: BitModel(), count: NumberModel.maximumLength + 1)
    fileprivate var firstBits = [BitModel](repeating: BitModel(), count: NumberModel.maximumLength + 1)
    fileprivate static let maximumLength = 31
}

/// Writes bits in as little space as their models predict them. Layout: FORMAT.md, "Details".
/// Source: Martin, "Range encoding", 1979, with the carry handling and the bit models of Pavlov's LZMA.
struct BinaryEncoder {
    private var bytes: [UInt8] = []
    private var low: UInt64 = 0
    private var range: UInt32 = .max
    /// The last byte that a carry may still change, and how many 255s follow it.
    private var held: UInt8 = 0
    private var heldCount = 0

    mutating func encode(_ bit: Bool, _ model: inout BitModel) {
        let bound = (range >> 12) * model.zero
        if bit {
            low += UInt64(bound)
            range -= bound
        } else {
            range = bound
        }
        model.learn(bit)
        normalize()
    }

    /// - Parameter value: below 2^`count`.
    mutating func encode(_ value: UInt32, bitCount count: Int) {
        for shift in stride(from: count - 1, through: 0, by: -1) {
            range >>= 1
            if value >> UInt32(shift) & 1 == 1 { low += UInt64(range) }
            normalize()
        }
    }

    /// - Parameter value: below 2^32 - 1.
    mutating func encode(_ value: UInt32, _ model: inout NumberModel) {
        let number = value + 1
        let length = 31 - number.leadingZeroBitCount
        for position in 0..<length { encode(true, &model.lengths[position]) }
        if length < NumberModel.maximumLength { encode(false, &model.lengths[length]) }
        guard length > 0 else { return }
        encode(number >> UInt32(length - 1) & 1 == 1, &model.firstBits[length])
        encode(number & (1 << UInt32(length - 1) - 1), bitCount: length - 1)
    }

    /// All bytes; encode nothing afterwards.
    mutating func finish() -> [UInt8] {
        for _ in 0..<5 { shiftLow() }
        return Array(bytes.dropFirst())  // the first is always 0
    }

    private mutating func normalize() {
        while range < 1 << 24 {
            range <<= 8
            shiftLow()
        }
    }

    private mutating func shiftLow() {
        if low < 0xff00_0000 || low > 0xffff_ffff {
            let carry = UInt8(low >> 32)
            bytes.append(held &+ carry)
            for _ in 0..<heldCount { bytes.append(0xff &+ carry) }
            heldCount = 0
            held = UInt8(truncatingIfNeeded: low >> 24)
        } else {
            heldCount += 1
        }
        low = (low & 0x00ff_ffff) << 8
    }
}

/// Reads what `BinaryEncoder` wrote; reading past the end is an error, never a guess.
struct BinaryDecoder {
    private let bytes: [UInt8]
    /// Bytes read.
    private(set) var offset = 0
    private var range: UInt32 = .max
    private var code: UInt32 = 0

    init(_ bytes: [UInt8]) throws(ChunkError) {
        self.bytes = bytes
        for _ in 0..<4 { try shiftIn() }
    }

    mutating func decode(_ model: inout BitModel) throws(ChunkError) -> Bool {
        let bound = (range >> 12) * model.zero
        let bit = code >= bound
        if bit {
            code -= bound
            range -= bound
        } else {
            range = bound
        }
        model.learn(bit)
        try normalize()
        return bit
    }

    mutating func decode(bitCount: Int) throws(ChunkError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<bitCount {
            range >>= 1
            let bit: UInt32 = code >= range ? 1 : 0
            code -= range * bit
            value = value << 1 | bit
            try normalize()
        }
        return value
    }

    mutating func decode(_ model: inout NumberModel) throws(ChunkError) -> UInt32 {
        var length = 0
        while length < NumberModel.maximumLength, try decode(&model.lengths[length]) { length += 1 }
        guard length > 0 else { return 0 }
        let first: UInt32 = try decode(&model.firstBits[length]) ? 3 : 2
        return first << UInt32(length - 1) + (try decode(bitCount: length - 1)) - 1
    }

    /// - Throws: when bytes are left over.
    func finish() throws(ChunkError) {
        if offset < bytes.count { throw .trailingBytes(offset: offset) }
    }

    private mutating func normalize() throws(ChunkError) {
        while range < 1 << 24 {
            try shiftIn()
            range <<= 8
        }
    }

    private mutating func shiftIn() throws(ChunkError) {
        guard offset < bytes.count else { throw .truncated(offset: offset, needed: 1, available: 0) }
        code = code << 8 | UInt32(bytes[offset])
        offset += 1
    }
}
