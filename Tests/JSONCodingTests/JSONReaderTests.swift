// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import JSONCoding

@Suite struct JSONReaderTests {
    static let limits = JSONLimits(byteCount: 1 << 22, valueCount: 1 << 22)

    func read(_ text: String, limits: JSONLimits = limits) throws(JSONError) -> JSONValue {
        try JSONValue(decoding: Array(text.utf8), limits: limits)
    }

    func failure(_ bytes: [UInt8], limits: JSONLimits = limits) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONValue(decoding: bytes, limits: limits)
            return nil
        } catch { return error }
    }

    static let sound: [(String, JSONValue)] = [
        (" null ", .null), ("true", true), ("[false]", [false]), ("0", 0), ("-0", 0), ("-17", -17),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e3", 1000), ("80.0", 80), ("1.5E-1", 0.15),
        ("1e-400", 0), ("\"\"", ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
        (#""\u00e9\uD83D\uDE00\u0000""#, "é😀\0"), ("\"é😀\"", "é😀"), ("[]", []), ("{}", [:]),
        ("{ \"a\" : [ 1 , {\"b\":null} ] }", ["a": [1, ["b": .null]]]), ("\u{FEFF}1", 1),
    ]

    @Test(arguments: sound) func `what RFC 8259 allows is read`(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    static let wrong: [(String, JSONError.Reason, Int)] = [
        ("", .ended, 0), ("  ", .ended, 2), ("[1,]", .unexpected(wanted: "a value"), 3),
        ("[1 2]", .unexpected(wanted: "\",\" or \"]\""), 3), ("{\"a\" 1}", .unexpected(wanted: "\":\""), 5),
        ("{\"a\":1,}", .unexpected(wanted: "a key in quotation marks"), 7),
        ("{a:1}", .unexpected(wanted: "a key in quotation marks"), 1),
        ("nul", .ended, 3), ("nulL", .unexpected(wanted: "\"null\""), 3), ("1 2", .trailingBytes, 2),
        ("+1", .unexpected(wanted: "a value"), 0), ("01", .trailingBytes, 1), ("1.", .ended, 2),
        ("1.e1", .invalidNumber, 2),
        ("-", .ended, 1), ("-x", .invalidNumber, 1), (".5", .unexpected(wanted: "a value"), 0), ("1e+", .ended, 3),
        ("1e400", .numberTooLarge, 0), ("[-1e400]", .numberTooLarge, 1), ("NaN", .unexpected(wanted: "a value"), 0),
        ("\"a", .ended, 2), ("\"\n\"", .controlCharacter, 1), (#""\x""#, .invalidEscape, 1),
        (#""\u12g4""#, .invalidEscape, 1),
        (#""\uD800""#, .loneSurrogate, 1), (#""\uDC00""#, .loneSurrogate, 1), (#""\uD800\u0041""#, .loneSurrogate, 1),
        ("{\"a\":1,\"a\":2}", .repeatedKey("a"), 7), ("{\"a\":1,\"\\u0061\":2}", .repeatedKey("a"), 7),
        ("\u{0}", .unexpected(wanted: "a value"), 0), ("'a'", .unexpected(wanted: "a value"), 0),
        ("[1/**/]", .unexpected(wanted: "\",\" or \"]\""), 2),
    ]

    @Test(arguments: wrong)
    func `everything else is refused with its place`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(failure(Array(text.utf8)) == JSONError(reason: reason, offset: offset))
    }

    @Test(arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF]])
    func `text that is not UTF-8 is refused`(bytes: [UInt8]) {
        #expect(failure([0x5B, 0x22] + bytes + [0x22, 0x5D]) == JSONError(reason: .invalidUTF8, offset: 1))
    }

    @Test func `mistakes are placed by line and column for people`() {
        let bytes = Array("{\n  \"a\": 1,\n  \"b\": x\n}".utf8)
        #expect(failure(bytes)?.place(in: bytes) ?? (0, 0) == (3, 8))
        #expect(failure(bytes)?.description == "byte 19: a value is expected here")
    }

    @Test func `a text that is cut anywhere is refused`() throws {
        let text = Array(#"{"a":[1,-2.5e+3,true,false,null,"x\"\u00e9\uD83D\uDE00 é😀"],"b":{"c":[[],{}]}}"#.utf8)
        _ = try JSONValue(decoding: text)
        for length in 0..<text.count {
            #expect(failure(Array(text[..<length])) != nil, "\(length) bytes")
        }
    }

    @Test func `limits hold to the last value`() throws {
        let limits = JSONLimits(depth: 3, byteCount: 20, valueCount: 5)
        #expect(try read("[[[1]]]", limits: limits) == [[[1]]])
        #expect(failure(Array("[[[[1]]]]".utf8), limits: limits) == JSONError(reason: .tooDeep(limit: 3), offset: 3))
        #expect(try read("[1,2,3,4]", limits: limits) == [1, 2, 3, 4])
        #expect(
            failure(Array("[1,2,3,4,5]".utf8), limits: limits)
                == JSONError(reason: .tooManyValues(limit: 5), offset: 9))
        #expect(failure(Array("{\"a\":1,\"b\":[2]}".utf8), limits: limits)?.offset == 12)
        let long = Array((String(repeating: " ", count: 20) + "1").utf8)
        #expect(failure(long, limits: limits) == JSONError(reason: .tooManyBytes(limit: 20), offset: 20))
    }

    static let costly: [(String, @Sendable (Int) -> String)] = [
        ("nested lists", { String(repeating: "[", count: $0) }),
        ("nested objects", { String(repeating: "{\"a\":", count: $0) }),
        ("wide nests", { "[" + String(repeating: "[[[[[[[[[[1]]]]]]]]]],", count: $0) + "1]" }),
        ("wide objects", { "{" + (0..<$0).map { "\"\($0)\":{\"a\":{\"a\":1}}" }.joined(separator: ",") + "}" }),
        ("long numbers", { String(repeating: "9", count: $0) }),
        ("long fractions", { "0." + String(repeating: "0", count: $0) + "1" }),
        ("long texts", { "\"" + String(repeating: "a", count: $0) + "\"" }),
        ("many escapes", { "\"" + String(repeating: "\\uD83D\\uDE00", count: $0) + "\"" }),
        ("plain text between escapes", { "\"" + String(repeating: "abcdefgh\\n", count: $0) + "\"" }),
        ("spaces", { String(repeating: " \n", count: $0) + "1" }),
        ("commas", { "[" + String(repeating: ",", count: $0) }),
    ]

    @Test(arguments: costly)
    func `cost grows with the length alone`(name: String, text: @Sendable (Int) -> String) {
        for count in [10, 100, 1000, 10000] {
            let bytes = Array(text(count).utf8)
            var reader = JSONReader(bytes, limits: Self.limits)
            _ = try? reader.read()
            #expect(reader.stepCount <= 6 * bytes.count + 16, "\(count) of \(name)")
        }
    }

    @Test func `damaged texts never trap, and what is read can be written and read again`() throws {
        let seed: UInt64 = 20_260
        var random = SeededGenerator(seed: seed)
        let good = Array(#"{"a":[1,-2.5e+3,true,null,"x\"\u00e9\uD83D\uDE00é"],"b":{"c":[[],{}]},"d":0.001}"#.utf8)
        let letters = Array(#"{}[]",:\u0019eE+-. nulltruefalse"#.utf8) + [0x00, 0x80, 0xC3, 0xFF]
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = letters.randomElement(using: &random) ?? 0
                case 1: bytes.insert(letters.randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 9))
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            guard let value = try? JSONValue(decoding: bytes) else { continue }
            #expect(try JSONValue(decoding: value.encoded()) == value, "seed \(seed): \(bytes)")
            #expect(try JSONValue(decoding: Array(value.printed().utf8)) == value, "seed \(seed): \(bytes)")
        }
    }
}
