// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many bytes may be on their way to a viewer: enough that its link is never idle, so few that what is on the way
/// cannot get stale.
///
/// The delivery rate is measured as in BBR (Cardwell et al. 2016): what was acknowledged between a message's sending and
/// its acknowledgement, over the time that took; samples for which there was nothing more to send do not count unless
/// they are larger. The bound is 1.25 × rate × shortest round trip + 16 KiB. At the start the bound doubles every round
/// trip until the rate stops growing, and it opens at once to what the first burst shows: bytes that left together arrive
/// as fast as the link carries them (packet dispersion). A viewer whose decoder falls behind is held to what it decodes.
///
/// Times are seconds since the connection began. Acknowledgements are cumulative; if they stop, one message is let
/// through now and then to ask for the next one.
struct FlowWindow {
    struct InFlight {
        var sequence: UInt32
        var byteCount: Int
        var sentAt: Double
        /// `deliveredByteCount` and its time when this was sent.
        var delivered: Int
        var deliveredAt: Double
        /// When the first of the messages was sent that `delivered` misses.
        var firstSentAt: Double
        /// Bytes sent in one go with it out of an idle connection, itself included.
        var burstByteCount: Int
        var isApplicationLimited: Bool
    }

    enum Phase: String { case start, steady, probe }

    private(set) var phase = Phase.start
    private(set) var inFlightByteCount = 0
    private(set) var deliveredByteCount = 0
    /// Of the empty path, seconds; infinite until measured.
    private(set) var shortestRoundTrip = Double.infinity

    private var inFlight: [InFlight] = []
    private var firstInFlight = 0
    private var rates = WindowedMaximum()
    /// Mean of what one acknowledgement covers: received, but counted as in flight until then.
    private var batchByteCount = 0.0
    private var deliveredAt = 0.0
    private var firstSentAt = 0.0
    private var burstByteCount = 0
    private var limitedUntil = 0
    private var roundTrips = RoundTripSamples()
    private var probeSentAfter = 0.0

    // Growth: the rate at which it was last seen, and rounds since; a round ends when what was sent after its start is
    // acknowledged.
    private var fullRate = 0.0
    private var roundsWithoutGrowth = 0
    private var roundEnd = 0
    private var confirmedAt = 0.0
    private var startWindow = Double(FlowWindow.startByteCount)
    private var dispersion = BurstDispersion()

    private var lastHeardAt = 0.0
    private var lastProbeAt = 0.0
    private var probeBackoff = 1.0

    private var backlogByteCount = 0.0
    private var backlogAt = 0.0
    private var decodeRate = 0.0

    static let startByteCount = 65_536
    static let slackByteCount = 16_384
    static let gain = 1.25
    private static let largestByteCount = 8_388_608.0
    /// What one burst may open the window to: acknowledgements may have been held up and come together.
    private static let largestStartByteCount = 1_048_576.0
    /// Rounds without growth after which the rate counts as the link's own, and seconds until that is doubted.
    private static let confirmingRounds = 2
    private static let confirmationSeconds = 5.0
    /// Of decoding that may wait at the viewer.
    private static let backlogSeconds = 0.1
    /// Seconds for which a viewer's word about its decoder counts.
    private static let backlogLifetime = 5.0

    /// Bytes per second; 0 until measured.
    var rate: Double { rates.value }
    var inFlightCount: Int { inFlight.count - firstInFlight }

    // MARK: Sending

    /// Bytes that may be in flight.
    var limit: Double {
        let path = shortestRoundTrip.isFinite ? rate * shortestRoundTrip : 0
        switch phase {
        case .start: return min(startWindow, FlowWindow.largestByteCount)
        case .steady:
            let window = FlowWindow.gain * path + Double(FlowWindow.slackByteCount)
            return min(
                window + 0.5 * min(batchByteCount, Double(FlowWindow.slackByteCount)), FlowWindow.largestByteCount)
        case .probe: return min(0.5 * path, FlowWindow.largestByteCount)
        }
    }

    /// Whether a message of this size may be sent now. One is always allowed when nothing is in flight and the decoder
    /// is not behind.
    func allows(_ byteCount: Int, at now: Double) -> Bool {
        if inFlightByteCount == 0 { return backlog(at: now) <= allowedBacklog }
        if isProbing(at: now) { return true }
        if knowsDecoder(at: now), backlog(at: now) + Double(inFlightByteCount) > decoderLimit { return false }
        // What is larger than the slack may overshoot by the rest, or it would leave the link idle first.
        let counted = Double(inFlightByteCount + min(byteCount, FlowWindow.slackByteCount))
        return counted <= limit
    }

    private var allowedBacklog: Double {
        decodeRate > 0 ? FlowWindow.backlogSeconds * decodeRate + Double(FlowWindow.slackByteCount) : .infinity
    }

    private var decoderLimit: Double {
        let roundTrip = shortestRoundTrip.isFinite ? shortestRoundTrip : 0
        return (FlowWindow.backlogSeconds + roundTrip) * decodeRate + Double(FlowWindow.slackByteCount)
    }

    /// What the viewer still has to decode, as it said, less what it has decoded since.
    private func backlog(at now: Double) -> Double {
        knowsDecoder(at: now) ? max(0, backlogByteCount - decodeRate * (now - backlogAt)) : 0
    }

    private func knowsDecoder(at now: Double) -> Bool {
        decodeRate > 0 && now - backlogAt < FlowWindow.backlogLifetime
    }

    /// - Parameter byteCount: of the whole message.
    mutating func sent(sequence: UInt32, byteCount: Int, at now: Double) {
        if inFlightCount == 0 {
            deliveredAt = now
            firstSentAt = now
            burstByteCount = 0
            lastHeardAt = max(lastHeardAt, now)
        }
        if firstSentAt == now { burstByteCount += byteCount }
        if isProbing(at: now) {
            lastProbeAt = now
            probeBackoff = min(probeBackoff * 2, 16)
        }
        inFlight.append(
            InFlight(
                sequence: sequence, byteCount: byteCount, sentAt: now, delivered: deliveredByteCount,
                deliveredAt: deliveredAt, firstSentAt: firstSentAt,
                burstByteCount: firstSentAt == now ? burstByteCount : byteCount,
                isApplicationLimited: deliveredByteCount < limitedUntil))
        inFlightByteCount += byteCount
    }

    /// There is nothing to send although there is room: what is in flight says little about the link.
    mutating func noteNothingToSend() {
        if Double(inFlightByteCount) < limit { limitedUntil = deliveredByteCount + max(1, inFlightByteCount) }
    }

    // MARK: Receiving

    /// - Parameters:
    ///   - hold: seconds between the message's arrival and its acknowledgement.
    ///   - backlogByteCount: received and not decoded. `decodeRate`: bytes per second, 0 if unknown.
    /// - Returns: false for a number that is not in flight, which changes nothing but the decoder's state.
    @discardableResult
    mutating func acknowledged(
        sequence: UInt32, hold: Double, backlogByteCount: Int, decodeRate: Int, at now: Double
    ) -> Bool {
        self.backlogByteCount = Double(max(0, backlogByteCount))
        self.decodeRate = Double(max(0, decodeRate))
        backlogAt = now
        guard firstInFlight < inFlight.count, sequence >= inFlight[firstInFlight].sequence,
            sequence <= inFlight[inFlight.count - 1].sequence
        else { return false }
        lastHeardAt = now
        probeBackoff = 1
        var newest = inFlight[firstInFlight]
        var acknowledgedByteCount = 0
        while firstInFlight < inFlight.count, inFlight[firstInFlight].sequence <= sequence {
            newest = inFlight[firstInFlight]
            acknowledgedByteCount += newest.byteCount
            firstInFlight += 1
        }
        compact()
        inFlightByteCount -= acknowledgedByteCount
        deliveredByteCount += acknowledgedByteCount
        batchByteCount += (Double(acknowledgedByteCount) - batchByteCount) / 8
        let arrival = max(newest.sentAt, now - max(0, hold))
        deliveredAt = max(deliveredAt, arrival)
        firstSentAt = newest.sentAt
        dispersion.arrived(sentAt: newest.sentAt, deliveredByteCount: deliveredByteCount, at: arrival)
        measureRate(newest)
        measureRoundTrip(arrival - newest.sentAt, newest, at: now)
        endRound(newest, at: now)
        advanceStart(arrival - newest.sentAt, newest, acknowledgedByteCount)
        return true
    }

    private mutating func compact() {
        if firstInFlight == inFlight.count {
            inFlight.removeAll(keepingCapacity: inFlight.capacity <= 64)
            firstInFlight = 0
        } else if firstInFlight > 64 {
            inFlight.removeFirst(firstInFlight)
            firstInFlight = 0
        }
    }

    private mutating func measureRate(_ newest: InFlight) {
        let interval = max(newest.sentAt - newest.firstSentAt, deliveredAt - newest.deliveredAt)
        guard interval > 1e-4 else { return }
        let sample = Double(deliveredByteCount - newest.delivered) / interval
        guard !newest.isApplicationLimited || sample > rate else { return }
        let roundTrip = shortestRoundTrip.isFinite ? shortestRoundTrip : 0.1
        rates.add(sample, at: deliveredAt, window: max(1, 10 * roundTrip))
    }

    private mutating func measureRoundTrip(_ sample: Double, _ newest: InFlight, at now: Double) {
        let isStale = roundTrips.isStale(at: now)
        if phase == .probe, newest.sentAt > probeSentAfter + shortestRoundTrip {
            // Sent when the queue had drained.
            roundTrips.removeAll()
            phase = .steady
        } else if phase == .steady, isStale, inFlightCount > 0 {
            // With a queue always in front, no round trip is the path's own: let it drain once.
            phase = .probe
            probeSentAfter = now
        }
        roundTrips.add(sample, byteCount: newest.burstByteCount, at: now)
        shortestRoundTrip = roundTrips.shortest(rate: isRateConfirmed ? rate : nil)
    }

    /// Whether the rate is the link's and not that of a window too small. Then the time that a message's own bytes took
    /// is known; if it were taken off earlier, the window could never grow.
    private var isRateConfirmed: Bool { roundsWithoutGrowth >= FlowWindow.confirmingRounds }

    private mutating func endRound(_ newest: InFlight, at now: Double) {
        guard newest.delivered >= roundEnd else { return }
        roundEnd = deliveredByteCount
        guard !newest.isApplicationLimited else { return }
        if rate > fullRate * 1.1 {
            roundsWithoutGrowth = 0
            fullRate = rate
            return
        }
        fullRate = min(fullRate, rate)
        if !isRateConfirmed { confirmedAt = now }
        roundsWithoutGrowth += 1
        if now - confirmedAt > FlowWindow.confirmationSeconds {
            roundsWithoutGrowth = FlowWindow.confirmingRounds - 1
        }
    }

    /// Start-up: on until the rate stops growing or a queue builds up.
    private mutating func advanceStart(_ sample: Double, _ newest: InFlight, _ acknowledgedByteCount: Int) {
        guard phase == .start else { return }
        // No more than twice what the path holds: the rate has had a round trip to show that it can grow.
        startWindow = min(
            startWindow + Double(acknowledgedByteCount),
            max(Double(FlowWindow.startByteCount), 2.5 * rate * shortestRoundTrip + 32_768))
        if let burstRate = dispersion.rate {
            let path = FlowWindow.gain * burstRate * shortestRoundTrip + Double(FlowWindow.slackByteCount)
            startWindow = max(startWindow, min(path, FlowWindow.largestStartByteCount))
        }
        let hasQueue = newest.delivered > 0 && sample > 2 * shortestRoundTrip + 0.01
        if isRateConfirmed || hasQueue { phase = .steady }
    }

    // MARK: Silence

    /// Seconds without an acknowledgement after which one more message is let through.
    private var patience: Double {
        let roundTrip = shortestRoundTrip.isFinite ? shortestRoundTrip : 0.5
        let drain = rate > 0 ? Double(inFlightByteCount) / rate : 0.5
        return min(max(0.5, 4 * roundTrip + 2 * drain) * probeBackoff, 15)
    }

    private func isProbing(at now: Double) -> Bool {
        inFlightCount > 0 && now - max(lastHeardAt, lastProbeAt) > patience
    }

    /// When sending may become possible although nothing is heard; nil if it is possible now.
    func nextChance(at now: Double) -> Double? {
        if decodeRate > 0, backlog(at: now) > allowedBacklog {
            let wait = min(FlowWindow.backlogLifetime, (backlogByteCount - allowedBacklog) / decodeRate)
            return max(now, backlogAt + wait) + 0.001
        }
        return inFlightCount > 0 ? max(lastHeardAt, lastProbeAt) + patience + 0.001 : nil
    }
}
