// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// One entry of a viewer's queue, for people: what it is and why it stands where it stands.
package struct RankedChunk: Equatable, Sendable {
    /// The largest of the gains that add up to a chunk's.
    package struct Contribution: Equatable, Sendable {
        package enum Reason: String, Sendable {
            /// In the picture, and too wrong.
            case view
            /// In the picture soon.
            case prediction
            /// Something wanted depends on it.
            case ancestor
            /// Its sector cannot be shown without.
            case sector
            case texture
            /// Around the picture, for when the camera turns.
            case prefetch
        }

        package var gain: Float
        /// Pixels; infinite where nothing is there yet.
        package var errorPixels: Float
        /// Pixels of the picture that it mends.
        package var pixels: Float = 0
        /// 1: not hidden.
        package var visibility: Float = 1
        /// 1: where the viewer looks.
        package var attention: Float = 1
        package var reason: Reason
    }

    package var chunk: Int
    package var kind: ChunkKind
    package var nodes: [Int]
    package var gain: Float
    /// What sending it takes; little for what the viewer has stored.
    package var byteCount: Int
    /// Gain per byte of it and everything that must be sent before it.
    package var score: Float
    /// Whether the view is not settled without it.
    package var isNeeded: Bool
    package var contribution: Contribution?
}
