// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import ImageCoding
import Rendering
import StreamCore

/// A finished drawing, lent to an encoder. The render thread releases it when the encoder says that it is done.
struct LentFrame: @unchecked Sendable {
    let frame: RenderedFrame

    init(_ frame: RenderedFrame) { self.frame = frame }
}

/// What the encoders' threads do: pixels to bytes. No state.
enum FrameEncoding {
    static func encode(_ order: FrameOrder, _ lent: LentFrame, _ drawing: Int, _ encoder: FrameEncoder?)
        -> EncodedFrame
    {
        let start = ContinuousClock.now
        let frame = lent.frame
        let rectangle = ContentRectangle.aligned(frame.contentRectangle, width: frame.width, height: frame.height)
        var payload: [UInt8]? = []
        if !rectangle.isEmpty {
            let pixels = unsafe FramePixels(frame).cropped(rectangle)
            payload = unsafe compress(order, pixels, encoder)
        }
        let content = payload.map { payload in
            EncodedFrame.Content(
                rectangle: rectangle, payload: FramePayload(payload), depthGrid: DepthGrid(frame),
                identities: order.needsIdentities ? Wire.IdentityMap(frame, of: order.frame) : nil,
                pixels: order.purpose == .refined ? KeptPixels(frame, rectangle) : nil,
                drawSeconds: (frame.drawMilliseconds + frame.readbackMilliseconds) / 1000,
                triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels)
        }
        return EncodedFrame(
            order: order, drawing: drawing, content: content, seconds: (ContinuousClock.now - start).inSeconds)
    }

    private static func compress(_ order: FrameOrder, _ pixels: FramePixels, _ encoder: FrameEncoder?) -> [UInt8]? {
        if order.isLossless { return unsafe try? FrameEncoder.png(pixels) }
        return unsafe try? encoder?.jpeg(
            pixels, quality: order.quality, subsampling: order.chroma == .full ? .s444 : .s420)
    }
}
