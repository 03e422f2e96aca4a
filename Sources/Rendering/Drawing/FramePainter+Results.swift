// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

// What happens to a picture after it is drawn.
extension FramePainter {
    private var groupCounts: (x: Int, y: Int) { ((facts.width + 7) / 8, (facts.height + 7) / 8) }

    /// Adds the pass to the sum; the last one leaves the mean in the slot's picture.
    func accumulate(_ pass: Int, count: Int) throws(GPUError) {
        let sum = try slot.sum()
        let set = try BindingSet(
            library.device, library.accumulationLayout, [.storageImage(slot.color), .storageImage(sum)])
        commands.transition(slot.color, to: .storage)
        commands.transition(sum, to: .storage, keepsContents: pass > 0)
        commands.bind(library.accumulate)
        commands.bind(set, at: 0, of: library.accumulate)
        commands.push(
            [Int32(facts.width), Int32(facts.height), Int32(pass), Int32(count)], to: library.accumulate)
        commands.dispatch(groupCounts.x, groupCounts.y)
    }

    /// Summarizes, converts and copies what was asked for.
    func readBack() throws(GPUError) {
        let layout = facts.readback
        let buffer = try slot.readback(byteCount: max(layout.byteCount, 4))
        if let offset = layout.summaryOffset { try summarize(to: buffer, at: offset) }
        if let offset = layout.planesOffset { try convert(to: buffer, at: offset) }
        if let offset = layout.colorOffset { copy(slot.color, to: buffer, at: offset) }
        if let offset = layout.depthOffset { copy(try slot.depth(), to: buffer, at: offset) }
        if let offset = layout.identityOffset { copy(try slot.identities().color, to: buffer, at: offset) }
        commands.barrier(from: .copyWrite, to: .hostRead)
    }

    private func copy(_ image: Image, to buffer: Buffer, at offset: Int) {
        commands.transition(image, to: .copySource)
        commands.copy(image, CopyRegion(width: facts.width, height: facts.height), to: buffer, at: offset)
    }

    private func summarize(to buffer: Buffer, at offset: Int) throws(GPUError) {
        let grid = facts.request.depthGrid
        let byteCount = ReadbackLayout.summaryByteCount(grid)
        let results = try slot.results("summary", byteCount: byteCount)
        // Without a grid the depth is bound but not read.
        let depth = try slot.depth()
        let set = try BindingSet(
            library.device, library.summaryLayout,
            [
                .storageImage(slot.color), .textures([(depth, try library.plainSampler())]), .buffer(results),
            ])
        commands.transition(slot.color, to: .storage)
        commands.transition(depth, to: .sampled)
        commands.barrier(from: [.copyRead, .shaderWrite], to: .copyWrite)
        commands.fill(results, byteCount: 8, with: .max)
        commands.fill(results, at: 8, byteCount: byteCount - 8, with: 0)
        commands.barrier(from: .copyWrite, to: [.shaderRead, .shaderWrite])
        commands.bind(library.summary)
        commands.bind(set, at: 0, of: library.summary)
        commands.push(
            [Int32(facts.width), Int32(facts.height), Int32(grid?.columns ?? 0), Int32(grid?.rows ?? 0)],
            to: library.summary)
        commands.dispatch(groupCounts.x, groupCounts.y)
        commands.barrier(from: .shaderWrite, to: .copyRead)
        commands.copy(results, at: 0, to: buffer, at: offset, byteCount: byteCount)
    }

    private func convert(to buffer: Buffer, at offset: Int) throws(GPUError) {
        let byteCount = PlaneSizes(width: facts.width, height: facts.height).byteCount
        let results = try slot.results("planes", byteCount: byteCount)
        let set = try BindingSet(
            library.device, library.planesLayout, [.storageImage(slot.color), .buffer(results)])
        commands.transition(slot.color, to: .storage)
        commands.barrier(from: .copyRead, to: .shaderWrite)
        commands.bind(library.planes)
        commands.bind(set, at: 0, of: library.planes)
        commands.push([Int32(facts.width), Int32(facts.height)], to: library.planes)
        commands.dispatch((facts.width + 63) / 64, (facts.height + 15) / 16)
        commands.barrier(from: .shaderWrite, to: .copyRead)
        commands.copy(results, at: 0, to: buffer, at: offset, byteCount: byteCount)
    }
}
