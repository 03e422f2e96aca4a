// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A camera and the picture it fills: what selection, ranking and rendering need to know of a viewer.
///
/// Only + − × ÷ and square roots are ever applied to it, so native and WebAssembly results are equal bit for bit; that is
/// why a perspective is given by a tangent.
package struct ViewState: Equatable, Sendable {
    package enum Projection: Equatable, Sendable {
        /// Tangent of half the vertical field of view.
        case perspective(tangent: Double)
        /// Half of what the picture shows vertically, in metres.
        case orthographic(halfHeight: Double)
    }

    /// World space, metres.
    package var eye: Double3
    /// Unit quaternion (x, y, z, w) from camera to world; the camera looks along its -z, its +y is up in the picture.
    package var orientation: Double4
    package var projection: Projection
    /// Physical pixels.
    package var width: Double
    package var height: Double

    package init(eye: Double3, orientation: Double4, projection: Projection, width: Double, height: Double) {
        self.eye = eye
        self.orientation = orientation
        self.projection = projection
        self.width = width
        self.height = height
    }

    /// Whether every number is finite and every size positive; nothing else may reach ranking or selection.
    package var isValid: Bool {
        let extent: Double
        switch projection {
        case .perspective(let tangent): extent = tangent
        case .orthographic(let halfHeight): extent = halfHeight
        }
        let square = (orientation * orientation).sum()
        return eye.sum().isFinite && abs(eye.x) < 1e12 && abs(eye.y) < 1e12 && abs(eye.z) < 1e12
            && square > 0.5 && square < 2 && extent > 1e-9 && extent < 1e12 && width >= 1 && width <= 65535
            && height >= 1 && height <= 65535
    }

    /// Camera axes in the world: columns right, up and backward.
    package var axes: AffineTransform { .rotation(orientation) }

    /// What the picture is wide for each metre it is high.
    package var aspectRatio: Double { width / height }
}

extension ViewState {
    /// tan(0.6 / 2): the field of view that previews and fresh viewers use.
    package static let defaultTangent = 0.30934
    /// Towards the eye of a fresh viewer; the same side that previews and thumbnails show.
    package static let homeDirection = Double3(0.62, 0.48, 0.62)

    /// Shows all of `bounds` from the side that thumbnails show.
    package static func home(of bounds: Bounds, width: Double, height: Double) -> ViewState {
        let back = normalized(homeDirection)
        let right = normalized(cross(Double3(0, 1, 0), back))
        return fitting(bounds, right: right, up: cross(back, right), back: back, width: width, height: height)
    }

    /// Shows all of `bounds` in perspective, seen along the three orthonormal axes of a camera.
    package static func fitting(
        _ bounds: Bounds, right: Double3, up: Double3, back: Double3, width: Double, height: Double
    ) -> ViewState {
        let center = bounds.center
        // Far enough that every corner of the box is inside the picture, with a margin.
        var distance = max(bounds.diagonal * 1e-3, 1e-6)
        for number in 0..<8 where !bounds.isEmpty {
            let corner = bounds.corner(number) - center
            let across = max(abs(dot(corner, right)) / (width / height), abs(dot(corner, up)))
            distance = max(distance, across / defaultTangent * 1.06 + dot(corner, back))
        }
        return ViewState(
            eye: center + back * distance, orientation: quaternion(right: right, up: up, back: back),
            projection: .perspective(tangent: defaultTangent), width: width, height: height)
    }

    /// The unit quaternion (x, y, z, w) of a rotation whose columns are the three orthonormal axes.
    /// Source: Shepperd, "Quaternion from rotation matrix", 1978 (the branch with the largest divisor).
    package static func quaternion(right: Double3, up: Double3, back: Double3) -> Double4 {
        let trace = right.x + up.y + back.z
        if trace > 0 {
            let s = (trace + 1).squareRoot() * 2
            return Double4((up.z - back.y) / s, (back.x - right.z) / s, (right.y - up.x) / s, s / 4)
        }
        if right.x > up.y, right.x > back.z {
            let s = (1 + right.x - up.y - back.z).squareRoot() * 2
            return Double4(s / 4, (up.x + right.y) / s, (back.x + right.z) / s, (up.z - back.y) / s)
        }
        if up.y > back.z {
            let s = (1 + up.y - right.x - back.z).squareRoot() * 2
            return Double4((up.x + right.y) / s, s / 4, (back.y + up.z) / s, (back.x - right.z) / s)
        }
        let s = (1 + back.z - right.x - up.y).squareRoot() * 2
        return Double4((back.x + right.z) / s, (back.y + up.z) / s, s / 4, (right.y - up.x) / s)
    }
}

/// What a view can see, as half-spaces, and how large things are in it.
package struct ViewFrustum: Sendable {
    /// `dot(normal, p) + offset >= 0` inside: left, right, bottom, top, front. There is no far plane.
    private var normals: (Double3, Double3, Double3, Double3, Double3)
    private var offsets: (Double, Double, Double, Double, Double)
    package let eye: Double3
    /// Unit vector that the camera looks along.
    package let forward: Double3
    /// Perspective: pixels that one radian covers at the middle of the picture. Orthographic: pixels per metre.
    package let pixelScale: Double
    package let isPerspective: Bool
    /// Nearer boxes count as this far away: what is closer is cut by the near plane or fills the screen anyway.
    package let nearestDistance: Double

    /// - Parameters:
    ///   - margin: grows the picture by this share on each side; 0.05 keeps what enters at the next frames.
    ///   - nearestDistance: metres, positive.
    package init(_ view: ViewState, margin: Double = 0, nearestDistance: Double = 1e-3) {
        let axes = view.axes
        eye = view.eye
        forward = -axes.z
        self.nearestDistance = nearestDistance
        let eye = view.eye
        let forward = -axes.z
        func plane(_ normal: Double3, _ point: Double3) -> (Double3, Double) {
            let unit = normalized(normal)
            return (unit, -dot(unit, point))
        }
        let planes: [(Double3, Double)]
        switch view.projection {
        case .perspective(let tangent):
            isPerspective = true
            pixelScale = view.height * 0.5 / tangent
            let vertical = tangent * (1 + margin)
            let horizontal = tangent * view.aspectRatio * (1 + margin)
            planes = [
                plane(axes.x + forward * horizontal, eye), plane(-axes.x + forward * horizontal, eye),
                plane(axes.y + forward * vertical, eye), plane(-axes.y + forward * vertical, eye),
                plane(forward, eye),
            ]
        case .orthographic(let halfHeight):
            isPerspective = false
            pixelScale = view.height * 0.5 / halfHeight
            let vertical = halfHeight * (1 + margin)
            let horizontal = halfHeight * view.aspectRatio * (1 + margin)
            planes = [
                plane(axes.x, eye - axes.x * horizontal), plane(-axes.x, eye + axes.x * horizontal),
                plane(axes.y, eye - axes.y * vertical), plane(-axes.y, eye + axes.y * vertical),
                plane(forward, eye),
            ]
        }
        normals = (planes[0].0, planes[1].0, planes[2].0, planes[3].0, planes[4].0)
        offsets = (planes[0].1, planes[1].1, planes[2].1, planes[3].1, planes[4].1)
    }

    /// Whether any of a sphere can be in view.
    package func intersects(center: Double3, radius: Double) -> Bool {
        dot(normals.0, center) + offsets.0 >= -radius && dot(normals.1, center) + offsets.1 >= -radius
            && dot(normals.2, center) + offsets.2 >= -radius && dot(normals.3, center) + offsets.3 >= -radius
            && dot(normals.4, center) + offsets.4 >= -radius
    }

    /// Whether any of a box can be in view. Conservative: a box just outside a corner may count as inside.
    package func intersects(_ box: Bounds) -> Bool {
        isInFront(box, normals.0, offsets.0) && isInFront(box, normals.1, offsets.1)
            && isInFront(box, normals.2, offsets.2) && isInFront(box, normals.3, offsets.3)
            && isInFront(box, normals.4, offsets.4)
    }

    @inline(__always)
    private func isInFront(_ box: Bounds, _ normal: Double3, _ offset: Double) -> Bool {
        let farthest = box.minimum.replacing(with: box.maximum, where: normal .>= 0)
        return dot(normal, farthest) + offset >= 0
    }

    /// As `intersects(_:)`, for a box given by its center and half its size.
    package func intersects(center: Double3, halfSize: Double3) -> Bool {
        isInFront(center, halfSize, normals.0, offsets.0) && isInFront(center, halfSize, normals.1, offsets.1)
            && isInFront(center, halfSize, normals.2, offsets.2) && isInFront(center, halfSize, normals.3, offsets.3)
            && isInFront(center, halfSize, normals.4, offsets.4)
    }

    @inline(__always)
    private func isInFront(_ center: Double3, _ halfSize: Double3, _ normal: Double3, _ offset: Double) -> Bool {
        let reach = abs(normal.x) * halfSize.x + abs(normal.y) * halfSize.y + abs(normal.z) * halfSize.z
        return dot(normal, center) + offset >= -reach
    }

    /// Metres from the eye to the nearest point of a box; 0 inside, and wherever distance does not matter.
    package func distance(toCenter center: Double3, halfSize: Double3) -> Double {
        guard isPerspective else { return 0 }
        let offset = center - eye
        let outside = Double3(
            max(abs(offset.x) - halfSize.x, 0), max(abs(offset.y) - halfSize.y, 0),
            max(abs(offset.z) - halfSize.z, 0))
        return length(outside)
    }

    /// Pixels that `size` metres cover at the nearest point of `box`.
    package func pixels(_ size: Double, at box: Bounds) -> Double {
        pixels(size, atDistance: isPerspective ? box.distance(to: eye) : 0)
    }

    /// Pixels that `size` metres cover `distance` metres away.
    package func pixels(_ size: Double, atDistance distance: Double) -> Double {
        isPerspective ? size * pixelScale / max(distance, nearestDistance) : size * pixelScale
    }
}
