// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Lines of generated text, kept within 120 columns.
struct Text {
    static let width = 120
    private(set) var lines: [String] = []
    var contents: String { lines.joined(separator: "\n") + "\n" }

    mutating func add(_ line: String = "") { lines.append(line) }

    /// Lines of a literal, each indented by `indent` spaces.
    mutating func add(_ indent: Int, _ block: String) {
        for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(line.isEmpty ? "" : String(repeating: " ", count: indent) + line)
        }
    }

    /// A comment, wrapped; `prefix` is what starts each line, such as `///`.
    mutating func comment(_ indent: Int, _ prefix: String, _ text: String) {
        let start = String(repeating: " ", count: indent) + prefix
        var line = start
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > Text.width {
                lines.append(line)
                line = start
            }
            line += " " + word
        }
        lines.append(line)
    }

    /// `head` + items + `tail` on one line, or with the items on lines of their own, as many on each as fit.
    mutating func list(_ indent: Int, _ head: String, _ items: [String], _ tail: String) {
        let margin = String(repeating: " ", count: indent)
        let line = margin + head + items.joined(separator: ", ") + tail
        if line.count <= Text.width { return add(line) }
        add(margin + head)
        var row = margin + "   "
        for (number, item) in items.map(\.trimmed).enumerated() {
            let piece = " " + item + (number + 1 < items.count ? "," : "")
            if row.count + piece.count > Text.width {
                add(row)
                row = margin + "   "
            }
            row += piece
        }
        add(row)
        add(margin + tail)
    }
}

extension String {
    /// `HoldingKind` → `holdingKind`.
    var lowerFirst: String { prefix(1).lowercased() + dropFirst() }
    var upperFirst: String { prefix(1).uppercased() + dropFirst() }
    var trimmed: String { trimmingCharacters(in: .whitespaces) }
}

extension Schema.Field {
    /// What a reader of the field's documentation sees: the text and the unit.
    var comment: String? {
        let sentence = [self.enum.map { "A `\($0)`." }, doc].compactMap { $0 }.joined(separator: " ")
        let text = [sentence, unit.map { "[\($0)]" } ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }
}

extension Text {
    /// A paragraph of plain text, wrapped.
    mutating func paragraph(_ text: String) {
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > Text.width {
                add(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        add(line)
    }
}
