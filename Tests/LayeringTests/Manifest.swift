// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The source targets Package.swift declares, read from its text: asking SwiftPM would wait for the very build that
/// runs this test.
///
/// Reads calls of `.target`, `.executableTarget` and `.systemLibrary` (not `.testTarget`, and no target under Tests) with
/// literal arguments, the way our manifest is written. A target it could not read is noticed, because each folder under
/// Sources must be declared.
struct Manifest {
    struct Target: Equatable {
        var name: String
        /// Targets and products, by name.
        var dependencies: [String]
    }
    var targets: [Target] = []

    init(parsing text: String) {
        let source = text.split(separator: "\n", omittingEmptySubsequences: false).map(withoutComment)
            .joined(separator: "\n")
        for (call, arguments) in Self.targetCalls(in: source) where call != ".testTarget(" {
            if arguments.contains("path: \"Tests/") { continue }
            guard let name = Self.string(after: "name:", in: arguments) else { continue }
            targets.append(Target(name: name, dependencies: Self.dependencies(in: arguments)))
        }
    }

    /// The calls that declare targets, with what stands between their parentheses; not those inside another call.
    private static func targetCalls(in source: String) -> [(call: String, arguments: Substring)] {
        let calls = [".target(", ".executableTarget(", ".systemLibrary(", ".testTarget("]
        var result: [(call: String, arguments: Substring)] = []
        var rest = source[...]
        while true {
            let found = calls.compactMap { call in range(of: call, in: rest).map { (call, $0) } }
            guard let (call, range) = found.min(by: { $0.1.lowerBound < $1.1.lowerBound }) else { return result }
            let arguments = balancedPrefix(of: rest[range.upperBound...], open: "(", close: ")")
            result.append((call, arguments))
            rest = rest[arguments.endIndex...]
        }
    }

    /// The names in `dependencies: [...]`: plain strings, and the `name:` of `.product(...)` and `.target(...)`.
    private static func dependencies(in arguments: Substring) -> [String] {
        guard let label = range(of: "dependencies:", in: arguments),
            let bracket = arguments[label.upperBound...].firstIndex(of: "[")
        else { return [] }
        var list = balancedPrefix(of: arguments[arguments.index(after: bracket)...], open: "[", close: "]")
        var names: [String] = []
        while let start = list.firstIndex(where: { $0 == "\"" || $0 == "." }) {
            if list[start] == "\"" {
                let name = list[list.index(after: start)...].prefix { $0 != "\"" }
                names.append(String(name))
                list = list[name.endIndex...].dropFirst()
            } else {
                guard let parenthesis = list[start...].firstIndex(of: "(") else { break }
                let call = balancedPrefix(of: list[list.index(after: parenthesis)...], open: "(", close: ")")
                if let name = string(after: "name:", in: call) { names.append(name) }
                list = list[call.endIndex...].dropFirst()
            }
        }
        return names
    }

    private static func string(after label: String, in text: Substring) -> String? {
        guard let found = range(of: label, in: text), let quote = text[found.upperBound...].firstIndex(of: "\"")
        else { return nil }
        return String(text[text.index(after: quote)...].prefix { $0 != "\"" })
    }

    /// The text up to the bracket that closes one already opened.
    private static func balancedPrefix(of text: Substring, open: Character, close: Character) -> Substring {
        var depth = 1
        var isInString = false
        for index in text.indices {
            switch text[index] {
            case "\"": isInString.toggle()
            case open where !isInString: depth += 1
            case close where !isInString: depth -= 1
            default: break
            }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func range(of needle: String, in text: Substring) -> Range<Substring.Index>? {
        text.firstRange(of: needle)
    }
}
