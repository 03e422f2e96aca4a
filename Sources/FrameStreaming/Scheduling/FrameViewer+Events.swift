// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

// What happens to a viewer.
extension FrameViewer {
    // MARK: What it looks at

    mutating func take(_ update: CameraUpdate, at now: Double, _ actions: inout [FrameAction]) {
        guard update.isValid, camera.map({ update.sequence > $0.sequence }) ?? true else {
            facts.ignoredCount += 1
            return
        }
        let isSame = camera?.view == update.view
        let isOtherThreshold = camera.map { $0.thresholdPixels != update.thresholdPixels } ?? false
        let wasMoving = camera?.isMoving ?? false
        camera = update
        cameraArrivedAt = now
        if update.isMoving, !wasMoving { ladder.dragBegan(at: now, conditions) }
        if !update.isMoving { ladder.dragEnded() }
        ladder.assume(conditions)
        followLadder()
        if isSame {
            guard !update.isMoving else { return }
            stills.released(at: now)
            // The last picture may have been drawn where the camera was expected to be by now.
            if orderedView != update.view { isDirty = true }
            if isOtherThreshold { takeBetterData(at: now, &actions) }
        } else {
            pictureChanged(isMoving: update.isMoving, at: now, &actions)
        }
    }

    /// Something else than the camera changed what is seen.
    mutating func sceneChanged(at now: Double, _ actions: inout [FrameAction]) {
        guard camera != nil else { return }
        guard stills.wasPictureFinal, stills.restingSince != nil else {
            // More changes may follow, as in an animation: stills wait until it is quiet.
            return pictureChanged(isMoving: true, at: now, &actions)
        }
        // What is shown at rest is good, and must not become coarse in between.
        abandonStill(&actions)
        stills.changed(isMoving: false, at: now)
    }

    /// What was drawn before shows something else.
    mutating func pictureChanged(isMoving: Bool, at now: Double, _ actions: inout [FrameAction]) {
        isDirty = true
        abandonStill(&actions)
        stills.changed(isMoving: isMoving, at: now)
    }

    mutating func take(isVisible: Bool, at now: Double, _ actions: inout [FrameAction]) {
        guard isVisible != self.isVisible else { return }
        self.isVisible = isVisible
        picks = []
        beginAnew(at: now, &actions)
    }

    mutating func take(_ delivery: FrameDelivery, at now: Double, _ actions: inout [FrameAction]) {
        guard delivery != self.delivery else { return }
        self.delivery = delivery
        beginAnew(at: now, &actions)
    }

    mutating func take(threshold: Float?, at now: Double, _ actions: inout [FrameAction]) {
        guard threshold != self.threshold, threshold.map({ $0 > 0 && $0.isFinite }) ?? true else { return }
        self.threshold = threshold
        if camera != nil { pictureChanged(isMoving: false, at: now, &actions) }
    }

    /// What it has been sent does not count any more.
    private mutating func beginAnew(at now: Double, _ actions: inout [FrameAction]) {
        abandonAll(&actions)
        stills.changed(isMoving: false, at: now)
        redrawAt = nil
        isDirty = isVisible && delivery != .none && camera != nil
    }

    mutating func take(pick request: UInt32, of frame: UInt32) {
        guard camera != nil, isVisible else { return }
        if picks.count == FrameViewer.pastCount { picks.removeFirst() }
        picks.append((request, frame))
    }

    /// Finer data can be drawn. While more is missing, pictures at rest are as cheap as moving ones, and frequent.
    mutating func takeBetterData(at now: Double, _ actions: inout [FrameAction]) {
        stills.dataImproved(isFinal: isLatestComplete, at: now)
        // Passes with and without the new data do not make one picture.
        if let frame = frames.first(where: { $0.part != nil && [.drawing, .between].contains($0.state) }) {
            abandon(frame.number, &actions)
            stills.retreat(frame: frame.number)
        }
        guard camera != nil, delivery == .all, !isLatestComplete, lastNumber > 0 else { return }
        redrawAt = redrawAt ?? max(now, lastOrderedAt + FrameViewer.redrawInterval)
    }

    // MARK: Giving up

    mutating func abandonStill(_ actions: inout [FrameAction]) {
        if let frame = stills.unfinishedFrame { abandon(frame, &actions) }
    }

    mutating func abandonAll(_ actions: inout [FrameAction]) {
        for frame in frames where !frame.isAbandoned { abandon(frame.number, &actions) }
    }

    mutating func abandon(_ number: UInt32, _ actions: inout [FrameAction]) {
        guard let index = position(of: number), !frames[index].isAbandoned else { return }
        let frame = frames[index]
        facts.abandonedCount += 1
        pacer.gaveUp(frame: number)
        actions.append(.abandon(viewer: id, frame: number, isAnnounced: frame.isAnnounced))
        if frame.state == .drawing { frames[index].isAbandoned = true } else { frames.remove(at: index) }
    }

    func position(of number: UInt32) -> Int? { frames.firstIndex { $0.number == number } }

    // MARK: From the device and the encoders

    /// - Parameter seconds: device time.
    mutating func drawn(_ number: UInt32, seconds: Double, isComplete: Bool, at now: Double) {
        facts.deviceSeconds += seconds
        if number == 0 {
            failureCount = 0
            return isPickDrawing = false
        }
        guard let index = position(of: number), frames[index].state == .drawing else { return }
        // A moving frame says nothing about stills that fail.
        if !hasStillFailed || frames[index].purpose != .moving { (failureCount, hasStillFailed) = (0, false) }
        if frames[index].isAbandoned {
            frames.remove(at: index)
            return
        }
        if let part = frames[index].part, let passes = part.passes {
            // Nothing at all was drawn where kept pixels are repeated.
            let isRepeated = seconds <= 0 && part.repeats != nil
            if !isRepeated { passCost.add(seconds / Double(passes.count)) }
            if !isRepeated, !part.isLastPart { return frames[index].state = .between }
        }
        frames[index].state = .encoding
        switch frames[index].purpose {
        case .moving:
            deviceCost.add(seconds)
            pacer.drew(seconds: seconds)
        case .still: stillCost.add(seconds)
        case .refined, .lossless, .pick: break
        }
        stills.drew(frame: number, isComplete: isComplete)
        isLatestComplete = isComplete
        if isComplete { stills.dataCompleted(at: now) }
    }

    mutating func failed(_ number: UInt32, at now: Double) {
        if number == 0 { return isPickDrawing = false }
        guard let index = position(of: number), frames[index].state != .sending else { return }
        let frame = frames.remove(at: index)
        guard !frame.isAbandoned else { return }
        pacer.gaveUp(frame: number)
        stills.retreat(frame: number)
        // A newer frame shows what this would have. Where a still fails before anything good is shown, a moving frame,
        // which takes less memory, has to do.
        if frame.purpose == .moving || (frame.purpose == .still && !stills.wasPictureFinal), number == lastNumber {
            isDirty = true
        }
        hasStillFailed = frame.purpose != .moving
        // A renderer that always fails is not asked without end.
        failureCount = min(failureCount + 1, 6)
        retryAt = now + 0.05 * Double(1 << failureCount)
    }

    mutating func encoded(
        _ number: UInt32, byteCount: Int, seconds: Double, isWhole: Bool, at now: Double,
        _ actions: inout [FrameAction]
    ) {
        guard byteCount >= 0, let index = position(of: number), frames[index].state == .encoding else { return }
        let frame = frames[index]
        // Encoders run side by side: what is older than this has lost.
        for earlier in frames[..<index] where earlier.state == .encoding { abandon(earlier.number, &actions) }
        // What a part takes says nothing about the whole.
        if !frame.purpose.isLossless, isWhole {
            ladder.encoded(
                byteCount: byteCount, pixelCount: frame.pixelCount, quality: frame.quality, chroma: frame.chroma)
        }
        if frame.purpose == .still || frame.purpose == .refined { refinedFrame = number }
        isLatestPart = !isWhole
        guard frame.purpose == .moving else {
            return sendStill(frame, byteCount, at: now, &actions)
        }
        pacer.encoded(seconds: seconds)
        facts.frameByteCount = byteCount
        frames.removeAll { $0.number == number }
        note(sent: byteCount, isLast: true, at: now)
        pacer.sent(
            frame: number, byteCount: byteCount + FrameViewer.headerByteCount, isFirst: true, isLast: true, at: now)
        actions.append(
            .send(viewer: id, frame: number, offset: 0, byteCount: byteCount, isFirst: true, isLast: true))
    }

    /// Pixels equal to those that are shown: the schedule goes on as if they had been sent.
    mutating func unchanged(_ number: UInt32) {
        guard let index = position(of: number), frames[index].state == .encoding else { return }
        // A lossless picture repeats the best that is shown, not a still that says the same with fewer samples.
        if frames[index].purpose == .refined { refinedFrame = number }
        frames.remove(at: index)
        pacer.gaveUp(frame: number)
        stills.unchanged(frame: number)
        facts.unchangedCount += 1
    }

    private mutating func note(sent byteCount: Int, isLast: Bool, at now: Double) {
        facts.sentByteCount += byteCount
        guard isLast else { return }
        facts.sent.add(at: now)
        facts.sentCount += 1
    }

    // MARK: Stills

    private mutating func sendStill(
        _ frame: Frame, _ byteCount: Int, at now: Double, _ actions: inout [FrameAction]
    ) {
        guard stills.encoded(frame: frame.number, byteCount: byteCount, linkRate: pacer.link.rate, at: now) else {
            return abandon(frame.number, &actions)
        }
        if let index = position(of: frame.number) { frames[index].state = .sending }
        sendPieces(at: now, &actions)
    }

    /// Sends the pieces of a still that are due.
    mutating func sendPieces(at now: Double, _ actions: inout [FrameAction]) {
        while let due = stills.nextPieceAt(linkFreeAt: pacer.link.freeAt), due <= now,
            let piece = stills.takePiece(linkRate: pacer.link.rate, at: now)
        {
            let isFirst = piece.offset == 0
            pacer.sent(
                frame: piece.frame, byteCount: piece.byteCount + (isFirst ? FrameViewer.headerByteCount : 0),
                isFirst: isFirst, isLast: piece.isLast, at: now)
            note(sent: piece.byteCount, isLast: piece.isLast, at: now)
            if let index = position(of: piece.frame) {
                if piece.isLast { frames.remove(at: index) } else { frames[index].isAnnounced = true }
            }
            actions.append(
                .send(
                    viewer: id, frame: piece.frame, offset: piece.offset, byteCount: piece.byteCount,
                    isFirst: isFirst, isLast: piece.isLast))
        }
    }

    // MARK: From the viewer

    mutating func received(_ number: UInt32, gap: Double, at now: Double) {
        guard pacer.received(frame: number, gap: gap, at: now) else { return facts.ignoredCount += 1 }
        heard()
    }

    mutating func shown(_ number: UInt32, isSkipped: Bool, decode: Double, latency: Double, at now: Double) {
        guard pacer.presented(frame: number, decodeSeconds: isSkipped ? nil : decode, at: now) else {
            return facts.ignoredCount += 1
        }
        heard()
        if isSkipped {
            facts.skipped.add(at: now)
            facts.skippedCount += 1
        } else {
            facts.shown.add(at: now)
            facts.shownCount += 1
            if latency > 0, latency < 60 { facts.latencies.add(latency) }
        }
        ladder.adjust(conditions, at: now)
        followLadder()
    }

    private mutating func heard() { facts.isSilenceTold = false }
}

extension FramePurpose {
    var isLossless: Bool { self == .lossless }
}
