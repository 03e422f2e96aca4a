// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The time by which peers are judged: it goes on only while the loop looks after them.
///
/// After a stall of the loop thread (a machine that was suspended, a processor that others took) a clock on the wall would
/// find every peer silent at once, although what they sent lies in their sockets unread. So between two looks at the
/// deadlines this clock goes on by no more than was planned, and everything that was due during a stall is due that much
/// later: whoever is found silent was given the planned number of turns to be heard in.
struct LoopClock {
    /// By how much this clock is behind the machine's.
    private(set) var lag = Duration.zero
    private var dueAt: ContinuousClock.Instant?

    /// `instant` of the machine's clock, by this clock.
    func time(at instant: ContinuousClock.Instant) -> ContinuousClock.Instant { instant - lag }

    /// The next look at the deadlines is to be at `instant` of the machine's clock.
    mutating func planned(for instant: ContinuousClock.Instant) { dueAt = instant }

    /// The look at the deadlines that was planned last begins, at `instant` of the machine's clock.
    mutating func looked(at instant: ContinuousClock.Instant) {
        if let dueAt, instant > dueAt { lag += dueAt.duration(to: instant) }
        dueAt = nil
    }
}
