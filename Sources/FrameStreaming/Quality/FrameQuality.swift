// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How finely colour differences are kept.
package enum Chroma: Equatable, Sendable {
    /// 4:2:0, for what moves.
    case half
    /// 4:4:4, for stills.
    case full
}

/// What is short for one viewer.
package enum Shortage: String, Equatable, Sendable {
    case nothing, link, renderer, decoder
}

/// How good the moving frames of a viewer are.
package struct FrameQuality: Equatable, Sendable {
    /// JPEG quality.
    package var quality: Int
    /// Of the viewer's width and height.
    package var scale: Double
    /// Frames per second, at most.
    package var rate: Double
}
