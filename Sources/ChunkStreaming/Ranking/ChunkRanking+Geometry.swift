// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension ChunkRanking {
    /// Ranks what an instance in view lacks.
    ///
    /// - Parameter standIn: how wrong, in pixels, what is shown in its place looks until its roots are there.
    func rank(instance number: Int, standIn: Float, _ scratch: inout RankingScratch) {
        let instance = plan.instances[number]
        let geometry = plan.geometries[Int(instance.geometry)]
        let weight = self.weight(of: instance)
        if geometry.onlyChunk == none || query.measuresHeld || !query.held.contains(Int(geometry.onlyChunk)) {
            if geometry.nodeCount == 1 {
                let node = Int(geometry.firstNode)
                let (now, later) = self.boxErrors(plan.nodes[node], instance, standIn: standIn)
                settle(node, geometry, instance, now, later, weight, isNeeded: query.weight == 1, &scratch)
            } else {
                rankNodes(geometry, instance, standIn, weight, &scratch)
            }
        }
        if !plan.geometryTextures.range(Int(instance.geometry)).isEmpty {
            rankTextures(geometry, instance, weight, &scratch)
        }
    }

    private func weight(of instance: PlanInstance) -> Float {
        guard let hint = query.hint, hint.treeNodes.contains(Int(instance.treeNode)) else { return query.weight }
        return query.weight * hint.weight
    }

    /// Walks the hierarchy from the roots as far as anything below can be wanted, then marks what the wanted nodes depend
    /// on. Node numbers grow from parents to children, so bits in the order of numbers are a topological order.
    private func rankNodes(
        _ geometry: PlanGeometry, _ instance: PlanInstance, _ standIn: Float, _ weight: Float,
        _ scratch: inout RankingScratch
    ) {
        let first = Int(geometry.firstNode)
        let count = Int(geometry.nodeCount)
        scratch.clearSets(count: count)
        for item in plan.roots.range(Int(instance.geometry)) {
            scratch.visited.insert(Int(plan.roots.items[item]) - first)
        }
        var place = scratch.visited.next(from: 0)
        while let local = place, local < count {
            visit(first + local, first, instance, &scratch)
            place = scratch.visited.next(from: local + 1)
        }
        close(&scratch.wanted, first: first, count: count)
        if query.predicted != nil { close(&scratch.wantedLater, first: first, count: count) }
        touchWanted(first, geometry, instance, standIn, weight, &scratch)
    }

    @inline(__always)
    private func visit(
        _ number: Int, _ first: Int, _ instance: PlanInstance, _ scratch: inout RankingScratch
    ) {
        let node = plan.nodes[number]
        let (reachNow, reachLater) = errors(
            of: node.reachError * instance.scale, place(node.reachCenter, instance),
            extent(node.reachHalf, instance))
        guard reachNow.isWanted() || reachLater.isWanted() else { return }
        for item in plan.children.range(number) { scratch.visited.insert(Int(plan.children.items[item]) - first) }
        let (now, later) = boxErrors(node, instance)
        if now.isWanted() { scratch.wanted.insert(number - first) }
        if later.isWanted() { scratch.wantedLater.insert(number - first) }
    }

    @inline(__always)
    private func boxErrors(
        _ node: PlanNode, _ instance: PlanInstance, standIn: Float = .infinity
    ) -> (now: ErrorInView, later: ErrorInView) {
        var (now, later) = errors(
            of: node.error * instance.scale, place(node.center, instance), extent(node.half, instance))
        if node.error == .infinity {
            // Roots are wanted always, and worth what they mend.
            now.pixels = max(min(now.pixels, standIn), now.threshold.nextUp)
            later.pixels = max(min(later.pixels, standIn), later.threshold.nextUp)
        }
        return (now, later)
    }

    /// Adds the parents of every member.
    private func close(_ set: inout BitSet, first: Int, count: Int) {
        var place = set.previous(from: count - 1)
        while let local = place {
            for item in plan.parents.range(first + local) { set.insert(Int(plan.parents.items[item]) - first) }
            place = set.previous(from: local - 1)
        }
    }

    private func touchWanted(
        _ first: Int, _ geometry: PlanGeometry, _ instance: PlanInstance, _ standIn: Float, _ weight: Float,
        _ scratch: inout RankingScratch
    ) {
        let count = Int(geometry.nodeCount)
        var place = scratch.wanted.next(from: 0)
        while let local = place, local < count {
            let (now, later) = boxErrors(plan.nodes[first + local], instance, standIn: standIn)
            settle(first + local, geometry, instance, now, later, weight, isNeeded: query.weight == 1, &scratch)
            place = scratch.wanted.next(from: local + 1)
        }
        guard query.predicted != nil else { return }
        place = scratch.wantedLater.next(from: 0)
        while let local = place, local < count {
            if !scratch.wanted.contains(local) {
                let (now, later) = boxErrors(plan.nodes[first + local], instance, standIn: standIn)
                settle(first + local, geometry, instance, now, later, weight, isNeeded: false, &scratch)
            }
            place = scratch.wantedLater.next(from: local + 1)
        }
    }

    /// Adds a wanted node to its chunk. A node that others only depend on adds nothing but its presence.
    @inline(__always)
    private func settle(
        _ number: Int, _ geometry: PlanGeometry, _ instance: PlanInstance, _ now: ErrorInView, _ later: ErrorInView,
        _ weight: Float, isNeeded: Bool, _ scratch: inout RankingScratch
    ) {
        let node = plan.nodes[number]
        if query.held.contains(Int(node.chunk)) && !query.measuresHeld { return }
        if query.measuresHeld { scratch.triangleCount += plan.drawnTriangleCount(number) }
        var gain: Float = 0
        var parts = RankedChunk.Contribution(gain: 0, errorPixels: 0, reason: .ancestor)
        if now.isWanted() {
            parts = self.parts(node, geometry, instance, query.camera, now, scratch)
            gain = parts.gain * (query.predicted == nil ? 1 : RankingQuery.presentShare)
            if isNeeded { scratch.largestError = max(scratch.largestError, now.pixels) }
        }
        if later.isWanted(), let predicted = query.predicted {
            let share = now.isWanted() ? RankingQuery.predictedShare : RankingQuery.predictedOnly
            gain += self.parts(node, geometry, instance, predicted, later, scratch).gain * share
        }
        scratch.touch(node.chunk, gain: gain * weight, isNeeded: isNeeded, plan: plan, query: query)
        if scratch.contributions != nil {
            parts.gain = gain * weight
            note(node.chunk, parts, &scratch)
        }
    }

    /// What a node is worth in one picture.
    @inline(__always)
    private func parts(
        _ node: PlanNode, _ geometry: PlanGeometry, _ instance: PlanInstance, _ camera: RankingCamera,
        _ error: ErrorInView, _ scratch: RankingScratch
    ) -> RankedChunk.Contribution {
        let center = place(node.center, instance) + (query.camera.eye - camera.eye)
        let footprint = camera.footprint(center, extent(node.half, instance))
        let area = visibleArea(node.frontArea, node.backArea, geometry, instance, camera.towardsViewer(from: center))
        let pixels = self.pixels(area, center, footprint, camera)
        let isPresent = camera.eye == query.camera.eye
        let visibility = isPresent ? scratch.occlusion.weight(footprint) : 1
        let attention = self.attention(footprint)
        let outside: Float = error.threshold > query.threshold ? 0.25 : 1
        // At the box as a whole both errors are seen from the same distance.
        let remaining = camera.pixels(node.remainingError * instance.scale, center, extent(node.half, instance))
        let worth = RankingQuery.worth(of: error.pixels, remaining: remaining)
        let gain = pixels * worth * visibility * attention * outside
        return RankedChunk.Contribution(
            gain: gain, errorPixels: error.pixels, pixels: pixels, visibility: visibility, attention: attention,
            reason: error.threshold > query.threshold ? .prefetch : isPresent ? .view : .prediction)
    }

    /// Square metres of a surface as seen from a direction.
    @inline(__always)
    func visibleArea(
        _ front: Float3, _ back: Float3, _ geometry: PlanGeometry, _ instance: PlanInstance, _ direction: Float3
    ) -> Float {
        let scale = max(instance.scale, .leastNormalMagnitude)
        let local =
            Float3(dot(instance.x, direction), dot(instance.y, direction), dot(instance.z, direction)) / scale
        let (towards, away) = (pointwiseMax(local, .zero), pointwiseMax(-local, .zero))
        let facing = dot(front, towards) + dot(back, away)
        let averted = dot(front, away) + dot(back, towards)
        // A few per cent, because estimates must never forbid anything.
        return (facing + averted * (geometry.isTwoSided ? 1 : 0.03)) * scale * scale
    }

    // MARK: Textures

    private func rankTextures(
        _ geometry: PlanGeometry, _ instance: PlanInstance, _ weight: Float, _ scratch: inout RankingScratch
    ) {
        let center = place(geometry.center, instance)
        let half = extent(geometry.half, instance)
        let isSeen = query.camera.sees(center, half)
        guard isSeen || query.predicted != nil else { return }
        let footprint = query.camera.footprint(center, half)
        let area = visibleArea(
            geometry.frontArea, geometry.backArea, geometry, instance, query.camera.towardsViewer(from: center))
        let pixels = max(1, self.pixels(area, center, footprint, query.camera))
        let visibility = scratch.occlusion.weight(footprint) * attention(footprint)
        let gain = pixels * visibility * weight * (isSeen ? 1 : RankingQuery.predictedOnly)
        let pixelsPerUnit = max(query.camera.pixels(instance.scale, center, half), 1e-20)
        for item in plan.geometryTextures.range(Int(instance.geometry)) {
            let use = plan.textureUses[Int(plan.geometryTextures.items[item])]
            rankLevels(use, texelsPerPixel: use.texelDensity / pixelsPerUnit, gain * use.weight, isSeen, &scratch)
        }
    }

    /// Wants levels, coarsest first, until a texel is no larger than a pixel.
    private func rankLevels(
        _ use: TextureUse, texelsPerPixel: Float, _ gain: Float, _ isSeen: Bool, _ scratch: inout RankingScratch
    ) {
        let reductions = plan.textures[Int(use.texture)].reductions
        let levels = plan.textureLevels.range(Int(use.texture))
        var texelPixels: Float = 64
        for level in reductions.indices.reversed() {
            let chunk = plan.textureLevels.items[levels.lowerBound + level]
            if !query.held.contains(Int(chunk)) || query.measuresHeld {
                let worth = gain * logarithm(texelPixels)
                scratch.touch(
                    chunk, gain: worth, isNeeded: isSeen && query.weight == 1, plan: plan, query: query)
                note(
                    chunk, RankedChunk.Contribution(gain: worth, errorPixels: texelPixels, reason: .texture),
                    &scratch)
            }
            texelPixels = min(64, reductions[level] / texelsPerPixel)
            if !(texelPixels > max(1, query.threshold)) { return }
        }
    }

    /// Binary logarithm of a number of at least 1, to about 0.09.
    @inline(__always)
    private func logarithm(_ value: Float) -> Float {
        guard value >= 1, value.isFinite else { return 0 }
        return Float(value.exponent) + value.significand - 1
    }
}
