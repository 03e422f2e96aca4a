// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Sectors: which are shown as what is in them, and what that needs.
extension ChunkRanking {
    /// Ranks a sector and what is in it.
    ///
    /// - Parameter standIn: how wrong, in pixels, what is shown in its place looks until something of it is there.
    func visit(sector number: Int, standIn: Float = .infinity, _ scratch: inout RankingScratch) {
        let sector = plan.sectors[number]
        let center = sector.center - query.camera.eye
        let (now, later) = errors(of: sector.proxyError, center, sector.half)
        guard now.isWanted(always: !sector.hasProxy) || later.isWanted(always: !sector.hasProxy) else {
            if now.isSeen { require(sector, center, number, min(now.pixels, standIn), standIn, &scratch) }
            if now.isSeen, query.measuresHeld, sector.hasProxy { count(proxy: sector.proxyChunk, &scratch) }
            return
        }
        scratch.removeMembers()
        add(member: sector.chunk, &scratch)
        if sector.hasProxy, number == 0 || query.held.contains(Int(sector.proxyChunk)) {
            add(member: sector.proxyChunk, &scratch)
        }
        if !scratch.members.isEmpty {
            share(gain(of: sector, center, number, standIn, scratch), standIn, &scratch)
            if !query.held.contains(Int(sector.chunk)) { return }
        }
        let own = sector.hasProxy ? min(standIn, query.camera.pixels(sector.shownError, center, sector.half)) : standIn
        if sector.hasProxy, !query.held.contains(Int(sector.proxyChunk)), !skipsProxy(of: number, sector, &scratch) {
            let gain = gain(of: sector, center, number, standIn, scratch, remaining: own)
            touch(proxy: sector.proxyChunk, gain, standIn, isNeeded: query.weight == 1, &scratch)
        }
        let isShown = sector.hasProxy && query.held.contains(Int(sector.proxyChunk))
        let error = isShown ? own : standIn
        let firstVisible = scratch.visible.count
        defer { scratch.visible.removeLast(scratch.visible.count - firstVisible) }
        collectVisible(number, sector, &scratch)
        for position in firstVisible..<scratch.visible.count {
            rank(instance: Int(scratch.visible[position]), standIn: error, &scratch)
        }
        for item in plan.sectorChildren.range(number) {
            let child = Int(plan.sectorChildren.items[item])
            // Without it, nobody knows whether anything of the sector is in view.
            let chunk = plan.sectors[child].chunk
            if !query.held.contains(Int(chunk)) {
                scratch.touch(chunk, gain: 1e-3, isNeeded: query.weight == 1, plan: plan, query: query)
            }
            visit(sector: child, standIn: error, &scratch)
        }
    }

    /// A sector that is shown as its proxy needs its own chunk and the proxy. Where it is shown as its content already, the
    /// proxy only saves triangles.
    private func require(
        _ sector: PlanSector, _ center: Float3, _ number: Int, _ error: Float, _ standIn: Float,
        _ scratch: inout RankingScratch
    ) {
        let lacksProxy = sector.hasProxy && !query.held.contains(Int(sector.proxyChunk))
        if lacksProxy, query.held.contains(Int(sector.chunk)), lacksLittle(of: number, limit: 0, &scratch) {
            let gain = gain(of: sector, center, number, error, scratch)
            touch(proxy: sector.proxyChunk, gain, error, isNeeded: false, &scratch)
            return
        }
        scratch.removeMembers()
        add(member: sector.chunk, &scratch)
        if sector.hasProxy { add(member: sector.proxyChunk, &scratch) }
        if scratch.members.isEmpty { return }
        share(gain(of: sector, center, number, standIn, scratch), standIn, &scratch)
    }

    private func touch(
        proxy chunk: UInt32, _ gain: Float, _ error: Float, isNeeded: Bool, _ scratch: inout RankingScratch
    ) {
        scratch.touch(chunk, gain: gain, isNeeded: isNeeded, plan: plan, query: query)
        note(chunk, RankedChunk.Contribution(gain: gain, errorPixels: error, reason: .sector), &scratch)
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

    /// Whether what is missing of a sector's content, as coarse as it can be and from wherever it is seen, has at most
    /// `limit` bytes.
    private func lacksLittle(of number: Int, limit: Int, _ scratch: inout RankingScratch) -> Bool {
        scratch.removeMembers()
        defer { scratch.removeMembers() }
        var left = limit
        return collectContent(of: number, &left, &scratch)
    }

    /// - Returns: false as soon as more than `left` bytes are missing.
    private func collectContent(of number: Int, _ left: inout Int, _ scratch: inout RankingScratch) -> Bool {
        func takes(_ chunk: UInt32) -> Bool {
            if !query.held.contains(Int(chunk)), scratch.add(member: chunk) {
                left -= Int(plan.chunks[Int(chunk)].byteCount)
            }
            return left >= 0
        }
        for instance in plan.sectors[number].instances {
            for item in plan.roots.range(Int(plan.instances[instance].geometry)) {
                guard takes(plan.nodes[Int(plan.roots.items[item])].chunk) else { return false }
            }
        }
        for item in plan.sectorChildren.range(number) {
            let child = plan.sectors[Int(plan.sectorChildren.items[item])]
            guard takes(child.chunk) else { return false }
            if child.hasProxy, query.held.contains(Int(child.proxyChunk)) { continue }
            guard collectContent(of: Int(plan.sectorChildren.items[item]), &left, &scratch) else { return false }
        }
        return true
    }

    /// Whether a sector goes without its proxy, which would give way at once: its content has not many more bytes.
    private func skipsProxy(of number: Int, _ sector: PlanSector, _ scratch: inout RankingScratch) -> Bool {
        let limit = ChunkRanking.skippedProxyShare * Int(plan.chunks[Int(sector.proxyChunk)].byteCount)
        return query.skipsProxies && lacksLittle(of: number, limit: limit, &scratch)
    }

    /// How many times the bytes of a proxy its sector's content may have and be sent in its place.
    private static let skippedProxyShare = 4

    @inline(__always)
    private func add(member chunk: UInt32, _ scratch: inout RankingScratch) {
        if !query.held.contains(Int(chunk)) {
            scratch.add(member: chunk)
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
        of sector: PlanSector, _ center: Float3, _ number: Int, _ error: Float, _ scratch: RankingScratch,
        remaining: Float = 0
    ) -> Float {
        let faces =
            Float3(
                sector.half.y * sector.half.z, sector.half.z * sector.half.x, sector.half.x * sector.half.y) * 4
        let area = dot(faces, magnitude(query.camera.towardsViewer(from: center)))
        let footprint = query.camera.footprint(center, sector.half)
        let pixels = self.pixels(area, center, footprint, query.camera)
        let hint = query.hint.map { $0.sectors.contains(number) ? $0.weight : 1 } ?? 1
        // A proxy's share of the box is less than the box, and what is seen of a box is more than nothing.
        return max(pixels, 1) * RankingQuery.worth(of: error, remaining: remaining)
            * scratch.occlusion.weight(footprint) * hint * query.weight
    }
}
