// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Fits the quality of a viewer's moving frames to what is short.
///
/// A ladder of rungs from best to worst, in the order in which things are given up for what people inspect: quality
/// first, then rate above 30, then size, then rate. The best rung whose predicted bytes fit 85 % of what the link
/// carries between two frames is taken. Down at once and as far as needed; up one rung after ten good frames, a second
/// after the last step down, if the rung is predicted to fit with room; during one drag at most one rung up. If the
/// renderer or the decoder is short, size is given up first, apart from the ladder.
struct QualityLadder {
    struct Rung: Equatable {
        var quality: Int
        var scale: Double
        /// Bound of frames per second.
        var rate: Double
    }

    /// What the ladder goes by.
    struct Conditions {
        /// Bytes per second.
        var linkRate: Double
        /// Whether it was measured, and lately.
        var isRateKnown: Bool
        var isRateStale: Bool
        /// Seconds that the last frame waited behind others.
        var queueDelay: Double
        /// Seconds for a frame; nil: not known.
        var drawSeconds: Double?
        var decodeSeconds: Double?
        /// Of the viewer's view.
        var pixelCount: Double
    }

    static let rungs: [Rung] = [
        Rung(quality: 85, scale: 1, rate: 120), Rung(quality: 78, scale: 1, rate: 120),
        Rung(quality: 70, scale: 1, rate: 120), Rung(quality: 62, scale: 1, rate: 120),
        Rung(quality: 55, scale: 1, rate: 120),
        Rung(quality: 70, scale: 1, rate: 30), Rung(quality: 55, scale: 1, rate: 30),
        Rung(quality: 60, scale: 0.75, rate: 30), Rung(quality: 50, scale: 0.75, rate: 30),
        Rung(quality: 55, scale: 0.5, rate: 30), Rung(quality: 45, scale: 0.5, rate: 30),
        Rung(quality: 45, scale: 0.5, rate: 20), Rung(quality: 45, scale: 0.5, rate: 15),
        Rung(quality: 40, scale: 0.35, rate: 15), Rung(quality: 30, scale: 0.35, rate: 15),
        Rung(quality: 25, scale: 0.35, rate: 12),
    ]
    static let scales = [1, 0.75, 0.5, 0.35]
    /// Share of what the link carries that frames may take, and the share into which a better rung must fit.
    private static let fill = 0.85
    private static let roomForUp = 0.9
    /// How much a frame may be above the budget during a drag before a rung is given up.
    private static let overdraft = 1.12
    private static let goodFrames = 10
    private static let rest = 1.0
    /// Seconds after a scale that did not help is tried again.
    private static let futility = 10.0
    /// A larger size that proves too large within so many seconds is tried again after a pause, each time a longer one.
    private static let probation = 2.0
    private static let raisePauses = 4.0...64.0
    private static let patienceAtFloor = 2.0
    /// Seconds after a step down in which it may turn out to have been a hiccup, frames that prove it, and seconds
    /// until the next one is believed.
    private static let hiccupSeconds = 1.0
    private static let hiccupFrames = 4
    private static let hiccupInterval = 5.0

    private(set) var rung: Int
    private(set) var sizes = SizeModel()
    private(set) var shortage = Shortage.nothing
    /// Since when not even the last rung fits; nil: it does.
    private(set) var belowFloorSince: Double?
    private(set) var downCount = 0
    private(set) var upCount = 0

    private let limits: ClosedRange<Double>
    private var hasMeasured = false
    private var goodCount = 0
    private var lastDownAt = -Double.infinity
    /// The rung before the last steps down, to which a hiccup of the viewer (a pause of its own, which looks like a
    /// slow link for one frame) leads back, and until when; and good frames in a row for it.
    private var hiccup: (rung: Int, until: Double, goodCount: Int)?
    private var lastHiccupAt = -Double.infinity
    private var isDragging = false
    /// The highest rung (smallest number) that this drag may reach.
    private var dragCeiling = 0

    // What the renderer or the decoder forces.
    private var scaleStep = 0
    private var scaleRate = Double.infinity
    private var framesAtScale = 0
    private var scaleGoodCount = 0
    private var costBefore: Double?
    private var futileUntil = -Double.infinity
    private var lastScaleDownAt = -Double.infinity
    private var lastScaleUpAt = -Double.infinity
    private var raisePause = 0.0

    /// From outside, when the renderer is short for all: bounds of rate and scale.
    var rateBound = Double.infinity
    var scaleBound = 1.0

    /// - Parameter limits: frames per second that are wanted at least (12 or more keep the picture moving) and at most.
    init(limits: ClosedRange<Double>) {
        self.limits = limits
        rung = 0
    }

    /// What moving frames are drawn with.
    var current: FrameQuality { settings(rung) }

    private func settings(_ number: Int) -> FrameQuality {
        let rung = QualityLadder.rungs[number]
        let rate = min(rung.rate, limits.upperBound, scaleRate, rateBound)
        return FrameQuality(
            quality: rung.quality, scale: min(rung.scale, QualityLadder.scales[scaleStep], scaleBound),
            rate: max(rate, min(limits.lowerBound, limits.upperBound)))
    }

    // MARK: Events

    mutating func dragBegan(at now: Double, _ conditions: Conditions) {
        guard !isDragging else { return }
        isDragging = true
        // Between drags nobody sees a jump.
        if hasMeasured, now - lastDownAt >= QualityLadder.rest {
            rung = min(rung, bestRung(conditions, share: QualityLadder.roomForUp))
        }
        dragCeiling = max(rung - 1, 0)
    }

    mutating func dragEnded() { isDragging = false }

    mutating func encoded(byteCount: Int, pixelCount: Double, quality: Int, chroma: Chroma) {
        sizes.add(byteCount: byteCount, pixelCount: pixelCount, quality: quality, chroma: chroma)
    }

    /// Before the first measurement: what a guess allows.
    mutating func assume(_ conditions: Conditions) {
        if !hasMeasured { rung = bestRung(conditions, share: 1) }
    }

    /// Bytes of a moving frame on the current rung.
    func expectedByteCount(pixelCount: Double) -> Int { Int(bytes(rung, pixelCount)) }

    /// A moving frame was presented: steps up or down for the next ones.
    mutating func adjust(_ conditions: Conditions, at now: Double) {
        fitScale(conditions, at: now)
        fitRung(conditions, at: now)
    }

    // MARK: Link

    private func bytes(_ number: Int, _ pixelCount: Double) -> Double {
        let settings = settings(number)
        return sizes.byteCount(
            pixelCount: pixelCount * settings.scale * settings.scale, quality: settings.quality, chroma: .half)
    }

    private func fits(_ number: Int, _ conditions: Conditions, share: Double) -> Bool {
        let budget = QualityLadder.fill * conditions.linkRate / settings(number).rate
        return bytes(number, conditions.pixelCount) <= budget * share
    }

    private func bestRung(_ conditions: Conditions, share: Double) -> Int {
        QualityLadder.rungs.indices.first { fits($0, conditions, share: share) } ?? QualityLadder.rungs.count - 1
    }

    private mutating func fitRung(_ conditions: Conditions, at now: Double) {
        noteFloor(conditions, at: now)
        if !hasMeasured {
            // Nothing but a guess so far: the first measurement says where to begin.
            rung = bestRung(conditions, share: 1)
            hasMeasured = conditions.isRateKnown && sizes.isLearnt
            dragCeiling = hasMeasured ? max(rung - 1, 0) : 0
            return
        }
        guard fits(rung, conditions, share: QualityLadder.overdraft) else { return stepDown(conditions, at: now) }
        guard rung > 0 else { return goodCount = 0 }
        if forgivesHiccup(conditions, at: now) { return }
        // Without a recent measurement (small frames do not give one) an empty queue has to do.
        let mayRise =
            conditions.isRateStale
            ? conditions.queueDelay < 0.01 : fits(rung - 1, conditions, share: QualityLadder.roomForUp)
        goodCount = mayRise ? goodCount + 1 : 0
        guard goodCount >= QualityLadder.goodFrames, now - lastDownAt >= QualityLadder.rest,
            !isDragging || rung > dragCeiling
        else { return }
        rung -= 1
        upCount += 1
        goodCount = 0
    }

    private mutating func stepDown(_ conditions: Conditions, at now: Double) {
        goodCount = 0
        let target = max(bestRung(conditions, share: 1), rung)
        guard target > rung else { return }
        if hiccup.map({ now > $0.until }) ?? true, now - lastHiccupAt > QualityLadder.hiccupInterval {
            hiccup = (rung, now + QualityLadder.hiccupSeconds, 0)
        }
        rung = target
        downCount += 1
        lastDownAt = now
        dragCeiling = max(dragCeiling, rung - 1)
    }

    private mutating func forgivesHiccup(_ conditions: Conditions, at now: Double) -> Bool {
        guard let step = hiccup else { return false }
        guard now <= step.until, step.rung < rung else {
            hiccup = nil
            return false
        }
        let isGood = fits(step.rung, conditions, share: QualityLadder.roomForUp)
        hiccup?.goodCount = isGood ? step.goodCount + 1 : 0
        guard isGood, step.goodCount + 1 >= QualityLadder.hiccupFrames else { return false }
        rung = step.rung
        dragCeiling = max(rung - 1, 0)
        upCount += 1
        goodCount = 0
        hiccup = nil
        lastHiccupAt = now
        return true
    }

    private mutating func noteFloor(_ conditions: Conditions, at now: Double) {
        let isBelow = !fits(QualityLadder.rungs.count - 1, conditions, share: 1.2)
        belowFloorSince = isBelow ? belowFloorSince ?? now : nil
        if shortage == .link || shortage == .nothing { shortage = rung > 0 || isBelow ? .link : .nothing }
    }

    /// What has been too little even for the last rung for some seconds, if anything has.
    func hopeless(at now: Double) -> Shortage? {
        if let belowFloorSince, now - belowFloorSince >= QualityLadder.patienceAtFloor { return .link }
        return scaleRate <= 12 && now - lastScaleDownAt >= QualityLadder.patienceAtFloor ? shortage : nil
    }

    // MARK: Renderer and decoder

    /// Size first: it makes drawing and decoding cheaper. What size cannot do, rate does.
    private mutating func fitScale(_ conditions: Conditions, at now: Double) {
        framesAtScale += 1
        let draw = conditions.drawSeconds ?? 0
        let decode = conditions.decodeSeconds ?? 0
        let cost = max(draw, decode)
        let wanted = min(limits.upperBound, QualityLadder.rungs[rung].rate, rateBound)
        let interval = 1 / max(min(wanted, scaleRate), 1)
        guard framesAtScale >= 5 else { return }
        if cost > interval * 0.95 {
            shortage = decode > draw ? .decoder : .renderer
            lowerScale(cost, at: now)
        } else {
            raiseScale(draw, decode, interval, wanted, at: now)
        }
    }

    private mutating func lowerScale(_ cost: Double, at now: Double) {
        scaleGoodCount = 0
        if let costBefore, cost > costBefore * 0.85, framesAtScale < 30, scaleStep > 0 {
            // A smaller picture was no cheaper: what is short does not depend on pixels.
            scaleStep -= 1
            futileUntil = now + QualityLadder.futility
            self.costBefore = nil
            framesAtScale = 0
            return
        }
        framesAtScale = 0
        lastScaleDownAt = now
        let pauses = QualityLadder.raisePauses
        let isRelapse = now - lastScaleUpAt < QualityLadder.probation
        raisePause = isRelapse ? min(max(2 * raisePause, pauses.lowerBound), pauses.upperBound) : 0
        if now >= futileUntil, scaleStep < QualityLadder.scales.count - 1 {
            costBefore = cost
            scaleStep += 1
        } else {
            scaleRate = max(min(scaleRate, limits.upperBound, 1 / cost), 12)
        }
    }

    /// Triangles are fitted to the time that drawing may take, so what it takes says nothing about a larger size: that has
    /// to be tried. Decoding grows with the pixels.
    private mutating func raiseScale(
        _ draw: Double, _ decode: Double, _ interval: Double, _ wanted: Double, at now: Double
    ) {
        costBefore = nil
        guard scaleStep > 0 || scaleRate.isFinite else {
            if shortage == .renderer || shortage == .decoder { shortage = .nothing }
            return
        }
        // One scale up costs at most this much more.
        var growth = 1.0
        if scaleStep > 0 {
            let ratio = QualityLadder.scales[scaleStep - 1] / QualityLadder.scales[scaleStep]
            growth = ratio * ratio
        }
        let isRateHeld = scaleRate < wanted
        let isGood = isRateHeld ? max(draw, decode) < 0.8 / wanted : max(draw, decode * growth) < 0.8 * interval
        scaleGoodCount = isGood ? scaleGoodCount + 1 : 0
        guard scaleGoodCount >= 3 * QualityLadder.goodFrames,
            now - lastScaleDownAt >= max(QualityLadder.rest, raisePause)
        else { return }
        scaleGoodCount = 0
        framesAtScale = 0
        lastScaleUpAt = now
        if isRateHeld { scaleRate = .infinity } else { scaleStep = max(scaleStep - 1, 0) }
    }
}
