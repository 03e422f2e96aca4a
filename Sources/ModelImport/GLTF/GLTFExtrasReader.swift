// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Reads the nodes' extras from the JSON text: JSONDecoder would forget their order, how numbers are written, and be
/// slow at telling kinds of values apart.
///
/// Walks text that JSONDecoder has accepted; other text gives fewer or no properties, never a trap.
struct GLTFExtrasReader {
    typealias Property = (name: String, value: String)

    /// Longer numbers are cut: nobody reads them.
    private static let longestNumber = 64

    private let text: [UInt8]
    private var offset: Int

    /// By node index, the scalar members of its extras in the file's order; arrays, objects and nulls are left out.
    ///
    /// - Parameter text: the whole JSON text.
    static func properties(in text: [UInt8]) -> [Int: [Property]] {
        var reader = GLTFExtrasReader(text: text, offset: text.firstIndex(of: UInt8(ascii: "{")) ?? text.count)
        var properties: [Int: [Property]] = [:]
        reader.forEachMember { root, name in
            guard name == "nodes" else { return root.skipValue() }
            var node = -1
            root.forEachElement { nodes in
                node += 1
                nodes.forEachMember { entry, name in
                    guard name == "extras" else { return entry.skipValue() }
                    entry.forEachMember { extras, name in
                        guard let value = extras.readScalar() else { return }
                        properties[node, default: []].append((name, value))
                    }
                }
            }
        }
        return properties
    }

    /// Moves past a value; its text, or nil for an array, an object or null.
    private mutating func readScalar() -> String? {
        guard let first = nextByte() else { return nil }
        if first == UInt8(ascii: "\"") { return readString() }
        let start = offset
        skipValue()
        guard first != UInt8(ascii: "["), first != UInt8(ascii: "{"), first != UInt8(ascii: "n") else { return nil }
        let token = text[start..<offset].prefix { $0 > 0x20 }
        return String(decoding: token.prefix(Self.longestNumber), as: UTF8.self)
    }

    /// Calls `body` at the value of each member; it has to move past the value. Skips anything but an object.
    private mutating func forEachMember(_ body: (inout GLTFExtrasReader, String) -> Void) {
        guard enter(UInt8(ascii: "{")) else { return skipValue() }
        while let next = nextByte(), next == UInt8(ascii: "\"") {
            let name = readString()
            guard nextByte() == UInt8(ascii: ":") else { return finish() }
            offset += 1
            body(&self, name)
            guard nextByte() == UInt8(ascii: ",") else { break }
            offset += 1
        }
        leave(UInt8(ascii: "}"))
    }

    private mutating func forEachElement(_ body: (inout GLTFExtrasReader) -> Void) {
        guard enter(UInt8(ascii: "[")) else { return skipValue() }
        while let next = nextByte(), next != UInt8(ascii: "]") {
            let start = offset
            body(&self)
            guard offset > start, nextByte() == UInt8(ascii: ",") else { break }
            offset += 1
        }
        leave(UInt8(ascii: "]"))
    }

    private mutating func enter(_ bracket: UInt8) -> Bool {
        guard nextByte() == bracket else { return false }
        offset += 1
        return true
    }

    private mutating func leave(_ bracket: UInt8) {
        if nextByte() == bracket { offset += 1 } else { finish() }
    }

    private mutating func finish() { offset = text.count }

    /// The byte after white space, which is skipped; nil at the end.
    private mutating func nextByte() -> UInt8? {
        while offset < text.count {
            let byte = text[offset]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
            offset += 1
        }
        return nil
    }

    /// A string with its quotes, from the first one on.
    private mutating func skipString() {
        offset += 1
        while offset < text.count, text[offset] != UInt8(ascii: "\"") {
            offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        offset = min(offset + 1, text.count)
    }

    private mutating func readString() -> String {
        let start = offset
        skipString()
        let quoted = text[start..<offset]
        if !quoted.contains(UInt8(ascii: "\\")) {
            return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
        }
        return (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? ""
    }

    /// Moves past one value of any kind.
    private mutating func skipValue() {
        var depth = 0
        while let byte = nextByte() {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                offset += 1
            case UInt8(ascii: ","):
                if depth == 0 { return }
                offset += 1
                continue
            default:
                offset += 1
                continue
            }
            if depth == 0 { return }
        }
    }
}
