// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A report as text for a terminal, which is Markdown too.
package enum ReportTable {
    package static func text(_ report: Report) -> String {
        var lines = [report.machine.summary, "\(report.started), vantage \(report.version), \(report.command)"]
        if report.repeats > 1 { lines[1] += "; medians of \(report.repeats) runs, ± half the range" }
        lines += report.notes.map { "note: \($0)" }
        if report.isPartial { lines.append("note: ended early; what follows is not all") }
        let kinds = report.cases.reduce(into: [String]()) { if !$0.contains($1.kind) { $0.append($1.kind) } }
        for kind in kinds {
            lines.append("")
            lines += table(report.cases.filter { $0.kind == kind })
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Cases across, figures down: figures are many, and cases few.
    private static func table(_ cases: [Report.Case]) -> [String] {
        var names: [String] = []
        for found in cases {
            for metric in found.metrics where !names.contains(metric.name) { names.append(metric.name) }
        }
        var rows = [[cases[0].kind] + cases.map { label($0, among: cases) }]
        for name in names {
            guard let metric = cases.lazy.compactMap({ $0[name] }).first else { continue }
            let title = metric.unit.isEmpty ? metric.title : "\(metric.title), \(metric.unit)"
            rows.append([title] + cases.map { $0[name].map(cell) ?? "" })
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            "| " + zip(row, widths).enumerated().map { pad($1.0, $1.1, isFirst: $0 == 0) }.joined(separator: " | ")
                + " |"
        }
        lines.insert(
            "|"
                + widths.enumerated().map {
                    String(repeating: "-", count: $1 + ($0 == 0 ? 2 : 1)) + ($0 == 0 ? "" : ":")
                }
                .joined(separator: "|") + "|", at: 1)
        for found in cases {
            if let failure = found.failure { lines.append("not complete: \(found.name): \(failure)") }
        }
        return lines
    }

    private static func pad(_ text: String, _ width: Int, isFirst: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isFirst ? text + space : space + text
    }

    /// What tells a case from the others.
    private static func label(_ found: Report.Case, among cases: [Report.Case]) -> String {
        let parts: [(Report.Case) -> String] = [{ $0.model }, { $0.path }, { $0.link }]
        let varied = parts.filter { part in Set(cases.map(part)).count > 1 }
        let text = (varied.isEmpty ? parts : varied).map { $0(found) }.filter { !$0.isEmpty }.joined(separator: ", ")
        return text.isEmpty ? found.model : text
    }

    package static func cell(_ metric: Report.Metric) -> String {
        guard let median = metric.median else { return "" }
        let text = number(median)
        guard metric.values.count > 1, let spread = metric.spread, spread >= 0.005, let low = metric.smallest,
            let high = metric.largest
        else { return text }
        return "\(text) ±\(number((high - low) / 2))"
    }

    /// Three digits that say something.
    package static func number(_ value: Double) -> String {
        let size = abs(value)
        guard size < 1e15 else { return value.short }
        let decimals = size >= 100 || value == value.rounded() ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 3
        let factor = [1.0, 10, 100, 1000][decimals]
        let scaled = (value * factor).rounded()
        let digits = String(Int(abs(scaled)))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        if decimals == 0 { return sign + padded }
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}
