// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What is counted for one viewer.
struct FrameFacts {
    /// Time of the last event.
    var now = 0.0
    var ordered = RecentRate()
    var sent = RecentRate()
    var shown = RecentRate()
    var skipped = RecentRate()
    var latencies = RecentValues()
    var frameByteCount = 0
    var sentByteCount = 0
    var sentCount = 0
    var shownCount = 0
    var skippedCount = 0
    var abandonedCount = 0
    var unchangedCount = 0
    var ignoredCount = 0
    var deviceSeconds = 0.0
    var isSilenceTold = false
    var toldAt = -Double.infinity
}

extension FrameViewer {
    /// Seconds without an acknowledgement that is owed until somebody is told, and between two pieces of advice.
    private static let silence = 3.0
    private static let adviceInterval = 10.0

    func statistics(at now: Double) -> FrameStatistics {
        var result = FrameStatistics()
        result.orderedPerSecond = facts.ordered.perSecond(at: now, since: enteredAt)
        result.sentPerSecond = facts.sent.perSecond(at: now, since: enteredAt)
        result.shownPerSecond = facts.shown.perSecond(at: now, since: enteredAt)
        result.skippedPerSecond = facts.skipped.perSecond(at: now, since: enteredAt)
        result.latencyMedian = (facts.latencies.percentile(0.5) ?? 0) * 1000
        result.latency95 = (facts.latencies.percentile(0.95) ?? 0) * 1000
        result.roundTripMilliseconds = pacer.link.roundTrip.map { $0 * 1000 }
        result.queueMilliseconds = pacer.link.queueDelay * 1000
        result.linkRate = pacer.link.isRateKnown ? pacer.link.rate : nil
        result.drawMilliseconds = pacer.drawSeconds * 1000
        result.encodeMilliseconds = pacer.encodeSeconds * 1000
        result.decodeMilliseconds = pacer.decodeSeconds * 1000
        result.frameByteCount = facts.frameByteCount
        result.sentByteCount = facts.sentByteCount
        result.sentFrameCount = facts.sentCount
        result.shownFrameCount = facts.shownCount
        result.skippedFrameCount = facts.skippedCount
        result.abandonedFrameCount = facts.abandonedCount
        result.unchangedFrameCount = facts.unchangedCount
        result.ignoredCount = facts.ignoredCount
        result.window = pacer.window
        result.unshownCount = pacer.unshownCount
        result.rung = ladder.rung
        result.rungsDown = ladder.downCount
        result.rungsUp = ladder.upCount
        result.quality = ladder.current.quality
        result.scale = ladder.current.scale
        result.rate = ladder.current.rate
        result.shortage = ladder.shortage
        result.deviceSeconds = facts.deviceSeconds
        result.isVisible = isVisible
        result.isSilent = facts.isSilenceTold
        return result
    }

    /// What a person or the negotiation should know.
    mutating func tell(at now: Double, _ actions: inout [FrameAction]) {
        if !facts.isSilenceTold, let owed = pacer.owedSince, now - owed >= FrameViewer.silence {
            facts.isSilenceTold = true
            actions.append(.notice(viewer: id, .silent))
        }
        if let shortage = ladder.hopeless(at: now) { advise(shortage, at: now, &actions) }
    }

    mutating func advise(_ shortage: Shortage, at now: Double, _ actions: inout [FrameAction]) {
        guard now - facts.toldAt >= FrameViewer.adviceInterval else { return }
        facts.toldAt = now
        actions.append(.notice(viewer: id, .switchPath(shortage)))
    }

    /// When `tell` may have something to say although nothing happens.
    var tellAt: Double? {
        facts.isSilenceTold ? nil : pacer.owedSince.map { $0 + FrameViewer.silence }
    }
}
