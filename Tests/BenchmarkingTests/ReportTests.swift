// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Benchmarking

@Suite struct SamplesTests {
    @Test func `medians and percentiles`() {
        #expect(Samples.median([]) == nil)
        #expect(Samples.median([3, 1, 2]) == 2)
        #expect(Samples.median([4, 1, 2, 3]) == 2.5)
        let hundred = (1...100).map(Double.init)
        #expect(Samples.percentile(hundred, 0.95) == 95)
        #expect(Samples.percentile(hundred, 0) == 1)
        #expect(Samples.percentile(hundred, 1) == 100)
        #expect(Samples.percentile([7], 0.5) == 7)
        #expect(Samples.percentile([], 0.5) == nil)
    }

    @Test func `fairness is 1 for equals and 1 / count for one who has everything`() {
        #expect(Samples.fairness([5, 5, 5]) == 1)
        #expect(Samples.fairness([9, 0, 0]).map { abs($0 - 1.0 / 3) < 1e-12 } == true)
        #expect(Samples.fairness([0, 0]) == nil)
    }

    @Test(arguments: [
        (1234.5, "1235"), (0.0, "0"), (12.34, "12.3"), (1.234, "1.23"), (0.01234, "0.012"), (-2.5, "-2.50"), (40, "40"),
        (0.999, "1.00"),
    ])
    func `numbers have three digits that say something`(value: Double, text: String) {
        #expect(ReportTable.number(value) == text)
    }
}

enum TestReports {
    static func report(_ values: [Double], name: String = "latency95", kind: String = "server", repeats: Int = 3)
        -> Report
    {
        let machine = Machine(
            processor: "P", processorCount: 2, memoryByteCount: 1 << 30, kernel: "6", load: 0, renderer: nil)
        var report = Report(
            command: "bench server", version: "1", machine: machine, repeats: repeats,
            started: Date(timeIntervalSince1970: 0))
        var builder = CaseBuilder(Report.Case(kind: kind, model: "m", path: "orbit", link: "4g"))
        for value in values {
            var run = Run()
            run.add(name, "input to shown, p95", "ms", value)
            run.series = [
                Report.Series(chart: "Latency", title: "p95", x: "s", y: "ms", points: [[0, value], [1, value + 1]])
            ]
            builder.add(run)
        }
        report.cases = [builder.result]
        return report
    }
}

@Suite struct ReportTests {
    @Test func `a report is read back as it was written`() throws {
        var report = TestReports.report([40, 41, 43])
        report.notes = ["a note"]
        report.isPartial = true
        report.cases[0].failure = "it broke"
        #expect(try Report(decoding: report.encoded(), source: "r.json") == report)
    }

    @Test func `what is no report, or a newer one, is refused`() {
        let none = #expect(throws: BenchmarkError.self) { try Report(decoding: Data("{}".utf8), source: "r.json") }
        #expect(none?.description == "r.json is no benchmark report")
        let newer = #expect(throws: BenchmarkError.self) {
            try Report(decoding: Data(#"{"format": 2}"#.utf8), source: "r.json")
        }
        #expect(newer?.description.contains("format 2") == true)
    }

    @Test func `median, range and spread of repeats`() {
        let metric = TestReports.report([40, 44, 41]).cases[0].metrics[0]
        #expect(metric.median == 41)
        #expect(metric.smallest == 40 && metric.largest == 44)
        #expect(metric.spread.map { abs($0 - 4.0 / 41) < 1e-12 } == true)
        #expect(ReportTable.cell(metric) == "41 ±2")
    }

    @Test func `the table names what is not complete`() {
        var report = TestReports.report([40])
        report.cases[0].failure = "the server closed the connection"
        let text = ReportTable.text(report)
        #expect(text.contains("input to shown, p95, ms"))
        #expect(text.contains("the server closed the connection"))
    }
}

@Suite struct ComparisonTests {
    func verdict(_ a: [Double], _ b: [Double]) -> Comparison.Verdict? {
        Comparison(TestReports.report(a), TestReports.report(b)).rows.first?.verdict
    }

    @Test func `ranges that do not overlap decide`() {
        #expect(verdict([40, 41, 42], [30, 31, 32]) == .better)
        #expect(verdict([40, 41, 42], [50, 51, 52]) == .worse)
        #expect(verdict([40, 41, 45], [44, 46, 47]) == .unclear)
        #expect(verdict([40, 41, 42], [40, 41, 42]) == .same)
    }

    @Test func `what is neither good nor bad is only different`() {
        func verdict(_ a: [Double], _ b: [Double]) -> Comparison.Verdict? {
            var reports = (TestReports.report(a), TestReports.report(b))
            reports.0.cases[0].metrics[0].better = .neither
            reports.1.cases[0].metrics[0].better = .neither
            return Comparison(reports.0, reports.1).rows.first?.verdict
        }
        #expect(verdict([40, 41, 42], [50, 51, 52]) == .different)
        #expect(verdict([40, 41, 45], [44, 46, 47]) == .unclear)
    }

    @Test func `too few repeats decide nothing`() { #expect(verdict([40], [20]) == .unclear) }

    @Test func `the ratio is of the medians`() {
        let row = Comparison(TestReports.report([40, 41, 42]), TestReports.report([80, 82, 84])).rows[0]
        #expect(row.ratio == 2)
    }

    @Test func `other machines and missing cases are told`() {
        var other = TestReports.report([1, 2, 3], kind: "client", repeats: 1)
        other.machine.processorCount = 64
        let text = Comparison(TestReports.report([1, 2, 3]), other).text
        #expect(text.contains("different machines"))
        #expect(text.contains("only one report has server · m · orbit · 4g"))
        #expect(text.contains("fewer than 3 repeats"))
    }
}

@Suite struct ThresholdTests {
    func thresholds(_ rules: String) throws -> Thresholds {
        try Thresholds(decoding: Data(#"{"rules": [\#(rules)]}"#.utf8), source: "t.json")
    }

    @Test func `a figure is kept or broken`() throws {
        let report = TestReports.report([40, 41, 42])
        let kept = try thresholds(#"{"kind": "server", "metric": "latency95", "most": 41}"#).check(report)
        #expect(kept.map(\.isKept) == [true])
        let broken = try thresholds(#"{"kind": "server", "metric": "latency95", "most": 40, "why": "because"}"#)
            .check(report)
        #expect(broken.map(\.isKept) == [false])
        #expect(broken[0].text.contains("because"))
        #expect(
            try thresholds(#"{"kind": "server", "metric": "latency95", "least": 42}"#).check(report)[0].isKept == false)
    }

    @Test func `rules are for the cases that they name`() throws {
        let report = TestReports.report([40])
        #expect(try thresholds(#"{"kind": "client", "metric": "latency95", "most": 1}"#).check(report).isEmpty)
        #expect(
            try thresholds(#"{"kind": "server", "link": "3g", "metric": "latency95", "most": 1}"#).check(report).isEmpty
        )
        #expect(
            try thresholds(#"{"kind": "server", "link": "4g", "metric": "latency95", "most": 1}"#).check(report).count
                == 1)
    }

    @Test func `a rule without a bound is refused`() {
        #expect(throws: BenchmarkError.self) { try thresholds(#"{"kind": "server", "metric": "latency95"}"#) }
    }

    @Test func `the committed thresholds can be read`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "assets/bench/thresholds.json")
        let thresholds = try Thresholds(decoding: Data(contentsOf: path), source: path.path)
        #expect(thresholds.rules.count > 4)
    }
}

@Suite struct HTMLReportTests {
    @Test func `the page refers to nothing outside itself`() {
        let page = HTMLReport.page(TestReports.report([40, 41, 43]))
        for word in ["http://", "https://", "<link", "<script", "src=", "@import", "url("] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("<svg"))
        #expect(page.contains("input to shown, p95"))
    }

    @Test func `names cannot become markup`() {
        var report = TestReports.report([40])
        report.cases[0].model = "<img src=x onerror='alert(1)'>&\""
        report.cases[0].failure = "</section><script>"
        let page = HTMLReport.page(report)
        #expect(!page.contains("<img") && !page.contains("<script"))
        #expect(page.contains("&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;"))
    }

    @Test func `a chart without points is left out`() {
        var report = TestReports.report([40])
        report.cases[0].series[0].points = []
        #expect(!HTMLReport.page(report).contains("<svg"))
    }

    @Test(arguments: [(0.0, 97.0), (0, 0.003), (12, 12), (3, 1_200_000), (-4, 6)])
    func `axes end at or after their values and have a few round ticks`(low: Double, high: Double) {
        let axis = Axis(low: low, high: high)
        #expect(axis.low <= low && axis.high >= high)
        #expect((2...12).contains(axis.ticks(about: 5).count))
    }
}
