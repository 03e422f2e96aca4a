// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a glTF URI names: bytes in the URI itself, or a file within the model's folder.
///
/// - Source: glTF 2.0 specification, section 2.8 "URIs"; RFC 3986; RFC 2397.
enum GLTFResourceLocation: Equatable {
    case data([UInt8])
    /// Relative to the model's folder, without any `..`.
    case file(String)
    case refused(String)

    init(uri: String) {
        if uri.utf8.prefix(5).elementsEqual("data:".utf8) {
            self = Self.decodeDataURI(uri)
            return
        }
        let utf8 = uri.utf8
        if let colon = utf8.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(utf8[..<colon]) {
            self = .refused(
                "the URI \"\(uri.prefix(80))\" is not a path within the model's folder; copy the file there"
            )
            return
        }
        guard let path = Self.percentDecoded(uri) else {
            self = .refused("the URI \"\(uri.prefix(80))\" is not UTF-8 text")
            return
        }
        self = Self.confined(path)
    }

    private static func isScheme(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, (first | 0x20) >= UInt8(ascii: "a"),
            (first | 0x20) <= UInt8(ascii: "z")
        else {
            return false
        }
        return text.allSatisfy { byte in
            let lower = byte | 0x20
            return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// Resolves `.` and `..` without looking at the disk; refuses what leaves the folder.
    private static func confined(_ path: String) -> GLTFResourceLocation {
        let shown = "\"\(path.prefix(80))\""
        guard !path.utf8.contains(0), !path.isEmpty else {
            return .refused("the URI \(shown) names no file")
        }
        guard !path.hasPrefix("/"), !path.hasPrefix("\\") else {
            return .refused("\(shown) is an absolute path; only files within the model's folder are read")
        }
        var components: [Substring] = []
        for component in path.split(separator: "/") where component != "." {
            if component != ".." {
                components.append(component)
            } else if components.popLast() == nil {
                return .refused("\(shown) leaves the model's folder; copy the file into it")
            }
        }
        return components.isEmpty
            ? .refused("the URI \(shown) names no file") : .file(components.joined(separator: "/"))
    }

    /// nil where the decoded bytes are not UTF-8. A % without two digits stands for itself.
    private static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        let utf8 = Array(text.utf8)
        bytes.reserveCapacity(utf8.count)
        var index = 0
        while index < utf8.count {
            if utf8[index] == UInt8(ascii: "%"), index + 2 < utf8.count,
                let high = hexDigit(utf8[index + 1]),
                let low = hexDigit(utf8[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(utf8[index])
                index += 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func decodeDataURI(_ uri: String) -> GLTFResourceLocation {
        let utf8 = uri.utf8
        guard let comma = utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return .refused("the data URI has no comma")
        }
        guard utf8[..<comma].suffix(7).elementsEqual(";base64".utf8) else {
            return .refused("the data URI is not in base64, the only encoding read")
        }
        guard let bytes = decodeBase64(utf8[utf8.index(after: comma)...]) else {
            return .refused("the data URI is not valid base64")
        }
        return .data(bytes)
    }

    /// Both alphabets (RFC 4648, sections 4 and 5), padding optional; nil for any other character.
    static func decodeBase64(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var bitCount = 0
        var padding = 0
        for character in text {
            let value = base64Values[Int(character)]
            if value < 64 {
                guard padding == 0 else { return nil }
                bits = bits << 6 | UInt32(value)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
                }
            } else if character == UInt8(ascii: "=") {
                padding += 1
            } else {
                return nil
            }
        }
        return padding <= 2 && bitCount < 6 ? bytes : nil
    }

    /// 0...63, or 255 for what is no base64 digit.
    private static let base64Values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()
}
