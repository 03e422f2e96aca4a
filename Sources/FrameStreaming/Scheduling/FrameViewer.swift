// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// One viewer of a `FrameScheduler`: its camera, its frames on their way, and the state machines that decide about
/// them. Times are seconds since the scheduler's first event.
struct FrameViewer {
    enum FrameState {
        case drawing
        /// Some of its passes are drawn, and the next are not ordered yet.
        case between
        case encoding, sending
    }

    /// A frame that was ordered and is not wholly sent.
    struct Frame {
        var number: UInt32
        var purpose: FramePurpose
        var state = FrameState.drawing
        var pixelCount: Double
        var quality: Int
        var chroma: Chroma
        /// A part of it was sent.
        var isAnnounced = false
        /// Its drawing goes on, but nobody wants it any more.
        var isAbandoned = false
        /// The order of its latest part; nil: it is drawn in one.
        var part: FrameOrder?
    }

    let id: Int
    let limits: ViewerLimits
    let enteredAt: Double
    var pacer: FramePacer
    var ladder: QualityLadder
    var stills = StillSchedule()

    // What it looks at.
    var camera: CameraUpdate?
    var cameraArrivedAt = 0.0
    var isVisible = true
    var delivery = FrameDelivery.all
    /// Pixels; nil: the camera's.
    var threshold: Float?
    /// The newest picture was not ordered yet.
    var isDirty = false
    var orderedView: ViewState?
    /// When a resting picture that misses data is drawn again with more of it; nil: no more has come.
    var redrawAt: Double?
    var isLatestComplete = false
    /// The newest still was sent as what has changed.
    var isLatestPart = false
    var lastOrderedAt = -Double.infinity

    // Its frames: ascending by number.
    var frames: [Frame] = []
    var lastNumber: UInt32 = 0
    /// Of the latest frames, for picks.
    var pastViews: [(frame: UInt32, view: ViewState)] = []
    var picks: [(request: UInt32, frame: UInt32)] = []
    var isPickDrawing = false
    /// The frame whose pixels a lossless still repeats.
    var refinedFrame: UInt32?

    // Its share of the device.
    /// Start-time fair queueing: virtual time at which its last order ends.
    var finishTag = 0.0
    var servedCount = 0
    var deviceCost = RunningMean(share: 0.25)
    var stillCost = RunningMean(share: 0.4)
    /// Of one pass of a refined still.
    var passCost = RunningMean(share: 0.4)
    var lastPartAt = -Double.infinity
    var movingOrders = RecentRate()

    // After failures, when the next attempt is due.
    var failureCount = 0
    /// The latest of them was a still, which takes more memory than a moving frame.
    var hasStillFailed = false
    var retryAt = -Double.infinity

    var facts = FrameFacts()

    /// Frames of one viewer that wait for an encoder or are being encoded.
    private static let encodingLimit = 2
    /// Seconds of a still's transfer above which a smaller moving frame goes before it.
    private static let promptTransfer = 0.06
    private static let largestPart = 16
    private static let acknowledgementPatience = 1.0
    static let pastCount = 8
    /// Seconds between pictures at rest that only show more data.
    static let redrawInterval = 0.1
    /// Bytes of a frame's header with its depth grid, about.
    static let headerByteCount = 500

    init(id: Int, limits: ViewerLimits, at now: Double) {
        self.id = id
        self.limits = limits
        enteredAt = now
        pacer = FramePacer(targetRate: limits.framesPerSecond, holdsRate: limits.holdsRate)
        ladder = QualityLadder(limits: limits.lowestFramesPerSecond...limits.framesPerSecond)
    }

    /// Of the viewer's view.
    var pixelCount: Double {
        guard let view = camera?.view else { return 1280 * 720 }
        return min(view.width * view.height, Double(limits.pixelLimit))
    }

    var conditions: QualityLadder.Conditions {
        QualityLadder.Conditions(
            linkRate: pacer.link.rate, isRateKnown: pacer.link.isRateKnown,
            isRateStale: facts.now - pacer.link.measuredAt > 2, queueDelay: pacer.link.queueDelay,
            drawSeconds: pacer.isDrawKnown ? pacer.drawSeconds : nil,
            decodeSeconds: pacer.isDecodeKnown ? pacer.decodeSeconds : nil, pixelCount: pixelCount)
    }

    mutating func followLadder() {
        pacer.targetRate = ladder.current.rate
        pacer.expectedByteCount = ladder.expectedByteCount(pixelCount: pixelCount)
    }

    // MARK: What comes next

    struct Candidate {
        enum Priority: Int { case interact, pick, refine }

        var priority: Priority
        var purpose: FramePurpose
        /// Not before this time.
        var at: Double
    }

    /// What this viewer would like to have drawn; nil: nothing before the next event.
    func candidate(at now: Double) -> Candidate? {
        guard isVisible, camera != nil, !isPickDrawing, !frames.contains(where: { $0.state == .drawing }),
            frames.count(where: { $0.state == .encoding }) < FrameViewer.encodingLimit
        else { return nil }
        if let frame = frames.first(where: { $0.state == .between }) {
            return pickCandidate ?? Candidate(priority: .refine, purpose: frame.purpose, at: now)
        }
        if var wanted = wantedFrame(at: now) {
            switch pacer.permit(at: now) {
            case .now: break
            case .at(let time): wanted.at = max(wanted.at, time)
            case .whenHeard: return pickCandidate
            }
            wanted.at = max(wanted.at, retryAt)
            // A pick does not wait for a frame that is not due.
            return wanted.at > now ? pickCandidate ?? wanted : wanted
        }
        return pickCandidate
    }

    private var pickCandidate: Candidate? {
        picks.first.map { Candidate(priority: .pick, purpose: .pick(request: $0.request), at: retryAt) }
    }

    private func wantedFrame(at now: Double) -> Candidate? {
        let still = stills.next(linkRate: pacer.link.rate)
        if delivery == .none { return nil }
        if isDirty {
            if delivery == .stills { return still.map { Candidate(priority: .interact, purpose: .still, at: $0.at) } }
            if let still, still.at <= now, still.stage == .still, lastNumber > 0, failureCount == 0,
                stillSeconds <= FrameViewer.promptTransfer
            {
                return Candidate(priority: .interact, purpose: .still, at: still.at)
            }
            return Candidate(priority: .interact, purpose: .moving, at: now)
        }
        if let redrawAt, stills.unfinishedFrame == nil, still.map({ redrawAt < $0.at }) ?? true {
            // After a good picture only what changes is sent, and the rest must not become worse.
            let purpose = stills.wasPictureFinal ? FramePurpose.still : .moving
            return Candidate(priority: .interact, purpose: purpose, at: redrawAt)
        }
        guard let still else { return nil }
        switch still.stage {
        case .still: return Candidate(priority: .interact, purpose: .still, at: still.at)
        case .refined: return Candidate(priority: .refine, purpose: .refined, at: still.at)
        case .lossless:
            guard limits.wantsLossless else { return nil }
            // What has changed of it is only enough for a viewer that is known to show the rest.
            let isAwaited = isLatestPart && pacer.unshownCount > 0
            let time = isAwaited ? max(still.at, lastOrderedAt + FrameViewer.acknowledgementPatience) : still.at
            return Candidate(priority: .refine, purpose: .lossless, at: time)
        }
    }

    /// Seconds that a still takes on the link.
    private var stillSeconds: Double {
        ladder.sizes.byteCount(pixelCount: pixelCount, quality: 88, chroma: .full) / pacer.link.rate
    }

    /// When its next moving frame is to be expected; infinite while its camera rests. Its next view will have come by
    /// then.
    func nextInteraction(at now: Double) -> Double {
        guard isVisible, camera?.isMoving == true, now - cameraArrivedAt < StillSchedule.quiet,
            !frames.contains(where: { $0.state == .drawing })
        else { return .infinity }
        return switch pacer.permit(at: now) {
        case .now: now
        case .at(let time): time
        case .whenHeard: .infinity
        }
    }

    /// When its next moving frame may come at the earliest; nil: its camera rests.
    func earliestInteraction(at now: Double) -> Double? {
        guard isVisible, camera?.isMoving == true, now - cameraArrivedAt < StillSchedule.quiet else { return nil }
        return switch pacer.permit(at: now) {
        case .now, .whenHeard: now
        case .at(let time): time
        }
    }

    /// When refinement can go on without holding up whoever moves next: not shortly before, unless it has waited long.
    ///
    /// - Parameter interactAt: when somebody's moving frame is due; infinite: nobody moves.
    func unobtrusive(
        _ candidate: Candidate, interactAt: Double, _ options: SchedulerOptions, at now: Double
    ) -> Double {
        if repeatsPixels(candidate.purpose) { return candidate.at }
        let isBegun = frames.contains { $0.state == .between }
        // Short passes hold up nobody.
        guard interactAt.isFinite, passSeconds > options.accumulationPartSeconds / 2,
            max(candidate.at, now) + passSeconds > interactAt
        else { return candidate.at }
        return (isBegun ? lastPartAt : candidate.at) + options.accumulationPatience
    }

    /// What a pass of a refined still is thought to take: less than a still, which also draws identities.
    var passSeconds: Double {
        passCost.value ?? stillCost.value.map { $0 * (limits.wantsIdentities ? 0.7 : 1) } ?? pacer.drawSeconds
    }

    /// Whether an order of a purpose shows more of what is shown, where nobody waits for an answer to a movement.
    func isRefinement(_ purpose: FramePurpose) -> Bool {
        purpose.stage != nil && lastNumber > 0 && !repeatsPixels(purpose)
    }

    /// Kept pixels need no device.
    private func repeatsPixels(_ purpose: FramePurpose) -> Bool {
        purpose == .lossless && !frames.contains { $0.state == .between }
    }

    // MARK: Orders

    /// Begins a frame. `purpose` is what `candidate` said; call only when it is due.
    mutating func order(
        _ purpose: FramePurpose, options: SchedulerOptions, viewerCount: Int, epoch: ContinuousClock.Instant,
        at now: Double
    ) -> FrameOrder? {
        guard let camera else { return nil }
        var order = FrameOrder(
            viewer: id, frame: 0, purpose: purpose, view: camera.view, viewSequence: camera.sequence,
            viewArrivedAt: epoch.advanced(by: .seconds(cameraArrivedAt)),
            thresholdPixels: threshold ?? camera.thresholdPixels,
            sampleCount: options.stillSampleCount, accumulation: 1, targetMilliseconds: nil, quality: 88,
            chroma: .full, depthColumns: 64, depthRows: 36, needsIdentities: false, repeats: nil)
        switch purpose {
        case .moving: fillMoving(&order, camera, options, viewerCount, at: now)
        case .still:
            if stillSeconds > 0.7 { (order.quality, order.chroma) = (75, .half) }
            order.needsIdentities = limits.wantsIdentities
        case .refined:
            order.quality = 95
            accumulate(&order, options)
        case .lossless:
            order.quality = 100
            accumulate(&order, options)
            order.repeats = refinedFrame
        case .pick: fillPick(&order)
        }
        if !limits.wantsDepthGrid { (order.depthColumns, order.depthRows) = (0, 0) }
        fit(&order, scale: purpose == .moving ? ladder.current.scale : 1)
        guard case .pick = purpose else { return begin(order, at: now) }
        isPickDrawing = true
        return order
    }

    private mutating func fillMoving(
        _ order: inout FrameOrder, _ camera: CameraUpdate, _ options: SchedulerOptions, _ viewerCount: Int,
        at now: Double
    ) {
        followLadder()
        let age = now - cameraArrivedAt
        // Without newer views the camera has stopped, whatever it said last.
        if age < StillSchedule.quiet {
            let uplink = (pacer.link.roundTrip ?? 0) / 2
            order.view = PosePrediction.view(of: camera, after: uplink + age + pacer.expectedSeconds)
        }
        order.sampleCount = options.movingSampleCount
        order.quality = ladder.current.quality
        order.chroma = .half
        (order.depthColumns, order.depthRows) = (32, 18)
        order.targetMilliseconds = 800 / ladder.current.rate / Double(max(viewerCount, 1))
    }

    private mutating func fillPick(_ order: inout FrameOrder) {
        let pick = picks.removeFirst()
        if let past = pastViews.last(where: { $0.frame == pick.frame }) { order.view = past.view }
        order.sampleCount = 1
        order.needsIdentities = true
    }

    private func fit(_ order: inout FrameOrder, scale: Double) {
        let size = PictureSize.scaled(
            width: order.view.width, height: order.view.height, by: scale, pixelLimit: limits.pixelLimit)
        order.view.width = Double(size.width)
        order.view.height = Double(size.height)
    }

    /// Passes of a refined still: as many as the device does in a time that is worth it; 1: it is not.
    func passes(_ options: SchedulerOptions) -> Int {
        let cost = passSeconds
        var count = max(options.accumulationLimit, 1)
        while count > 2, Double(count) * cost > options.accumulationSeconds { count /= 2 }
        // The first still is slow, because pipelines are compiled for it: the fewest passes show what one really takes.
        let isWorthTrying = passCost.value == nil && 4 * cost <= 1.5 * options.accumulationSeconds
        return count > 2 ? count : isWorthTrying ? min(4, options.accumulationLimit) : 1
    }

    /// Of these the first part is ordered now.
    private func accumulate(_ order: inout FrameOrder, _ options: SchedulerOptions) {
        order.accumulation = passes(options)
        if order.accumulation > 1 { order.passes = 0..<min(partSize(options), order.accumulation) }
    }

    /// Passes that are ordered together.
    private func partSize(_ options: SchedulerOptions) -> Int {
        let count = options.accumulationPartSeconds / max(passSeconds, 1e-6)
        return Int(min(max(count, 1), Double(FrameViewer.largestPart)))
    }

    /// The next passes of a frame that is drawn in parts; nil: there is none.
    mutating func continuation(_ options: SchedulerOptions, at now: Double) -> FrameOrder? {
        guard picks.isEmpty, let index = frames.firstIndex(where: { $0.state == .between }),
            var order = frames[index].part, let drawn = order.passes
        else { return nil }
        let end = min(drawn.upperBound + partSize(options), order.accumulation)
        order.passes = drawn.upperBound..<end
        frames[index].part = order
        frames[index].state = .drawing
        lastPartAt = now
        return order
    }

    /// A refined picture of one pass is what the still was.
    mutating func skipWorthlessStage(_ options: SchedulerOptions) {
        guard stills.next(linkRate: pacer.link.rate)?.stage == .refined, passes(options) == 1 else { return }
        stills.skip(.refined)
    }

    private mutating func begin(_ ordered: FrameOrder, at now: Double) -> FrameOrder {
        var order = ordered
        lastNumber += 1
        order.frame = lastNumber
        isDirty = false
        redrawAt = nil
        lastOrderedAt = now
        var full = order.view
        if let camera { (full.width, full.height) = (camera.view.width, camera.view.height) }
        orderedView = full
        if pastViews.count == FrameViewer.pastCount { pastViews.removeFirst() }
        pastViews.append((order.frame, full))
        frames.append(
            Frame(
                number: order.frame, purpose: order.purpose, pixelCount: order.view.width * order.view.height,
                quality: order.quality, chroma: order.chroma, part: order.passes == nil ? nil : order))
        pacer.began(frame: order.frame, at: now)
        if order.passes != nil { lastPartAt = now }
        if let stage = order.purpose.stage { stills.began(stage, frame: order.frame, at: now) }
        if order.purpose == .moving { movingOrders.add(at: now) }
        facts.ordered.add(at: now)
        return order
    }
}

extension FramePurpose {
    var stage: StillSchedule.Stage? {
        switch self {
        case .still: .still
        case .refined: .refined
        case .lossless: .lossless
        case .moving, .pick: nil
        }
    }
}
