// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import Testing

@Suite struct JSONRecordTests {
    struct Part: Codable, Equatable {
        enum Kind: String, Codable { case plain, textured }

        var name: String
        var weights: [Float]
        var kind = Kind.plain
        var parent: Int?
        var properties: [Int: [[String]]] = [:]
        var small: UInt8 = 0
    }

    struct Model: Codable, Equatable {
        var parts: [Part]
        var isOpen: Bool
    }

    let value: JSONValue = [
        "isOpen": true, "unknown": 1,
        "parts": [
            [
                "name": "a", "weights": [1, 2.5], "kind": "textured", "parent": 3, "small": 255,
                "properties": ["7": [["k", "v"]]],
            ],
            ["name": "b", "weights": [], "kind": "plain", "parent": .null, "small": 0, "properties": [:]],
        ],
    ]

    @Test func `records are made of values`() throws {
        let model = try value.decode(Model.self)
        let first = Part(
            name: "a", weights: [1, 2.5], kind: .textured, parent: 3, properties: [7: [["k", "v"]]], small: 255)
        #expect(model == Model(parts: [first, Part(name: "b", weights: [])], isOpen: true))
    }

    /// What is put in place of the second part's name, or another field.
    static let wrong: [(String, JSONValue?, String)] = [
        ("name", 1, "parts[1].name: needs text, not a number"),
        ("name", nil, "parts[1].name: it is missing"),
        ("weights", ["x"], "parts[1].weights[0]: needs a number, not text"),
        ("weights", [1, .number(1e300)], "parts[1].weights[1]: needs a number, not a number"),
        ("weights", [:], "parts[1].weights: needs a list, not an object"),
        ("small", 256, "parts[1].small: needs a whole number from 0 to 255, not a number"),
        ("small", 1.5, "parts[1].small: needs a whole number from 0 to 255, not a number"),
        ("properties", ["7": "v"], "parts[1].properties[7]: needs a list, not text"),
    ]

    @Test(arguments: wrong)
    func `a value that does not fit is named with its place`(field: String, wrong: JSONValue?, message: String) {
        guard case .object(var model) = value, case .array(var parts)? = model["parts"],
            case .object(var part) = parts[1]
        else { return }
        part[field] = wrong
        parts[1] = .object(part)
        model["parts"] = .array(parts)
        do throws(JSONMismatch) {
            _ = try JSONValue.object(model).decode(Model.self)
            Issue.record("it was taken")
        } catch { #expect(error.description == message) }
    }
}
