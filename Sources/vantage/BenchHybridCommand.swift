// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking

/// `vantage bench hybrid`: viewers that draw while they move and get the server's pictures at rest.
struct BenchHybridCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hybrid",
        abstract: "Measure the hybrid path: chunks while moving, the server's stills at rest, on one connection.",
        discussion: "The figures are those of the client path, and when stills come after the last input.")

    @OptionGroup var options: BenchOptions

    func run() throws {
        try reportingErrors {
            let target = try BenchTarget(options, serverArguments: ["--renderer", "require"])
            let session = BenchSession(options, command: "bench hybrid", repeats: options.repeats)
            session.setRenderer(ServerStatus(of: target.server)?.rendererName)
            for model in target.models {
                for path in try options.paths() {
                    for link in try options.links() {
                        var plan = try options.plan(target, model, path, link)
                        plan.requestedPath = .hybrid
                        let new = Report.Case(
                            kind: "hybrid", model: model.name, path: path.name, link: link?.name ?? "loopback")
                        session.measure(new, repeats: options.repeats) { ClientBench(plan).run($0) }
                    }
                }
            }
            try session.finish()
        }
    }
}
