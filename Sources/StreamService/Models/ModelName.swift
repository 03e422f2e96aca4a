// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Names of models as they are safe in URLs and file names.
package enum ModelName {
    package static let archiveSuffix = ".vantage"
    private static let mostBytes = 64

    /// Small letters, digits and single dashes; Latin letters without their marks, letters of other scripts as they are:
    /// "Engine Größe (2).glb" becomes "engine-grosse-2-glb", "Деталь 7" becomes "деталь-7". Composed (NFC), so that a name
    /// is one sequence of bytes however it was typed; at most 64 bytes of UTF-8.
    package static func slug(_ text: String) -> String {
        let plain = text.replacingOccurrences(of: "ß", with: "ss")
            .precomposedStringWithCompatibilityMapping.lowercased()
        var slug = ""
        for character in plain.precomposedStringWithCanonicalMapping {
            let letter = plainLetter(character)
            let next = letter ?? (slug.isEmpty || slug.last == "-" ? "" : "-")
            if slug.utf8.count + next.utf8.count > mostBytes { break }
            slug += next
        }
        if slug.last == "-" { slug.removeLast() }
        return slug.isEmpty ? "model" : slug
    }

    /// A letter or digit as slugs have it; nil for anything else.
    private static func plainLetter(_ character: Character) -> String? {
        let parts = String(character).decomposedStringWithCanonicalMapping.unicodeScalars
        guard let first = parts.first else { return nil }
        if first.isASCII {
            return first.properties.isAlphabetic || first.properties.numericType != nil ? String(first) : nil
        }
        let isKept = character.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .decimalNumber, .letterNumber:
                true
            default: false
            }
        }
        return isKept ? String(character) : nil
    }

    /// As one part of an address' path, or a value of its query.
    package static func escaped(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: escapedAllowed) ?? name
    }

    private static let escapedAllowed = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")

    /// Whether `reference` is another way to say `name`: equal letters, whatever their case and however composed.
    static func isSame(_ reference: String, _ name: String) -> Bool { comparable(reference) == comparable(name) }

    private static func comparable(_ text: String) -> String {
        text.replacingOccurrences(of: "ß", with: "ss").precomposedStringWithCanonicalMapping.lowercased()
    }

    /// The last component of a path without its last extension; callers' names may hold anything.
    package static func base(of path: String) -> String {
        let name = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// A name that somebody else gave to a file, as it may be used here: one component, not hidden, no control
    /// characters, of bounded length.
    package static func file(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        let visible = last.drop { $0 == "." || $0.isWhitespace }
        var file = ""
        for character in visible where file.utf8.count + character.utf8.count <= 120 {
            let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
            if !isControl { file.append(character) }
        }
        return file.isEmpty ? "model" : file
    }

    /// `wish`, or the first of `wish-2`, `wish-3`, … that is free.
    package static func unique(_ wish: String, isTaken: (String) -> Bool) -> String {
        if !isTaken(wish) { return wish }
        var number = 2
        while isTaken("\(wish)-\(number)") { number += 1 }
        return "\(wish)-\(number)"
    }
}
