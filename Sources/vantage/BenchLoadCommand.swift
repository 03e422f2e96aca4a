// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking

/// `vantage bench load`: how many viewers a server takes.
struct BenchLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Find out how many viewers a server takes, and what each costs.",
        discussion: """
            Connects more and more viewers, a share of which move along the path while the others look on, until 95 of \
            100 answers take longer than --latency or the server's queues grow. Then it looks for the number between. \
            Every step lasts --step seconds (twice where a limit breaks), and there are at most --steps of them.

              vantage bench load scan.vantage --most 2000
              vantage bench load scan.vantage --draw server --most 16 --latency 150
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: "Who draws: client or server.")
    var draw = RequestedPath.client

    @Option(help: "Share of the viewers that move, 0 to 1.")
    var moving = 0.2

    @Option(help: "Viewers of the first step.")
    var first = 10

    @Option(help: "Viewers at most.")
    var most = 1000

    @Option(help: "Seconds of each step.")
    var step = 6.0

    @Option(help: "Steps at most.")
    var steps = 14

    @Option(help: "Camera messages a second of a moving viewer.")
    var hertz = 10.0

    @Option(help: "Limit: milliseconds that 95 of 100 answers may take.")
    var latency = 100.0

    func validate() throws {
        guard draw != .hybrid else { throw ValidationError("--draw is client or server") }
        guard (0...1).contains(moving) else { throw ValidationError("--moving goes from 0 to 1") }
        guard (1...10_000).contains(most), (1...most).contains(first) else {
            throw ValidationError("--most goes from 1 to 10000, --first from 1 to --most")
        }
        guard (1...120).contains(step), (1...50).contains(steps) else {
            throw ValidationError("--step goes from 1 to 120 seconds, --steps from 1 to 50")
        }
        guard (1...240).contains(hertz), latency > 0 else {
            throw ValidationError("--hertz and --latency are positive")
        }
    }

    func run() throws {
        try reportingErrors {
            LoadBench.prepareProcess()
            let target = try BenchTarget(
                options, serverArguments: draw == .client ? ["--renderer", "off"] : ["--renderer", "require"])
            let session = BenchSession(options, command: "bench load", repeats: options.repeats)
            if draw == .server { session.setRenderer(ServerStatus(of: target.server)?.rendererName) }
            var load = LoadBench.Options()
            (load.path, load.movingShare, load.first, load.most) = (draw, moving, first, most)
            (load.stepSeconds, load.stepLimit) = (step, steps)
            load.limits.latencyMilliseconds = latency
            for model in target.models {
                for path in try options.paths() {
                    for link in try options.links() {
                        var plan = try options.plan(target, model, path, link)
                        plan.hertz = hertz
                        let new = Report.Case(
                            kind: "load", model: model.name, path: "\(path.name), \(draw) draws",
                            link: link?.name ?? "loopback")
                        session.measure(new, repeats: options.repeats) { LoadBench(plan, load).run($0) }
                    }
                }
            }
            try session.finish()
        }
    }
}

extension RequestedPath: ExpressibleByArgument {}
