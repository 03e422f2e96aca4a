// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Application-specific data of a node: the scalar members of an object; arrays, objects and nulls are left out.
struct GLTFExtras: Decodable {
    var properties: [(name: String, value: String)] = []

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: Key.self) else { return }
        // JSONDecoder forgets the file's order; this one at least is the same every time.
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            if let text = Self.scalar(in: container, key) { properties.append((key.stringValue, text)) }
        }
    }

    private static func scalar(in container: KeyedDecodingContainer<Key>, _ key: Key) -> String? {
        if let text = try? container.decode(String.self, forKey: key) { return text }
        if let flag = try? container.decode(Bool.self, forKey: key) { return flag ? "true" : "false" }
        if let integer = try? container.decode(Int.self, forKey: key) { return String(integer) }
        if let number = try? container.decode(Double.self, forKey: key) { return String(number) }
        return nil
    }
}

extension GLTFDocument {
    /// Puts the properties of each node into the order they have in the JSON text.
    mutating func orderExtras(asIn text: [UInt8]) {
        guard nodes.contains(where: { ($0.extras?.properties.count ?? 0) > 1 }) else { return }
        for (node, keys) in GLTFExtrasOrder.keys(in: text) where nodes.indices.contains(node) {
            let positions = Dictionary(keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            nodes[node].extras?.properties.sort { positions[$0.name] ?? 0 < positions[$1.name] ?? 0 }
        }
    }
}
