// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A report as one page that needs nothing else: tables, and pictures drawn as SVG.
package enum HTMLReport {
    package static func page(_ report: Report) -> String {
        let sections = report.cases.enumerated().map { section($1, number: $0) }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped("\(report.command), \(report.started)"))</title>
            <style>\(HTMLStyle.sheet)</style>
            </head>
            <body>
            <main>
            <header>
            <h1>vantage \(escaped(report.command))</h1>
            <p class="facts">\(escaped(report.machine.summary))<br>\(escaped(repeats(report)))</p>
            \(notes(report))
            </header>
            \(overview(report))
            \(sections)
            <footer>Vantage \(escaped(report.version)), \(escaped(report.started))</footer>
            </main>
            </body>
            </html>

            """
    }

    /// Text that cannot be taken for markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    private static func repeats(_ report: Report) -> String {
        report.repeats == 1
            ? "one run of each case"
            : "medians of \(report.repeats) runs of each case, with the range; curves are of the last run"
    }

    private static func notes(_ report: Report) -> String {
        let notes = report.notes + (report.isPartial ? ["it ended early: not everything was measured"] : [])
        if notes.isEmpty { return "" }
        return "<ul class=\"notes\">" + notes.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
    }

    // MARK: Overview

    /// What comes first to people's minds, where it was measured.
    private static let headlines = [
        "shownRate", "latency50", "latency95", "ssimNow", "fairness", "freeShare", "firstPictureBytes",
        "firstPictureTime",
        "bytes95", "time95", "efficiency", "linkUse", "waste", "stale", "knee", "processorPerMoving", "serverProcessor",
    ]

    private static func overview(_ report: Report) -> String {
        let kinds = report.cases.reduce(into: [String]()) { if !$0.contains($1.kind) { $0.append($1.kind) } }
        return kinds.map { kind in
            let cases = report.cases.filter { $0.kind == kind }
            let names = headlines.filter { name in cases.contains { $0[name] != nil } }.prefix(8)
            let heads = names.map { name in
                let metric = cases.lazy.compactMap { $0[name] }.first
                return "<th>\(escaped(metric?.title ?? name))<small>\(escaped(metric?.unit ?? ""))</small></th>"
            }
            let rows = cases.map { found in
                let cells = names.map {
                    "<td>\(found[$0].map { escaped(ReportTable.number($0.median ?? 0)) } ?? "")</td>"
                }
                let number = report.cases.firstIndex(of: found) ?? 0
                let mark = found.failure == nil ? "" : " <span class=\"failed\">not complete</span>"
                return
                    "<tr><th><a href=\"#case-\(number)\">\(escaped(found.name))</a>\(mark)</th>\(cells.joined())</tr>"
            }
            return """
                <div class="scroll"><table class="overview">
                <thead><tr><th></th>\(heads.joined())</tr></thead>
                <tbody>\(rows.joined(separator: "\n"))</tbody>
                </table></div>
                """
        }.joined(separator: "\n")
    }

    // MARK: A case

    private static let firstCharts = ["Error over bytes", "Input to shown, by stage"]

    private static func section(_ found: Report.Case, number: Int) -> String {
        var charts: [String] = []
        for series in found.series where !charts.contains(series.chart) { charts.append(series.chart) }
        // What people look for comes first.
        charts.sort { firstCharts.contains($0) && !firstCharts.contains($1) }
        let pictures = charts.map { chart in
            SVGChart(title: chart, series: found.series.filter { $0.chart == chart }).markup
        }
        let failure = found.failure.map { "<p class=\"failed\">Not complete: \(escaped($0))</p>" } ?? ""
        return """
            <section id="case-\(number)">
            <h2>\(escaped(found.name))</h2>
            \(failure)
            <div class="charts">\(pictures.joined(separator: "\n"))</div>
            <details\(pictures.isEmpty ? " open" : "")><summary>All figures</summary>
            <table class="figures"><tbody>\(found.metrics.map(row).joined(separator: "\n"))</tbody></table>
            </details>
            </section>
            """
    }

    private static func row(_ metric: Report.Metric) -> String {
        var range = ""
        if metric.values.count > 1, let low = metric.smallest, let high = metric.largest {
            range = "\(ReportTable.number(low)) – \(ReportTable.number(high))"
        }
        return "<tr><th>\(escaped(metric.title))</th><td>\(ReportTable.number(metric.median ?? 0))</td>"
            + "<td class=\"unit\">\(escaped(metric.unit))</td><td class=\"range\">\(range)</td></tr>"
    }
}
