// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Two reports side by side: what changed by more than the figures of one report differ among themselves.
package struct Comparison: Sendable {
    package enum Verdict: String, Sendable { case better, worse, different, same, unclear }

    package struct Row: Sendable {
        package var name: String
        package var metric: Report.Metric
        package var other: Report.Metric
        /// The second's median over the first's; nil where the first's is 0.
        package var ratio: Double?
        package var verdict: Verdict
    }

    package private(set) var rows: [Row] = []
    /// Cases that only one report has.
    package private(set) var unmatched: [String] = []
    package private(set) var notes: [String] = []

    package init(_ a: Report, _ b: Report) {
        for found in a.cases {
            guard let other = b.cases.first(where: { $0.name == found.name }) else {
                unmatched.append(found.name)
                continue
            }
            for metric in found.metrics {
                guard let same = other[metric.name] else { continue }
                rows.append(Comparison.row(found.name, metric, same))
            }
        }
        unmatched += b.cases.map(\.name).filter { name in !a.cases.contains { $0.name == name } }
        var (first, second) = (a.machine, b.machine)
        (first.load, second.load) = (0, 0)
        if first != second { notes.append("different machines: \(a.machine.summary); \(b.machine.summary)") }
        if min(a.repeats, b.repeats) < 3 { notes.append("fewer than 3 repeats: noise is not known") }
        for report in [a, b] where report.isPartial { notes.append("the report of \(report.started) is not complete") }
        for report in [a, b] {
            if let warning = report.machine.warning { notes.append("\(report.started): \(warning)") }
        }
    }

    /// Ranges that overlap say nothing; neither do differences below a hundredth.
    private static func row(_ name: String, _ a: Report.Metric, _ b: Report.Metric) -> Row {
        let (x, y) = (a.median ?? 0, b.median ?? 0)
        let ratio = x == 0 ? nil : y / x
        let isEqual = x == y || abs(y - x) < 0.01 * max(abs(x), abs(y))
        let overlaps = (a.smallest ?? x) <= (b.largest ?? y) && (b.smallest ?? y) <= (a.largest ?? x)
        let verdict: Verdict =
            if isEqual { .same } else if overlaps || min(a.values.count, b.values.count) < 3 {
                .unclear
            } else if a.better == .neither {
                .different
            } else { (y < x) == (a.better == .lower) ? .better : .worse }
        return Row(name: name, metric: a, other: b, ratio: ratio, verdict: verdict)
    }

    package var text: String {
        var lines = notes.map { "note: \($0)" }
        for name in unmatched { lines.append("note: only one report has \(name)") }
        var last = ""
        for row in rows {
            if row.name != last {
                lines += ["", row.name]
                last = row.name
            }
            let ratio = row.ratio.map { "×" + ReportTable.number($0) } ?? ""
            let unit = row.metric.unit.isEmpty ? "" : " \(row.metric.unit)"
            let mark =
                switch row.verdict {
                case .better: "  better"
                case .worse: "  WORSE"
                case .different: "  different"
                case .unclear: "  within noise"
                case .same: ""
                }
            lines.append(
                "  \(row.metric.title): \(ReportTable.cell(row.metric)) → \(ReportTable.cell(row.other))\(unit)  "
                    + "\(ratio)\(mark)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
