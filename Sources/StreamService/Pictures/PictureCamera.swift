// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import StreamCore

/// A camera as people write it: the name of a standard view, or the text that the viewer puts behind `#view=` in its
/// address, so that a link and a picture show the same.
///
/// The text is `p` (perspective) or `o` (orthographic), the focus, azimuth and elevation in degrees, and the distance:
/// `p,1.25,0.4,-3,45,20,12.5`. Lengths are metres; azimuth 0 looks from +z, 90 from +x.
package enum PictureCamera: Equatable, Sendable {
    /// One side, or `home`: the one that thumbnails show. All of the model is in the picture.
    package enum Side: String, CaseIterable, Sendable { case home, front, back, left, right, top, bottom }

    case side(Side)
    case orbit(Orbit)

    /// A camera that looks at a place.
    package struct Orbit: Equatable, Sendable {
        package var isOrthographic = false
        package var focus = Double3.zero
        /// Radians.
        package var azimuth = 0.0
        package var elevation = 0.0
        /// From the focus, metres, positive. An orthographic picture shows as much as a perspective one at the focus.
        package var distance = 1.0
    }

    /// - Throws: `badRequest`, with what can be written.
    package init(_ text: String) throws(ServiceError) {
        if let side = Side(rawValue: text) {
            self = .side(side)
            return
        }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.dropFirst().compactMap { Double($0) }
        guard words.count == 7, numbers.count == 6, ["p", "o"].contains(words[0]),
            numbers.allSatisfy({ abs($0) < 1e12 }), abs(numbers[3]) <= 360, abs(numbers[4]) <= 90, numbers[5] > 0
        else {
            let sides = Side.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServiceError(
                .badRequest,
                "a camera is one of \(sides), or what follows #view= in the viewer's address, as p,0,1,0,45,20,12.5")
        }
        self = .orbit(
            Orbit(
                isOrthographic: words[0] == "o", focus: Double3(numbers[0], numbers[1], numbers[2]),
                azimuth: numbers[3] * .pi / 180, elevation: numbers[4] * .pi / 180, distance: numbers[5]))
    }

    /// The view of a model in a picture of this many pixels.
    package func view(of bounds: Bounds, width: Int, height: Int) -> ViewState {
        let (width, height) = (Double(width), Double(height))
        switch self {
        case .side(.home): return .home(of: bounds, width: width, height: height)
        case .side(let side):
            let axes = Axes(azimuth: side.azimuth, elevation: side.elevation)
            return .fitting(
                bounds, right: axes.right, up: axes.up, back: axes.back, width: width, height: height)
        case .orbit(let orbit):
            let axes = Axes(azimuth: orbit.azimuth, elevation: orbit.elevation)
            // Parallel rays start in front of everything.
            let reach = orbit.isOrthographic ? orbit.distance + bounds.diagonal : orbit.distance
            let tangent = ViewState.defaultTangent
            return ViewState(
                eye: orbit.focus + axes.back * reach,
                orientation: ViewState.quaternion(right: axes.right, up: axes.up, back: axes.back),
                projection: orbit.isOrthographic
                    ? .orthographic(halfHeight: tangent * orbit.distance) : .perspective(tangent: tangent),
                width: width, height: height)
        }
    }

    private struct Axes {
        let right: Double3
        let up: Double3
        let back: Double3

        init(azimuth: Double, elevation: Double) {
            right = Double3(cos(azimuth), 0, -sin(azimuth))
            back = Double3(sin(azimuth) * cos(elevation), sin(elevation), cos(azimuth) * cos(elevation))
            up = cross(back, right)
        }
    }
}

extension PictureCamera.Side {
    fileprivate var azimuth: Double {
        switch self {
        case .back: .pi
        case .left: -.pi / 2
        case .right: .pi / 2
        case .home, .front, .top, .bottom: 0
        }
    }

    fileprivate var elevation: Double {
        switch self {
        case .top: .pi / 2
        case .bottom: -.pi / 2
        case .home, .front, .back, .left, .right: 0
        }
    }
}
