// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How often something happened in the last seconds.
struct RecentRate {
    private var times: [Double] = []
    private var first = 0
    private static let window = 2.0
    private static let largestCount = 512

    mutating func add(at now: Double) {
        forget(now)
        if times.count - first == RecentRate.largestCount { first += 1 }
        if first > RecentRate.largestCount {
            times.removeFirst(first)
            first = 0
        }
        times.append(now)
    }

    private mutating func forget(_ now: Double) {
        while first < times.count, now - times[first] > RecentRate.window { first += 1 }
    }

    /// Per second; of a shorter time if all began later.
    func perSecond(at now: Double, since start: Double) -> Double {
        let count = times[first...].count { now - $0 <= RecentRate.window }
        let seconds = min(RecentRate.window, max(now - start, 0.1))
        return Double(count) / seconds
    }
}

/// The latest values, for percentiles.
struct RecentValues {
    private var values: [Double] = []
    private var next = 0
    private static let count = 128

    mutating func add(_ value: Double) {
        if values.count < RecentValues.count {
            values.append(value)
        } else {
            values[next] = value
            next = (next + 1) % RecentValues.count
        }
    }

    /// - Parameter share: 0 … 1.
    func percentile(_ share: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        let index = Int((Double(values.count - 1) * min(max(share, 0), 1)).rounded())
        return values.sorted()[index]
    }
}
