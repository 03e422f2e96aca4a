// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension PathController {
    /// The newest decision that holds: prepared, or shown.
    var lastDecision: PathDecision? { target ?? standing }

    /// Goes where the choice says, if that is elsewhere.
    ///
    /// - Parameter informs: the viewer is told even if it is on its way or there.
    mutating func adopt(
        _ choice: PathChoice, informs: Bool, isEmergency: Bool = false, _ actions: inout [PathAction]
    ) {
        if choice.path == heading, !informs { return }
        if let target, target.path != choice.path {
            if target.path != shown { cancel(target, &actions) }
            self.target = nil
            patience = nil
            if choice.path == shown, !informs {
                history.switched(from: target.path, to: choice.path, isEmergency: isEmergency, at: now)
                return settle()
            }
        }
        begin(choice, isEmergency: isEmergency, &actions)
    }

    mutating func begin(_ choice: PathChoice, isEmergency: Bool = false, _ actions: inout [PathAction]) {
        lastNumber += 1
        if choice.path != heading {
            history.switched(from: heading, to: choice.path, isEmergency: isEmergency, at: now)
        } else {
            history.settled(at: now)
        }
        let decision = PathDecision(
            number: lastNumber, path: choice.path, previous: shown, code: choice.code, reason: choice.reason,
            isEmergency: isEmergency, readyErrorPixels: readyErrorPixels(choice.path, isEmergency),
            decidedAt: lastInstant)
        target = decision
        patience = patience(for: choice.path)
        log.add(decision)
        actions.append(.begin(decision))
        settle()
    }

    private mutating func settle() {
        evidence.reset()
        halves.use([shown, target?.path].compactMap(\.self), at: now)
    }

    /// The client's picture is waited for until it is as good as it will be, if there is a good one meanwhile.
    private func readyErrorPixels(_ path: ViewerPath, _ isEmergency: Bool) -> Double {
        guard !isEmergency, path == .client, let shown, shown.usesPictures, inputs.breakage(of: shown) == nil,
            inputs.blocked[shown] == nil,
            PathCostModel.client(inputs)?.fits ?? true
        else { return .infinity }
        return 2
    }

    private func patience(for path: ViewerPath) -> TargetPatience {
        let needsOnlyPictures = path == .server || path == shown || (path == .hybrid && shown == .client)
        guard !needsOnlyPictures, let cost = PathCostModel.client(inputs) else {
            let seconds = path.usesPictures ? TargetPatience.pictureSeconds : TargetPatience.quietSeconds
            return TargetPatience(seconds: seconds, since: now, isOfPictures: path.usesPictures)
        }
        let predicted = path == .client ? cost.usableSeconds : cost.firstPictureSeconds
        let seconds = max(TargetPatience.quietSeconds, min(2 * predicted, 3600))
        return TargetPatience(seconds: seconds, since: now, isOfPictures: false)
    }

    mutating func cancel(_ decision: PathDecision, _ actions: inout [PathAction]) {
        lastNumber += 1
        actions.append(.cancel(number: decision.number, path: decision.path, newNumber: lastNumber))
        halves.use(shown.map { [$0] } ?? [], at: now)
    }

    // MARK: What becomes of it

    mutating func acknowledge(_ number: Int, _ actions: inout [PathAction]) {
        guard let target, target.number == number else { return }
        let old = shown
        shown = target.path
        standing = target
        self.target = nil
        patience = nil
        history.settled(at: now)
        if old != shown {
            measuring.pathChanged()
            if let old { actions.append(.finish(old)) }
        }
        settle()
    }

    /// A preparation, or what is shown, does not work. What works is kept, and the path is not tried again for a while.
    mutating func fail(_ number: Int, _ reason: String, _ actions: inout [PathAction]) {
        let isTarget = target?.number == number
        let isShown = (standing?.number ?? 0) == number
        guard isTarget || isShown, let path = isTarget ? target?.path : shown else { return }
        blocks.failed(path, at: now)
        if let target, target.path == path {
            if path != shown { cancel(target, &actions) }
            self.target = nil
            patience = nil
        }
        history.settled(at: now)
        settle()
        if inputs.wish.path == path, isDecided {
            let why = PathSentences.quoted(reason)
            let sentence = "The \(path.rawValue) path failed\(why.isEmpty ? "" : ": \(why)")."
            refuse(PathRefusal(wish: inputs.wish, code: .failed, reason: sentence), &actions)
        }
    }

    /// A preparation that shows nothing for too long has failed.
    mutating func giveUpTarget(_ actions: inout [PathAction]) {
        guard let target, let patience else { return }
        if isHeldUp(target) {
            self.patience?.since = now
            return
        }
        guard now >= patience.dueAt else { return }
        if target.path == shown {
            acknowledge(target.number, &actions)
        } else {
            fail(target.number, "it showed nothing within \(PathSentences.number(patience.seconds)) s", &actions)
        }
        refresh()
    }

    /// Whether a preparation waits for something else than itself: for the server, or for a viewer that nobody sees or
    /// whose camera somebody moves, which shows nothing new meanwhile.
    private func isHeldUp(_ target: PathDecision) -> Bool {
        let waitsForServer = awaiting != nil || (target.path.usesPictures && inputs.rendererObstacle != nil)
        let waitsForHand = shown != nil && !target.isEmergency && measuring.isInteracting(at: now)
        return waitsForServer || waitsForHand || !isVisible
    }
}
