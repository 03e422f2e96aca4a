// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// What a benchmark found: cases, each with figures of every repeat.
package struct Report: Codable, Equatable, Sendable {
    package static let currentFormat = 1

    package var format = Report.currentFormat
    /// As on the command line, without addresses and tokens.
    package var command: String
    package var version: String
    /// When it began, UTC.
    package var started: String
    package var machine: Machine
    package var repeats: Int
    package var cases: [Case] = []
    /// What a reader should know: a busy machine, an interruption.
    package var notes: [String] = []
    /// Something ended it early: what is there is right, and not all.
    package var isPartial = false

    package init(command: String, version: String, machine: Machine, repeats: Int, started: Date) {
        (self.command, self.version, self.machine, self.repeats) = (command, version, machine, repeats)
        self.started = ISO8601DateFormatter().string(from: started)
    }

    /// One way of using one model.
    package struct Case: Codable, Equatable, Sendable {
        /// client, server, hybrid, load, simulated or build.
        package var kind: String
        package var model: String
        package var path = ""
        package var link = ""
        package var metrics: [Metric] = []
        package var series: [Series] = []
        /// Why it is not complete; nil: it is.
        package var failure: String?

        package init(kind: String, model: String, path: String = "", link: String = "") {
            (self.kind, self.model, self.path, self.link) = (kind, model, path, link)
        }

        /// What makes it the same case in another report.
        package var name: String { [kind, model, path, link].filter { !$0.isEmpty }.joined(separator: " · ") }

        package subscript(metric: String) -> Metric? { metrics.first { $0.name == metric } }
    }

    /// A figure, once for each repeat.
    package struct Metric: Codable, Equatable, Sendable {
        package enum Direction: String, Codable, Sendable { case lower, higher, neither }

        package var name: String
        package var title: String
        package var unit: String
        package var better: Direction
        package var values: [Double]

        package var median: Double? { Samples.median(values) }
        package var smallest: Double? { values.min() }
        package var largest: Double? { values.max() }
        /// Of the values, relative to their median.
        package var spread: Double? {
            guard let median, median != 0, let smallest, let largest else { return nil }
            return (largest - smallest) / abs(median)
        }
    }

    /// Values over something, of one repeat.
    package struct Series: Codable, Equatable, Sendable {
        /// What the picture of it is called; series of one chart are drawn together.
        package var chart: String
        package var title: String
        package var x: String
        package var y: String
        /// Whether values are stacked on those of the series before it.
        package var isStacked: Bool?
        package var points: [[Double]]

        package init(chart: String, title: String, x: String, y: String, points: [[Double]]) {
            (self.chart, self.title, self.x, self.y, self.points) = (chart, title, x, y, points)
        }
    }

    /// - Throws: `BenchmarkError` for what is no report, or one of a newer program.
    package init(decoding data: Data, source: String) throws(BenchmarkError) {
        struct Head: Decodable { var format: Int }
        guard let head = try? JSONDecoder().decode(Head.self, from: data) else {
            throw BenchmarkError("\(source) is no benchmark report")
        }
        guard head.format == Report.currentFormat else {
            throw BenchmarkError("\(source) has format \(head.format); this program reads \(Report.currentFormat)")
        }
        do { self = try JSONDecoder().decode(Report.self, from: data) } catch {
            throw BenchmarkError("\(source) is no benchmark report: \(error)")
        }
    }

    package func encoded() -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return (try? encoder.encode(self)) ?? Data()
    }
}

/// Puts the figures of repeats together.
package struct CaseBuilder {
    package private(set) var result: Report.Case

    package init(_ first: Report.Case) { result = first }

    /// Adds a repeat's figures; its series take the place of the last's.
    package mutating func add(_ run: Run) {
        for figure in run.figures {
            guard let value = figure.value, value.isFinite else { continue }
            if let index = result.metrics.firstIndex(where: { $0.name == figure.name }) {
                result.metrics[index].values.append(value)
            } else {
                result.metrics.append(
                    Report.Metric(
                        name: figure.name, title: figure.title, unit: figure.unit, better: figure.better,
                        values: [value]))
            }
        }
        if !run.series.isEmpty { result.series = run.series }
        result.failure = result.failure ?? run.failure
    }
}

/// One repeat of a case.
package struct Run: Sendable {
    package struct Figure: Sendable {
        package var name: String
        package var title: String
        package var unit: String
        package var better: Report.Metric.Direction
        package var value: Double?
    }

    package private(set) var figures: [Figure] = []
    package var series: [Report.Series] = []
    package var failure: String?

    package init() {}

    package mutating func add(
        _ name: String, _ title: String, _ unit: String, _ value: Double?,
        better: Report.Metric.Direction = .lower
    ) {
        figures.append(Figure(name: name, title: title, unit: unit, better: better, value: value))
    }
}
