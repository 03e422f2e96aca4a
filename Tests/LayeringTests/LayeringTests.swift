// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct LayeringTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let layers = Layers.vantage

    func manifest() throws -> Manifest {
        Manifest(parsing: try String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8))
    }

    /// The folders right under Sources.
    func sourceFolders() throws -> Set<String> {
        let sources = Self.root.appending(path: "Sources")
        let entries = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        return Set(entries.filter(\.hasDirectoryPath).map(\.lastPathComponent))
    }

    /// Path from the root, and text, of each Swift file of a target.
    func swiftFiles(of target: String) throws -> [(path: String, text: String)] {
        let folder = Self.root.appending(path: "Sources/\(target)")
        guard let paths = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        return try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map {
            ("Sources/\(target)/\($0)", try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
        }
    }

    @Test func `each folder of sources is a declared target and has its row`() throws {
        let folders = try sourceFolders().subtracting(layers.foldersOutside)
        #expect(Set(try manifest().targets.map(\.name)) == folders)
        #expect(Set(layers.targets.map(\.name)) == folders)
    }

    @Test func `Package.swift declares only dependencies that the rows allow`() throws {
        #expect(layers.violations(in: try manifest()) == [])
    }

    @Test func `each import is allowed and declared`() throws {
        var importCount = 0
        for target in try manifest().targets {
            for file in try swiftFiles(of: target.name) {
                importCount += importedModules(in: file.text).count
                let violations = layers.violations(
                    in: file.text, path: file.path, targetName: target.name, declared: Set(target.dependencies))
                #expect(violations == [])
            }
        }
        #expect(importCount > 10, "the files were found and read")
    }

    @Test func `folders outside the package import nothing`() throws {
        for folder in layers.foldersOutside {
            for file in try swiftFiles(of: folder) {
                #expect(importedModules(in: file.text).isEmpty, "\(file.path)")
            }
        }
    }
}

/// The checker itself catches what it is there for.
@Suite struct LayeringCheckerTests {
    let layers = Layers.vantage

    func reasons(_ source: String, in target: String, declared: Set<String> = []) -> [String] {
        layers.violations(in: source, path: "x.swift", targetName: target, declared: declared).map(\.reason)
    }

    @Test(arguments: [
        ("import ModelImport", "MeshProcessing", "not in a lower row"),
        ("import FileMapping", "MeshProcessing", "not in a lower row"),
        ("import vantage", "TilesetBuilding", "not in a lower row"),
        ("import TilesetBuilding", "Previewing", "not to its left"),
        ("import ModelStorage", "ModelStorage", "not to its left"),
        ("import ModelImport", "SampleModels", "stands beside the others"),
        ("import SampleModels", "TilesetBuilding", "stands beside the others"),
        ("import CDraco", "ModelImport", "only wrappers import C"),
        ("import CZlib", "vantage", "only wrappers import C"),
        ("import Glibc", "StreamCore", "a core target imports nothing"),
        ("import Synchronization", "StreamCore", "a core target imports nothing"),
        ("import Glibc", "TilesetBuilding", "not allowed in this target"),
        ("import Foundation", "TilesetBuilding", "not allowed in this target"),
        ("import FoundationEssentials", "FileMapping", "not allowed in this target"),
        ("import ArgumentParser", "ModelImport", "not allowed in this target"),
        ("import Musl", "FileMapping", "an unknown module"),
        ("import StreamCore", "NewTarget", "NewTarget is in no row"),
    ])
    func `a forbidden import is caught`(source: String, target: String, reason: String) {
        let everything = Set(layers.targets.map(\.name) + ["ArgumentParser"])
        #expect(reasons(source, in: target, declared: everything) == [reason])
    }

    @Test func `an import that Package.swift does not declare is caught`() {
        #expect(reasons("import StreamCore", in: "ModelImport") == ["Package.swift does not declare it"])
        #expect(reasons("import StreamCore", in: "ModelImport", declared: ["StreamCore"]) == [])
        #expect(reasons("import ArgumentParser", in: "vantage") == ["Package.swift does not declare it"])
    }

    @Test func `allowed modules from outside pass`() {
        #expect(reasons("import Glibc\nimport Synchronization", in: "FileMapping") == [])
        #expect(reasons("import FoundationEssentials", in: "ModelImport") == [])
        #expect(reasons("import Dispatch", in: "TilesetBuilding") == [])
    }

    @Test(arguments: [
        "import Foundation", "  import Foundation  // JSON", "package import Foundation",
        "@preconcurrency import Foundation",
        "@_exported public import Foundation", "import struct Foundation.Data", "import Foundation.NSURL",
        "import Glibc; import Foundation", "\timport\tFoundation", "#if os(Linux)\nimport Foundation\n#endif",
    ])
    func `every form of import is read`(source: String) {
        #expect(importedModules(in: source).last?.module == "Foundation")
    }

    @Test func `comments and other words are not imports`() {
        let source = """
            // import Foundation
            /// We import Foundation.
            let important = "import"
            func importModel() {}
            let url = "https://example.org"; importModel()
            """
        #expect(importedModules(in: source).isEmpty)
    }

    @Test func `the manifest's calls are read whatever their layout`() {
        let manifest = Manifest(
            parsing: """
                // .target(name: "Gone"),
                .systemLibrary(name: "CFoo", pkgConfig: "foo", providers: [.apt(["libfoo-dev"])]),
                .target(name: "A", swiftSettings: strict),
                .target(
                    name: "B", dependencies: ["A", "CFoo"], exclude: ["x)"]),  // why ]
                .executableTarget(
                    name: "tool",
                    dependencies: [
                        "A", .target(name: "B"),
                        .product(name: "ArgumentParser", package: "swift-argument-parser"),
                    ]),
                .testTarget(name: "ATests", dependencies: ["A"]),
                """)
        #expect(
            manifest.targets == [
                .init(name: "CFoo", dependencies: []), .init(name: "A", dependencies: []),
                .init(name: "B", dependencies: ["A", "CFoo"]),
                .init(name: "tool", dependencies: ["A", "B", "ArgumentParser"]),
            ])
    }

    @Test func `a declared dependency that breaks the rows is caught`() {
        let manifest = Manifest(
            parsing: """
                .target(name: "StreamCore", dependencies: ["FileMapping"]),
                .target(name: "ModelImport", dependencies: ["TilesetBuilding", "StreamCore"]),
                .target(name: "Unheard"),
                """)
        #expect(layers.violations(in: manifest).map(\.module) == ["FileMapping", "TilesetBuilding", "Unheard"])
    }
}
