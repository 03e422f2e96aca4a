// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Improves a picture that has come to rest: antialiased, then accumulated, then lossless; each in pieces so small that
/// new input never waits long behind them. Any new input ends it.
///
/// Times are seconds. Says what is due; what is drawn, encoded and sent is told to it.
struct StillSchedule {
    enum Stage: Int, Comparable {
        case still = 1
        case refined, lossless

        static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
    }

    /// Bytes of a frame that go next.
    struct Piece: Equatable {
        var frame: UInt32
        var offset: Int
        var byteCount: Int
        var isLast: Bool
    }

    private struct Sending {
        var frame: UInt32
        var byteCount: Int
        var sentByteCount: Int
        /// When the next piece may go.
        var nextAt: Double
    }

    /// Without input for this long, a moving camera counts as resting.
    static let quiet = 0.12
    private static let refinedDelay = 0.2
    private static let losslessDelay = 0.6
    /// Between stills that only show better data.
    private static let dataInterval = 0.25
    /// A lossless picture that takes longer is not sent.
    static let longestTransfer = 2.0
    /// Seconds of the link that a piece takes, and bytes that it has at least.
    static let pieceSeconds = 0.02
    static let pieceByteCount = 4096
    /// Pieces come a little slower than the link is thought to be, or an error would add up to a queue.
    private static let caution = 0.95
    private static let earliness = 0.005

    /// Since when the camera rests; nil: it moves.
    private(set) var restingSince: Double?
    private var lastInputAt = -Double.infinity
    /// The stages that were begun for this rest, and the newest of them.
    private(set) var stage: Stage?
    /// The stage that was shown when the newest began.
    private var stageBefore: Stage?
    private var frame: UInt32?
    private var isDelivered = true
    private var sending: Sending?
    private var isLosslessHopeless = false
    private var isPictureFinal = false
    /// A still of this view that missed nothing was drawn.
    private(set) var wasPictureFinal = false
    private var hasBetterData = false
    private var beganAt = -Double.infinity
    /// When better data counts as settled.
    private var dataQuietAt = -Double.infinity
    private var losslessRatio = RunningMean(share: 0.4)
    private var refinedByteCount: Int?

    /// The still that is being drawn, encoded or sent.
    var unfinishedFrame: UInt32? { isDelivered && sending == nil ? nil : frame }
    /// A part of it has been sent, and not all.
    var isHalfSent: Bool { sending.map { $0.sentByteCount > 0 } ?? false }

    // MARK: Input

    /// The camera moved, or something else changed what is seen: ends what was begun.
    ///
    /// - Parameter isMoving: whether more is to be expected; false: the pointer was released.
    mutating func changed(isMoving: Bool, at now: Double) {
        lastInputAt = now
        restingSince = isMoving ? nil : now
        abandon()
    }

    /// The pointer was released where the last picture already is: nothing is ended, but the rest is certain.
    mutating func released(at now: Double) { restingSince = restingSince ?? now }

    /// Better data makes a better picture of the same view: the stages begin again, after the one that is under way.
    ///
    /// - Parameter isFinal: the newest picture missed nothing that it needed. Otherwise more is on its way, and a still
    ///   waits until it is quiet.
    mutating func dataImproved(isFinal: Bool, at now: Double) {
        hasBetterData = true
        dataQuietAt = isFinal ? now : now + StillSchedule.dataInterval
    }

    /// The newest picture shows all data: a still need not wait any more.
    mutating func dataCompleted(at now: Double) { dataQuietAt = min(dataQuietAt, now) }

    mutating func abandon() {
        stage = nil
        stageBefore = nil
        frame = nil
        isDelivered = true
        sending = nil
        isLosslessHopeless = false
        (isPictureFinal, wasPictureFinal) = (false, false)
        refinedByteCount = nil
    }

    /// Takes one stage back that was given up, so that it becomes due again.
    mutating func retreat(frame: UInt32) {
        guard frame == self.frame, let stage else { return }
        self.frame = nil
        isDelivered = true
        sending = nil
        self.stage = Stage(rawValue: stage.rawValue - 1)
    }

    // MARK: Stages

    /// The next stage and when it is due; nil: none, until something happens.
    ///
    /// - Parameter linkRate: bytes per second.
    func next(linkRate: Double) -> (stage: Stage, at: Double)? {
        guard isDelivered, sending == nil else { return nil }
        let rest = restingSince ?? lastInputAt + StillSchedule.quiet
        guard rest.isFinite else { return nil }
        if hasBetterData, stage != nil { return (.still, max(rest, beganAt + StillSchedule.dataInterval, dataQuietAt)) }
        switch stage {
        case nil: return (.still, rest)
        case .still: return isPictureFinal ? (.refined, rest + StillSchedule.refinedDelay) : nil
        case .refined:
            guard !isLosslessHopeless, losslessSeconds(linkRate) <= StillSchedule.longestTransfer else { return nil }
            return (.lossless, rest + StillSchedule.losslessDelay)
        case .lossless: return nil
        }
    }

    private func losslessSeconds(_ linkRate: Double) -> Double {
        Double(refinedByteCount ?? 150_000) * (losslessRatio.value ?? 3.5) / max(linkRate, 1)
    }

    mutating func began(_ stage: Stage, frame: UInt32, at now: Double) {
        if stage == .still { hasBetterData = false }
        beganAt = now
        stageBefore = self.stage
        self.stage = stage
        self.frame = frame
        isDelivered = false
    }

    /// A stage that is not worth its cost is passed over.
    mutating func skip(_ stage: Stage) { self.stage = stage }

    /// The new picture is the one that is shown, which may be a better stage of it.
    mutating func unchanged(frame: UInt32) {
        guard frame == self.frame, let stage else { return }
        self.frame = nil
        isDelivered = true
        self.stage = max(stageBefore ?? stage, stage)
    }

    /// - Parameter isComplete: nothing that the view needs was missing.
    mutating func drew(frame: UInt32, isComplete: Bool) {
        guard frame == self.frame else { return }
        isPictureFinal = isComplete
        wasPictureFinal = wasPictureFinal || isComplete
    }

    /// - Returns: False if it is too large to be sent after all.
    mutating func encoded(frame: UInt32, byteCount: Int, linkRate: Double, at now: Double) -> Bool {
        guard frame == self.frame else { return false }
        // Refined pictures take about so much more than the stills before them.
        if stage == .still { refinedByteCount = byteCount / 2 * 3 }
        if stage == .refined { refinedByteCount = byteCount }
        if stage == .lossless {
            if let refinedByteCount, refinedByteCount > 0 {
                losslessRatio.add(Double(byteCount) / Double(refinedByteCount))
            }
            if Double(byteCount) / max(linkRate, 1) > StillSchedule.longestTransfer * 1.5 {
                isLosslessHopeless = true
                retreat(frame: frame)
                return false
            }
        }
        sending = Sending(frame: frame, byteCount: byteCount, sentByteCount: 0, nextAt: now)
        return true
    }

    // MARK: Pieces

    /// When the next piece is due; nil: there is none.
    func nextPieceAt(linkFreeAt: Double) -> Double? {
        sending.map { max($0.nextAt, linkFreeAt - StillSchedule.earliness) }
    }

    /// Takes the next piece.
    mutating func takePiece(linkRate: Double, at now: Double) -> Piece? {
        guard var current = sending else { return nil }
        let most = max(StillSchedule.pieceByteCount, Int(min(linkRate * StillSchedule.pieceSeconds, 1e9)))
        let rest = current.byteCount - current.sentByteCount
        let byteCount = min(rest, most)
        let piece = Piece(
            frame: current.frame, offset: current.sentByteCount, byteCount: byteCount, isLast: byteCount == rest)
        current.sentByteCount += byteCount
        current.nextAt = now + Double(byteCount) / max(linkRate * StillSchedule.caution, 1) - StillSchedule.earliness
        sending = piece.isLast ? nil : current
        if piece.isLast { isDelivered = true }
        return piece
    }
}
