// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Whether a request's body comes fast enough: so many bytes in each window of time. A peer that trickles would otherwise
/// hold an upload for ever, one byte before each deadline.
///
/// The first window is the grace that a slow start needs; time in which the peer was held back does not count.
struct BodyPace {
    private let leastByteCount: Int
    private let window: Duration
    private var byteCount = 0
    /// Nil while the peer is held back.
    private(set) var windowEnd: ContinuousClock.Instant?

    /// - Parameters:
    ///   - bytesPerSecond: 0: any pace will do.
    ///   - window: over which it is averaged.
    init(bytesPerSecond: Int, window: Duration, now: ContinuousClock.Instant) {
        leastByteCount = Int(Double(bytesPerSecond) * (window / .seconds(1)))
        self.window = window
        windowEnd = leastByteCount > 0 ? now + window : nil
    }

    mutating func received(_ count: Int) { byteCount += count }

    mutating func hold() { windowEnd = nil }

    mutating func resume(now: ContinuousClock.Instant) { beginWindow(now) }

    /// - Returns: False if a window has ended in which too little came.
    mutating func holds(now: ContinuousClock.Instant) -> Bool {
        guard let windowEnd, now >= windowEnd else { return true }
        guard byteCount >= leastByteCount else { return false }
        beginWindow(now)
        return true
    }

    private mutating func beginWindow(_ now: ContinuousClock.Instant) {
        byteCount = 0
        windowEnd = leastByteCount > 0 ? now + window : nil
    }
}
