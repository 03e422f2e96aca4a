// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Sending: what leaves now.
extension ViewerStream {
    /// Bytes that a record takes, roughly, beside the chunk that it precedes.
    private static let geometryByteCount = 64
    private static let materialByteCount = 600

    /// Sends as much as the window allows, ranking when the queue is used up or no longer fits the view.
    mutating func pump(at now: Double, _ actions: inout [Action], _ scratch: inout RankingScratch) {
        sendFirstPicture(at: now, &actions)
        if isRankingDue, mayRankView(at: now) {
            lastViewRankedAt = now
            rank(at: now, &scratch)
        }
        endMotion(at: now, &scratch)
        while true {
            guard sendQueue(at: now, &actions) else { return }
            guard let update, !isFirstPictureDue, mayRank(at: now) else { return }
            if !isComplete || isRankingDue {
                rank(at: now, &scratch)
                if !queue.isEmpty { continue }
            }
            settle(update, at: now, &actions)
            if isPrefetchDone || isTurning(update, at: now) {
                flow.noteNothingToSend()
                return
            }
            rankPrefetch(at: now, &scratch)
        }
    }

    private func mayRankView(at now: Double) -> Bool { now - lastViewRankedAt >= limits.viewInterval.seconds }

    /// Whether the queue's end may be followed by a ranking now; if a view came too early, its turn comes later.
    private func mayRank(at now: Double) -> Bool {
        !isRankingDue || mayRankView(at: now) || now - lastRankedAt >= ViewerStream.rankingSeconds
    }

    /// When the camera has come to rest, details and the edges of the picture count again.
    private mutating func endMotion(at now: Double, _ scratch: inout RankingScratch) {
        guard lastMotionAt > -.infinity, !isMoving(at: now) else { return }
        lastMotionAt = -.infinity
        rank(at: now, &scratch)
    }

    private mutating func sendFirstPicture(at now: Double, _ actions: inout [Action]) {
        guard isFirstPictureDue else { return }
        for chunk in plan.firstPicture where !held.contains(chunk) {
            guard flow.allows(SendOrder.cost(chunk, plan, stored), at: now) else { return }
            send(chunk, at: now, &actions)
        }
        isFirstPictureDue = false
    }

    /// - Returns: whether all of the queue has been sent.
    private mutating func sendQueue(at now: Double, _ actions: inout [Action]) -> Bool {
        while queueHead < queue.count {
            let chunk = Int(queue[queueHead])
            if !held.contains(chunk) {
                let cost = SendOrder.cost(chunk, plan, stored)
                guard flow.allows(cost, at: now) else { return false }
                if isQueuePrefetch {
                    prefetchedByteCount += cost
                    counts.prefetchedByteCount += cost
                }
                send(chunk, at: now, &actions)
            }
            queueHead += 1
        }
        queue = []
        queueHead = 0
        return true
    }

    private mutating func settle(_ update: ViewUpdate, at now: Double, _ actions: inout [Action]) {
        guard isComplete, settledView != update.sequence, !isTurning(update, at: now) else { return }
        settledView = update.sequence
        sendKindsInView(update, &actions)
        actions.append(.settled(view: update.sequence, threshold: max(update.thresholdPixels, largestMissingError)))
    }

    /// What a viewer must know of the parts of a sector to see that none of those in view is missing, so that the sector's
    /// proxy can go: of those in view it knows it with their chunks.
    private mutating func sendKindsInView(_ update: ViewUpdate, _ actions: inout [Action]) {
        let camera = RankingCamera(update.view, origin: plan.origin, margin: ViewerStream.margin)
        for sector in plan.sectors where sector.hasProxy && held.contains(Int(sector.chunk)) {
            let center = sector.center - camera.eye
            guard camera.sees(center, sector.half),
                camera.pixels(sector.proxyError, center, sector.half) > update.thresholdPixels
            else { continue }
            for instance in sector.instances { _ = sendGeometry(Int(plan.instances[instance].geometry), &actions) }
        }
    }

    private mutating func send(_ chunk: Int, at now: Double, _ actions: inout [Action]) {
        var bytes = sendRecords(for: chunk, &actions)
        bytes += SendOrder.cost(chunk, plan, stored)
        sequence &+= 1
        let isRecalled = stored.contains(chunk)
        actions.append(
            isRecalled ? .recall(sequence: sequence, chunk: chunk) : .sendChunk(sequence: sequence, chunk: chunk))
        // Only the message itself takes the link's time.
        let wireBytes = isRecalled ? bytes - SendOrder.cost(chunk, plan, stored) + SendOrder.messageByteCount : bytes
        flow.sent(sequence: sequence, byteCount: wireBytes, at: now)
        held.insert(chunk)
        gpuByteCount += Int(plan.chunks[chunk].gpuByteCount)
        counts.sentByteCount += wireBytes
        counts.sentChunkCount += 1
        if isRecalled { counts.recalledChunkCount += 1 }
    }

    /// Geometries and materials that a chunk needs and the viewer does not know.
    ///
    /// - Returns: about how many bytes they take.
    private mutating func sendRecords(for chunk: Int, _ actions: inout [Action]) -> Int {
        var bytes = 0
        for item in plan.chunkNodes.range(chunk) {
            let node = Int(plan.chunkNodes.items[item])
            bytes += sendGeometry(Int(plan.nodeGeometry[node]), &actions)
        }
        let owner = Int(plan.chunks[chunk].owner)
        switch plan.chunks[chunk].kind {
        case .nodes: break
        case .sector where owner < plan.sectors.count && !plan.sectors[owner].hasProxy:
            // Drawn as boxes until the roots are there.
            for instance in plan.sectors[owner].instances {
                bytes += sendGeometry(Int(plan.instances[instance].geometry), &actions)
            }
        case .sector: break
        case .textureLevel:
            let material = owner < plan.textures.count ? plan.textures[owner].material : none
            if material != none { bytes += sendMaterial(Int(material), &actions) }
        }
        return bytes
    }

    private mutating func sendGeometry(_ geometry: Int, _ actions: inout [Action]) -> Int {
        guard sentGeometries.insert(geometry) else { return 0 }
        var bytes = ViewerStream.geometryByteCount
        for item in plan.geometryMaterials.range(geometry) {
            bytes += sendMaterial(Int(plan.geometryMaterials.items[item]), &actions)
        }
        actions.append(.sendGeometry(geometry))
        return bytes
    }

    private mutating func sendMaterial(_ material: Int, _ actions: inout [Action]) -> Int {
        guard sentMaterials.insert(material) else { return 0 }
        actions.append(.sendMaterial(material))
        return ViewerStream.materialByteCount
    }

    // MARK: Deadlines

    /// When something may have to be done although nothing is heard.
    func deadline(after now: Double) -> Double? {
        var times: [Double] = []
        let isWaiting = queueHead < queue.count || isFirstPictureDue
        if isWaiting, let chance = flow.nextChance(at: now) { times.append(chance) }
        if isRankingDue, update != nil { times.append(lastViewRankedAt + limits.viewInterval.seconds) }
        if lastMotionAt > -.infinity { times.append(lastMotionAt + ViewerStream.stillSeconds) }
        return times.min().map { max($0, now + 0.001) }
    }
}
