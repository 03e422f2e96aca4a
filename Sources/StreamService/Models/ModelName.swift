// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Names of models as they are safe in URLs and file names.
package enum ModelName {
    package static let archiveSuffix = ".vantage"
    private static let mostCharacters = 64

    /// Small letters, digits and single dashes: "Engine Größe (2).glb" becomes "engine-grosse-2-glb".
    package static func slug(_ text: String) -> String {
        let plain = text.replacingOccurrences(of: "ß", with: "ss")
            .folding(options: [.diacriticInsensitive, .widthInsensitive, .caseInsensitive], locale: nil).lowercased()
        var slug = ""
        for character in plain.unicodeScalars {
            if slug.utf8.count == mostCharacters { break }
            let isKept = ("a"..."z").contains(character) || ("0"..."9").contains(character)
            if isKept {
                slug.unicodeScalars.append(character)
            } else if !slug.isEmpty, slug.last != "-" {
                slug += "-"
            }
        }
        if slug.last == "-" { slug.removeLast() }
        return slug.isEmpty ? "model" : slug
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
