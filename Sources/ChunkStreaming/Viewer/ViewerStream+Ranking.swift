// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Ranking: what the queue holds.
extension ViewerStream {
    /// Seconds after the last movement from which on the camera counts as still.
    static let stillSeconds = 0.3
    /// Radians per second above which details cannot be seen.
    private static let fastTurn = 1.0472
    private static let turningFactor: Float = 3
    /// Rankings without a new view are at least this many seconds apart.
    static let rankingSeconds = 0.01
    /// Beyond the picture on each side: what counts as seen, and what is prefetched.
    static let margin = 0.06
    private static let prefetchMargin = 0.25
    private static let prefetchWeight: Float = 0.02
    private static let prefetchCoarseness: Float = 16
    /// Share of the GPU limit that wanted chunks may fill, and up to which is prefetched.
    private static let fullShare = 0.9
    private static let prefetchShare = 0.7

    func isMoving(at now: Double) -> Bool { now - lastMotionAt < ViewerStream.stillSeconds }

    func isTurning(_ update: ViewUpdate, at now: Double) -> Bool {
        isMoving(at: now) && length(update.angularVelocity) > ViewerStream.fastTurn
    }

    func query(_ update: ViewUpdate, at now: Double) -> RankingQuery {
        let isTurning = isTurning(update, at: now)
        var query = RankingQuery(
            camera: RankingCamera(update.view, origin: plan.origin, margin: ViewerStream.margin),
            // A little stricter than the viewer, whose rounding may differ.
            threshold: update.thresholdPixels * (isTurning ? ViewerStream.turningFactor : 1) * 0.999,
            hint: hint, held: held, stored: stored)
        query.skipsProxies = gpuByteLimit == 0 || 2 * gpuByteCount < gpuByteLimit
        for (chunk, count) in refusals where count > 1 { query.held.insert(Int(chunk)) }
        if isMoving(at: now) {
            query.focus = update.focus
            let ahead = min(max(pathSeconds + 0.05, 0.1), 0.3)
            let predicted = update.predicted(after: ahead)
            if predicted != update.view, predicted.isValid {
                query.predicted = RankingCamera(predicted, origin: plan.origin, margin: ViewerStream.margin)
            }
        }
        return query
    }

    /// Seconds until what is sent now is received.
    private var pathSeconds: Double {
        let roundTrip = flow.shortestRoundTrip.isFinite ? flow.shortestRoundTrip : 0.1
        return roundTrip + (flow.rate > 0 ? Double(flow.inFlightByteCount) / flow.rate : 0)
    }

    /// Ranks for the newest view and queues the best of what is missing.
    mutating func rank(at now: Double, _ scratch: inout RankingScratch) {
        guard let update else { return }
        let query = query(update, at: now)
        ChunkRanking(plan: plan, query: query).run(&scratch)
        let leastGain = leastGain(query, &scratch, explains: false)
        fill(SendOrder(plan: plan, query: query, leastGain: leastGain), &scratch, byteLimit: queueByteCount)
        isQueuePrefetch = false
        isRankingDue = false
        isPrefetchDone = false
        lastRankedAt = now
        isComplete = scratch.neededCount == 0 || queue.isEmpty
        largestMissingError = isComplete && scratch.neededCount > 0 ? scratch.largestError : 0
        counts.missingChunkCount = scratch.neededCount
        counts.rankingCount += 1
        counts.thresholdPixels = query.threshold
    }

    /// Ranks what is around the picture.
    mutating func rankPrefetch(at now: Double, _ scratch: inout RankingScratch) {
        guard let update, prefetchedByteCount < limits.prefetchByteCount, refusals.isEmpty, !isMoving(at: now),
            gpuByteLimit == 0 || Double(gpuByteCount) < ViewerStream.prefetchShare * Double(gpuByteLimit)
        else {
            isPrefetchDone = true
            return
        }
        var query = query(update, at: now)
        query.camera = RankingCamera(update.view, origin: plan.origin, margin: ViewerStream.prefetchMargin)
        query.outsideThreshold = query.threshold * ViewerStream.prefetchCoarseness
        query.weight = ViewerStream.prefetchWeight
        ChunkRanking(plan: plan, query: query).run(&scratch)
        fill(
            SendOrder(plan: plan, query: query), &scratch,
            byteLimit: min(queueByteCount, limits.prefetchByteCount - prefetchedByteCount))
        isQueuePrefetch = true
        isPrefetchDone = queue.isEmpty
        lastRankedAt = now
        counts.rankingCount += 1
    }

    /// About what the link takes until the next ranking.
    private var queueByteCount: Int { max(131_072, Int(min(flow.rate * 0.15, 67_108_864))) }

    private mutating func fill(_ order: SendOrder, _ scratch: inout RankingScratch, byteLimit: Int) {
        queue.removeAll(keepingCapacity: true)
        queueHead = 0
        var bytes = 0
        order.run(&scratch) { chunk, _ in
            queue.append(chunk)
            bytes += order.cost(Int(chunk))
            return bytes < byteLimit
        }
    }

    /// The gain at which the best chunks fill the viewer's GPU: what gains less would drive out what gains more. Ranks
    /// again, with what the viewer has, if the candidates may not all find room.
    private func leastGain(_ query: RankingQuery, _ scratch: inout RankingScratch, explains: Bool) -> Float {
        let room = Double(gpuByteLimit) * ViewerStream.fullShare
        guard gpuByteLimit > 0, Double(gpuByteCount) + Double(scratch.gpuByteCount) > room else { return -1 }
        var query = query
        query.measuresHeld = true
        ChunkRanking(plan: plan, query: query).run(&scratch, explains: explains)
        guard Double(scratch.gpuByteCount) > room else { return -1 }
        var bytes = 0.0
        let touched = (scratch.heldChunks + scratch.candidates).sorted {
            scratch.gains[Int($0)] > scratch.gains[Int($1)]
        }
        for chunk in touched {
            bytes += Double(plan.chunks[Int(chunk)].gpuByteCount)
            if bytes > room { return scratch.gains[Int(chunk)] }
        }
        return -1
    }

    /// What would be sent now, best first, and why. For people: it ranks anew.
    package func queue(
        limit: Int, at now: Instant, using scratch: inout RankingScratch
    ) -> [RankedChunk] {
        guard let update else { return [] }
        let query = query(update, at: time(now))
        ChunkRanking(plan: plan, query: query).run(&scratch, explains: true)
        let order = SendOrder(plan: plan, query: query, leastGain: leastGain(query, &scratch, explains: true))
        var taken: [(chunk: UInt32, score: Float)] = []
        order.run(&scratch) { chunk, score in
            if taken.count < limit { taken.append((chunk, score)) }
            return taken.count < limit
        }
        return taken.map { chunk, score in
            let number = Int(chunk)
            let isTouched = scratch.stamps[number] == scratch.stamp
            return RankedChunk(
                chunk: number, kind: plan.chunks[number].kind, nodes: plan.chunkNodes[number].map { Int($0) },
                gain: isTouched ? scratch.gains[number] : 0, byteCount: order.cost(number), score: score,
                isNeeded: isTouched && scratch.isNeeded[number], contribution: scratch.contributions?[chunk])
        }
    }
}
