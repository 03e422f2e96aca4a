// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding

/// A part of the configuration: an object in the file, a struct in the program, and the table that ties them.
protocol ConfigurationSection {
    init()
    /// In the order in which people read them.
    static var fields: [ConfigurationField<Self>] { get }
}

/// One setting: its name in the file, what it may be, and how it gets into the struct and out again.
struct ConfigurationField<Section> {
    let name: String
    let read: (_ value: JSONValue, _ path: String, _ section: inout Section) throws(ConfigurationError) -> Void
    let write: (_ section: Section) -> JSONValue
}

extension ConfigurationField {
    static func integer(_ name: String, _ property: WritableKeyPath<Section, Int>, _ range: ClosedRange<Int>) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            guard case .integer(let number) = value, range.contains(number) else {
                throw wrong(value, path, "needs a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            section[keyPath: property] = number
        } write: {
            .integer($0[keyPath: property])
        }
    }

    static func number(
        _ name: String, _ property: WritableKeyPath<Section, Double>, _ range: ClosedRange<Double>
    ) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            var number = Double.nan
            if case .number(let value) = value { number = value }
            if case .integer(let value) = value { number = Double(value) }
            guard range.contains(number) else {
                throw wrong(value, path, "needs a number from \(short(range.lowerBound)) to \(short(range.upperBound))")
            }
            section[keyPath: property] = number
        } write: {
            let number = $0[keyPath: property]
            return Int(exactly: number).map { .integer($0) } ?? .number(number)
        }
    }

    static func flag(_ name: String, _ property: WritableKeyPath<Section, Bool>) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            guard case .bool(let flag) = value else { throw wrong(value, path, "needs true or false") }
            section[keyPath: property] = flag
        } write: {
            .bool($0[keyPath: property])
        }
    }

    static func text(_ name: String, _ property: WritableKeyPath<Section, String>) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            guard case .string(let text) = value else { throw wrong(value, path, "needs text") }
            section[keyPath: property] = text
        } write: {
            .string($0[keyPath: property])
        }
    }

    static func texts(_ name: String, _ property: WritableKeyPath<Section, [String]>) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            guard case .array(let items) = value, case let texts = items.compactMap(\.text), texts.count == items.count
            else { throw wrong(value, path, "needs a list of texts") }
            section[keyPath: property] = texts
        } write: {
            .array($0[keyPath: property].map { .string($0) })
        }
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ property: WritableKeyPath<Section, Choice>
    ) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            guard let choice = value.text.flatMap(Choice.init(rawValue:)) else {
                let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw wrong(value, path, "needs one of \(names)")
            }
            section[keyPath: property] = choice
        } write: {
            .string($0[keyPath: property].rawValue)
        }
    }

    static func section<Part: ConfigurationSection>(
        _ name: String, _ property: WritableKeyPath<Section, Part>
    ) -> Self {
        Self(name: name) { value, path, section throws(ConfigurationError) in
            try section[keyPath: property].read(value, path: path)
        } write: {
            $0[keyPath: property].json
        }
    }

    private static func wrong(_ value: JSONValue, _ path: String, _ need: String) -> ConfigurationError {
        let found =
            switch value {
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .string(let text): "\"\(text.prefix(60))\""
            default: value.kind
            }
        return ConfigurationError(path: path, message: "\(need), not \(found)")
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}

extension ConfigurationSection {
    /// Takes over what `value` says; settings that it leaves out keep their values.
    mutating func read(_ value: JSONValue, path: String) throws(ConfigurationError) {
        guard case .object(let settings) = value else {
            throw ConfigurationError(path: path, message: "needs an object, not \(value.kind)")
        }
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard let field = Self.fields.first(where: { $0.name == name }) else {
                let nearest = nearestName(to: name, among: Self.fields.map(\.name))
                throw ConfigurationError(
                    path: place,
                    message: "there is no such setting" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
            }
            try field.read(value, place, &self)
        }
    }

    var json: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: Self.fields.map { ($0.name, $0.write(self)) }))
    }
}

/// The name that the fewest typing mistakes turn `name` into.
func nearestName(to name: String, among names: [String]) -> String? {
    names.min {
        typingDistance($0.lowercased(), name.lowercased()) < typingDistance($1.lowercased(), name.lowercased())
    }
}

/// How many letters must be put in, left out or exchanged. Source: Levenshtein 1966, with two rows.
private func typingDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (line, letter) in a.enumerated() {
        var previous = row[0]
        row[0] = line + 1
        for column in b.indices {
            let replaced = previous + (letter == b[column] ? 0 : 1)
            previous = row[column + 1]
            row[column + 1] = min(replaced, previous + 1, row[column] + 1)
        }
    }
    return row[b.count]
}
