// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// A half-line to look along.
package struct PickRay: Equatable, Sendable {
    /// World space, metres.
    package var origin: Double3
    /// Unit length.
    package var direction: Double3
    /// Metres from the origin; nearer hits do not count.
    package var nearestDistance: Double
    package var farthestDistance: Double

    package init(
        origin: Double3, direction: Double3, nearestDistance: Double = 0, farthestDistance: Double = .infinity
    ) {
        self.origin = origin
        self.direction = direction
        self.nearestDistance = nearestDistance
        self.farthestDistance = farthestDistance
    }

    /// What is seen at a place of a picture.
    ///
    /// - Parameter place: clip space: -1 ... 1 is the picture, y upwards.
    package init(in view: ViewState, place: SIMD2<Double>) {
        let axes = view.axes
        let (right, up) = (place.x * view.aspectRatio, place.y)
        switch view.projection {
        case .perspective(let tangent):
            let direction = -axes.z + axes.x * (right * tangent) + axes.y * (up * tangent)
            self.init(origin: view.eye, direction: normalized(direction))
        case .orthographic(let halfHeight):
            let origin = view.eye + axes.x * (right * halfHeight) + axes.y * (up * halfHeight)
            self.init(origin: origin, direction: -axes.z)
        }
    }

    /// - Parameters:
    ///   - x: pixels from the left edge; the middle of the first pixel is at 0.5.
    ///   - y: pixels from the upper edge.
    package init(in view: ViewState, x: Double, y: Double) {
        self.init(in: view, place: SIMD2(2 * x / view.width - 1, 1 - 2 * y / view.height))
    }

    /// Whether it can be computed with.
    var isValid: Bool {
        origin.sum().isFinite && abs(length(direction) - 1) < 1e-6 && nearestDistance >= 0
            && farthestDistance >= nearestDistance
    }
}

/// What a ray meets first.
package struct PickHit: Equatable, Sendable {
    /// World space, metres.
    package var point: Double3
    /// Of the triangle, unit length, towards where the ray comes from.
    package var normal: Double3
    /// Metres from the ray's origin.
    package var distance: Double
    /// Of the model's tree.
    package var treeNode: Int
    /// Of the model; nil: the default material.
    package var material: Int?
}

/// Why a ray's first hit is not known.
package enum PickingError: Error, Equatable, CustomStringConvertible {
    /// The ray is none: a number that is not finite, or a direction that is not of unit length.
    case invalidRay
    /// What the ray might meet first cannot be read.
    case damaged(String)
    /// More nodes lie along the ray than one pick may decode.
    case tooMuchWork(nodeCount: Int)

    package var description: String {
        switch self {
        case .invalidRay: "the ray is not valid"
        case .damaged(let what): "the model is damaged: \(what)"
        case .tooMuchWork(let count): "more than \(count) nodes lie along the ray"
        }
    }
}

/// A ray prepared for testing boxes.
struct BoxRay {
    var origin: Double3
    /// Of any length: distances are in units of it.
    var direction: Double3

    /// Where the ray enters a box, 0 if it starts inside; nil: it misses it. Boxes are a little larger than said, so
    /// that rounding loses nothing.
    func entry(center: Double3, halfSize: Double3) -> Double? {
        let offset = center - origin
        let size = max(abs(offset.x), max(abs(offset.y), abs(offset.z))) + halfSize.max()
        var (near, far) = (0.0, Double.infinity)
        for axis in 0..<3 {
            let half = halfSize[axis] + size * 1e-12
            if direction[axis] == 0 {
                if abs(offset[axis]) > half { return nil }
                continue
            }
            let (a, b) = ((offset[axis] - half) / direction[axis], (offset[axis] + half) / direction[axis])
            near = max(near, min(a, b))
            far = min(far, max(a, b))
        }
        return near <= far * (1 + 1e-12) ? near * (1 - 1e-12) : nil
    }
}
