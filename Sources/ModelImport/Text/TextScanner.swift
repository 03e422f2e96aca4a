// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Byte access and white space for files read from a map. Every load is checked against the span's bounds.
extension RawSpan {
    @inline(__always) func byte(_ position: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    /// A plain number at any alignment, in the machine's byte order.
    @inline(__always) func scalar<Scalar: BitwiseCopyable>(at position: Int, as type: Scalar.Type)
        -> Scalar
    {
        unsafe unsafeLoadUnaligned(fromByteOffset: position, as: type)
    }

    /// Whether the bytes at `position` are `text`.
    func matches(_ text: StaticString, at position: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position >= 0, count <= byteCount - position else { return false }
        for index in 0..<count where unsafe text.utf8Start[index] != byte(position + index) {
            return false
        }
        return true
    }

    /// Whether the word at `position` is `word` (given in lower case), whatever its case.
    func matchesWord(_ word: StaticString, at position: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position >= 0, count <= byteCount - position else { return false }
        for index in 0..<count {
            let byte = byte(position + index)
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if unsafe word.utf8Start[index] != lower { return false }
        }
        return position + count == byteCount || byte(position + count).isTextSpace
    }

    /// The first position at or after `position` that is not white space, line ends included.
    @inline(__always) func skippingSpace(_ position: Int) -> Int {
        var position = position
        while position < byteCount, byte(position).isTextSpace { position += 1 }
        return position
    }

    /// The first position at or after `position` that is not a space or tab.
    @inline(__always) func skippingBlanks(_ position: Int) -> Int {
        var position = position
        while position < byteCount, byte(position).isTextBlank { position += 1 }
        return position
    }

    /// The first position at or after `position` that is white space, or the end.
    @inline(__always) func wordEnd(_ position: Int) -> Int {
        var position = position
        while position < byteCount, !byte(position).isTextSpace { position += 1 }
        return position
    }

    /// The first line end at or after `position`, or the end.
    @inline(__always) func lineEnd(_ position: Int) -> Int {
        var position = position
        while position < byteCount, !byte(position).isTextLineEnd { position += 1 }
        return position
    }

    /// The bytes as text, bytes that are not UTF-8 replaced, white space at both ends removed.
    func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for position in range { bytes.append(byte(position)) }
        while let last = bytes.last, last.isTextSpace { bytes.removeLast() }
        let start = bytes.firstIndex { !$0.isTextSpace } ?? bytes.endIndex
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// "line 12": counted only when an error needs it, so that the reading loops need not.
    func linePlace(_ position: Int) -> String {
        var line = 1
        for index in 0..<Swift.min(position, byteCount) {
            let current = byte(index)
            if current == 0x0A { line += 1 }
            if current == 0x0D, index + 1 == byteCount || byte(index + 1) != 0x0A { line += 1 }
        }
        return "line \(line)"
    }
}

extension UInt8 {
    @inline(__always) var isTextBlank: Bool { self == 0x20 || self == 0x09 }
    @inline(__always) var isTextLineEnd: Bool { self == 0x0A || self == 0x0D }
    @inline(__always) var isTextSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
}
