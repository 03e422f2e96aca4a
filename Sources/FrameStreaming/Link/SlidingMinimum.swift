// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The smallest of the samples of the last seconds.
struct SlidingMinimum {
    /// Ascending by time and by value: an older sample counts only while it is smaller than all later ones.
    private var samples: [(time: Double, value: Double)] = []
    private let window: Double

    /// Candidates that are kept; beyond them the newest is replaced.
    private static let largestCount = 32

    /// - Parameter window: seconds for which a sample counts.
    init(window: Double) { self.window = window }

    /// Nil without samples. The last one stays until another comes, however old it is.
    var value: Double? { samples.first?.value }

    /// - Parameter now: seconds, never falling.
    mutating func add(_ value: Double, at now: Double) {
        samples.removeAll { now - $0.time > window }
        while let last = samples.last, last.value >= value { samples.removeLast() }
        if samples.count == SlidingMinimum.largestCount { samples.removeLast() }
        samples.append((now, value))
    }
}
