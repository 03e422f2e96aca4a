// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Any JSON value: what requests, answers and the configuration file are made of.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// Whole numbers keep all 64 bits.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// - Throws: Foundation's description of the first syntax error.
    package init(decoding bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    /// Bytes with sorted keys, so that equal values have equal bytes.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers that JSON cannot say are written as null by `encode(to:)`, so nothing is left that could fail.
        return (try? encoder.encode(self)).map { [UInt8]($0) } ?? Array("null".utf8)
    }

    /// Text on several lines, with sorted keys, for people. A list of plain values stays on its line.
    package func printed(indent: Int = 0) -> String {
        let space = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        switch self {
        case .object(let fields) where !fields.isEmpty:
            let lines = fields.sorted { $0.key < $1.key }.map { key, value in
                space + JSONValue.string(key).printed() + ": " + value.printed(indent: indent + 2)
            }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        case .array(let items) where items.contains(where: \.isCompound):
            return "[\n" + items.map { space + $0.printed(indent: indent + 2) }.joined(separator: ",\n") + end + "]"
        case .array(let items): return "[" + items.map { $0.printed() }.joined(separator: ", ") + "]"
        default: return String(decoding: encoded(), as: UTF8.self)
        }
    }

    private var isCompound: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    /// The value of a key, when this is an object that has it.
    package subscript(key: String) -> JSONValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var number: Double? {
        switch self {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }

    package var flag: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// What kind of value this is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: FieldName.self) {
            var fields: [String: JSONValue] = [:]
            for key in container.allKeys {
                fields[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
            }
            self = .object(fields)
        } else if var container = try? decoder.unkeyedContainer() {
            var items: [JSONValue] = []
            while !container.isAtEnd { items.append(try container.decode(JSONValue.self)) }
            self = .array(items)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else {
                self = .string(try container.decode(String.self))
            }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let fields):
            var container = encoder.container(keyedBy: FieldName.self)
            for (key, value) in fields { try container.encode(value, forKey: FieldName(stringValue: key)) }
        case .array(let items):
            var container = encoder.unkeyedContainer()
            for item in items { try container.encode(item) }
        case .null: try JSONValue.single(encoder) { try $0.encodeNil() }
        case .bool(let value): try JSONValue.single(encoder) { try $0.encode(value) }
        case .integer(let value): try JSONValue.single(encoder) { try $0.encode(value) }
        case .number(let value):
            try JSONValue.single(encoder) { value.isFinite ? try $0.encode(value) : try $0.encodeNil() }
        case .string(let value): try JSONValue.single(encoder) { try $0.encode(value) }
        }
    }

    private static func single(
        _ encoder: any Encoder, _ body: (inout any SingleValueEncodingContainer) throws -> Void
    ) throws {
        var container = encoder.singleValueContainer()
        try body(&container)
    }

    private struct FieldName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
