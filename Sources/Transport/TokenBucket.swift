// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Allows `rate` units per second on average, and bursts of `capacity`.
struct TokenBucket {
    private let rate: Double
    private let capacity: Double
    private var level: Double
    private var filledAt: ContinuousClock.Instant

    init(rate: Int, capacity: Int, now: ContinuousClock.Instant) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = self.capacity
        filledAt = now
    }

    /// - Returns: False if there is not enough; nothing is taken then.
    mutating func take(_ count: Int, now: ContinuousClock.Instant) -> Bool {
        level = min(capacity, level + rate * (filledAt.duration(to: now) / .seconds(1)))
        filledAt = now
        guard level >= Double(count) else { return false }
        level -= Double(count)
        return true
    }
}
