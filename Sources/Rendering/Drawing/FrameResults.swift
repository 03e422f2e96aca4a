// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// What a finished picture's slot holds, taken apart.
@safe struct FrameResults {
    var pixels = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    var planes: PicturePlanes?
    var contentRectangle = PixelRectangle.empty
    var depthGrid: [Float] = []
    var identities = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    var milliseconds = (draw: 0.0, readback: 0.0)

    init(_ frame: PendingFrame) throws(GPUError) {
        let facts = frame.facts
        let layout = facts.readback
        let buffer = try frame.slot.readback(byteCount: max(layout.byteCount, 4))
        let bytes = unsafe buffer.bytes()
        let pixelByteCount = 4 * facts.width * facts.height
        func part(_ offset: Int, _ byteCount: Int) -> UnsafeRawBufferPointer {
            unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])
        }
        var depths: [Float] = []
        if let offset = layout.colorOffset {
            unsafe pixels = part(offset, pixelByteCount)
        }
        if let offset = layout.summaryOffset {
            let summary = unsafe part(offset, ReadbackLayout.summaryByteCount(facts.request.depthGrid))
            contentRectangle = unsafe FrameResults.rectangle(summary)
            depths = unsafe Array(UnsafeRawBufferPointer(rebasing: summary[16...]).bindMemory(to: Float.self))
        } else if layout.colorOffset != nil {
            contentRectangle = unsafe PictureSummary.contentRectangle(
                pixels, width: facts.width, height: facts.height)
        }
        if let offset = layout.depthOffset, let grid = facts.request.depthGrid {
            depths = unsafe PictureSummary.depthGrid(
                part(offset, pixelByteCount), width: facts.width, height: facts.height, grid)
        }
        depthGrid = depths.map(facts.depth.distance)
        if let offset = layout.identityOffset { unsafe identities = part(offset, pixelByteCount) }
        if let offset = layout.planesOffset {
            let sizes = PlaneSizes(width: facts.width, height: facts.height)
            planes = unsafe PicturePlanes(
                luma: part(offset, sizes.lumaByteCount),
                blue: part(offset + sizes.lumaByteCount, sizes.chromaByteCount),
                red: part(offset + sizes.lumaByteCount + sizes.chromaByteCount, sizes.chromaByteCount),
                lumaStride: sizes.lumaStride, chromaStride: sizes.chromaStride)
        }
        if facts.request.needsPlanes { unsafe pixels = UnsafeRawBufferPointer(start: nil, count: 0) }
        let times = frame.slot.timestamps?.milliseconds() ?? []
        if times.count == 2 { milliseconds = (times[0], times[1]) }
    }

    private static func rectangle(_ summary: UnsafeRawBufferPointer) -> PixelRectangle {
        let edges = (0..<4).map { unsafe Int(summary.load(fromByteOffset: 4 * $0, as: UInt32.self)) }
        guard edges[2] > edges[0], edges[3] > edges[1] else { return .empty }
        return PixelRectangle(
            left: edges[0], top: edges[1], width: edges[2] - edges[0], height: edges[3] - edges[1])
    }
}
