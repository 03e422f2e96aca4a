// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The modules that a page will ask for, one after the other, as hints to ask for all of them at once.
struct ModulePreloads {
    /// Paths from the viewer's folder, in the order in which they are met.
    private(set) var modules: [String] = []
    private static let most = 500

    /// Follows the static imports from `entry`.
    ///
    /// - Parameter text: of a module, or nil where there is none.
    init(entry: String, text: (String) -> String?) {
        var waiting = [entry][...]
        while let module = waiting.popFirst(), modules.count < ModulePreloads.most {
            guard !modules.contains(module), let source = text(module) else { continue }
            modules.append(module)
            waiting += ModulePreloads.imports(in: source).compactMap { ModulePreloads.resolve($0, from: module) }
        }
    }

    /// The page with a hint for each module that it does not name itself, before the end of its head.
    func inserted(into page: String) -> String {
        guard let end = page.firstRange(of: "</head>") else { return page }
        let links = modules.map { "viewer/\($0)" }.filter { !page.contains("\"\($0)\"") }
            .map { "    <link rel=\"modulepreload\" href=\"\($0)\">\n" }
        return page[..<end.lowerBound] + links.joined() + page[end.lowerBound...]
    }

    /// What `import … from './x.js'`, `export … from './x.js'` and `import './x.js'` name.
    private static func imports(in source: String) -> [String] {
        source.split(separator: "\n").compactMap { line in
            let isImport = line.hasPrefix("import ") || line.hasPrefix("export ") || line.hasPrefix("} from ")
            guard isImport, let name = line.split(separator: "'", omittingEmptySubsequences: false).dropFirst().first,
                name.hasPrefix("./") || name.hasPrefix("../")
            else { return nil }
            return String(name)
        }
    }

    private static func resolve(_ name: String, from module: String) -> String? {
        var parts = module.split(separator: "/").dropLast()
        for part in name.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }
}
