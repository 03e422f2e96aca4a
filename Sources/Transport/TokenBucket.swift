// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Allows `rate` units per second on average, and bursts of `capacity`. Full at first.
package struct TokenBucket: Sendable {
    private let rate: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: ContinuousClock.Instant
    /// What may be taken beyond the capacity.
    private var credit = 0.0

    package init(rate: Int, capacity: Int, now: ContinuousClock.Instant) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = self.capacity
        filledAt = now
    }

    /// For `duration` nothing could be taken, because the loop stalled: what came meanwhile comes now.
    mutating func excuse(_ duration: Duration) { credit += rate * (duration / .seconds(1)) }

    /// - Returns: False if there is not enough; nothing is taken then.
    package mutating func take(_ count: Int, now: ContinuousClock.Instant) -> Bool {
        level = min(capacity, level + rate * (filledAt.duration(to: now) / .seconds(1)))
        filledAt = now
        guard level + credit >= Double(count) else { return false }
        let fromCredit = min(credit, Double(count))
        credit -= fromCredit
        level -= Double(count) - fromCredit
        return true
    }
}
