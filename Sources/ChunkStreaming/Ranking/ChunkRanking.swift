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

    // MARK: Sectors

    private func visit(sector number: Int, _ scratch: inout RankingScratch) {
        let sector = plan.sectors[number]
        let center = sector.center - query.camera.eye
        let (now, later) = errors(of: sector.proxyError, center, sector.half)
        guard now.isWanted(always: !sector.hasProxy) || later.isWanted(always: !sector.hasProxy) else {
            if now.isSeen { require(sector, center, number, &scratch) }
            if now.isSeen, query.measuresHeld, sector.hasProxy { count(proxy: sector.proxyChunk, &scratch) }
            return
        }
        let firstVisible = scratch.visible.count
        defer { scratch.visible.removeLast(scratch.visible.count - firstVisible) }
        collectVisible(number, sector, &scratch)
        scratch.members.removeAll(keepingCapacity: true)
        add(member: sector.chunk, &scratch)
        if sector.hasProxy {
            if number == 0 { add(member: sector.proxyChunk, &scratch) }
            collectMembers(of: number, sector, from: firstVisible, &scratch)
        }
        if !scratch.members.isEmpty {
            // What is finer is of no use before: the proxy stays until all of these are there.
            let error = sector.hasProxy ? max(now.pixels, later.pixels) : .infinity
            share(gain(of: sector, center, number, error, scratch), error, &scratch)
            if sector.hasProxy || !query.held.contains(Int(sector.chunk)) { return }
        }
        for position in firstVisible..<scratch.visible.count {
            rank(instance: Int(scratch.visible[position]), &scratch)
        }
        for item in plan.sectorChildren.range(number) {
            visit(sector: Int(plan.sectorChildren.items[item]), &scratch)
        }
    }

    /// A sector that is shown as its proxy needs its own chunk and the proxy.
    private func require(
        _ sector: PlanSector, _ center: Float3, _ number: Int, _ scratch: inout RankingScratch
    ) {
        scratch.members.removeAll(keepingCapacity: true)
        add(member: sector.chunk, &scratch)
        if sector.hasProxy { add(member: sector.proxyChunk, &scratch) }
        if scratch.members.isEmpty { return }
        share(gain(of: sector, center, number, .infinity, scratch), .infinity, &scratch)
    }

    private func count(proxy chunk: UInt32, _ scratch: inout RankingScratch) {
        for node in plan.chunkNodes[Int(chunk)] { scratch.triangleCount += plan.drawnTriangleCount(Int(node)) }
    }

    /// Instances of a sector that are in view now (or will be), unless none of them can lack anything.
    private func collectVisible(_ number: Int, _ sector: PlanSector, _ scratch: inout RankingScratch) {
        if sector.isContentListed, !query.measuresHeld, isContentHeld(number) { return }
        for number in sector.instances {
            let instance = plan.instances[number]
            let geometry = plan.geometries[Int(instance.geometry)]
            let center = place(geometry.center, instance)
            let half = extent(geometry.half, instance)
            if query.outsideThreshold < .infinity || query.camera.sees(center, half)
                || query.predicted?.sees(center + query.camera.eye - (query.predicted?.eye ?? .zero), half) == true
            {
                scratch.visible.append(UInt32(number))
            }
        }
    }

    private func isContentHeld(_ number: Int) -> Bool {
        for item in plan.sectorContent.range(number)
        where !query.held.contains(Int(plan.sectorContent.items[item])) {
            return false
        }
        return true
    }

    /// What must be there before a sector's proxy can give way, and is not.
    private func collectMembers(
        of number: Int, _ sector: PlanSector, from firstVisible: Int, _ scratch: inout RankingScratch
    ) {
        for position in firstVisible..<scratch.visible.count {
            let geometry = Int(plan.instances[Int(scratch.visible[position])].geometry)
            for item in plan.roots.range(geometry) {
                add(member: plan.nodes[Int(plan.roots.items[item])].chunk, &scratch)
            }
        }
        for item in plan.sectorChildren.range(number) {
            let childNumber = Int(plan.sectorChildren.items[item])
            let child = plan.sectors[childNumber]
            add(member: child.chunk, &scratch)
            if child.hasProxy {
                add(member: child.proxyChunk, &scratch)
            } else {
                let first = scratch.visible.count
                collectVisible(childNumber, child, &scratch)
                collectMembers(of: childNumber, child, from: first, &scratch)
                scratch.visible.removeLast(scratch.visible.count - first)
            }
        }
    }

    @inline(__always)
    private func add(member chunk: UInt32, _ scratch: inout RankingScratch) {
        if !query.held.contains(Int(chunk)) {
            scratch.members.append(chunk)
        } else if query.measuresHeld {
            // Never to be given up while their sector is in view.
            scratch.touch(chunk, gain: .greatestFiniteMagnitude / 4096, isNeeded: true, plan: plan, query: query)
        }
    }

    /// Gives each member its share of what having all of them is worth, by size, so that all rank alike.
    private func share(_ gain: Float, _ error: Float, _ scratch: inout RankingScratch) {
        let bytes = scratch.members.reduce(Float(1)) { $0 + Float(plan.chunks[Int($1)].byteCount) }
        scratch.largestError = max(scratch.largestError, error)
        for chunk in scratch.members {
            let part = gain * Float(plan.chunks[Int(chunk)].byteCount) / bytes
            scratch.touch(chunk, gain: part, isNeeded: query.weight == 1, plan: plan, query: query)
            note(chunk, RankedChunk.Contribution(gain: part, errorPixels: error, reason: .sector), &scratch)
        }
    }

    private func gain(
        of sector: PlanSector, _ center: Float3, _ number: Int, _ error: Float, _ scratch: RankingScratch
    ) -> Float {
        let faces =
            Float3(
                sector.half.y * sector.half.z, sector.half.z * sector.half.x, sector.half.x * sector.half.y) * 4
        let area = dot(faces, magnitude(query.camera.towardsViewer(from: center)))
        let footprint = query.camera.footprint(center, sector.half)
        let pixels = self.pixels(area, center, footprint, query.camera)
        let hint = query.hint.map { $0.sectors.contains(number) ? $0.weight : 1 } ?? 1
        // A proxy's share of the box is less than the box, and what is seen of a box is more than nothing.
        return max(pixels, 1) * RankingQuery.worth(of: error) * scratch.occlusion.weight(footprint) * hint
            * query.weight
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
