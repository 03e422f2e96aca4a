// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A row of the house, lowest first. A target imports only lower rows, or an engine or service to its left.
enum Row: Int, Comparable {
    case cLibrary, core, wrapper, engine, service, program

    static func < (a: Row, b: Row) -> Bool { a.rawValue < b.rawValue }
}

/// The rules, and the only place they stand: which target is in which row, and which modules from outside each may use.
struct Layers: Sendable {
    /// Row of each target. Engines and services are listed from left to right.
    var targets: [(name: String, row: Row)]
    /// Engines that stand beside the others: they import no engine, and engines do not import them.
    var isolatedEngines: Set<String>
    /// Folders under Sources that are not SwiftPM targets and import nothing.
    var foldersOutside: Set<String>
    /// Modules from outside the package, and who may import each.
    var outsideModules: [String: @Sendable (Target) -> Bool]

    struct Target: Sendable {
        var name: String
        var row: Row
    }

    static let vantage = Layers(
        targets: [
            ("CMeshoptimizer", .cLibrary), ("CTurboJPEG", .cLibrary), ("CSPNG", .cLibrary), ("CZlib", .cLibrary),
            ("CCrypto", .cLibrary), ("CLinux", .cLibrary), ("CDraco", .cLibrary), ("CWebSockets", .cLibrary),
            ("CVulkan", .cLibrary),
            ("StreamCore", .core),
            ("MeshProcessing", .wrapper), ("DracoCoding", .wrapper), ("ImageCoding", .wrapper),
            ("ByteCoding", .wrapper), ("FileMapping", .wrapper), ("Transport", .wrapper),
            ("GPU", .wrapper), ("Sockets", .wrapper), ("Processes", .wrapper),
            ("JSONCoding", .engine), ("ModelImport", .engine), ("ChunkCoding", .engine), ("ModelStorage", .engine),
            ("Inspection", .engine), ("TilesetBuilding", .engine), ("ChunkStreaming", .engine), ("Rendering", .engine),
            ("FrameStreaming", .engine), ("PathNegotiation", .engine),
            ("StreamMeasuring", .engine), ("Benchmarking", .engine), ("SampleModels", .engine),
            ("Viewer", .service), ("StreamService", .service),
            ("vantage", .program), ("schemagen", .program),
        ],
        isolatedEngines: ["SampleModels"],
        foldersOutside: ["WasmExports"],
        outsideModules: [
            "Foundation": mayUseFoundation,
            "FoundationEssentials": mayUseFoundation,
            // The samples' curves need sines.
            "Glibc": { $0.row == .wrapper || $0.row == .program || $0.name == "SampleModels" },
            "Dispatch": { $0.row > .core },
            "Synchronization": { $0.row > .core },
            "ArgumentParser": { $0.row == .program },
            "Logging": { $0.row >= .service },
        ]
    )

    @Sendable private static func mayUseFoundation(_ target: Target) -> Bool {
        ["ModelImport", "ModelStorage", "Rendering", "Benchmarking", "Viewer", "StreamService", "vantage", "schemagen"]
            .contains(target.name)
    }

    func target(_ name: String) -> Target? {
        targets.first { $0.name == name }.map { Target(name: $0.name, row: $0.row) }
    }

    /// Why `importer` may not depend on `module`, whoever declares it; nil if it may.
    func objection(to module: String, in importer: Target) -> String? {
        guard importer.row > .core else { return "a \(importer.row) target imports nothing" }
        guard let imported = target(module) else {
            guard let isAllowed = outsideModules[module] else { return "an unknown module" }
            return isAllowed(importer) ? nil : "not allowed in this target"
        }
        if imported.row < importer.row {
            // C types end in their wrapper.
            return imported.row == .cLibrary && importer.row != .wrapper ? "only wrappers import C" : nil
        }
        guard imported.row == importer.row, imported.row == .engine || imported.row == .service else {
            return "not in a lower row"
        }
        guard isolatedEngines.isDisjoint(with: [imported.name, importer.name]) else {
            return "stands beside the others"
        }
        let isToTheLeft = position(of: imported.name) < position(of: importer.name)
        return isToTheLeft ? nil : "not to its left"
    }

    private func position(of name: String) -> Int { targets.firstIndex { $0.name == name } ?? targets.count }
}

/// A line that breaks the rules, for people.
struct Violation: CustomStringConvertible, Equatable {
    var place: String
    var module: String
    var reason: String

    var description: String { "\(place): \(module): \(reason)" }
}

extension Layers {
    /// The violations in one source file of `targetName`.
    ///
    /// - Parameter declared: What Package.swift declares for the target: targets and products.
    func violations(
        in source: String, path: String, targetName: String, declared: Set<String>
    ) -> [Violation] {
        importedModules(in: source).compactMap { line, module in
            let place = "\(path):\(line)"
            guard let importer = target(targetName) else {
                return Violation(place: place, module: module, reason: "\(targetName) is in no row")
            }
            if let reason = objection(to: module, in: importer) {
                return Violation(place: place, module: module, reason: reason)
            }
            let isOfThePackage = target(module) != nil || ["ArgumentParser", "Logging"].contains(module)
            guard !isOfThePackage || declared.contains(module) else {
                return Violation(place: place, module: module, reason: "Package.swift does not declare it")
            }
            return nil
        }
    }

    /// The violations among the dependencies that Package.swift declares.
    func violations(in manifest: Manifest) -> [Violation] {
        manifest.targets.flatMap { declared -> [Violation] in
            guard let importer = target(declared.name) else {
                return [Violation(place: "Package.swift", module: declared.name, reason: "is in no row")]
            }
            return declared.dependencies.compactMap { module in
                objection(to: module, in: importer).map {
                    Violation(place: "Package.swift, \(declared.name)", module: module, reason: $0)
                }
            }
        }
    }
}

/// The module of each import declaration in Swift source, with its line number (from 1). Knows access levels,
/// attributes, `import struct Module.Name`, submodules, and several declarations on a line. A line with a quotation mark
/// holds text, not imports; so does one whose module is no name, as in generated JavaScript.
func importedModules(in source: String) -> [(line: Int, module: String)] {
    let kinds: Set<Substring> = ["typealias", "struct", "class", "enum", "protocol", "let", "var", "func"]
    let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    var result: [(line: Int, module: String)] = []
    for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        guard line.contains("import"), !line.contains("\"") else { continue }
        for statement in withoutComment(line).split(separator: ";") {
            var words = statement.split(whereSeparator: \.isWhitespace)[...]
            while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words.removeFirst() }
            guard words.popFirst() == "import" else { continue }
            if let word = words.first, kinds.contains(word) { words.removeFirst() }
            guard let path = words.first, path.first?.isLetter == true || path.first == "_",
                let module = path.split(separator: ".").first
            else { continue }
            result.append((index + 1, String(module)))
        }
    }
    return result
}

/// A line of Swift up to its `//` comment. Quotes are respected, so a URL in a string is kept.
func withoutComment(_ line: Substring) -> Substring {
    var isInString = false
    var previous: Character?
    for index in line.indices {
        let character = line[index]
        if character == "\"", previous != "\\" { isInString.toggle() }
        if !isInString, character == "/", previous == "/" { return line[..<line.index(before: index)] }
        previous = character
    }
    return line
}
