// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Where a viewer's camera will be when a frame that is begun now is presented.
///
/// Only a part of the way is foreseen: the viewer bends the picture to its newest camera, so what is missing shows less
/// than what is too much.
enum PosePrediction {
    /// Seconds that are looked ahead at most, and the share of them that is believed.
    static let longest = 0.1
    static let share = 0.7

    /// - Parameter seconds: from the moment when the viewer had this camera until presentation.
    static func view(of camera: CameraUpdate, after seconds: Double) -> ViewState {
        // A released camera stands still, whatever its velocity was.
        guard camera.isMoving, seconds > 0 else { return camera.view }
        let moved = camera.view.moved(
            velocity: camera.velocity, angularVelocity: camera.angularVelocity,
            seconds: min(seconds, longest) * share)
        return moved.isValid ? moved : camera.view
    }
}
