// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation
import StreamService

/// Runs cases, keeps what they found, and writes it.
final class BenchSession {
    private(set) var report: Report
    private let options: BenchOptions
    private let display: ProgressDisplay

    /// - Parameter isVirtual: figures are of virtual time, and the same on any machine in any mood.
    init(_ options: BenchOptions, command: String, repeats: Int, isVirtual: Bool = false) {
        Interruption.watch()
        self.options = options
        display = ProgressDisplay(isQuiet: options.quiet)
        report = Report(
            command: command, version: Version.current, machine: .current, repeats: repeats, started: Date())
        if isVirtual { return }
        if let warning = report.machine.warning { report.notes.append(warning) }
        if repeats < 3 { report.notes.append("fewer than 3 repeats: the spread is not known") }
        if Self.isDebugBuild { report.notes.append("a debug build: times mean nothing") }
    }

    private static var isDebugBuild: Bool {
        var result = false
        assert(
            {
                result = true
                return true
            }())
        return result
    }

    /// Measures a case as often as asked; a repeat that fails is the last.
    func measure(_ new: Report.Case, repeats: Int, _ body: (BenchProgress) -> Run) {
        guard !Interruption.isRequested else {
            report.isPartial = true
            return
        }
        var builder = CaseBuilder(new)
        for number in 0..<repeats where !Interruption.isRequested && builder.result.failure == nil {
            let label = repeats > 1 ? "\(new.name), run \(number + 1) of \(repeats)" : new.name
            builder.add(body { [display] what, share in display.update("\(label): \(what)", share) })
        }
        report.cases.append(builder.result)
        if builder.result.failure != nil { report.isPartial = true }
    }

    func setRenderer(_ name: String?) { report.machine.renderer = name }

    /// Prints the table, writes the files, checks the thresholds.
    ///
    /// - Throws: `ExitCode`: a threshold is broken (2), or it ended early (1, or 130 by Ctrl-C).
    func finish() throws {
        display.finish()
        if Interruption.isRequested { report.isPartial = true }
        print(ReportTable.text(report), terminator: "")
        if let path = options.json { try report.encoded().write(to: URL(fileURLWithPath: path)) }
        if let path = options.html { try Data(HTMLReport.page(report).utf8).write(to: URL(fileURLWithPath: path)) }
        let broken = try check()
        if Interruption.isRequested { throw Interruption.exitCode }
        if broken { throw ExitCode(2) }
        if report.isPartial { throw ExitCode.failure }
    }

    private func check() throws -> Bool {
        guard let path = options.check else { return false }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchmarkError("\(path) cannot be read")
        }
        let results = try Thresholds(decoding: data, source: path).check(report)
        print("\nthresholds of \(path):" + (results.isEmpty ? " none is about these cases" : ""))
        for result in results { print("  \(result.isKept ? "ok    " : "BROKEN")  \(result.text)") }
        return results.contains { !$0.isKept }
    }
}
