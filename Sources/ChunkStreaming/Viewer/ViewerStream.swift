// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Decides which chunk a viewer gets next. One for each connection; a value that performs nothing: events and the time go
/// in, actions come out. Not for two threads at once.
///
/// What a viewer has is one bit per chunk. At each new view the missing chunks are ranked, the best of them queued; as
/// many are on their way as `FlowWindow` allows, and nothing more is committed, so that the next view finds an empty
/// pipe. When nothing is missing, the view is settled, once; then a bounded amount around the picture is prefetched.
/// Idle, a viewer takes about 2 KiB and four bits per chunk.
package struct ViewerStream {
    package typealias Instant = ContinuousClock.Instant

    package enum Event: Sendable {
        case view(ViewUpdate)
        /// - hold: between the arrival of message `sequence` and this acknowledgement.
        case acknowledge(sequence: UInt32, hold: Duration, backlogByteCount: Int, decodeRate: Int)
        /// Chunks that are no longer resident.
        case evicted([UInt32])
        /// Pairs: first chunk, number of chunks.
        case holdings(ChunkHolding, [UInt32])
        /// Chunks that were recalled and are not stored any more.
        case lost([UInt32])
        /// Bytes on the viewer's GPU: the limit, and what is used.
        case budget(gpuByteLimit: UInt64, gpuByteCount: UInt64)
        /// Weight 1...10 of what these nodes of the model's tree place; no nodes: no hint.
        case hint(weight: Float, treeNodes: [UInt32])
        /// Whether nothing is to be sent for now; what comes in meanwhile counts all the same.
        case pause(Bool)
        /// Time has passed: see `nextDeadline`.
        case tick
    }

    package enum Action: Equatable, Sendable {
        case sendMaterial(Int)
        case sendGeometry(Int)
        case sendChunk(sequence: UInt32, chunk: Int)
        case recall(sequence: UInt32, chunk: Int)
        /// Everything that a view needs at this threshold has been sent.
        case settled(view: UInt32, threshold: Float)
    }

    package let plan: StreamPlan
    package let limits: StreamLimits

    // What the viewer has.
    var held: BitSet
    var stored: BitSet
    var sentGeometries: BitSet
    var sentMaterials: BitSet

    // What it looks at.
    var update: ViewUpdate?
    var hint: ViewHint?
    var lastMotionAt = -Double.infinity
    var gpuByteLimit = 0
    /// As reported, and what has been sent since.
    var gpuByteCount = 0
    /// Chunks that the viewer dropped although the view wants them, and how often since the view changed.
    var refusals: [UInt32: Int] = [:]

    // What it will get.
    var isPaused = false
    var queue: [UInt32] = []
    var queueHead = 0
    var isQueuePrefetch = false
    var isFirstPictureDue = true
    /// The queue no longer fits the view.
    var isRankingDue = false
    /// The last ranking found nothing missing.
    var isComplete = false
    var isPrefetchDone = false
    var prefetchedByteCount = 0
    var lastRankedAt = -Double.infinity
    var lastViewRankedAt = -Double.infinity
    var largestMissingError: Float = 0

    var flow = FlowWindow()
    var sequence: UInt32 = 0
    var settledView: UInt32?
    var counts = StreamStatistics()
    private var epoch: Instant?
    private var deadline: Double?

    package init(plan: StreamPlan, limits: StreamLimits = StreamLimits()) {
        self.plan = plan
        self.limits = limits
        held = BitSet(count: plan.chunkCount)
        stored = BitSet(count: plan.chunkCount)
        sentGeometries = BitSet(count: plan.geometryCount)
        sentMaterials = BitSet(count: plan.materialCount)
    }

    /// Takes in what happened and says what to do, in this order. Numbers that name nothing are ignored and counted.
    ///
    /// The first event of any kind makes the first picture due; send holdings before anything else to spare what the
    /// viewer has.
    ///
    /// - Parameters:
    ///   - now: never earlier than before.
    ///   - scratch: shared by all viewers of a worker.
    package mutating func handle(
        _ event: Event, at now: Instant, using scratch: inout RankingScratch
    ) -> [Action] {
        if epoch == nil { epoch = now }
        let time = time(now)
        var actions: [Action] = []
        switch event {
        case .view(let update): take(update, at: time)
        case .acknowledge(let sequence, let hold, let backlogByteCount, let decodeRate):
            flow.acknowledged(
                sequence: sequence, hold: hold.seconds, backlogByteCount: backlogByteCount, decodeRate: decodeRate,
                at: time)
        case .evicted(let chunks): take(evicted: chunks)
        case .holdings(let kind, let ranges): take(kind, ranges)
        case .lost(let chunks): take(lost: chunks)
        case .budget(let limit, let count): take(limit: limit, count: count)
        case .hint(let weight, let treeNodes):
            hint = plan.hint(weight: weight, treeNodes: treeNodes)
            isRankingDue = true
        case .pause(let isPaused):
            self.isPaused = isPaused
            isRankingDue = update != nil
        case .tick: break
        }
        guard !isPaused else {
            deadline = nil
            return []
        }
        // Holdings come before the first view of a resumed connection: what they spare must not be sent first.
        if case .holdings = event, update == nil { return [] }
        pump(at: time, &actions, &scratch)
        deadline = deadline(after: time)
        return actions
    }

    /// When to send `.tick` if nothing else happens before.
    package var nextDeadline: Instant? {
        guard let epoch, let deadline else { return nil }
        return epoch.advanced(by: .seconds(deadline))
    }

    package var statistics: StreamStatistics {
        var result = counts
        result.rate = flow.rate
        result.roundTripSeconds = flow.shortestRoundTrip
        result.inFlightByteCount = flow.inFlightByteCount
        result.windowByteCount = Int(flow.limit)
        result.phase = flow.phase.rawValue
        result.heldChunkCount = held.memberCount
        result.isSettled = isComplete && settledView == update?.sequence
        return result
    }

    /// Seconds since the first event; 0 before it.
    func time(_ now: Instant) -> Double { epoch.map { max(0, $0.duration(to: now).seconds) } ?? 0 }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
