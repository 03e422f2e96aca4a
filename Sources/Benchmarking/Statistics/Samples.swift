// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Figures of one kind, and what they say together.
package enum Samples {
    /// The value that `share` (0 … 1) of the values do not exceed (nearest rank); nil for none.
    package static func percentile(_ values: [Double], _ share: Double) -> Double? {
        let sorted = values.filter(\.isFinite).sorted()
        if sorted.isEmpty { return nil }
        let rank = (min(max(share, 0), 1) * Double(sorted.count)).rounded(.up)
        return sorted[max(0, Int(rank) - 1)]
    }

    /// The middle value, or the mean of the two in the middle; nil for none.
    package static func median(_ values: [Double]) -> Double? {
        let sorted = values.filter(\.isFinite).sorted()
        if sorted.isEmpty { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    package static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// How evenly things are shared: 1 where all have the same, 1 / count where one has everything.
    /// Source: Jain et al., "A quantitative measure of fairness", 1984.
    package static func fairness(_ values: [Double]) -> Double? {
        let squares = values.reduce(0) { $0 + $1 * $1 }
        guard !values.isEmpty, squares > 0 else { return nil }
        let sum = values.reduce(0, +)
        return sum * sum / (Double(values.count) * squares)
    }
}

/// A repeatable stream of numbers (Steele et al., SplitMix64).
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// 0 ..< 1.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
