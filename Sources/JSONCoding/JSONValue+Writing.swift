// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Writing.
extension JSONValue {
    /// Bytes with sorted keys, so that equal values have equal bytes.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
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

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .integer(let number): bytes += "\(number)".utf8
        case .number(let number): bytes += JSONValue.digits(number).utf8
        case .string(let text): JSONValue.write(text, to: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let fields):
            bytes.append(UInt8(ascii: "{"))
            for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.write(field.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                field.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The shortest digits that read back as the same number. What JSON cannot say is null.
    private static func digits(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20: bytes += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
