// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Why a frame is drawn.
package enum FramePurpose: Equatable, Sendable {
    /// Wire kind `moving`.
    case moving
    /// Wire kinds of the same names.
    case still, refined, lossless
    /// Identities and depth for a `Pick`, in the view of a frame that was shown; nothing is encoded or sent.
    case pick(request: UInt32)
}

/// What to draw now, and how to encode it.
package struct FrameOrder: Equatable, Sendable {
    package var viewer: Int
    /// Wire number: 1, 2, … for each viewer; 0 for picks.
    package var frame: UInt32
    package var purpose: FramePurpose
    /// What to draw: the newest camera, perhaps predicted; its size is the picture's, in whole pixels.
    package var view: ViewState
    /// Of the newest view that was known.
    package var viewSequence: UInt32
    /// When that view arrived.
    package var viewArrivedAt: ContinuousClock.Instant
    /// In pixels of the picture.
    package var thresholdPixels: Float
    /// Samples per pixel.
    package var sampleCount: Int
    /// Jittered passes, at least 1.
    package var accumulation: Int
    /// Which of them are drawn now; nil: all. The others are ordered under the same frame number, one part after the
    /// other: what is drawn is kept until then.
    package var passes: Range<Int>?
    /// Device time that keeps the viewer's rate; nil: as long as it takes.
    package var targetMilliseconds: Double?
    /// JPEG quality; 100 for a lossless PNG.
    package var quality: Int
    package var chroma: Chroma
    /// Cells of the depth grid; 0: none.
    package var depthColumns: Int
    package var depthRows: Int
    package var needsIdentities: Bool
    /// The pixels are those of this earlier frame: if they were kept, nothing has to be drawn.
    package var repeats: UInt32?

    package var isLossless: Bool { purpose == .lossless }
    /// It goes on with a frame of which passes have been drawn.
    package var continues: Bool { passes.map { $0.lowerBound > 0 } ?? false }
    /// After this part the picture is complete.
    package var isLastPart: Bool { passes.map { $0.upperBound == accumulation } ?? true }
}
