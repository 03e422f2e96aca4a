// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation
import ModelStorage
import StreamMeasuring

/// `vantage bench client`: viewers that draw for themselves.
struct BenchClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Measure the client path: bytes and seconds to a right picture, and what moving costs.",
        discussion: """
            A viewer without a window connects, decodes and selects as browsers do: first it looks from the path's first \
            pose until nothing is missing, then it moves along the path, then it rests. What was received until 50, 95 and \
            99 % of the covered pixels are at most one pixel wrong needs the archive; so does the efficiency, which is the \
            size of the visible surface, simplified to one pixel and coded as one Draco mesh, over the bytes for 95 %.

              vantage bench client engine.vantage --link 4g --path all --html report.html
              vantage bench client --url http://127.0.0.1:8090 --archive engine.vantage
              vantage bench client engine.vantage --simulate    four views in virtual time
            """)

    @OptionGroup var options: BenchOptions

    @Flag(help: "Simulate server and links in virtual time, for four standard views: no machine's mood shows.")
    var simulate = false

    @Option(help: "With --simulate: link rates in Mbit/s, comma-separated.")
    var rates = "5,20,100"

    @Option(help: "With --simulate: round trips in milliseconds, comma-separated.")
    var roundTrips = "20,80"

    @Flag(help: "Drive the real viewer in a browser (tools/setup --tests installs what it needs).")
    var browser = false

    func validate() throws {
        _ = try Self.numbers(rates, "--rates")
        _ = try Self.numbers(roundTrips, "--round-trips")
        if simulate, options.url != nil { throw ValidationError("--simulate takes archives, not a server") }
    }

    func run() throws {
        try reportingErrors {
            if simulate { return try runSimulated() }
            let target = try BenchTarget(options, serverArguments: browser ? [] : ["--renderer", "off"])
            let session = BenchSession(
                options, command: browser ? "bench client --browser" : "bench client", repeats: options.repeats)
            try forEachCase(target) { plan, new in
                if browser {
                    let bench = try BrowserBench(plan, path: .client, program: BenchTarget.program)
                    session.measure(new, repeats: options.repeats) { bench.run($0) }
                } else {
                    session.measure(new, repeats: options.repeats) { ClientBench(plan).run($0) }
                }
            }
            try session.finish()
        }
    }

    private func forEachCase(
        _ target: BenchTarget, _ body: (BenchPlan, Report.Case) throws -> Void
    ) throws {
        for model in target.models {
            for path in try options.paths() {
                for link in try options.links() {
                    let plan = try options.plan(target, model, path, link)
                    let new = Report.Case(
                        kind: browser ? "browser" : "client", model: model.name, path: path.name,
                        link: link?.name ?? "loopback")
                    try body(plan, new)
                }
            }
        }
    }

    static func numbers(_ text: String, _ option: String) throws -> [Double] {
        let parts = text.split(separator: ",").map { Double($0) }
        let valid = parts.compactMap(\.self).filter { $0 > 0 && $0 < 1e6 }
        guard !parts.isEmpty, valid.count == parts.count else {
            throw ValidationError("\(option) must be numbers above 0, separated by commas")
        }
        return valid
    }

    private func runSimulated() throws {
        let rates = try Self.numbers(rates, "--rates")
        let links = try Self.numbers(roundTrips, "--round-trips").flatMap { roundTrip in
            rates.map { SimulatedLink(rate: $0 * 1e6, roundTrip: roundTrip / 1000) }
        }
        let session = BenchSession(options, command: "bench client --simulate", repeats: 1, isVirtual: true)
        for path in options.files {
            let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
            let benchmark = try ClientPathBenchmark(Archive(path: path), name: name)
            for view in StandardView.allCases where !Interruption.isRequested {
                if !options.quiet { printError("  \(name): \(view.rawValue)") }
                for measured in try benchmark.measure(view, links: links) {
                    let new = Report.Case(
                        kind: "simulated", model: name, path: view.rawValue,
                        link: "rate=\(measured.rate.short),rtt=\((measured.roundTrip * 1000).short)")
                    session.measure(new, repeats: 1) { _ in Run(measured) }
                }
            }
        }
        try session.finish()
    }
}

extension BenchOptions {
    func plan(
        _ target: BenchTarget, _ model: BenchTarget.Model, _ path: CameraPath, _ link: LinkProfile?
    ) throws -> BenchPlan {
        var plan = BenchPlan(server: target.server, model: model.id, path: path)
        plan.archive = model.archive
        plan.link = link
        (plan.width, plan.height) = try pictureSize()
        plan.seconds = seconds ?? max(0.5, path.seconds)
        plan.isInterrupted = { Interruption.isRequested }
        return plan
    }
}

/// Says what went wrong in one line.
func reportingErrors(_ body: () throws -> Void) throws {
    do { try body() } catch let error where !(error is ExitCode || error is ValidationError) {
        printError("error: \(error)")
        throw ExitCode.failure
    }
}
