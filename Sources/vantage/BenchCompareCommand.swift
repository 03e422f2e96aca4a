// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation

/// `vantage bench compare`: what changed between two reports.
struct BenchCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two reports: ratios, and which are more than noise.",
        discussion: """
            A figure is better or worse where the ranges of its repeats do not overlap; with fewer than 3 repeats nobody \
            knows. Reports are those that --json writes.
            """)

    @Argument(help: "The report before.", completion: .file(extensions: ["json"]))
    var before: String

    @Argument(help: "The report after.", completion: .file(extensions: ["json"]))
    var after: String

    func run() throws { try Self.compare(before, after) }

    static func compare(_ before: String, _ after: String) throws {
        try reportingErrors {
            print(Comparison(try read(before), try read(after)).text, terminator: "")
        }
    }

    private static func read(_ path: String) throws -> Report {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchmarkError("\(path) cannot be read")
        }
        return try Report(decoding: data, source: path)
    }
}
