// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A size of the metric hexagon family, millimetres.
///
/// - Source: ISO 4017 (bolts), ISO 4032 (nuts), ISO 7089 (washers), ISO 262 (coarse pitches).
struct MetricSize {
    var diameter: Double
    var pitch: Double
    var acrossFlats: Double
    var headHeight: Double
    var nutHeight: Double
    var washerDiameter: Double
    var washerThickness: Double

    var name: String { "M\(Int(diameter))" }

    static let m6 = MetricSize(6, 1, 10, 4, 5.2, 12, 1.6)
    static let m8 = MetricSize(8, 1.25, 13, 5.3, 6.8, 16, 1.6)
    static let m10 = MetricSize(10, 1.5, 16, 6.4, 8.4, 20, 2)
    static let m12 = MetricSize(12, 1.75, 18, 7.5, 10.8, 24, 2.5)
    static let m16 = MetricSize(16, 2, 24, 10, 14.8, 30, 3)
    static let m20 = MetricSize(20, 2.5, 30, 12.5, 18, 37, 3)

    private init(
        _ diameter: Double, _ pitch: Double, _ flats: Double, _ head: Double, _ nut: Double, _ washer: Double,
        _ thickness: Double
    ) {
        self.diameter = diameter
        self.pitch = pitch
        acrossFlats = flats
        headHeight = head
        nutHeight = nut
        washerDiameter = washer
        washerThickness = thickness
    }
}

extension Solid {
    /// A right-hand external thread as a closed body from `low` to `high`: a true helix whose depth fades in and out
    /// at the ends.
    ///
    /// Columns run along z, each shifted by its share of the pitch; the last column meets the first one turn later.
    /// Points beyond the ends fall together on the end rings and weld.
    static func thread(_ size: MetricSize, from low: Double, to high: Double, columns: Int = 20) -> Solid {
        let pitch = size.pitch
        let crest = size.diameter / 2
        let depth = 0.6134 * pitch
        let phases: [(Double, Double)] = [(0, 1), (0.125, 1), (0.4375, 0), (0.75, 0)]
        let rows = (Int((high - low) / pitch) + 2) * phases.count
        let circle = Outline.circle(1, columns)
        func point(_ column: Int, _ row: Int) -> Double3 {
            let row = column == columns ? row + phases.count : row
            let column = column == columns ? 0 : column
            let (phase, height) = phases[row % phases.count]
            let turns = Double(row / phases.count - 1) + phase + Double(column) / Double(columns)
            let z = max(low, min(high, low + pitch * turns))
            let fade = min(1, min(z - low, high - z) / (0.7 * pitch))
            let radius = crest - depth * (1 - height * fade)
            return Double3(circle[column].x * radius, circle[column].y * radius, z)
        }
        var solid = Solid()
        for column in 0..<columns {
            for row in 0..<rows {
                solid.addQuad(
                    point(column, row), point(column + 1, row), point(column + 1, row + 1), point(column, row + 1))
            }
        }
        let end = circle.map { $0 * (crest - depth) }
        solid.addCap(end, z: low, facingUp: false)
        solid.addCap(end, z: high, facingUp: true)
        return solid.oriented()
    }
}
