// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Says when a frame for one viewer may be started: when the link will be dry just as the frame is ready, and never
/// more than the viewer presents. There is no queue of frames anywhere; the camera is read when drawing begins.
///
/// A viewer that says nothing gets a few frames, further and further apart, and then none until it speaks.
/// Times are seconds. Frame numbers rise; acknowledgements are believed only for frames that were sent.
struct FramePacer {
    enum Permit: Equatable {
        case now
        /// Not before this time.
        case at(Double)
        /// When the viewer acknowledges something.
        case whenHeard
    }

    private struct InFlight {
        var frame: UInt32
        var startedAt: Double
        /// When the last of it was handed to the link; nil: being drawn or encoded, or a still of which parts are due.
        var sentAt: Double?
        var byteCount: Int
        var isReceived = false
    }

    private(set) var link = LinkEstimate()
    /// Ascending by number: begun, and neither presented nor given up.
    private var inFlight: [InFlight] = []
    private var drawing = RunningMean(share: 0.2)
    private var encoding = RunningMean(share: 0.2)
    private var decoding = RunningMean(share: 0.2)
    /// Start of the newest frame's time slot; slots are an interval apart, so that late starts do not lower the rate.
    private var slot = -Double.infinity
    private var lastStartedAt = -Double.infinity
    private var lastHeardAt = 0.0
    private var trickleCount = 0
    private var trickledAt = -Double.infinity

    /// Frames per second that are wanted.
    var targetRate: Double
    /// No frame begins before the wanted rate says so.
    private let holdsRate: Bool
    /// Expected size of the next frame, bytes.
    var expectedByteCount = 40_000

    static let largestWindow = 8
    /// Seconds by which a frame may be ready before the link is free.
    private static let earliness = 0.008
    /// Seconds by which the oldest frame may be late.
    private static let lateness = 0.05
    /// Frames that are sent into silence, and seconds before the first; each further one waits twice as long.
    static let largestTrickle = 3
    private static let patience = 1.0

    init(targetRate: Double, holdsRate: Bool = true) {
        self.targetRate = targetRate
        self.holdsRate = holdsRate
    }

    /// Means, seconds.
    var drawSeconds: Double { drawing.value ?? 0.01 }
    var encodeSeconds: Double { encoding.value ?? 0.003 }
    var decodeSeconds: Double { decoding.value ?? 0.01 }
    var isDrawKnown: Bool { drawing.value != nil }
    var isDecodeKnown: Bool { decoding.value != nil }
    var unshownCount: Int { inFlight.count }
    var receivedCount: Int { inFlight.count { $0.isReceived } }

    /// Seconds from the start of a frame until it is presented.
    var expectedSeconds: Double {
        drawSeconds + encodeSeconds + link.seconds(for: expectedByteCount) + (link.roundTrip ?? 0) / 2 + decodeSeconds
    }

    /// Frames that may be begun and not presented.
    var window: Int {
        guard let roundTrip = link.roundTrip else { return 1 }
        let seconds =
            roundTrip + drawSeconds + encodeSeconds + link.seconds(for: expectedByteCount) + decodeSeconds
        let rate = holdsRate ? targetRate : max(targetRate, 1 / max(drawSeconds, 0.001))
        let frames = (min(seconds, 60) * rate).rounded(.up) + 1
        return Int(min(max(frames, 1), Double(FramePacer.largestWindow)))
    }

    // MARK: Permission

    func permit(at now: Double) -> Permit {
        guard hasWindow(at: now) else {
            return nextTrickle.map { $0 <= now ? .now : .at($0) } ?? .whenHeard
        }
        let ready = predictedFreeAt - drawSeconds - encodeSeconds - FramePacer.earliness
        let time = holdsRate ? max(ready, slot + 1 / targetRate) : ready
        return time <= now ? .now : .at(time)
    }

    private func hasWindow(at now: Double) -> Bool {
        guard inFlight.count < window, receivedCount <= 1 else { return false }
        guard let oldest = inFlight.first(where: { !$0.isReceived && $0.sentAt != nil }), let sentAt = oldest.sentAt
        else { return true }
        let expected = (link.roundTrip ?? 0) + link.seconds(for: oldest.byteCount)
        return now - sentAt <= expected + FramePacer.lateness
    }

    /// When the link will be free, with the frames that are still being drawn and encoded.
    private var predictedFreeAt: Double {
        var free = link.freeAt
        for frame in inFlight where frame.sentAt == nil {
            free = max(free, frame.startedAt + drawSeconds + encodeSeconds) + link.seconds(for: expectedByteCount)
        }
        return free
    }

    /// When the next frame goes out although nothing is heard.
    private var nextTrickle: Double? {
        guard trickleCount < FramePacer.largestTrickle, inFlight.count < FramePacer.largestWindow else { return nil }
        let wait = FramePacer.patience * Double(1 << trickleCount)
        return max(lastHeardAt, trickledAt, lastStartedAt) + wait
    }

    /// Since when the viewer owes an acknowledgement; nil: it owes none.
    var owedSince: Double? {
        guard let sentAt = inFlight.first(where: { $0.sentAt != nil })?.sentAt else { return nil }
        return max(sentAt, lastHeardAt)
    }

    // MARK: Events

    mutating func began(frame: UInt32, at now: Double) {
        if !hasWindow(at: now) {
            trickleCount += 1
            trickledAt = now
        }
        let interval = 1 / targetRate
        slot = max(slot + interval, now - interval / 2)
        lastStartedAt = now
        inFlight.append(InFlight(frame: frame, startedAt: now, byteCount: expectedByteCount))
    }

    /// - Parameter seconds: from the start of drawing until the pixels could be read.
    mutating func drew(seconds: Double) { drawing.add(min(max(seconds, 0), 60)) }

    /// - Parameter seconds: from when the pixels could be read until the bytes were there.
    mutating func encoded(seconds: Double) { encoding.add(min(max(seconds, 0), 60)) }

    /// - Parameters:
    ///   - isFirst: with the frame's header.
    ///   - isLast: nothing more of the frame will come.
    mutating func sent(frame: UInt32, byteCount: Int, isFirst: Bool, isLast: Bool, at now: Double) {
        link.sent(frame: frame, byteCount: byteCount, isFirst: isFirst, at: now)
        guard let index = position(of: frame) else { return }
        inFlight[index].byteCount = byteCount
        if isLast { inFlight[index].sentAt = now }
    }

    /// Bytes that no acknowledgement will name.
    mutating func sentBeside(byteCount: Int, at now: Double) {
        if byteCount > 0 { link.sent(frame: 0, byteCount: byteCount, isFirst: false, at: now) }
    }

    /// The frame was given up by the server, or failed: nothing will be heard of it.
    mutating func gaveUp(frame: UInt32) { inFlight.removeAll { $0.frame == frame } }

    /// - Returns: Whether the frame was one to be heard of.
    @discardableResult
    mutating func received(frame: UInt32, gap: Double, at now: Double) -> Bool {
        guard let index = position(of: frame), inFlight[index].sentAt != nil, !inFlight[index].isReceived else {
            return false
        }
        heard(at: now)
        link.received(frame: frame, gap: gap, at: now)
        // The connection keeps order: what was sent before has arrived too.
        for earlier in 0...index where inFlight[earlier].sentAt != nil { inFlight[earlier].isReceived = true }
        return true
    }

    /// - Parameter decodeSeconds: nil for a frame that was skipped undecoded.
    /// - Returns: Whether the frame was one to be heard of.
    @discardableResult
    mutating func presented(frame: UInt32, decodeSeconds: Double?, at now: Double) -> Bool {
        guard let index = position(of: frame), inFlight[index].sentAt != nil else { return false }
        heard(at: now)
        if let decodeSeconds { decoding.add(min(max(decodeSeconds, 0), 10)) }
        // Frames are presented in order: earlier ones will never be.
        inFlight.removeAll { $0.sentAt != nil && $0.frame <= frame }
        return true
    }

    private mutating func heard(at now: Double) {
        lastHeardAt = now
        trickleCount = 0
    }

    private func position(of frame: UInt32) -> Int? { inFlight.firstIndex { $0.frame == frame } }
}
