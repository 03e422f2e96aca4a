// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes the protocol's code and document from its one definition, Sources/StreamCore/Wire/schema.json.
//
// Usage: schemagen [--check] [ROOT]
//   --check   change nothing; fail where a file differs from what would be written
//   ROOT      the package's folder; default: the current one

import Foundation

var arguments = Array(CommandLine.arguments.dropFirst())
let isCheck = arguments.first == "--check"
if isCheck { arguments.removeFirst() }
let root = URL(fileURLWithPath: arguments.first ?? ".")
let wire = root.appendingPathComponent("Sources/StreamCore/Wire")

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("schemagen: \(message)\n".utf8))
    exit(1)
}

/// The first line in which two texts differ, as a hint.
func firstDifference(_ old: String, _ new: String) -> String {
    let (old, new) = (old.split(separator: "\n"), new.split(separator: "\n"))
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    func text(_ lines: [Substring]) -> Substring { line < lines.count ? lines[line] : "(end of file)" }
    return "  there: \(text(old))\n  schema: \(text(new))"
}

guard arguments.count <= 1, arguments.first?.hasPrefix("-") != true else { fail("usage: schemagen [--check] [ROOT]") }
do {
    let schema = try Schema(parsing: Data(contentsOf: wire.appendingPathComponent("schema.json")))
    let outputs = [
        (wire.appendingPathComponent("Messages.generated.swift"), SwiftGenerator(schema: schema).text()),
        (wire.appendingPathComponent("PROTOCOL.md"), DocumentGenerator(schema: schema).text()),
        (
            root.appendingPathComponent("Sources/Viewer/web/wire/messages.generated.js"),
            JavaScriptGenerator(schema: schema).text()
        ),
    ]
    var staleCount = 0
    for (file, text) in outputs {
        let old = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        guard old != text else { continue }
        if isCheck {
            staleCount += 1
            print("\(file.relativePath) is stale:\n\(firstDifference(old, text))")
        } else {
            try Data(text.utf8).write(to: file, options: .atomic)
            print("wrote \(file.relativePath)")
        }
    }
    if staleCount > 0 { fail("run 'swift run schemagen' and commit what it writes") }
} catch {
    fail("\(error)")
}
