// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// Records the commands of one picture: its passes, and what is read back.
struct FramePainter {
    let commands: Commands
    let library: PipelineLibrary
    let objects: SceneObjects
    let slot: FrameSlot
    let shared: SharedTargets?
    let plan: DrawPlan
    let facts: FrameFacts
    let reference: Double3
    /// Draws are read from a buffer, summaries are made by compute shaders.
    let usesGPUPaths: Bool
    /// What groups of materials sample, where that was fixed earlier; else it is what there is now.
    var textures: [Int: HeldTextures] = [:]

    /// Draws the passes that are asked for; after the last one, copies the results to the slot's readback buffer.
    func record() throws(GPUError) {
        let request = facts.request
        if let timestamps = slot.timestamps {
            commands.reset(timestamps)
            commands.writeTimestamp(timestamps, 0)
        }
        // What was replaced meanwhile was copied from.
        for held in textures.values {
            for image in held.images { commands.transition(image, to: .sampled) }
        }
        let placements = try slot.placements(byteCount: max(1, plan.placements.count) * 4)
        placements.write(plan.placements)
        let draws = usesGPUPaths ? try indirectDraws() : nil
        let offsets = Jitter.offsets(count: request.accumulation)
        for pass in request.drawnPasses {
            let set = try frameSet(pass, jitter: offsets[pass], placements)
            // Where the slot's own depth is drawn into, every pass begins it anew.
            try drawPicture(set, draws, keepsDepth: request.depthGrid != nil && (pass == 0 || shared == nil))
            if offsets.count > 1 { try accumulate(pass, count: offsets.count) }
        }
        if request.needsIdentities, !request.isPartial {
            let set = try frameSet(offsets.count, jitter: .zero, placements)
            try drawIdentities(set, draws)
        }
        if let timestamps = slot.timestamps { commands.writeTimestamp(timestamps, 1) }
        if !request.isPartial { try readBack() }
        if let timestamps = slot.timestamps { commands.writeTimestamp(timestamps, 2) }
    }

    private func frameSet(
        _ pass: Int, jitter: SIMD2<Double>, _ placements: Buffer
    ) throws(GPUError) -> BindingSet {
        let request = facts.request
        let block = FrameBlock(
            request.view, reference: reference, depth: facts.depth, background: request.background, jitter: jitter,
            clipPlanes: request.clipPlanes, part: facts.part)
        let uniforms = try slot.uniforms(pass)
        uniforms.write(block.values)
        return try BindingSet(
            library.device, library.frameLayout,
            [.buffer(uniforms), .buffer(placements), .buffer(objects.materials.buffer)])
    }

    /// The whole picture as its part sees it.
    private var viewport: RenderTarget.Viewport? {
        facts.part.map {
            RenderTarget.Viewport(
                left: $0.left, top: $0.top, width: Int(facts.request.view.width),
                height: Int(facts.request.view.height))
        }
    }

    private var isClipped: Bool { !facts.request.clipPlanes.isEmpty }

    private func indirectDraws() throws(GPUError) -> Buffer {
        let stride = MemoryLayout<IndirectDraw>.stride
        let buffer = try slot.draws(byteCount: max(1, plan.draws.count) * stride)
        buffer.write(plan.draws)
        return buffer
    }

    private func drawPicture(_ frame: BindingSet, _ draws: Buffer?, keepsDepth: Bool) throws(GPUError) {
        commands.transition(slot.color, to: .target, keepsContents: false)
        var target: RenderTarget
        if let shared {
            commands.transition(shared.color, to: .target, keepsContents: false)
            commands.transition(shared.depth, to: .target, keepsContents: false)
            target = RenderTarget(
                color: shared.color, resolvedColor: slot.color, depth: shared.depth, width: facts.width,
                height: facts.height, picture: viewport)
            if keepsDepth {
                let depth = try slot.depth()
                commands.transition(depth, to: .target, keepsContents: false)
                target.resolvedDepth = depth
            }
        } else {
            let depth = try slot.depth()
            commands.transition(depth, to: .target, keepsContents: false)
            target = RenderTarget(
                color: slot.color, depth: depth, keepsDepth: keepsDepth, width: facts.width, height: facts.height,
                picture: viewport)
        }
        // Everything that can fail comes first: rendering that was begun must be ended.
        let sampleCount = facts.request.sampleCount
        let opaque = try prepared(plan.batches, sampleCount: sampleCount)
        let blended = try prepared(plan.blendedBatches, sampleCount: sampleCount)
        let background =
            facts.request.background == .transparent
            ? nil
            : try library.background(
                sampleCount: sampleCount)
        let plain = try plainTextures()
        commands.beginRendering(target)
        for batch in opaque { draw(batch, frame, draws) }
        if let background {
            commands.bind(background)
            commands.bind(frame, at: 0, of: background)
            commands.bind(plain, at: 1, of: background)
            commands.setSides(.none, isMirrored: false)
            commands.draw(vertexCount: 3)
        }
        for batch in blended {
            if batch.batch.entry.isDoubleSided {
                // The far side first.
                draw(batch, frame, draws, culled: .front)
                draw(batch, frame, draws, culled: .back)
            } else {
                draw(batch, frame, draws)
            }
        }
        commands.endRendering()
    }

    /// For pipelines that sample nothing.
    private func plainTextures() throws(GPUError) -> BindingSet {
        try textureSet(objects.materials.entries[0])
    }

    private func textureSet(_ entry: MaterialEntry) throws(GPUError) -> BindingSet {
        if let held = textures[entry.group] { return held.set }
        return try objects.textureSet(entry)
    }

    private func drawIdentities(_ frame: BindingSet, _ draws: Buffer?) throws(GPUError) {
        let images = try slot.identities()
        commands.transition(images.color, to: .target, keepsContents: false)
        commands.transition(images.depth, to: .target, keepsContents: false)
        var batches: [PreparedBatch] = []
        for batch in plan.batches + plan.blendedBatches {
            batches.append(
                PreparedBatch(
                    batch: batch, pipeline: try library.identity(batch.page.vertexClass, isClipped: isClipped),
                    textures: try plainTextures()))
        }
        commands.beginRendering(
            RenderTarget(
                color: images.color, depth: images.depth, width: facts.width, height: facts.height,
                picture: viewport))
        for batch in batches { draw(batch, frame, draws) }
        commands.endRendering()
    }

    /// A batch with what it is drawn with.
    private struct PreparedBatch {
        var batch: DrawPlan.Batch
        var pipeline: Pipeline
        var textures: BindingSet
    }

    private func prepared(_ batches: [DrawPlan.Batch], sampleCount: Int) throws(GPUError) -> [PreparedBatch] {
        var result: [PreparedBatch] = []
        result.reserveCapacity(batches.count)
        for batch in batches {
            result.append(
                PreparedBatch(
                    batch: batch,
                    pipeline: try library.mesh(
                        batch.entry.features, batch.page.vertexClass, sampleCount: sampleCount, isClipped: isClipped),
                    textures: try textureSet(batch.entry)))
        }
        return result
    }

    private func draw(_ prepared: PreparedBatch, _ frame: BindingSet, _ draws: Buffer?, culled: CullMode? = nil) {
        let batch = prepared.batch
        commands.bind(prepared.pipeline)
        commands.bind(frame, at: 0, of: prepared.pipeline)
        commands.bind(prepared.textures, at: 1, of: prepared.pipeline)
        commands.bindVertices([batch.page.vertices, objects.meshes.constants])
        commands.bindIndices(batch.page.indices)
        commands.setSides(culled ?? (batch.entry.isDoubleSided ? .none : .back), isMirrored: batch.isMirrored)
        if let draws {
            commands.drawIndirect(draws, first: batch.first, count: batch.count)
        } else {
            for draw in plan.draws[batch.first..<batch.first + batch.count] { commands.draw(draw) }
        }
    }
}
