// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Figures that a report must keep, from a committed file: ratios and counts that do not depend on how fast or how busy a
/// machine is.
package struct Thresholds: Decodable, Equatable, Sendable {
    package struct Rule: Decodable, Equatable, Sendable {
        /// Of cases: kind, and where given model, path and link.
        package var kind: String
        package var model: String?
        package var path: String?
        package var link: String?
        /// A metric's name.
        package var metric: String
        package var most: Double?
        package var least: Double?
        /// Why, for people.
        package var why: String?
    }

    package var rules: [Rule]

    /// - Throws: `BenchmarkError`.
    package init(decoding data: Data, source: String) throws(BenchmarkError) {
        do { self = try JSONDecoder().decode(Thresholds.self, from: data) } catch {
            throw BenchmarkError("\(source) holds no thresholds: \(error)")
        }
        for (number, rule) in rules.enumerated() where rule.most == nil && rule.least == nil {
            throw BenchmarkError("\(source): rule \(number + 1) (\(rule.metric)) needs \"most\" or \"least\"")
        }
    }

    package struct Result: Equatable, Sendable {
        package var isKept: Bool
        package var text: String
    }

    /// One result for each case that a rule is for. A rule without any is not broken: reports may hold a part of it all.
    package func check(_ report: Report) -> [Result] {
        rules.flatMap { rule in
            report.cases.filter { rule.isFor($0) }.compactMap { found -> Result? in
                guard let value = found[rule.metric]?.median else { return nil }
                let isKept = value <= rule.most ?? .infinity && value >= rule.least ?? -.infinity
                let bound = rule.most.map { "at most \($0.short)" } ?? "at least \(rule.least?.short ?? "")"
                let title = found[rule.metric]?.title ?? rule.metric
                let unit = found[rule.metric]?.unit ?? ""
                return Result(
                    isKept: isKept,
                    text: "\(found.name): \(title) \(ReportTable.number(value)) \(unit) (\(bound))"
                        + (rule.why.map { isKept ? "" : ": \($0)" } ?? ""))
            }
        }
    }
}

extension Thresholds.Rule {
    fileprivate func isFor(_ found: Report.Case) -> Bool {
        kind == found.kind && (model ?? found.model) == found.model && (path ?? found.path) == found.path
            && (link ?? found.link) == found.link
    }
}
