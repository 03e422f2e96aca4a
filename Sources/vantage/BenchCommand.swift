// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how models stream, over any link.",
        discussion: """
            Files get a server of their own on a free port of loopback; --url measures one that is running. Links are made \
            on loopback by the program itself; nothing of the system's network changes.
            """,
        subcommands: [
            BenchClientCommand.self, BenchServerCommand.self, BenchHybridCommand.self, BenchLoadCommand.self,
            BenchBuildCommand.self, BenchCompareCommand.self,
        ])

    @Option(
        parsing: .upToNextOption, help: "Two reports that --json wrote: the same as bench compare.",
        completion: .file(extensions: ["json"]))
    var compare: [String] = []

    func run() throws {
        guard !compare.isEmpty else { throw CleanExit.helpRequest(self) }
        guard compare.count == 2 else { throw ValidationError("--compare takes two reports") }
        try BenchCompareCommand.compare(compare[0], compare[1])
    }
}
