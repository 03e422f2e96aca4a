// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The protocol as `schema.json` has it, with everything checked that the generators rely on.
struct Schema: Decodable {
    struct Code: Decodable {
        var code: UInt16
        var name: String
        var doc: String
    }

    struct Enumeration: Decodable {
        struct Case: Decodable {
            var value: UInt8
            var name: String
            var doc: String
        }
        var name: String
        var type: String
        var doc: String
        var cases: [Case]
    }

    struct Field: Decodable {
        var name: String
        var type: FieldType
        /// The enumeration whose values a number is limited to.
        var `enum`: String?
        var unit: String?
        var doc: String?
    }

    struct Message: Decodable {
        enum Side: String, Decodable { case server, client }
        var type: UInt8
        var name: String
        var from: Side
        var since: String
        var doc: String
        var fields: [Field]
    }

    var name: String
    var major: Int
    var minor: Int
    var closeCodes: [Code]
    var enums: [Enumeration]
    var messages: [Message]

    func messages(from side: Message.Side) -> [Message] { messages.filter { $0.from == side } }
}

/// How a field is written. The names are the schema's.
enum FieldType: String, Decodable {
    case u8, u16, u32, u64, i32, f32, f64, bool
    case i32x3, f32x2, f32x3, f32x4, f64x3
    /// A count, then that many numbers.
    case list = "list<u32>"
    /// The rest of the message.
    case bytes, json

    var takesTheRest: Bool { self == .bytes || self == .json }

    /// Components and the type of each, for the fixed-size vectors.
    var vector: (count: Int, component: FieldType)? {
        switch self {
        case .i32x3: (3, .i32)
        case .f32x2: (2, .f32)
        case .f32x3: (3, .f32)
        case .f32x4: (4, .f32)
        case .f64x3: (3, .f64)
        default: nil
        }
    }
}

/// What is wrong with the schema, in a sentence.
struct SchemaError: Error, CustomStringConvertible {
    var description: String
}

extension Schema {
    init(parsing data: Data) throws {
        self = try JSONDecoder().decode(Schema.self, from: data)
        try requireUnique(closeCodes.map(\.code), "close code")
        try requireUnique(closeCodes.map(\.name), "close code")
        try requireUnique(enums.map(\.name), "enumeration")
        try requireUnique(messages.map(\.type), "message type")
        try requireUnique(messages.map(\.name), "message")
        for item in enums {
            guard item.type == "u8" else { throw SchemaError(description: "\(item.name) must be a u8") }
            try requireUnique(item.cases.map(\.value), "value of \(item.name)")
        }
        for message in messages { try check(message) }
    }

    private func check(_ message: Message) throws {
        try requireUnique(message.fields.map(\.name), "field of \(message.name)")
        guard !message.fields.contains(where: { $0.name == "type" }) else {
            throw SchemaError(description: "\(message.name): 'type' is the message's own byte")
        }
        guard !message.fields.dropLast().contains(where: { $0.type.takesTheRest }) else {
            throw SchemaError(description: "\(message.name): only the last field may take the rest of the message")
        }
        for field in message.fields {
            guard let name = field.enum else { continue }
            guard field.type == .u8, enums.contains(where: { $0.name == name }) else {
                throw SchemaError(description: "\(message.name).\(field.name): no u8 enumeration '\(name)'")
            }
        }
    }

    private func requireUnique<Value: Hashable>(_ values: [Value], _ what: String) throws {
        var seen: Set<Value> = []
        for value in values where !seen.insert(value).inserted {
            throw SchemaError(description: "\(what) \(value) is there twice")
        }
    }
}
