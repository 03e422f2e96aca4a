// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// What a finished picture's slot holds, taken apart when it is asked for. The bytes are the slot's.
@safe struct FrameResults {
    private let facts: FrameFacts
    private let bytes: UnsafeRawBufferPointer
    /// The device's time.
    let milliseconds: (draw: Double, readback: Double)

    /// - Throws: `.outOfMemory`, `.deviceLost`
    init(_ frame: PendingFrame) throws(GPUError) {
        facts = frame.facts
        unsafe bytes = try frame.slot.readback(byteCount: max(facts.readback.byteCount, 4)).bytes()
        let times = frame.slot.timestamps?.milliseconds() ?? []
        milliseconds = times.count == 2 ? (times[0], times[1]) : (0, 0)
    }

    private var pixelByteCount: Int { 4 * facts.width * facts.height }

    private func part(_ offset: Int, _ byteCount: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])
    }

    /// Empty where there is no such part.
    private func pixels(at offset: Int?) -> UnsafeRawBufferPointer {
        unsafe offset.map { unsafe part($0, pixelByteCount) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    var pixels: UnsafeRawBufferPointer {
        unsafe pixels(at: facts.request.needsPlanes ? nil : facts.readback.colorOffset)
    }

    var identities: UnsafeRawBufferPointer { unsafe pixels(at: facts.readback.identityOffset) }

    var planes: PicturePlanes? {
        guard let offset = facts.readback.planesOffset else { return nil }
        let sizes = PlaneSizes(width: facts.width, height: facts.height)
        return unsafe PicturePlanes(
            luma: part(offset, sizes.lumaByteCount),
            blue: part(offset + sizes.lumaByteCount, sizes.chromaByteCount),
            red: part(offset + sizes.lumaByteCount + sizes.chromaByteCount, sizes.chromaByteCount),
            lumaStride: sizes.lumaStride, chromaStride: sizes.chromaStride)
    }

    /// What the device has found; nil where it is left to the processor.
    private var summary: UnsafeRawBufferPointer? {
        unsafe facts.readback.summaryOffset.map {
            unsafe part($0, ReadbackLayout.summaryByteCount(facts.request.depthGrid))
        }
    }

    var contentRectangle: PixelRectangle {
        if let summary = unsafe summary { return unsafe FrameResults.rectangle(summary) }
        guard let offset = facts.readback.colorOffset else { return .empty }
        return unsafe PictureSummary.contentRectangle(
            part(offset, pixelByteCount), width: facts.width, height: facts.height)
    }

    var depthGrid: [Float] {
        let depths: [Float]
        if let summary = unsafe summary {
            depths = unsafe Array(UnsafeRawBufferPointer(rebasing: summary[16...]).bindMemory(to: Float.self))
        } else if let offset = facts.readback.depthOffset, let grid = facts.request.depthGrid {
            depths = unsafe PictureSummary.depthGrid(
                part(offset, pixelByteCount), width: facts.width, height: facts.height, grid)
        } else {
            depths = []
        }
        return depths.map(facts.depth.distance)
    }

    private static func rectangle(_ summary: UnsafeRawBufferPointer) -> PixelRectangle {
        let edges = (0..<4).map { unsafe Int(summary.load(fromByteOffset: 4 * $0, as: UInt32.self)) }
        guard edges[2] > edges[0], edges[3] > edges[1] else { return .empty }
        return PixelRectangle(
            left: edges[0], top: edges[1], width: edges[2] - edges[0], height: edges[3] - edges[1])
    }
}
