// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// The planes of a picture for JPEG: full-range BT.601, chroma at half the size, rounded up. The bytes belong to the
/// frame, like its pixels.
@safe package struct PicturePlanes {
    package let luma: UnsafeRawBufferPointer
    package let blue: UnsafeRawBufferPointer
    package let red: UnsafeRawBufferPointer
    /// Bytes from row to row.
    package let lumaStride: Int
    package let chromaStride: Int
}

/// A finished picture. Its bytes are those that the device wrote, valid until `FrameRenderer.release`.
@safe package struct RenderedFrame {
    package let width: Int
    package let height: Int
    /// RGBA8, rows top first; alpha is the share of a pixel that the model covers, 0 where only the background is.
    /// Empty where planes were asked for.
    package var pixels: UnsafeRawBufferPointer { unsafe results.pixels }
    package var planes: PicturePlanes? { results.planes }
    /// Pixels that are not only background; empty where nothing is shown. Where the device is the CPU, every call looks at
    /// the pixels: not for the thread that keeps the device busy.
    package var contentRectangle: PixelRectangle { results.contentRectangle }
    /// Metres along the view to the nearest surface in each cell, row by row from the top; infinite for the background.
    /// Empty where none was asked for. Blended surfaces do not count. Costs as much as `contentRectangle`.
    package var depthGrid: [Float] { results.depthGrid }
    /// For each pixel its tree node plus 1; 0 for the background, and for far groups that one mesh stands for.
    /// `width` × `height` × UInt32; empty where they were not asked for.
    package var identities: UnsafeRawBufferPointer { unsafe results.identities }
    package let triangleCount: Int
    /// Largest error drawn, in pixels.
    package let thresholdPixels: Float
    /// Nothing that the view needs at its threshold is missing.
    package let isComplete: Bool
    /// The same request would give another picture, because the threshold still adapts to the limit.
    package let isThresholdMoving: Bool
    /// The device's time.
    package var drawMilliseconds: Double { results.milliseconds.draw }
    package var readbackMilliseconds: Double { results.milliseconds.readback }
    /// Passes that were drawn last.
    package let drawnPasses: Range<Int>
    /// More passes are to follow: there is nothing to read yet.
    package let isPartial: Bool
    let results: FrameResults
    let slot: FrameSlot
}

/// A picture that the device works on; `FrameRenderer.finish` gives it.
package final class PendingFrame {
    let slot: FrameSlot
    /// The timeline's value when it is done.
    let value: UInt64
    let facts: FrameFacts

    init(slot: FrameSlot, value: UInt64, facts: FrameFacts) {
        self.slot = slot
        self.value = value
        self.facts = facts
    }
}

/// What is known of a picture when it is begun.
struct FrameFacts {
    var request: FrameRequest
    /// Of what is drawn.
    var width: Int
    var height: Int
    /// The part of the picture that is drawn; nil: all of it.
    var part: PixelRectangle?
    var triangleCount: Int
    var thresholdPixels: Float
    var isComplete: Bool
    var isThresholdMoving: Bool
    var depth: DepthMapping
    var readback: ReadbackLayout
}
