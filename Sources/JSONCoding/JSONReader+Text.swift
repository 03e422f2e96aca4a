// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Texts and numbers.
extension JSONReader {
    /// No finite number needs more to be said exactly enough; the largest, written out, has 309.
    private static let longestNumber = 512

    /// From the first quotation mark past the last.
    mutating func readText() throws(JSONError) -> String {
        let start = position
        position += 1
        var plainStart = position
        // What had escapes, up to `plainStart`.
        var collected: [UInt8] = []
        while true {
            switch current {
            case UInt8(ascii: "\"")?:
                let rest = bytes[plainStart..<position]
                position += 1
                guard !collected.isEmpty else { return try text(rest, start) }
                return try text(collected + rest, start)
            case UInt8(ascii: "\\")?:
                collected += bytes[plainStart..<position]
                copied(position - plainStart)
                try readEscape(into: &collected)
                plainStart = position
            case .some(let byte) where byte >= 0x20: position += 1
            case .some: throw failure(.controlCharacter)
            case nil: throw failure(.ended)
            }
        }
    }

    private mutating func text(_ utf8: some Collection<UInt8>, _ start: Int) throws(JSONError) -> String {
        copied(utf8.count)
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSONError(reason: .invalidUTF8, offset: start)
        }
        return text
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        let letter = current
        position += 1
        switch letter {
        case UInt8(ascii: "\"")?, UInt8(ascii: "\\")?, UInt8(ascii: "/")?: text.append(letter ?? 0)
        case UInt8(ascii: "b")?: text.append(0x08)
        case UInt8(ascii: "f")?: text.append(0x0C)
        case UInt8(ascii: "n")?: text.append(0x0A)
        case UInt8(ascii: "r")?: text.append(0x0D)
        case UInt8(ascii: "t")?: text.append(0x09)
        case UInt8(ascii: "u")?: text += try readScalar(start).utf8
        case nil: throw JSONError(reason: .ended, offset: bytes.count)
        default: throw JSONError(reason: .invalidEscape, offset: start)
        }
    }

    /// The four digits behind `\u`, and the other half where they are half of a pair.
    private mutating func readScalar(_ start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try readCode(start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw JSONError(reason: position < bytes.count ? .loneSurrogate : .ended, offset: start)
        }
        let second = try readCode(start)
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONError(reason: .loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func readCode(_ start: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw failure(.ended) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONError(reason: .invalidEscape, offset: start)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// Whole numbers of 64 bits stay exact, also where they are written as 1e3 or 80.0.
    mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try skipDigits() }
        if take(UInt8(ascii: ".")) { try skipDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
        guard position - start <= JSONReader.longestNumber else {
            throw JSONError(reason: .invalidNumber, offset: start)
        }
        let text = try text(bytes[start..<position], start)
        if let number = Int(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else {
            throw JSONError(reason: .numberTooLarge, offset: start)
        }
        return Int(exactly: number).map { .integer($0) } ?? .number(number)
    }

    /// At least one.
    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        if position == start { throw failure(position < bytes.count ? .invalidNumber : .ended) }
    }
}
