// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The last decisions and refusals, for the report.
struct PathLog: Sendable {
    private static let decisionLimit = 16
    private static let refusalLimit = 8
    private static let claimLimit = 16

    private(set) var decisions: [PathDecision] = []
    private(set) var refusals: [PathRefusal] = []
    /// Of the last facts of each kind.
    private var claims: [String: [String]] = [:]

    var ignoredClaims: [String] { claims.keys.sorted().flatMap { claims[$0] ?? [] } }

    mutating func add(_ decision: PathDecision) { decisions = decisions.suffix(PathLog.decisionLimit - 1) + [decision] }

    mutating func add(_ refusal: PathRefusal) { refusals = refusals.suffix(PathLog.refusalLimit - 1) + [refusal] }

    mutating func ignore(_ names: [String], of kind: String) {
        claims[kind] = names.isEmpty ? nil : Array(names.prefix(PathLog.claimLimit))
    }
}
