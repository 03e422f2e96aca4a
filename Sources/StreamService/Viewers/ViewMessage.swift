// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import StreamCore

extension Wire.View {
    /// The view as ranking takes it.
    ///
    /// - Throws: `malformed`, naming the first field that is not usable.
    func update() throws(ServiceError) -> ViewUpdate {
        let projection: ViewState.Projection =
            switch self.projection {
            case .perspective: .perspective(tangent: Double(scale))
            case .orthographic: .orthographic(halfHeight: Double(scale))
            }
        let view = ViewState(
            eye: eye, orientation: Double4(orientation), projection: projection, width: Double(width),
            height: Double(height))
        let update = ViewUpdate(
            sequence: sequence, view: view, thresholdPixels: thresholdPixels, velocity: Double3(velocity),
            angularVelocity: Double3(angularVelocity), focus: focus, isMoving: isMoving)
        if update.isValid, sequence > 0 { return update }
        throw ServiceError(.malformed, "View.\(firstFault)")
    }

    private var firstFault: String {
        let square = (orientation * orientation).sum()
        func isBeyond(_ vector: Float3, _ limit: Float) -> Bool {
            !(abs(vector.x) < limit && abs(vector.y) < limit && abs(vector.z) < limit)
        }
        if sequence == 0 { return "sequence: begins at 1" }
        if !(abs(eye.x) < 1e12 && abs(eye.y) < 1e12 && abs(eye.z) < 1e12) { return "eye: not a finite place" }
        if !(square > 0.5 && square < 2) { return "orientation: not a unit quaternion" }
        if !(scale > 1e-9 && scale < 1e12) { return "scale: not a positive, finite number" }
        if width == 0 || height == 0 { return "width, height: a picture has pixels" }
        if !(thresholdPixels > 0 && thresholdPixels <= 65_536) { return "thresholdPixels: not above 0" }
        if isBeyond(velocity, 1e9) { return "velocity: not a finite speed" }
        if isBeyond(angularVelocity, 1e9) { return "angularVelocity: not a finite speed" }
        return "focus: not in the picture"
    }
}
