// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What a viewer says about its camera.
package struct ViewUpdate: Equatable, Sendable {
    /// Grows with each view of a connection; 0 for the view that the server assumes before the first.
    package var sequence: UInt32
    package var view: ViewState
    /// Screen-space error that is good enough, in pixels.
    package var thresholdPixels: Float
    /// Metres per second.
    package var velocity: Double3
    /// Axis in world space times radians per second.
    package var angularVelocity: Double3
    /// Clip space: where the attention is.
    package var focus: SIMD2<Float>
    package var isMoving: Bool

    package init(
        sequence: UInt32, view: ViewState, thresholdPixels: Float = 1, velocity: Double3 = .zero,
        angularVelocity: Double3 = .zero, focus: SIMD2<Float> = .zero, isMoving: Bool = false
    ) {
        self.sequence = sequence
        self.view = view
        self.thresholdPixels = thresholdPixels
        self.velocity = velocity
        self.angularVelocity = angularVelocity
        self.focus = focus
        self.isMoving = isMoving
    }

    /// Whether every number can be computed with; what is not valid must be refused before it reaches a stream, which
    /// ignores it.
    package var isValid: Bool {
        let speeds = [velocity.x, velocity.y, velocity.z, angularVelocity.x, angularVelocity.y, angularVelocity.z]
        return view.isValid && thresholdPixels > 0 && thresholdPixels <= 65_536
            && speeds.allSatisfy { abs($0) < 1e9 } && abs(focus.x) <= 16 && abs(focus.y) <= 16
    }

    /// The same picture: nothing has to be ranked again.
    func hasSamePicture(as other: ViewUpdate) -> Bool {
        var copy = other
        copy.sequence = sequence
        return self == copy && !isMoving
    }

    /// Where the camera will be after some seconds, if it goes on.
    func predicted(after seconds: Double) -> ViewState {
        view.moved(velocity: velocity, angularVelocity: angularVelocity, seconds: seconds)
    }
}

/// What a viewer has of a chunk from before.
package enum ChunkHolding: Equatable, Sendable {
    /// Decoded and ready to draw.
    case resident
    /// Its bytes are kept and can be recalled.
    case stored
}

/// Bounds of what a stream does for one viewer.
package struct StreamLimits: Equatable, Sendable {
    /// Bytes sent beyond what a view needs, for each view that stays.
    package var prefetchByteCount = 4 << 20
    /// Views are ranked at most this often; the newest counts.
    package var viewInterval = Duration.milliseconds(40)

    package init() {}
}

/// Facts of one viewer's stream.
package struct StreamStatistics: Equatable, Sendable {
    /// Measured, bytes per second; 0: not yet.
    package var rate = 0.0
    /// Shortest of the latest round trips, seconds; infinite: not measured yet.
    package var roundTripSeconds = Double.infinity
    package var inFlightByteCount = 0
    /// Bytes that may be in flight.
    package var windowByteCount = 0
    /// "start", "steady" or "probe".
    package var phase = ""
    package var sentByteCount = 0
    package var sentChunkCount = 0
    package var recalledChunkCount = 0
    package var prefetchedByteCount = 0
    package var heldChunkCount = 0
    /// Chunks that the view still needs, as of the last ranking (some only show when coarser ones are there).
    package var missingChunkCount = 0
    package var rankingCount = 0
    /// Numbers in the viewer's messages that name nothing.
    package var ignoredNumberCount = 0
    package var thresholdPixels: Float = 0
    package var isSettled = false
}
