// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What is known of the way to one viewer: rate, shortest round trip, queue, and when the link will have sent
/// everything.
///
/// Frames are numbered, rise, and arrive in order (one TCP connection). Times are seconds. What a viewer says about
/// frames that were not sent to it, or says twice, changes nothing.
struct LinkEstimate {
    /// Assumed until measured, bytes per second.
    static let assumedRate = 1_000_000.0

    /// Something that was handed to the link and may not have arrived.
    private struct Message {
        var frame: UInt32
        var byteCount: Int
        var sentAt: Double
        var isFirst: Bool
        var isAfterPause: Bool
    }

    private var messages: [Message] = []
    private var samples = RateSamples()
    private var roundTrips = SlidingMinimum(window: 10)
    private var lastSentAt = -Double.infinity
    /// Seconds that the last frame waited behind others.
    private(set) var queueDelay = 0.0
    /// When the rate was last measured.
    private(set) var measuredAt = -Double.infinity
    /// When what is sent finds the bottleneck dry: everything before has passed it.
    private(set) var freeAt = 0.0

    /// Seconds without sending after which the kernel starts slowly again.
    private static let pause = 0.25
    /// Messages that are remembered; a viewer that says nothing gets far fewer.
    private static let largestCount = 1024

    /// Bytes per second.
    var rate: Double { samples.rate ?? LinkEstimate.assumedRate }
    var isRateKnown: Bool { samples.rate != nil }
    /// Seconds; nil: not known.
    var roundTrip: Double? { roundTrips.value }

    /// Seconds that bytes take at the bottleneck.
    func seconds(for byteCount: Int) -> Double { Double(byteCount) / rate }

    /// - Parameter isFirst: the message begins with the frame's header; false for further pieces of it.
    mutating func sent(frame: UInt32, byteCount: Int, isFirst: Bool, at now: Double) {
        if messages.count == LinkEstimate.largestCount { messages.removeFirst() }
        let isAfterPause = now - lastSentAt > LinkEstimate.pause
        messages.append(
            Message(frame: frame, byteCount: byteCount, sentAt: now, isFirst: isFirst, isAfterPause: isAfterPause))
        lastSentAt = now
        freeAt = max(freeAt, now) + seconds(for: byteCount)
    }

    /// All of a frame has arrived, and so has everything that was sent before.
    ///
    /// - Parameter gap: seconds between the arrivals of the frame's header and of its end.
    mutating func received(frame: UInt32, gap: Double, at now: Double) {
        guard let last = messages.lastIndex(where: { $0.frame == frame }),
            let first = messages.firstIndex(where: { $0.frame == frame }), messages[first].isFirst
        else { return }
        let isWhole = first == last
        let own = messages[last]
        // All pieces arrived within the gap: paced, they came no faster than the link is.
        let byteCount = messages[first...last].reduce(0) { $0 + $1.byteCount }
        if samples.add(
            byteCount: byteCount, gap: gap, longestGap: now - messages[first].sentAt,
            mayLower: isWhole && !own.isAfterPause)
        {
            measuredAt = now
        }
        let time = max(0, now - own.sentAt)
        // Never zero: a link without any delay does not exist, and everything is divided by time.
        roundTrips.add(max(time - seconds(for: own.byteCount), time * 0.1, 0.000_1), at: now)
        queueDelay = max(0, time - (roundTrip ?? 0) - seconds(for: own.byteCount))
        messages.removeFirst(last + 1)
        predict(acknowledgedAt: now)
    }

    /// What was sent after the acknowledged frame follows it through the bottleneck. Wherever that is, bytes that are
    /// sent when it is dry come back as an acknowledgement one round trip later: so it was done with the frame's end a
    /// round trip ago, in the time of sending.
    private mutating func predict(acknowledgedAt now: Double) {
        var free = max(now - (roundTrip ?? 0), 0)
        for message in messages { free = max(free, message.sentAt) + seconds(for: message.byteCount) }
        freeAt = free
    }
}
