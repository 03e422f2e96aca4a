// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The text format that Prometheus reads, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    /// A family of one value.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        begin(name, kind, help)
        text += "vantage_\(name) \(PrometheusText.number(value))\n"
    }

    /// A family of one value for each label.
    mutating func add<Label>(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(Label, Int)]
    ) {
        begin(name, kind, help)
        for (value, count) in values { text += "vantage_\(name){\(label)=\"\(value)\"} \(count)\n" }
    }

    mutating func add(_ name: String, _ help: String, _ histogram: Metrics.Histogram) {
        begin(name, .histogram, help)
        var total = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            text += "vantage_\(name)_bucket{le=\"\(PrometheusText.number(bound))\"} \(total)\n"
        }
        total += histogram.counts.last ?? 0
        text += "vantage_\(name)_bucket{le=\"+Inf\"} \(total)\n"
        text += "vantage_\(name)_sum \(PrometheusText.number(histogram.sum))\nvantage_\(name)_count \(total)\n"
    }

    enum Kind: String { case counter, gauge, histogram }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP vantage_\(name) \(help)\n# TYPE vantage_\(name) \(kind.rawValue)\n"
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
