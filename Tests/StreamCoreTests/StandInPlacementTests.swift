// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import StreamCore

@Suite struct StandInPlacementTests {
    private static let bounds = Bounds(minimum: Double3(3, -1, 2), maximum: Double3(7, 2, 5))

    private static func view(_ eye: Double3, _ projection: ViewState.Projection) -> ViewState {
        ViewState(eye: eye, orientation: Double4(0, 0, 0, 1), projection: projection, width: 1280, height: 720)
    }

    @Test(arguments: [Double3(5, 0.5, 20), Double3(5, 0.5, 6), Double3(5, 0.5, 3.5), Double3(1e6, 0, 1e6)])
    func `in perspective everything stays in its place of the picture, and is farther`(eye: Double3) {
        let view = Self.view(eye, .perspective(tangent: 0.3))
        let transform = StandInPlacement(of: Self.bounds, in: view).transform
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            let local = Self.bounds.size * (random.vector() + Double3(repeating: 1)) / 2
            let before = Self.bounds.minimum + local - eye
            let after = transform.apply(to: local) - eye
            #expect(length(normalized(after) - normalized(before)) < 1e-9)
            let distance = length(before)
            #expect(length(after) > distance && length(after) < 1.21 * distance)
        }
        // In the middle, by a tenth of the diagonal where the eye is not inside.
        let middle = Self.bounds.center - eye
        let moved = transform.apply(to: Self.bounds.size / 2) - eye
        if length(middle) > Self.bounds.diagonal / 2 {
            #expect(abs(length(moved) - length(middle) - 0.1 * Self.bounds.diagonal) < 1e-6)
        }
    }

    @Test func `in an orthographic picture it moves along the view`() {
        let view = Self.view(Double3(5, 0.5, 20), .orthographic(halfHeight: 4))
        let transform = StandInPlacement(of: Self.bounds, in: view).transform
        let moved = transform.apply(to: .zero) - Self.bounds.minimum
        #expect(length(moved - Double3(0, 0, -0.1 * Self.bounds.diagonal)) < 1e-12)
    }

    @Test func `small movements are served, larger ones and turns are not`() {
        let view = Self.view(Double3(5, 0.5, 20), .perspective(tangent: 0.3))
        let placement = StandInPlacement(of: Self.bounds, in: view)
        var other = view
        other.eye.x += 0.5
        #expect(placement.serves(view) && placement.serves(other))
        other.eye.x += 1
        #expect(!placement.serves(other))
        other = view
        other.orientation = Double4(0, 0.2, 0, 0.98)
        #expect(!placement.serves(other))
    }

    @Test func `a sector without extent is left where it is`() {
        let point = Bounds(minimum: Double3(1, 1, 1), maximum: Double3(1, 1, 1))
        let view = Self.view(Double3(1, 1, 1), .perspective(tangent: 0.3))
        #expect(StandInPlacement(of: point, in: view).transform == .translation(point.minimum))
    }
}
