// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// An axis-aligned box, both corners included. Empty (`minimum > maximum`) until a point is added.
package struct Bounds: Equatable, Sendable {
    package var minimum: Double3
    package var maximum: Double3

    package init(minimum: Double3, maximum: Double3) {
        self.minimum = minimum
        self.maximum = maximum
    }

    package static let empty = Bounds(
        minimum: Double3(repeating: .infinity), maximum: Double3(repeating: -.infinity))

    package var isEmpty: Bool { !(minimum.x <= maximum.x && minimum.y <= maximum.y && minimum.z <= maximum.z) }
    package var size: Double3 { isEmpty ? .zero : maximum - minimum }
    package var center: Double3 { isEmpty ? .zero : minimum + (maximum - minimum) * 0.5 }
    package var diagonal: Double { length(size) }
    package var longestSide: Double { size.max() }

    package mutating func add(_ point: Double3) {
        minimum = pointwiseMin(minimum, point)
        maximum = pointwiseMax(maximum, point)
    }

    package mutating func add(_ other: Bounds) {
        if other.isEmpty { return }
        add(other.minimum)
        add(other.maximum)
    }

    /// Distance from `point` to the nearest point of the box; 0 inside.
    package func distance(to point: Double3) -> Double {
        length(pointwiseMax(pointwiseMax(minimum - point, point - maximum), .zero))
    }

    /// Corner `index` (0 ..< 8): bit 0 picks the maximum in x, bit 1 in y, bit 2 in z.
    package func corner(_ index: Int) -> Double3 {
        Double3(
            index & 1 == 0 ? minimum.x : maximum.x, index & 2 == 0 ? minimum.y : maximum.y,
            index & 4 == 0 ? minimum.z : maximum.z)
    }
}
