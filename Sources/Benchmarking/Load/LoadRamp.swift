// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many viewers come next: more and more until a limit breaks, then between the last good and the first bad number. A
/// pure state machine.
package struct LoadRamp: Sendable {
    private let most: Int
    private let stepLimit: Int
    private var stepCount = 0
    /// The largest number that kept the limits, and the smallest that did not.
    package private(set) var good = 0
    package private(set) var bad: Int?

    /// - Parameters:
    ///   - most: viewers at once.
    ///   - stepLimit: steps in all.
    package init(most: Int, stepLimit: Int) { (self.most, self.stepLimit) = (most, stepLimit) }

    /// nil: it is known well enough, or the steps are used up.
    package func next(first: Int) -> Int? {
        guard stepCount < stepLimit, good < most else { return nil }
        guard let bad else { return stepCount == 0 ? min(first, most) : min(most, max(good + 1, good * 2)) }
        // Within a tenth is close enough.
        return bad - good <= max(1, good / 10) ? nil : (good + bad) / 2
    }

    package mutating func note(_ count: Int, isGood: Bool) {
        stepCount += 1
        if isGood { good = max(good, count) } else { bad = min(bad ?? .max, count) }
    }
}

/// When a server is loaded too much.
package struct LoadLimits: Codable, Equatable, Sendable {
    /// Milliseconds that 95 of 100 answers take at most: pongs on the client path, input to shown on the server path.
    package var latencyMilliseconds = 100.0
    /// Bytes by which the server's queues may grow a second.
    package var queueGrowth = 1e6

    package init() {}
}
