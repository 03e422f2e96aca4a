// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Names that nobody can guess.
package enum Identifier {
    private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")

    /// Five random bits a character, from the system's generator.
    package static func random(length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in letters[Int(generator.next() % 32)] })
    }
}

extension Identifier {
    /// Whether `text` could be one of ours.
    package static func isValid(_ text: String) -> Bool {
        (8...32).contains(text.utf8.count) && text.allSatisfy { letters.contains($0) }
    }
}
