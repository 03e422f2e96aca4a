// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension PathController {
    /// Follows what is best now as far as it is time to.
    mutating func advance(_ actions: inout [PathAction]) {
        refresh()
        giveUpTarget(&actions)
        guard isDecided else { return decideFirst(&actions) }
        let isAsked = isWishNew && now >= nextWishAt
        if isAsked { refuseWish(&actions) }
        let verdict = PathChooser(inputs).verdict()
        guard case .path(let choice) = verdict else { return follow(verdict, &actions) }
        if endWaiting(choice, &actions) { return }
        if isAsked { return fulfil(choice, &actions) }
        if !isFinal, inputs.isComplete || now >= PathController.measuringSeconds { return decideForGood(&actions) }
        if leaveBroken(choice, &actions) || leaveLate(&actions) { return }
        // The last wish is about to be fulfilled.
        if !isWishNew { change(choice, &actions) }
    }

    // MARK: First

    private var isDecisionDue: Bool {
        if inputs.policy.paths.isEmpty || now >= PathController.decisionSeconds { return true }
        return inputs.isComplete && (inputs.link.bytesPerSecond != nil || now >= PathController.linkSeconds)
    }

    private mutating func decideFirst(_ actions: inout [PathAction]) {
        guard isDecisionDue else { return }
        isDecided = true
        isFinal = inputs.isComplete
        refuseWish(&actions)
        let verdict = freshVerdict()
        guard case .path(let choice) = verdict else { return follow(verdict, &actions) }
        begin(choice, &actions)
    }

    /// What was missing at the first decision has come: decided as if it were the first, once.
    private mutating func decideForGood(_ actions: inout [PathAction]) {
        isFinal = true
        let verdict = freshVerdict()
        guard case .path(let choice) = verdict else { return follow(verdict, &actions) }
        let isNews = lastDecision?.code == .undecided && choice.code != .undecided
        adopt(choice, informs: isNews, &actions)
    }

    /// Nothing is kept for its own sake.
    private func freshVerdict() -> PathVerdict {
        var fresh = inputs
        fresh.current = nil
        return PathChooser(fresh).verdict()
    }

    // MARK: Wishes

    private mutating func refuseWish(_ actions: inout [PathAction]) {
        isWishNew = false
        nextWishAt = now + PathController.wishSeconds
        guard let path = inputs.wish.path, let obstacle = inputs.obstacle(to: path) else { return }
        refuse(
            PathRefusal(wish: inputs.wish, code: obstacle.refusal, reason: obstacle.sentence + "."), &actions)
    }

    mutating func refuse(_ refusal: PathRefusal, _ actions: inout [PathAction]) {
        log.add(refusal)
        actions.append(.refuse(refusal))
    }

    private mutating func fulfil(_ choice: PathChoice, _ actions: inout [PathAction]) {
        if choice.code == .asked {
            forgetChanges()
            let isKnown = lastDecision?.code == .asked && lastDecision?.path == choice.path
            return adopt(choice, informs: !isKnown, &actions)
        }
        // A refused wish changes nothing; without one, the costs decide afresh.
        guard inputs.wish == .auto, case .path(let fresh) = freshVerdict() else { return change(choice, &actions) }
        forgetChanges()
        adopt(fresh, informs: lastDecision?.code == .asked, &actions)
    }

    private mutating func forgetChanges() {
        history.reset()
        movedFrom = nil
    }

    // MARK: What does not wait

    /// What is shown, or prepared, does not work any more or is forbidden.
    private mutating func leaveBroken(_ choice: PathChoice, _ actions: inout [PathAction]) -> Bool {
        if let target, choice.path != target.path, let obstacle = inputs.obstacle(to: target.path),
            obstacle.code != .rendererFull
        {
            drop(target, because: obstacle, &actions)
        }
        guard let shown else {
            guard target == nil else { return false }
            adopt(choice, informs: false, &actions)
            return true
        }
        if let breakage = inputs.breakage(of: shown) {
            return escape(PathController.emergencyCode(breakage.code), breakage.sentence, choice, &actions)
        }
        let mayStay = inputs.policy.allows(shown) && inputs.blocked[shown] == nil
        guard !mayStay, choice.path != heading else { return false }
        adopt(choice, informs: false, &actions)
        return true
    }

    /// A preparation has become impossible; whoever asked for it is told.
    private mutating func drop(
        _ decision: PathDecision, because obstacle: PathObstacle, _ actions: inout [PathAction]
    ) {
        if decision.path != shown { cancel(decision, &actions) }
        target = nil
        patience = nil
        if inputs.wish.path == decision.path, decision.path != shown {
            refuse(
                PathRefusal(wish: inputs.wish, code: obstacle.refusal, reason: obstacle.sentence + "."), &actions)
        }
        refresh()
    }

    private static func emergencyCode(_ code: PathReasonCode) -> PathReasonCode {
        code == .noRenderer ? .deviceLost : code
    }

    private mutating func leaveLate(_ actions: inout [PathAction]) -> Bool {
        guard shown == .server, measuring.isLate(at: now) else { return false }
        let chooser = PathChooser(inputs)
        guard chooser.isClientSooner, case .path(let choice) = chooser.verdict(), choice.path != .server else {
            return false
        }
        let late = PathSentences.milliseconds((measuring.measures.latencyMilliseconds ?? 0) / 1000)
        return escape(.latency, "The server's pictures come \(late) late", choice, &actions)
    }

    private mutating func escape(
        _ code: PathReasonCode, _ sentence: String, _ choice: PathChoice, _ actions: inout [PathAction]
    ) -> Bool {
        guard choice.path != shown else { return false }
        if let target, target.path == choice.path, target.isEmergency { return true }
        movedFrom = shown
        var choice = choice
        choice.code = code
        choice.reason = "\(sentence), so \(PathSentences.doing(choice.path))."
        adopt(choice, informs: true, isEmergency: true, &actions)
        return true
    }

    // MARK: What waits

    private mutating func change(_ choice: PathChoice, _ actions: inout [PathAction]) {
        let isBetter = choice.path != heading
        // An emergency that is over has to be over for as long as anything that is only better.
        let isBad = choice.path != movedFrom && PathChooser(inputs).complaint(about: heading) != nil
        evidence.take(better: isBetter ? choice.path : nil, isBad: isBad, at: now)
        guard isBetter, now >= changeAt, !measuring.isInteracting(at: now) else { return }
        var choice = choice
        if choice.path == movedFrom {
            movedFrom = nil
            choice.code = .recovered
            choice.reason = "What had moved this viewer is over: \(choice.reason)"
        }
        adopt(choice, informs: false, &actions)
    }

    /// When the evidence and the dwell permit a change.
    var changeAt: Double { max(evidence.dueAt, history.dwellUntil) }

    // MARK: Nothing can be drawn

    private mutating func follow(_ verdict: PathVerdict, _ actions: inout [PathAction]) {
        evidence.reset()
        switch verdict {
        case .path, .later: break
        case .waiting(let choice): wait(choice, &actions)
        case .impossible(let refusal):
            if let target, target.path != shown { cancel(target, &actions) }
            target = nil
            failure = refusal
            actions.append(.fail(refusal))
        }
    }

    /// The viewer is told once what is waited for.
    private mutating func wait(_ choice: PathChoice, _ actions: inout [PathAction]) {
        guard awaiting == nil, now >= nextAwaitAt else { return }
        awaiting = choice
        nextAwaitAt = now + PathController.awaitSeconds
        var choice = choice
        if choice.code == .noRenderer, shown?.usesPictures ?? false { choice.code = .deviceLost }
        adopt(choice, informs: true, isEmergency: true, &actions)
    }

    /// - Returns: The wait is over, and the viewer's path is back.
    private mutating func endWaiting(_ choice: PathChoice, _ actions: inout [PathAction]) -> Bool {
        guard awaiting != nil else { return false }
        awaiting = nil
        patience?.since = now
        // It may still be what is prepared: that goes on.
        if let target, target.path == choice.path, target.path != shown { return true }
        var choice = choice
        choice.reason = "What was waited for is there: \(choice.reason)"
        choice.code = .recovered
        adopt(choice, informs: true, &actions)
        return true
    }
}
