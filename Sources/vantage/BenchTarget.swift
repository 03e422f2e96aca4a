// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Foundation
import ModelStorage

/// The server that a benchmark measures, and its models: one that is running, or one of its own.
final class BenchTarget {
    struct Model {
        var id: String
        var name: String
        var archive: Archive?
    }

    let server: ServerURL
    let models: [Model]
    private let local: LocalServer?
    private let scratch: URL?

    /// - Parameter serverArguments: for a server of its own.
    /// - Throws: `BenchmarkError`, `ArchiveError`: what cannot be reached, read or imported.
    init(_ options: BenchOptions, serverArguments: [String] = []) throws {
        if let url = options.url {
            server = try ServerURL(url)
            (local, scratch) = (nil, nil)
            models = [try BenchTarget.served(by: server, options)]
            return
        }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vantage-bench-\(UUID().uuidString)")
        scratch = folder
        let archives = try options.files.map { try BenchTarget.archive(of: $0, in: folder) }
        let local = try LocalServer(
            program: BenchTarget.program, archives: archives.map(\.path), arguments: serverArguments)
        self.local = local
        server = local.url
        let listed = try ServedModels(of: local.url)
        models = try archives.map { archive in
            guard let id = listed.id(of: archive) else {
                throw BenchmarkError("the server does not list \(archive.path): is the archive sound? (vantage verify)")
            }
            let name = (archive.path as NSString).lastPathComponent
            return Model(id: id, name: (name as NSString).deletingPathExtension, archive: archive)
        }
    }

    deinit {
        local?.stop()
        if let scratch { try? FileManager.default.removeItem(at: scratch) }
    }

    static var program: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    private static func served(by server: ServerURL, _ options: BenchOptions) throws -> Model {
        let listed = try ServedModels(of: server)
        let archive = try options.archive.map { try Archive(path: $0) }
        let known = listed.models.map(\.id)
        guard let id = options.model ?? archive.flatMap({ listed.id(of: $0) }) ?? known.first else {
            throw BenchmarkError("\(server.text) has no models")
        }
        guard known.contains(id) else {
            let names = known.prefix(8).joined(separator: ", ")
            throw BenchmarkError("\(server.text) has no model \(id); it has: \(names.isEmpty ? "none" : names)")
        }
        if let archive, listed.id(of: archive) != id {
            throw BenchmarkError("\(archive.path) is not the archive of \(id): its content differs")
        }
        return Model(id: id, name: id, archive: archive)
    }

    /// A file's archive: itself, or imported.
    private static func archive(of file: String, in folder: URL) throws -> Archive {
        guard FileManager.default.fileExists(atPath: file) else { throw BenchmarkError("\(file): no such file") }
        if file.hasSuffix(".vantage") { return try Archive(path: file) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
        let output = folder.appendingPathComponent(name + ".vantage").path
        let process = Process()
        process.executableURL = program
        process.arguments = ["import", file, "-o", output, "--quiet"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("\(file) was not imported") }
        return try Archive(path: output)
    }
}
