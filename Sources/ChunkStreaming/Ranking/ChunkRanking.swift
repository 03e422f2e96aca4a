// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Finds what a viewer would like to draw down to its threshold and does not have, and what each chunk is worth.
///
/// Wanted are, as in the viewer's own cut: sectors whose proxy is too wrong, with everything that must be there before
/// they can be shown in its place; and of every instance in view the nodes whose error is above the threshold, with all
/// that they depend on. The gain of a node is the visible pixels that it mends times what that is worth to each (see
/// `RankingQuery.worth`); a chunk's is the sum over its wanted nodes and all their instances.
///
/// Source of the rule: measured against other orders in the design notes; the idea of "pixels times error per byte" goes
/// back to Funkhouser and Séquin, "Adaptive display algorithm", SIGGRAPH 1993.
struct ChunkRanking {
    let plan: StreamPlan
    let query: RankingQuery

    init(plan: StreamPlan, query: RankingQuery) {
        self.plan = plan
        self.query = query
    }

    /// Fills `scratch` with candidates and gains. O(nodes and instances in view).
    func run(_ scratch: inout RankingScratch, explains: Bool = false) {
        scratch.begin(plan, explains: explains)
        // Nothing hides what is outside the picture.
        if query.outsideThreshold == .infinity { scratch.occlusion.draw(plan.standIn, query.camera) }
        visit(sector: 0, &scratch)
    }

    // MARK: Shared with the other parts

    /// How wrong something is in a picture.
    struct ErrorInView {
        var pixels: Float
        var isSeen: Bool
        var threshold: Float

        @inline(__always)
        func isWanted(always: Bool = false) -> Bool { isSeen && (always || pixels > threshold) }
    }

    /// Errors now and, if the camera moves, soon.
    @inline(__always)
    func errors(of error: Float, _ center: Float3, _ half: Float3) -> (now: ErrorInView, later: ErrorInView) {
        let isInside = query.camera.sees(center, half)
        let threshold = isInside ? query.threshold : query.outsideThreshold
        let now = ErrorInView(
            pixels: query.camera.pixels(error, center, half), isSeen: threshold < .infinity, threshold: threshold)
        guard let predicted = query.predicted else {
            return (now, ErrorInView(pixels: 0, isSeen: false, threshold: .infinity))
        }
        let moved = center + query.camera.eye - predicted.eye
        return (
            now,
            ErrorInView(
                pixels: predicted.pixels(error, moved, half), isSeen: predicted.sees(moved, half),
                threshold: query.threshold)
        )
    }

    /// A point of a geometry, relative to the eye.
    @inline(__always)
    func place(_ point: Float3, _ instance: PlanInstance) -> Float3 {
        instance.x * point.x + instance.y * point.y + instance.z * point.z + (instance.translation - query.camera.eye)
    }

    /// Half the size of the box around a transformed box.
    @inline(__always)
    func extent(_ half: Float3, _ instance: PlanInstance) -> Float3 {
        magnitude(instance.x) * half.x + magnitude(instance.y) * half.y + magnitude(instance.z) * half.z
    }

    /// Visible pixels of a surface of an area (as seen square on, in square metres) in a box.
    @inline(__always)
    func pixels(_ area: Float, _ center: Float3, _ footprint: Footprint, _ camera: RankingCamera) -> Float {
        let clipped = footprint.clipped
        let whole = area * camera.pixelsPerArea(at: center) * clipped.ofFootprint
        return max(0, min(clipped.ofPicture * camera.pixelCount, whole))
    }

    /// Falls from 1 at the focus to 0.35, while moving.
    @inline(__always)
    func attention(_ footprint: Footprint) -> Float {
        guard let focus = query.focus else { return 1 }
        let middle = SIMD2((footprint.x0 + footprint.x1) * 0.5, (footprint.y0 + footprint.y1) * 0.5)
        // Half the field of view is 1 in clip space; the fall-off's width is a quarter of the whole of it.
        let offset = (middle - focus) * 2
        let square = min(1000, max(0, (offset * offset).sum()))
        return 0.35 + 0.65 / (1 + square + square * square * 0.5)
    }

    @inline(__always)
    func note(_ chunk: UInt32, _ contribution: RankedChunk.Contribution, _ scratch: inout RankingScratch) {
        guard scratch.contributions != nil else { return }
        if contribution.gain >= scratch.contributions?[chunk]?.gain ?? -1 {
            scratch.contributions?[chunk] = contribution
        }
    }
}
