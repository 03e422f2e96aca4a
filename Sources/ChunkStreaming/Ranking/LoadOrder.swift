// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What a renderer that reads the archive itself loads next: the ranking that decides what viewers are sent, without a
/// connection. Safe on any thread; a scratch serves one call at a time.
package struct LoadOrder: Sendable {
    package let plan: StreamPlan

    package init(plan: StreamPlan) { self.plan = plan }

    /// What a ranking found missing.
    package struct Missing: Equatable, Sendable {
        /// Chunks that the view cannot be drawn right without.
        package var chunkCount = 0
        /// Largest error, in pixels, that they would mend.
        package var largestErrorPixels: Float = 0
    }

    /// Ranks what a view lacks.
    ///
    /// - Parameters:
    ///   - view: valid, or nothing is found.
    ///   - thresholdPixels: errors up to this are fine.
    ///   - held: chunks that are not wanted (again).
    ///   - take: called for each wanted chunk, best first, everything that it depends on before it; returns whether to
    ///     go on.
    package func rank(
        _ view: ViewState, thresholdPixels: Float, held: BitSet, using scratch: inout RankingScratch,
        take: (Int) -> Bool
    ) -> Missing {
        guard let query = query(view, thresholdPixels, held) else { return Missing() }
        ChunkRanking(plan: plan, query: query).run(&scratch)
        let missing = Missing(chunkCount: scratch.neededCount, largestErrorPixels: scratch.largestError)
        if scratch.candidates.isEmpty { return missing }
        SendOrder(plan: plan, query: query).run(&scratch) { chunk, _ in take(Int(chunk)) }
        return missing
    }

    /// What a view lacks, without an order.
    package func missing(
        _ view: ViewState, thresholdPixels: Float, held: BitSet, using scratch: inout RankingScratch
    ) -> Missing {
        guard let query = query(view, thresholdPixels, held) else { return Missing() }
        ChunkRanking(plan: plan, query: query).run(&scratch)
        return Missing(chunkCount: scratch.neededCount, largestErrorPixels: scratch.largestError)
    }

    /// What every chunk that a view uses is worth to it, in pixels times the square root of an error in pixels, whether
    /// it is held or not.
    ///
    /// - Parameter add: called once for each of them.
    package func measure(
        _ view: ViewState, thresholdPixels: Float, held: BitSet, using scratch: inout RankingScratch,
        add: (Int, Float) -> Void
    ) {
        guard var query = query(view, thresholdPixels, held) else { return }
        query.measuresHeld = true
        ChunkRanking(plan: plan, query: query).run(&scratch)
        for chunk in scratch.heldChunks { add(Int(chunk), scratch.gains[Int(chunk)]) }
        for chunk in scratch.candidates { add(Int(chunk), scratch.gains[Int(chunk)]) }
    }

    /// The chunks without which a chunk is of no use; not those that they in turn depend on.
    package func parents(ofChunk chunk: Int) -> ArraySlice<UInt32> { plan.chunkParents[chunk] }

    private func query(_ view: ViewState, _ thresholdPixels: Float, _ held: BitSet) -> RankingQuery? {
        guard view.isValid, thresholdPixels > 0, thresholdPixels.isFinite else { return nil }
        return RankingQuery(
            camera: RankingCamera(view, origin: plan.origin, margin: ViewerStream.margin),
            // A little stricter than selection, which computes in another order.
            threshold: thresholdPixels * 0.999, held: held, stored: BitSet(count: plan.chunkCount))
    }
}
