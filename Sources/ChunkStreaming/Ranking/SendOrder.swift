// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Memory of `SendOrder`.
struct SendOrderScratch {
    struct Entry {
        var score: Float
        var chunk: UInt32
    }

    /// Binary heap, best first; entries whose score is no longer their chunk's are stale.
    var heap: [Entry] = []
    var scores: [Float] = []
    /// Per chunk: the last closure that it was found in.
    var marks: [UInt32] = []
    var mark: UInt32 = 0
    var closure: [UInt32] = []
    /// Per chunk: whether it has been taken.
    var isTaken: [Bool] = []
}

/// Brings a ranking's candidates into the order to send them: always the set of chunks, complete with everything it
/// depends on, that gains most per byte.
struct SendOrder {
    let plan: StreamPlan
    let query: RankingQuery
    /// Chunks that gain no more than this are not sent: they would drive out better ones.
    var leastGain: Float = -1

    /// A chunk that depends on more unsent ones than this waits until some of them have been sent.
    private static let closureLimit = 48
    /// What a message costs beside its payload.
    static let messageByteCount = 16

    /// - Parameters:
    ///   - scratch: after `ChunkRanking.run`.
    ///   - take: called for each chunk with its score, best first; returns whether to go on.
    func run(_ scratch: inout RankingScratch, _ take: (UInt32, Float) -> Bool) {
        begin(&scratch)
        for chunk in scratch.candidates where scratch.gains[Int(chunk)] > leastGain { push(chunk, &scratch) }
        var isGoingOn = true
        while isGoingOn, let entry = scratch.order.pop() {
            let chunk = Int(entry.chunk)
            if scratch.order.isTaken[chunk] || entry.score != scratch.order.scores[chunk] { continue }
            isGoingOn = emit(entry.chunk, entry.score, &scratch, take)
        }
        for chunk in scratch.candidates { scratch.order.isTaken[Int(chunk)] = false }
    }

    private func begin(_ scratch: inout RankingScratch) {
        if scratch.order.scores.count < plan.chunkCount {
            scratch.order.scores = [Float](repeating: 0, count: plan.chunkCount)
            scratch.order.marks = [UInt32](repeating: 0, count: plan.chunkCount)
            scratch.order.isTaken = [Bool](repeating: false, count: plan.chunkCount)
            scratch.order.mark = 0
        }
        scratch.order.heap.removeAll(keepingCapacity: true)
    }

    /// Bytes on the wire that a chunk takes.
    @inline(__always)
    func cost(_ chunk: Int) -> Int { SendOrder.cost(chunk, plan, query.stored) }

    static func cost(_ chunk: Int, _ plan: StreamPlan, _ stored: BitSet) -> Int {
        let bytes = Int(plan.chunks[chunk].byteCount)
        // A recalled chunk costs only its decoding.
        return (stored.contains(chunk) ? bytes / 16 : bytes) + messageByteCount
    }

    private func push(_ chunk: UInt32, _ scratch: inout RankingScratch) {
        guard let score = score(chunk, &scratch) else { return }
        scratch.order.scores[Int(chunk)] = score
        scratch.order.push(SendOrderScratch.Entry(score: score, chunk: chunk))
    }

    /// Gain per byte of a chunk and all unsent chunks that it depends on; nil: too many.
    private func score(_ chunk: UInt32, _ scratch: inout RankingScratch) -> Float? {
        collect(chunk, &scratch)
        if scratch.order.closure.count > SendOrder.closureLimit { return nil }
        var gain: Float = 0
        var bytes = 0
        for member in scratch.order.closure {
            gain += scratch.gains[Int(member)]
            bytes += cost(Int(member))
        }
        return gain / Float(bytes)
    }

    /// Whether a chunk must come before those that depend on it. What no view's node depends on is no candidate: chunks
    /// that several geometries share have parents that only the others need.
    @inline(__always)
    private func isLacking(_ chunk: Int, _ scratch: RankingScratch) -> Bool {
        scratch.stamps[chunk] == scratch.stamp && !query.held.contains(chunk) && !scratch.order.isTaken[chunk]
    }

    /// The chunk and its unsent ancestors, ancestors later.
    private func collect(_ chunk: UInt32, _ scratch: inout RankingScratch) {
        if scratch.order.mark == .max {
            for chunk in scratch.order.marks.indices { scratch.order.marks[chunk] = 0 }
            scratch.order.mark = 0
        }
        scratch.order.mark += 1
        scratch.order.closure.removeAll(keepingCapacity: true)
        scratch.order.closure.append(chunk)
        scratch.order.marks[Int(chunk)] = scratch.order.mark
        var next = 0
        while next < scratch.order.closure.count, next <= SendOrder.closureLimit {
            for item in plan.chunkParents.range(Int(scratch.order.closure[next])) {
                let parent = plan.chunkParents.items[item]
                guard scratch.order.marks[Int(parent)] != scratch.order.mark, isLacking(Int(parent), scratch) else {
                    continue
                }
                scratch.order.marks[Int(parent)] = scratch.order.mark
                scratch.order.closure.append(parent)
            }
            next += 1
        }
    }

    /// Takes a chunk and before it everything unsent that it depends on.
    private func emit(
        _ chunk: UInt32, _ score: Float, _ scratch: inout RankingScratch, _ take: (UInt32, Float) -> Bool
    ) -> Bool {
        scratch.order.isTaken[Int(chunk)] = true
        for item in plan.chunkParents.range(Int(chunk)) {
            let parent = plan.chunkParents.items[item]
            guard isLacking(Int(parent), scratch) else { continue }
            if !emit(parent, score, &scratch, take) { return false }
        }
        guard take(chunk, score) else { return false }
        for item in plan.chunkChildren.range(Int(chunk)) {
            let child = plan.chunkChildren.items[item]
            if scratch.stamps[Int(child)] == scratch.stamp, !scratch.order.isTaken[Int(child)],
                !query.held.contains(Int(child)), scratch.gains[Int(child)] > leastGain
            {
                push(child, &scratch)
            }
        }
        return true
    }
}

extension SendOrderScratch {
    mutating func push(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[parent].score < heap[place].score else { return }
            heap.swapAt(parent, place)
            place = parent
        }
    }

    mutating func pop() -> Entry? {
        guard let best = heap.first else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return best }
        heap[0] = last
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return best }
            let right = left + 1
            let larger = right < heap.count && heap[right].score > heap[left].score ? right : left
            guard heap[larger].score > heap[place].score else { return best }
            heap.swapAt(place, larger)
            place = larger
        }
    }
}
