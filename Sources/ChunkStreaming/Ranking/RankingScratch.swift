// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What a ranking is asked.
struct RankingQuery {
    var camera: RankingCamera
    /// Where the camera will be when what is sent now can be seen; nil while it is still.
    var predicted: RankingCamera?
    /// Pixels.
    var threshold: Float
    /// What is outside the picture is wanted from this error on: infinite but for prefetching.
    var outsideThreshold = Float.infinity
    /// Multiplies every gain; small for prefetching.
    var weight: Float = 1
    /// Clip space, while moving: gains fall off from here.
    var focus: SIMD2<Float>?
    var hint: ViewHint?
    /// Chunks that are resident or on their way.
    var held: BitSet
    /// Chunks whose bytes the viewer keeps.
    var stored: BitSet
    /// Whether a sector may go without its proxy where the view wants what is in it.
    var skipsProxies = false
    /// Whether gains of held chunks are needed, too: the viewer's GPU is nearly full.
    var measuresHeld = false

    /// Weight of what the camera sees now and will see then, and of what it will see only then.
    static let presentShare: Float = 0.6
    static let predictedShare: Float = 0.4
    static let predictedOnly: Float = 0.15
    /// Errors above this do not count more, in pixels: one giant error must not starve the rest.
    static let largestError: Float = 64
    /// What a node is worth at least that mends little itself, but leads to those that do.
    private static let leastShare: Float = 0.15

    /// What it is worth to bring a pixel's error down. The root makes ten pixels at 2 worth more than one at 20: measured
    /// on scans, that shows 95 % of a picture right with fewer bytes, and hardly changes its mean error on the way.
    ///
    /// - Parameters: pixels; infinite where nothing is shown yet.
    @inline(__always)
    static func worth(of error: Float, remaining: Float = 0) -> Float {
        let before = min(largestError, error)
        return max(leastShare * before, before - min(largestError, remaining)).squareRoot()
    }
}

/// What the application cares about, spread over the model.
struct ViewHint: Equatable, Sendable {
    var weight: Float
    /// Nodes of the model's tree that were named, and everything below them.
    var treeNodes: BitSet
    /// Sectors with such instances in them or below.
    var sectors: BitSet
}

extension StreamPlan {
    /// O(tree + instances + sectors). Numbers that do not exist are ignored.
    func hint(weight: Float, treeNodes: [UInt32]) -> ViewHint? {
        guard !treeNodes.isEmpty, weight.isFinite else { return nil }
        var nodes = BitSet(count: treeParents.count)
        for node in treeNodes where node < treeParents.count { nodes.insert(Int(node)) }
        for (node, parent) in treeParents.enumerated() where parent >= 0 && nodes.contains(Int(parent)) {
            nodes.insert(node)
        }
        var marked = BitSet(count: sectors.count)
        for number in sectors.indices.reversed() {
            let isInstanceMarked = sectors[number].instances.contains { nodes.contains(Int(instances[$0].treeNode)) }
            if isInstanceMarked || sectorChildren[number].contains(where: { marked.contains(Int($0)) }) {
                marked.insert(number)
            }
        }
        return ViewHint(weight: min(10, max(1, weight)), treeNodes: nodes, sectors: marked)
    }
}

/// Memory that rankings use, one after the other: one for each worker, not for each viewer. Grows to the largest plan.
package struct RankingScratch: Sendable {
    /// Per chunk: what sending it is worth, in pixels times pixels of error. Valid where `stamps` holds `stamp`.
    var gains: [Float] = []
    var stamps: [UInt32] = []
    var stamp: UInt32 = 0
    /// Touched chunks that are not held.
    var candidates: [UInt32] = []
    /// Touched chunks that are held; only if the query measures them.
    var heldChunks: [UInt32] = []
    /// Candidates that the view itself needs, so that it is not settled without them.
    var neededCount = 0
    /// Per chunk: whether the view itself needs it.
    var isNeeded: [Bool] = []
    /// GPU bytes of all touched chunks.
    var gpuByteCount = 0
    /// Triangles of the wanted nodes, over all instances, and of the proxies that are shown; only if held chunks are
    /// measured.
    var triangleCount = 0.0
    /// Largest error, in pixels, that chunks among the candidates would mend.
    var largestError: Float = 0
    /// Per chunk, only if asked for: the largest single contribution.
    var contributions: [UInt32: RankedChunk.Contribution]?

    var occlusion = OcclusionBuffer()
    /// Instances in view, of the sectors being walked.
    var visible: [UInt32] = []
    /// What a sector lacks, each chunk once.
    private(set) var members: [UInt32] = []
    private var isMember = BitSet(count: 0)
    var visited = BitSet(count: 0)
    var wanted = BitSet(count: 0)
    var wantedLater = BitSet(count: 0)
    var order = SendOrderScratch()

    package init() {}

    mutating func begin(_ plan: StreamPlan, explains: Bool) {
        if gains.count < plan.chunkCount {
            gains = [Float](repeating: 0, count: plan.chunkCount)
            stamps = [UInt32](repeating: 0, count: plan.chunkCount)
            isNeeded = [Bool](repeating: false, count: plan.chunkCount)
            stamp = 0
        }
        if stamp == .max {
            for chunk in stamps.indices { stamps[chunk] = 0 }
            stamp = 0
        }
        stamp += 1
        candidates.removeAll(keepingCapacity: true)
        heldChunks.removeAll(keepingCapacity: true)
        visible.removeAll(keepingCapacity: true)
        removeMembers()
        if isMember.count < plan.chunkCount { isMember = BitSet(count: plan.chunkCount) }
        neededCount = 0
        gpuByteCount = 0
        triangleCount = 0
        largestError = 0
        contributions = explains ? [:] : nil
        occlusion.clear()
    }

    /// Empty sets for a geometry's nodes, or larger.
    mutating func clearSets(count: Int) {
        if visited.count < count {
            visited = BitSet(count: count)
            wanted = BitSet(count: count)
            wantedLater = BitSet(count: count)
            return
        }
        let words = (count + 63) / 64
        visited.clear(words: words)
        wanted.clear(words: words)
        wantedLater.clear(words: words)
    }

    /// - Returns: whether it was none before.
    @discardableResult
    mutating func add(member chunk: UInt32) -> Bool {
        guard isMember.insert(Int(chunk)) else { return false }
        members.append(chunk)
        return true
    }

    mutating func removeMembers() {
        for chunk in members { isMember.remove(Int(chunk)) }
        members.removeAll(keepingCapacity: true)
    }

    /// Counts a chunk as wanted: once, however often it is touched; gains add up.
    @inline(__always)
    mutating func touch(_ chunk: UInt32, gain: Float, isNeeded needed: Bool, plan: StreamPlan, query: RankingQuery) {
        let number = Int(chunk)
        if stamps[number] != stamp {
            stamps[number] = stamp
            gains[number] = 0
            isNeeded[number] = false
            gpuByteCount += Int(plan.chunks[number].gpuByteCount)
            if query.held.contains(number) { heldChunks.append(chunk) } else { candidates.append(chunk) }
        }
        if needed && !isNeeded[number] {
            isNeeded[number] = true
            if !query.held.contains(number) { neededCount += 1 }
        }
        gains[number] += gain
    }
}
