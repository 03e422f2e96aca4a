// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The cast housing of the gearbox, split at the plane of the shafts. Its frame: z along the shafts, y up, the origin
/// on the input shaft, the shafts side by side along x.
struct GearboxHousing {
    /// Axis and bearing of each shaft.
    var seats: [(x: Double, radius: Double, coverRadius: Double)]
    static let left = -82.0
    static let right = 482.0
    static let wall = 12.0
    /// Outer and inner faces of the two bearing walls.
    static let faces = [(25.0, 60.0), (230.0, 265.0)]
    static let bossHeight = 6.0
    static let roof = 164.0
    static let floor = -166.0

    var lower: Solid {
        var shells: [Solid] = []
        for (low, high) in Self.faces { shells.append(.extrude(lowerWall, from: low, to: high)) }
        let depth = -Self.floor
        for x in [Self.left + Self.wall / 2, Self.right - Self.wall / 2] {
            shells.append(.box(Self.wall, depth, 170, at: Double3(x, -depth / 2, 145)))
        }
        shells.append(basePlate)
        shells += bosses(upper: false) + lugs(from: -22, to: 0) + lowerRibs
        return .joined(shells)
    }

    var upper: Solid {
        var shells: [Solid] = []
        for (low, high) in Self.faces { shells.append(.extrude(upperWall, from: low, to: high)) }
        shells += [sideBand, sideBand.mapped { $0 }.turned(.y, 180).moved(Self.left + Self.right, 0, 290), roofPlate]
        shells += bosses(upper: true) + lugs(from: 0, to: 22) + upperRibs
        return .joined(shells)
    }

    /// Edges of the opening in the roof, (x, z) centre and size.
    static let window = (x: 200.0, z: 145.0, width: 300.0, depth: 120.0)

    // MARK: Walls

    /// Runs along the split from right to left, dipping into each bearing seat.
    private func split(below: Bool) -> [Double2] {
        seats.sorted { $0.x > $1.x }.flatMap { seat in
            (0...24).map { i -> Double2 in
                let degrees = 180 * Double(i) / 24
                let (s, c) = sineAndCosine(degrees: below ? -degrees : degrees)
                return Double2(seat.x + seat.radius * c, seat.radius * s)
            }
        }
    }

    private var lowerWall: [Double2] {
        [
            Double2(Self.left, 0), Double2(Self.left, Self.floor), Double2(Self.right, Self.floor),
            Double2(Self.right, 0),
        ]
            + split(below: true)
    }

    private var upperWall: [Double2] {
        let corners = Outline.rounded(
            Self.right - Self.left, 2 * Self.roof, radius: 70, at: Double2((Self.left + Self.right) / 2, 0), steps: 8)
        let arch = corners.filter { $0.y > 1 }
        return [Double2(Self.right, 0)] + arch + [Double2(Self.left, 0)] + split(below: false).reversed()
    }

    /// The right end wall with its round shoulder.
    private var sideBand: Solid {
        let center = Double2(Self.right - 70, Self.roof - 70)
        func arc(_ radius: Double) -> [Double2] {
            (0...8).map { i in
                let (s, c) = sineAndCosine(degrees: 90 * Double(i) / 8)
                return center + Double2(c, s) * radius
            }
        }
        let outline =
            [Double2(Self.right - Self.wall, 0), Double2(Self.right, 0)] + arc(70) + arc(58).reversed()
        return .extrude(outline, from: 60, to: 230)
    }

    private var roofPlate: Solid {
        let (low, high) = (Self.left + 70, Self.right - 70)
        let window = Self.window
        let center = (low + high) / 2
        // Drawn in (x, −z) so that the extrusion along z stands up along y.
        let outline = Outline.rectangle(high - low, 170, at: Double2(center, -145))
        let hole = Outline.rounded(window.width, window.depth, radius: 15, at: Double2(window.x, -window.z))
        let frame = Outline.rounded(window.width + 60, window.depth + 44, radius: 20, at: Double2(window.x, -window.z))
        let plate = Solid.extrude(outline, holes: [hole], from: Self.roof - 12, to: Self.roof)
        let rim = Solid.extrude(frame, holes: [hole], from: Self.roof - 2, to: Self.roof + 6)
        return plate.joined(rim).turned(.x, -90)
    }

    private var basePlate: Solid {
        let outline = Outline.rounded(Self.right - Self.left + 120, 290, radius: 20, at: Double2(200, -145))
        let holes = Self.footHoles.map { Outline.circle(9, 20, at: Double2($0.x, -$0.y)) }
        return Solid.extrude(outline, holes: holes, from: Self.floor - 14, to: Self.floor + 4, chamfer: 2).turned(
            .x, -90)
    }

    /// Foundation bolts, (x, z).
    static let footHoles = [-115.0, 515.0].flatMap { x in [40.0, 145.0, 250.0].map { Double2(x, $0) } }

    // MARK: Bosses, lugs, ribs

    private func bosses(upper: Bool) -> [Solid] {
        seats.flatMap { seat in
            let (outer, inner) = (arc(seat.x, seat.coverRadius, upper), arc(seat.x, seat.radius, upper))
            let ring = outer + inner.reversed()
            return [
                (Self.faces[0].0 - Self.bossHeight, Self.faces[0].0 + 2),
                (Self.faces[1].1 - 2, Self.faces[1].1 + Self.bossHeight),
            ]
            .map { Solid.extrude(ring, from: $0.0, to: $0.1) }
        }
    }

    private func arc(_ x: Double, _ radius: Double, _ upper: Bool) -> [Double2] {
        (0...32).map { i in
            let (s, c) = sineAndCosine(degrees: 180 * Double(i) / 32 + (upper ? 0 : 180))
            return Double2(x + radius * c, radius * s)
        }
    }

    /// Where the halves are bolted together, (x, z).
    static let splitBolts: [Double2] =
        [-95.0, 495.0].flatMap { x in [45.0, 145.0, 245.0].map { Double2(x, $0) } }
        + [-71.0, 205.5, 434.0].flatMap { x in [12.0, 278.0].map { Double2(x, $0) } }

    private func lugs(from low: Double, to high: Double) -> [Solid] {
        var shells = [Self.left - 12, Self.right + 12].map { x in
            let outline = Outline.rounded(30, 240, radius: 8, at: Double2(x, -145))
            let holes = Self.splitBolts.filter { abs($0.x - x) < 8 }.map {
                Outline.circle(6.8, 16, at: Double2($0.x, -$0.y))
            }
            return Solid.extrude(outline, holes: holes, from: low, to: high, chamfer: 1).turned(.x, -90)
        }
        for point in Self.splitBolts where point.x > Self.left && point.x < Self.right {
            let outline = Outline.rounded(30, 30, radius: 10, at: Double2(point.x, -point.y))
            let hole = Outline.circle(6.8, 16, at: Double2(point.x, -point.y))
            shells.append(.extrude(outline, holes: [hole], from: low, to: high, chamfer: 1).turned(.x, -90))
        }
        return shells
    }

    private var lowerRibs: [Solid] {
        seats.flatMap { seat in
            let height = -Self.floor - seat.coverRadius + 4
            return [16.0, 274].map { z in
                Solid.box(12, height, 20, at: Double3(seat.x, Self.floor + height / 2, z), chamfer: 2)
            }
        }
    }

    private var upperRibs: [Solid] {
        seats.flatMap { seat in
            let height = Self.roof - 14 - seat.coverRadius + 4
            return [17.0, 273].map { z in
                Solid.box(10, height, 18, at: Double3(seat.x, Self.roof - 14 - height / 2, z), chamfer: 2)
            }
        }
    }
}
