// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Reads one JSON text (RFC 8259) from its first byte to its last.
///
/// Every byte is looked at a small, fixed number of times, whatever the text holds: the cost is linear in its length.
/// Strict where readers differ and the difference could be used: keys that repeat, numbers that are not finite, and text
/// that is not UTF-8 or has half a surrogate pair are refused. A byte order mark in front is skipped, as the RFC allows.
package struct JSONReader {
    let bytes: [UInt8]
    private let limits: JSONLimits
    /// Of the next byte.
    var position = 0
    private var valueCount = 0
    private var depth = 0
    /// How often a byte was looked at or copied: what reading has cost.
    package private(set) var stepCount = 0

    package init(_ bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// - Throws: `JSONError` with the place of the first mistake.
    package mutating func read() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.byteCount else {
            throw JSONError(reason: .tooManyBytes(limit: limits.byteCount), offset: limits.byteCount)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try readValue()
        skipSpaces()
        guard position == bytes.count else { throw failure(.trailingBytes) }
        return value
    }

    private mutating func readValue() throws(JSONError) -> JSONValue {
        skipSpaces()
        try count()
        switch current {
        case UInt8(ascii: "{")?: return try readObject()
        case UInt8(ascii: "[")?: return try readArray()
        case UInt8(ascii: "\"")?: return .string(try readText())
        case UInt8(ascii: "t")?: return try readWord("true", .bool(true))
        case UInt8(ascii: "f")?: return try readWord("false", .bool(false))
        case UInt8(ascii: "n")?: return try readWord("null", .null)
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try readNumber()
        default: throw expected("a value")
        }
    }

    private mutating func readArray() throws(JSONError) -> JSONValue {
        try descend()
        var items: [JSONValue] = []
        skipSpaces()
        if take(UInt8(ascii: "]")) { return ascend(.array(items)) }
        while true {
            items.append(try readValue())
            skipSpaces()
            if take(UInt8(ascii: "]")) { return ascend(.array(items)) }
            guard take(UInt8(ascii: ",")) else { throw expected("\",\" or \"]\"") }
        }
    }

    private mutating func readObject() throws(JSONError) -> JSONValue {
        try descend()
        var fields: [String: JSONValue] = [:]
        skipSpaces()
        if take(UInt8(ascii: "}")) { return ascend(.object(fields)) }
        while true {
            skipSpaces()
            let place = position
            guard current == UInt8(ascii: "\"") else { throw expected("a key in quotation marks") }
            try count()
            let key = try readText()
            skipSpaces()
            guard take(UInt8(ascii: ":")) else { throw expected("\":\"") }
            guard fields.updateValue(try readValue(), forKey: key) == nil else {
                throw JSONError(reason: .repeatedKey(key), offset: place)
            }
            skipSpaces()
            if take(UInt8(ascii: "}")) { return ascend(.object(fields)) }
            guard take(UInt8(ascii: ",")) else { throw expected("\",\" or \"}\"") }
        }
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.description.utf8 {
            guard take(byte) else { throw expected("\"\(word)\"") }
        }
        return value
    }

    // MARK: Bytes

    /// The next byte; nil: there is none.
    var current: UInt8? {
        mutating get {
            stepCount += 1
            return position < bytes.count ? bytes[position] : nil
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// Accounts for bytes that are copied without looking at each of them.
    mutating func copied(_ byteCount: Int) { stepCount += byteCount }

    private mutating func skipSpaces() {
        while let byte = current, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
    }

    // MARK: Limits

    private mutating func count() throws(JSONError) {
        valueCount += 1
        if valueCount > limits.valueCount { throw failure(.tooManyValues(limit: limits.valueCount)) }
    }

    /// Into a list or an object, past its first byte.
    private mutating func descend() throws(JSONError) {
        depth += 1
        if depth > limits.depth { throw failure(.tooDeep(limit: limits.depth)) }
        position += 1
    }

    private mutating func ascend(_ value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }

    // MARK: Errors

    func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: position) }

    func expected(_ wanted: String) -> JSONError {
        failure(position < bytes.count ? .unexpected(wanted: wanted) : .ended)
    }
}
