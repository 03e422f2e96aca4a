// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ModelStorage
import StreamMeasuring

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how archives stream.", subcommands: [BenchClientCommand.self])
}

struct BenchClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Measure the client path: bytes and seconds to a right picture.",
        discussion: """
            For each archive, four standard views and each link: what is received until the first picture, until 50, 95
            and 99 % of the covered pixels are at most one pixel wrong, and until nothing is missing. The efficiency eta
            is the size of the visible surface, simplified to one pixel and coded as one Draco mesh, over the bytes for
            95 %. The server's own scheduler runs behind a link simulated in virtual time: figures do not depend on this
            machine's mood. Instance tables count in what is received and not in the limit, textures in neither.
            """)

    @Argument(help: "Archives.", completion: .file(extensions: ["vantage"]))
    var archives: [String]

    @Option(help: "Link rates in Mbit/s, comma-separated.")
    var rates = "5,20,100"

    @Option(help: "Round trips in milliseconds, comma-separated.")
    var roundTrips = "20,80"

    @Flag(help: "Print JSON.")
    var json = false

    private func numbers(_ text: String, _ option: String) throws -> [Double] {
        let parts = text.split(separator: ",").map { Double($0) }
        let valid = parts.compactMap(\.self).filter { $0 > 0 && $0 < 1e6 }
        guard !parts.isEmpty, valid.count == parts.count else {
            throw ValidationError("\(option) must be numbers above 0, separated by commas")
        }
        return valid
    }

    func validate() throws {
        _ = try numbers(rates, "--rates")
        _ = try numbers(roundTrips, "--round-trips")
    }

    func run() throws {
        let rates = try numbers(rates, "--rates")
        let links = try numbers(roundTrips, "--round-trips").flatMap { roundTrip in
            rates.map { SimulatedLink(rate: $0 * 1e6, roundTrip: roundTrip / 1000) }
        }
        var results: [ClientPathMeasurement] = []
        for path in archives {
            let benchmark = try ClientPathBenchmark(
                Archive(path: path), name: ((path as NSString).lastPathComponent as NSString).deletingPathExtension)
            for view in StandardView.allCases {
                if !json { printError("\(path): \(view.rawValue)") }
                let measured = try benchmark.measure(view, links: links)
                if !json { BenchClientCommand.printRows(measured, isFirst: results.isEmpty) }
                results += measured
            }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(results), as: UTF8.self))
        }
    }

    private static let columns = [
        "model", "view", "Mbit/s", "ms", "limit", "first", "B50", "B95", "B99", "all", "eta", "t first", "t95",
        "time eta",
        "link use", "stale", "allowed",
    ]

    private static func printRows(_ measured: [ClientPathMeasurement], isFirst: Bool) {
        if isFirst { print("| " + columns.joined(separator: " | ") + " |\n|" + columns.map { _ in "---|" }.joined()) }
        for row in measured {
            let kilobytes = { (bytes: Int?) in bytes.map { String(format: "%.1f", Double($0) / 1000) } ?? "never" }
            let number = { (value: Double?, format: String) in value.map { String(format: format, $0) } ?? "-" }
            let cells = [
                row.model, row.view, number(row.rate, "%g"), number(row.roundTrip * 1000, "%g"),
                kilobytes(row.limitByteCount), kilobytes(row.firstPictureByteCount), kilobytes(row.byteCount50),
                kilobytes(row.byteCount95), kilobytes(row.byteCount99), kilobytes(row.settledByteCount),
                number(row.efficiency, "%.2f"), number(row.firstPictureSeconds, "%.3f"), number(row.seconds95, "%.3f"),
                number(row.timeEfficiency, "%.2f"), number(row.linkUse * 100, "%.0f %%"),
                kilobytes(row.staleByteCount), kilobytes(row.allowedStaleByteCount),
            ]
            print("| " + cells.joined(separator: " | ") + " |")
        }
    }
}
