// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Decides what is drawn next for all viewers of a device, how it is encoded and when it is sent. A value that performs
/// nothing: events and the time go in, actions and orders come out. Not for two threads at once.
///
/// A viewer's frame is begun when its `FramePacer` permits. Among those that are ready: interaction before picks before
/// refinement; a viewer that has seen nothing comes first once; otherwise who has had least of the device (start-time
/// fair queueing on device time, Goyal et al. 1996). While a frame is encoded and sent the next may be drawn, so the
/// device never waits for encoders or links; but a viewer has one frame with the device at most, and there is no queue:
/// the newest camera is what an order shows. Passes of a refined still are ordered a few at a time, between the frames
/// of others who move; they are given up when their own viewer moves. Hidden viewers cost nothing.
package struct FrameScheduler {
    package typealias Instant = ContinuousClock.Instant

    /// An order that the device has not finished.
    private struct Submission {
        var viewer: Int
        var frame: UInt32
        var expectedSeconds: Double
        /// It shows somebody at rest more than before.
        var isRefinement: Bool
    }

    /// May change between orders, as when another device is opened.
    package var options: SchedulerOptions
    /// Ascending by id.
    var viewers: [FrameViewer] = []
    private var submissions: [Submission] = []
    private var virtualTime = 0.0
    private var servedCount = 0
    /// The last order was somebody's first frame.
    private var wasFirstFrame = false
    /// Seconds that an order of refinement takes, whoever's; and from when on one may hold up somebody who moves again.
    private var refinementCost = RunningMean(share: 0.4)
    private var refinementAt = -Double.infinity
    private var epoch: Instant?
    var load = LoadBalance()

    package init(options: SchedulerOptions = SchedulerOptions()) { self.options = options }

    // MARK: Events

    /// Takes in what happened. Ask `next` afterwards: more may be possible now.
    ///
    /// - Parameter instant: never earlier than before.
    package mutating func handle(_ event: FrameEvent, of viewer: Int, at instant: Instant) -> [FrameAction] {
        let now = time(instant)
        var actions: [FrameAction] = []
        if case .entered(let limits) = event { enter(viewer, limits, at: now) }
        // The device is free again even if the viewer has left meanwhile.
        switch event {
        case .drawn(let frame, let drawing, let readback, _):
            finish(viewer, frame, seconds: (drawing + readback).inSeconds, at: now)
        case .failed(let frame): finish(viewer, frame, seconds: nil, at: now)
        default: break
        }
        guard let index = position(of: viewer) else { return actions }
        if case .left = event {
            viewers[index].abandonAll(&actions)
            viewers.remove(at: index)
            return actions
        }
        viewers[index].facts.now = now
        viewers[index].take(event, at: now, &actions)
        return actions
    }

    private mutating func enter(_ id: Int, _ limits: ViewerLimits, at now: Double) {
        guard position(of: id) == nil else { return }
        let index = viewers.firstIndex { $0.id > id } ?? viewers.count
        viewers.insert(FrameViewer(id: id, limits: limits.checked, at: now), at: index)
    }

    private mutating func finish(_ viewer: Int, _ frame: UInt32, seconds: Double?, at now: Double) {
        guard let index = submissions.firstIndex(where: { $0.viewer == viewer && $0.frame == frame }) else { return }
        let submission = submissions.remove(at: index)
        // Kept pixels that are repeated take nothing of the device.
        if submission.isRefinement, let seconds, seconds > 0 {
            refinementAt = now + seconds * options.refinementRest
            refinementCost.add(seconds)
        }
        guard let seconds, let position = position(of: viewer) else { return }
        // What was charged was a guess.
        viewers[position].finishTag += (seconds - submission.expectedSeconds) / viewers[position].limits.weight
    }

    // MARK: What now

    /// What to do now. After an order, ask again; without one, when an event has come or `askAgainAt`.
    package mutating func next(at instant: Instant) -> FrameTurn {
        let now = time(instant)
        var turn = FrameTurn()
        for index in viewers.indices {
            viewers[index].facts.now = now
            viewers[index].skipWorthlessStage(options)
            viewers[index].sendPieces(at: now, &turn.actions)
            viewers[index].tell(at: now, &turn.actions)
        }
        balance(at: now, &turn.actions)
        let (best, candidate, later) = choose(at: now)
        if let best, let candidate, submissions.count < options.submissionLimit {
            turn.order = order(best, candidate, at: now)
        }
        if turn.order == nil, later.isFinite, let epoch { turn.askAgainAt = epoch.advanced(by: .seconds(later)) }
        return turn
    }

    /// The viewer that is served first of those that are ready, what it wants, and when something else may be due.
    private func choose(at now: Double) -> (index: Int?, candidate: FrameViewer.Candidate?, later: Double) {
        var best: (index: Int, candidate: FrameViewer.Candidate)?
        let interactAt = nextInteraction(at: now)
        let earliestAt = earliestInteraction(at: now)
        var later = load.nextAt(hasViewers: viewers.count > 1)
        for index in viewers.indices {
            for time in [viewers[index].nextPieceAt, viewers[index].tellAt] { later = min(later, time ?? .infinity) }
            guard var candidate = viewers[index].candidate(at: now) else { continue }
            if candidate.priority == .refine {
                candidate.at = viewers[index].unobtrusive(candidate, interactAt: interactAt, options, at: now)
            }
            // Many at rest do not take the device from one who moves, each of them but once.
            if viewers[index].isRefinement(candidate.purpose),
                max(candidate.at, now) + refinementSeconds(index) > earliestAt
            {
                candidate.at = max(candidate.at, refinementAt)
            }
            if candidate.at > now {
                later = min(later, candidate.at)
            } else if best.map({ precedes((index, candidate), $0) }) ?? true {
                best = (index, candidate)
            }
        }
        return (best?.index, best?.candidate, max(later, now))
    }

    /// What an order of refinement may take; a viewer that has had none is thought to be like the others.
    private func refinementSeconds(_ index: Int) -> Double {
        let others = viewers[index].stillCost.value == nil ? refinementCost.value : nil
        return others ?? viewers[index].passSeconds
    }

    /// When somebody who moves will want the device next.
    private func nextInteraction(at now: Double) -> Double {
        var first = Double.infinity
        for viewer in viewers { first = min(first, viewer.nextInteraction(at: now)) }
        return first
    }

    /// When somebody who moves may want the device next, for work that the scheduler does not know; nil: nobody moves.
    /// Earlier than what `next` goes by: where the next frame waits for an answer, that may come at once.
    package func earliestInteraction(at instant: Instant) -> Instant? {
        guard let epoch else { return nil }
        let now = epoch.duration(to: instant).inSeconds
        let first = earliestInteraction(at: now)
        return first.isFinite ? epoch.advanced(by: .seconds(first)) : nil
    }

    /// Infinite: nobody moves.
    private func earliestInteraction(at now: Double) -> Double {
        var first = Double.infinity
        for viewer in viewers { first = min(first, viewer.earliestInteraction(at: now) ?? .infinity) }
        return first
    }

    private func precedes(
        _ a: (index: Int, candidate: FrameViewer.Candidate), _ b: (index: Int, candidate: FrameViewer.Candidate)
    ) -> Bool {
        if a.candidate.priority != b.candidate.priority {
            return a.candidate.priority.rawValue < b.candidate.priority.rawValue
        }
        let (first, second) = (viewers[a.index], viewers[b.index])
        // First pictures come first, but not twice in a row: many who connect do not stop those who work.
        let isFirst = (first.lastNumber == 0, second.lastNumber == 0)
        if isFirst.0 != isFirst.1 { return isFirst.0 != wasFirstFrame }
        let tags = (max(first.finishTag, virtualTime), max(second.finishTag, virtualTime))
        if tags.0 != tags.1 { return tags.0 < tags.1 }
        return first.servedCount < second.servedCount
    }

    private mutating func order(_ index: Int, _ candidate: FrameViewer.Candidate, at now: Double) -> FrameOrder? {
        guard let epoch else { return nil }
        wasFirstFrame = viewers[index].lastNumber == 0
        guard
            let order = viewers[index].continuation(options, at: now)
                ?? viewers[index].order(
                    candidate.purpose, options: options, viewerCount: load.activeCount, epoch: epoch, at: now)
        else { return nil }
        let expected = expectedSeconds(viewers[index], order)
        virtualTime = max(viewers[index].finishTag, virtualTime)
        viewers[index].finishTag = virtualTime + expected / viewers[index].limits.weight
        servedCount += 1
        viewers[index].servedCount = servedCount
        submissions.append(
            Submission(
                viewer: order.viewer, frame: order.frame, expectedSeconds: expected,
                isRefinement: order.purpose.stage != nil && !wasFirstFrame))
        return order
    }

    private func expectedSeconds(_ viewer: FrameViewer, _ order: FrameOrder) -> Double {
        let moving = viewer.deviceCost.value ?? 0.01
        return switch order.purpose {
        case .moving: moving
        case .refined, .lossless: viewer.passSeconds * Double(order.passes?.count ?? order.accumulation)
        case .still, .pick: viewer.stillCost.value ?? moving
        }
    }

    // MARK: Facts

    /// Nil: there is no such viewer.
    package func statistics(of viewer: Int, at instant: Instant) -> FrameStatistics? {
        position(of: viewer).map { viewers[$0].statistics(at: epoch.map { $0.duration(to: instant).inSeconds } ?? 0) }
    }

    /// Share of the device that frames which move have taken in the last seconds; 1: all of it.
    package var utilization: Double { load.utilization }
    package var viewerCount: Int { viewers.count }
    /// Orders that the device has not finished.
    package var submissionCount: Int { submissions.count }

    func position(of viewer: Int) -> Int? {
        // Few viewers: a search by halves would not be faster.
        viewers.firstIndex { $0.id == viewer }
    }

    private mutating func time(_ instant: Instant) -> Double {
        guard let epoch else {
            epoch = instant
            return 0
        }
        return max(0, epoch.duration(to: instant).inSeconds)
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
