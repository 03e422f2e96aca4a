// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore
import Transport

/// A frame's payload, lent to the connection that writes its parts.
final class FramePayload: ByteSource {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

/// What an encoder made of the pixels of an order.
struct EncodedFrame: Sendable {
    let order: FrameOrder
    /// The drawing whose pixels are no longer needed; nil: they were a copy.
    let drawing: Int?
    /// nil: encoding failed.
    let content: Content?
    let seconds: Double

    struct Content: Sendable {
        /// Where the image is in the picture, pixels from the top left; empty where there is nothing but background.
        var rectangle: PixelRectangle
        var payload: FramePayload
        var depthGrid: DepthGrid?
        var identities: IdentityRuns?
        /// The picture, kept for the lossless frame that may follow a still.
        var pixels: KeptPixels?
        /// Facts of the drawing, for the header.
        var drawSeconds: Double
        var triangleCount: Int
        var thresholdPixels: Float
    }
}

/// The part of a drawn picture that is not background: RGBA rows without gaps.
final class KeptPixels: Sendable {
    let rectangle: PixelRectangle
    let pixels: [UInt8]
    let triangleCount: Int
    let thresholdPixels: Float

    init(_ rectangle: PixelRectangle, _ pixels: [UInt8], triangleCount: Int, thresholdPixels: Float) {
        self.rectangle = rectangle
        self.pixels = pixels
        self.triangleCount = triangleCount
        self.thresholdPixels = thresholdPixels
    }
}
