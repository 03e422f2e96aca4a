// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONCoding
import Logging
import StreamService
import Testing

@Suite struct LogTests {
    @Test func `a message is one line of key and value pairs`() throws {
        let lines = LogLines()
        lines.logger().warning(
            "it broke\nbadly", metadata: ["file": "/a b/c", "count": "3", "why": "say \"no\"\nnow", "empty": ""])
        let line = try #require(lines.all.first)
        #expect(
            line.hasSuffix(
                #" warning it brokebadly count=3 empty="" file="/a b/c" why="say \"no\"\nnow""# + "\n"), "\(line)")
        #expect(line.prefix(24).wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(line)")
    }

    @Test func `as JSON it is one object a line`() throws {
        let lines = LogLines()
        lines.logger(format: .json).error("it broke", metadata: ["why": "a\nb"])
        let line = try #require(lines.all.first)
        #expect(line.split(separator: "\n").count == 1)
        let json = try JSONValue(decoding: Array(line.utf8))
        #expect(json["message"] == "it broke")
        #expect(json["why"] == "a\nb")
        #expect(json["level"] == "error")
    }

    @Test func `what is less important than asked for is not written`() {
        let lines = LogLines()
        lines.logger(.warning).info("nothing")
        #expect(lines.all.isEmpty)
    }
}

@Suite struct JSONValueTests {
    @Test func `values read back as they were written`() throws {
        let value: JSONValue = [
            "text": "a \"b\" \\ \u{1F600}\n", "list": [1, 2.5, true, .null, []], "object": ["empty": [:]],
            "large": .integer(Int.max), "small": .integer(Int.min),
        ]
        #expect(try JSONValue(decoding: value.encoded()) == value)
        #expect(try JSONValue(decoding: Array(value.printed().utf8)) == value)
    }

    @Test func `numbers that JSON cannot say are null`() {
        #expect(JSONValue.array([.number(.infinity), .number(.nan)]).encoded() == Array("[null,null]".utf8))
    }

    @Test(arguments: ["", "{", "nul", "\"", "{\"a\" 1}", "\u{0}", "[1] 2"])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: (any Error).self) { try JSONValue(decoding: Array(text.utf8)) }
    }
}
