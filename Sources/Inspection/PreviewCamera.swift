// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// A perspective camera for previews.
package struct PreviewCamera: Sendable {
    package enum View: String, CaseIterable, Sendable { case iso, front, back, left, right, top, bottom }

    package var eye: Double3
    package var target: Double3
    package var up: Double3
    /// Radians.
    package var verticalFieldOfView: Float

    /// Looks at the whole of `bounds` from one of the standard sides.
    ///
    /// - Parameters:
    ///   - zoom: how many times nearer than what shows everything; at least 0.01.
    ///   - aspectRatio: width over height.
    package init(fitting bounds: Bounds, view: View, zoom: Double, aspectRatio: Double) {
        verticalFieldOfView = PreviewCamera.fieldOfView
        target = bounds.center
        let (direction, up): (Double3, Double3) =
            switch view {
            case .iso: (Double3(0.62, 0.48, 0.62), Double3(0, 1, 0))
            case .front: (Double3(0, 0, 1), Double3(0, 1, 0))
            case .back: (Double3(0, 0, -1), Double3(0, 1, 0))
            case .left: (Double3(-1, 0, 0), Double3(0, 1, 0))
            case .right: (Double3(1, 0, 0), Double3(0, 1, 0))
            case .top: (Double3(0, 1, 0), Double3(0, 0, -1))
            case .bottom: (Double3(0, -1, 0), Double3(0, 0, 1))
            }
        self.up = up
        let back = normalized(direction)
        let right = normalized(cross(up, back))
        let top = cross(back, right)
        // Far enough that every corner of the box is inside the frustum, with a margin.
        var distance = max(bounds.diagonal * 1e-3, .leastNormalMagnitude)
        for number in 0..<8 {
            let corner = bounds.corner(number) - target
            let across = max(abs(dot(corner, right)) / aspectRatio, abs(dot(corner, top)))
            distance = max(distance, across / PreviewCamera.halfHeight * 1.06 + dot(corner, back))
        }
        eye = target + back * (distance / max(zoom, 0.01))
    }

    private static let fieldOfView: Float = 0.6
    /// tan(0.6 / 2).
    private static let halfHeight = 0.30934
}
