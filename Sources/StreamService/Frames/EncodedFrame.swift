// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore
import Transport

/// What an encoder made of the pixels of an order.
struct EncodedFrame: Sendable {
    let order: FrameOrder
    /// The drawing whose pixels are no longer needed; nil: they were a copy.
    let drawing: Int?
    /// nil: encoding failed.
    let content: Content?
    let seconds: Double
    /// Of a still: its pixels, kept for the lossless frame that may follow.
    var pixels: KeptPixels?
    /// Its pixels are those that the viewer shows already: there is nothing to send.
    var isUnchanged = false

    struct Content: Sendable {
        /// Where the image is in the picture, pixels from the top left; empty where there is nothing but background.
        var rectangle: PixelRectangle
        /// It replaces all that was shown before; else only the rectangle.
        var isWhole = true
        /// What the viewer shows when it shows this; nil: not known.
        var resting: RestingPicture?
        /// Lent to the connection that writes its parts.
        var payload: SharedBytes
        var depthGrid: DepthGrid?
        var identities: IdentityRuns?
        /// Facts of the drawing, for the header.
        var drawSeconds: Double
        var triangleCount: Int
        var thresholdPixels: Float
    }
}

/// What a viewer shows before a new picture of the same camera.
struct PreviousPicture: Sendable {
    let picture: RestingPicture
    /// It has said that it shows it; else it may not, and rectangles are of no use.
    let isShown: Bool
}

/// The part of a drawn picture that is not background, and what was before: RGBA rows without gaps.
final class KeptPixels: Sendable {
    let rectangle: PixelRectangle
    let pixels: [UInt8]
    /// Of all of the picture.
    let prints: TilePrints
    let triangleCount: Int
    let thresholdPixels: Float

    init(
        _ rectangle: PixelRectangle, _ pixels: [UInt8], _ prints: TilePrints, triangleCount: Int,
        thresholdPixels: Float
    ) {
        self.rectangle = rectangle
        self.pixels = pixels
        self.prints = prints
        self.triangleCount = triangleCount
        self.thresholdPixels = thresholdPixels
    }
}
