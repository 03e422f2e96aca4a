// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ModelStorage

/// `vantage inspect`: what is in an archive.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in an archive: sizes, levels, materials, tree.")

    @Argument(help: "The archive.", completion: .file(extensions: ["vantage"]))
    var archive: String

    @Flag(help: "Print everything as JSON on standard output.")
    var json = false

    @Flag(help: "Print the whole tree instead of its first lines.")
    var tree = false

    @Option(help: "Write the thumbnail (JPEG) to this file.", completion: .file(extensions: ["jpg"]))
    var thumbnail: String?

    func run() throws {
        do {
            let archive = try Archive(path: archive)
            if let thumbnail { try write(archive.thumbnail, to: thumbnail) }
            let description = ArchiveDescription(archive)
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(description), as: UTF8.self))
            } else {
                print(description.text(treeLineCount: tree ? .max : 24))
            }
        } catch {
            printError("error: \(error)")
            throw ExitCode.failure
        }
    }

    private func write(_ bytes: [UInt8]?, to path: String) throws {
        guard let bytes else {
            printError("error: \(archive) has no thumbnail")
            throw ExitCode.failure
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
