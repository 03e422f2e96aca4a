// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The number types of PLY, under both their old and their sized names.
enum PLYScalar: Sendable {
    case int8, uint8, int16, uint16, int32, uint32, float32, float64

    init?(_ name: String) {
        switch name {
        case "char", "int8": self = .int8
        case "uchar", "uint8": self = .uint8
        case "short", "int16": self = .int16
        case "ushort", "uint16": self = .uint16
        case "int", "int32": self = .int32
        case "uint", "uint32": self = .uint32
        case "float", "float32": self = .float32
        case "double", "float64": self = .float64
        default: return nil
        }
    }

    var byteCount: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .float64: 8
        }
    }

    var isFloat: Bool { self == .float32 || self == .float64 }
}

struct PLYProperty: Sendable {
    var name: String
    var type: PLYScalar
    /// The type of the number of entries where the property is a list.
    var countType: PLYScalar?
}

struct PLYElement: Sendable {
    var name: String
    var count: Int
    var properties: [PLYProperty] = []

    /// Bytes of one binary row, or nil where lists make rows differ.
    var fixedByteCount: Int? {
        properties.contains { $0.countType != nil } ? nil : smallestByteCount
    }

    /// Bytes of a binary row whose lists are empty.
    var smallestByteCount: Int {
        properties.reduce(0) { $0 + ($1.countType ?? $1.type).byteCount }
    }

    func index(of names: String...) -> Int? {
        properties.firstIndex { property in property.countType == nil && names.contains(property.name) }
    }

    func listIndex(of names: String...) -> Int? {
        properties.firstIndex { property in property.countType != nil && names.contains(property.name) }
    }
}

/// The text before the data: which elements follow, with which properties.
/// - Source: Greg Turk, "The PLY Polygon File Format" (1994).
struct PLYHeader: Sendable {
    enum Encoding: Sendable { case ascii, littleEndian, bigEndian }

    private static let mostElements = 256
    private static let mostProperties = 1024

    var encoding = Encoding.ascii
    var elements: [PLYElement] = []
    /// From "comment TextureFile NAME", in order.
    var textureFiles: [String] = []
    /// Where the data starts, in bytes.
    var bodyStart = 0

    /// - Throws: `.malformed` with the line.
    init(_ bytes: RawSpan, file: String) throws(ImportError) {
        var position = bytes.lineEnd(0)
        let usesReturnsOnly =
            position < bytes.byteCount && bytes.byte(position) == 0x0D
            && (position + 1 == bytes.byteCount || bytes.byte(position + 1) != 0x0A)
        var hasFormat = false
        while true {
            let start = bytes.skippingSpace(position)
            let end = bytes.lineEnd(start)
            guard start < bytes.byteCount else {
                throw ImportError(
                    .malformed, "the header has no end_header: the file is cut off or is not PLY", file: file,
                    place: bytes.linePlace(start))
            }
            position = end
            if bytes.matches("comment", at: start) || bytes.matches("obj_info", at: start) {
                noteComment(bytes, start..<end)
                continue
            }
            guard end - start <= 1024 else {
                throw ImportError(
                    .malformed, "a header line is longer than 1,024 bytes", file: file,
                    place: bytes.linePlace(start))
            }
            let words = bytes.text(start..<end).split { $0 == " " || $0 == "\t" }.map(String.init)
            if words.first == "end_header" { break }
            if let problem = take(words) {
                throw ImportError(.malformed, problem, file: file, place: bytes.linePlace(start))
            }
            hasFormat = hasFormat || words.first == "format"
        }
        guard hasFormat else {
            throw ImportError(.malformed, "the header has no format line", file: file)
        }
        bodyStart = Self.afterLineEnd(bytes, position, usesReturnsOnly: usesReturnsOnly)
    }

    /// Binary data may begin with a byte that looks like a line feed, so only the header's kind of line end is taken.
    private static func afterLineEnd(_ bytes: RawSpan, _ position: Int, usesReturnsOnly: Bool) -> Int {
        guard position < bytes.byteCount else { return position }
        let isPair =
            bytes.byte(position) == 0x0D && position + 1 < bytes.byteCount
            && bytes.byte(position + 1) == 0x0A
        return position + (isPair && !usesReturnsOnly ? 2 : 1)
    }

    private mutating func noteComment(_ bytes: RawSpan, _ line: Range<Int>) {
        guard line.count < 1024, textureFiles.count < 64 else { return }
        let words = bytes.text(line).split(maxSplits: 2) { $0 == " " || $0 == "\t" }
        if words.count == 3, words[1].lowercased() == "texturefile" {
            textureFiles.append(String(words[2]))
        }
    }

    /// Takes one header line; returns what is wrong with it, if anything.
    private mutating func take(_ words: [String]) -> String? {
        switch words.first {
        case "format": return takeFormat(words)
        case "element": return takeElement(words)
        case "property": return takeProperty(words)
        default: return "the header line starts with the unknown word \"\(words.first ?? "")\""
        }
    }

    private mutating func takeFormat(_ words: [String]) -> String? {
        switch words.dropFirst().first {
        case "ascii": encoding = .ascii
        case "binary_little_endian": encoding = .littleEndian
        case "binary_big_endian": encoding = .bigEndian
        default: return "the format is none of ascii, binary_little_endian and binary_big_endian"
        }
        return nil
    }

    private mutating func takeElement(_ words: [String]) -> String? {
        guard words.count >= 3, let count = Int(words[2]), count >= 0 else {
            return "an element needs a name and a count that is not negative"
        }
        if elements.count == Self.mostElements {
            return "the header has more than \(Self.mostElements) elements"
        }
        if elements.contains(where: { $0.name == words[1] }) {
            return "the element \"\(words[1])\" comes twice"
        }
        elements.append(PLYElement(name: words[1], count: count))
        return nil
    }

    private mutating func takeProperty(_ words: [String]) -> String? {
        guard let element = elements.indices.last else { return "a property comes before any element" }
        if elements[element].properties.count == Self.mostProperties {
            return "the element has more than \(Self.mostProperties) properties"
        }
        if words.count >= 5, words[1] == "list" {
            guard let countType = PLYScalar(words[2]), let type = PLYScalar(words[3]), !countType.isFloat
            else {
                return "the list has an unknown type, \"\(words[2])\" or \"\(words[3])\""
            }
            elements[element].properties.append(
                PLYProperty(name: words[4], type: type, countType: countType))
            return nil
        }
        guard words.count >= 3, let type = PLYScalar(words[1]) else {
            return "a property needs a known type and a name"
        }
        elements[element].properties.append(PLYProperty(name: words[2], type: type))
        return nil
    }
}
