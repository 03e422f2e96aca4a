// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What a viewer says about its camera: newer ones replace older ones.
package struct CameraUpdate: Equatable, Sendable {
    /// Grows with each view of a connection; at least 1, or 0 for the view that the server assumes before the first.
    package var sequence: UInt32
    /// Its size is the viewer's.
    package var view: ViewState
    /// Screen-space error that is good enough, in pixels.
    package var thresholdPixels: Float
    /// Metres per second.
    package var velocity: Double3
    /// Axis in world space times radians per second.
    package var angularVelocity: Double3
    package var isMoving: Bool

    package init(
        sequence: UInt32, view: ViewState, thresholdPixels: Float = 1, velocity: Double3 = .zero,
        angularVelocity: Double3 = .zero, isMoving: Bool = false
    ) {
        self.sequence = sequence
        self.view = view
        self.thresholdPixels = thresholdPixels
        self.velocity = velocity
        self.angularVelocity = angularVelocity
        self.isMoving = isMoving
    }

    /// Whether every number can be computed with; what is not valid is ignored.
    package var isValid: Bool {
        let speeds = [velocity.x, velocity.y, velocity.z, angularVelocity.x, angularVelocity.y, angularVelocity.z]
        return view.isValid && thresholdPixels > 0 && thresholdPixels <= 65_536
            && speeds.allSatisfy { abs($0) < 1e9 }
    }
}
