// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A mean that forgets: each sample takes a fixed share of it. The first one takes all.
struct RunningMean {
    private(set) var value: Double?
    private let share: Double

    /// - Parameter share: 0 … 1, of each new sample.
    init(share: Double) { self.share = share }

    mutating func add(_ sample: Double) {
        guard sample.isFinite else { return }
        value = value.map { $0 + (sample - $0) * share } ?? sample
    }
}
