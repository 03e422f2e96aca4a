// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// For how long another path has been better, and what is shown bad. Times in seconds.
struct PathEvidence: Sendable {
    static let degradeSeconds = 2.0
    static let upgradeSeconds = 8.0

    private var path: ViewerPath?
    private var since = 0.0
    /// Since when there is something wrong with what is shown.
    private var badSince: Double?

    mutating func take(better: ViewerPath?, isBad: Bool, at now: Double) {
        if better != path {
            path = better
            since = now
        }
        badSince = isBad ? badSince ?? now : nil
    }

    mutating func reset() { self = PathEvidence() }

    /// When it suffices, if it goes on; infinite if there is none.
    var dueAt: Double {
        guard path != nil else { return .infinity }
        let upgradeAt = since + PathEvidence.upgradeSeconds
        guard let badSince else { return upgradeAt }
        return min(upgradeAt, max(since, badSince) + PathEvidence.degradeSeconds)
    }
}
