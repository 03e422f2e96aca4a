// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// A simplex roller chain of the European series, millimetres.
///
/// - Source: ISO 606, tables for 08B and 16B.
struct RollerChain {
    var name: String
    var pitch: Double
    var rollerDiameter: Double
    var innerWidth: Double
    var plateHeight: Double
    var plateThickness: Double
    var pinDiameter: Double

    static let b08 = RollerChain(
        name: "08B-1", pitch: 12.7, rollerDiameter: 8.51, innerWidth: 7.75, plateHeight: 11.8, plateThickness: 1.6,
        pinDiameter: 4.45)
    static let b16 = RollerChain(
        name: "16B-1", pitch: 25.4, rollerDiameter: 15.88, innerWidth: 17.02, plateHeight: 21, plateThickness: 3.6,
        pinDiameter: 8.28)

    /// From the first roller at the origin to the second at x = pitch; rollers along z.
    var innerLink: Solid {
        let half = innerWidth / 2
        let plate = Solid.extrude(plateOutline, from: half, to: half + plateThickness, chamfer: 0.2)
        let roller = Solid.tube(
            rollerDiameter / 2, pinDiameter / 2 + 0.6, from: -half + 0.1, to: half - 0.1, chamfer: 0.25, segments: 32)
        let bush = Solid.tube(
            pinDiameter / 2 + 0.7, pinDiameter / 2 + 0.02, from: -half - plateThickness - 0.05,
            to: half + plateThickness + 0.05, segments: 24)
        let pair = roller.joined(bush)
        return .joined([
            plate, plate.moved(0, 0, -innerWidth - plateThickness), pair, pair.moved(pitch, 0, 0),
        ])
    }

    /// Likewise, with the pins instead of the rollers.
    var outerLink: Solid {
        let low = innerWidth / 2 + plateThickness + 0.2
        let plate = Solid.extrude(plateOutline, from: low, to: low + plateThickness, chamfer: 0.2)
        let end = low + plateThickness + 0.9
        let pin = Solid.cylinder(pinDiameter / 2, from: -end, to: end, chamfer: 0.4, segments: 24)
        return .joined([
            plate, plate.moved(0, 0, -2 * low - plateThickness), pin, pin.moved(pitch, 0, 0),
        ])
    }

    /// Two round ends and a waist.
    private var plateOutline: [Double2] {
        let radius = plateHeight / 2
        let steps = 16
        let right = (0...steps).map { step -> Double2 in
            let (s, c) = sineAndCosine(degrees: -115 + 230 * Double(step) / Double(steps))
            return Double2(pitch + radius * c, radius * s)
        }
        let left = right.map { Double2(pitch - $0.x, -$0.y) }
        return right + [Double2(pitch / 2, radius * 0.74)] + left + [Double2(pitch / 2, -radius * 0.74)]
    }

    func pitchRadius(teeth: Int) -> Double { pitch / (2 * sin(.pi / Double(teeth))) }

    /// A tooth gap points along +x.
    func sprocketOutline(teeth: Int) -> [Double2] {
        let radius = pitchRadius(teeth: teeth)
        let seat = rollerDiameter / 2 * 1.02
        let step = 360 / Double(teeth)
        let tip = radius + 0.32 * pitch
        let tipHalf = 0.09 * pitch / tip * 180 / .pi
        return (0..<teeth).flatMap { tooth -> [Double2] in
            var points = (0...8).map { i -> Double2 in
                let (s, c) = sineAndCosine(degrees: 240 - 120 * Double(i) / 8)
                return Double2(radius + seat * c, seat * s)
            }
            let flank = step / 2 - tipHalf
            for (degrees, r) in [(0.62 * flank, radius + 0.2 * pitch), (flank, tip), (step - flank, tip)] {
                let (s, c) = sineAndCosine(degrees: degrees)
                points.append(Double2(r * c, r * s))
            }
            let (s, c) = sineAndCosine(degrees: step - 0.62 * flank)
            points.append(Double2(radius + 0.2 * pitch, 0).x * Double2(c, s))
            return Outline.turned(points, step * Double(tooth))
        }
    }

    /// A sprocket disc with a hub on +z and a keyed bore.
    func sprocket(teeth: Int, bore: Double, hubRadius: Double, hubLength: Double) -> Solid {
        let half = innerWidth * 0.93 / 2
        let keyWidth = max(3, (bore * 0.5).rounded())
        let hole = Outline.keyedBore(bore, keyWidth: keyWidth, depth: keyWidth * 0.3, 32)
        let outline = sprocketOutline(teeth: teeth)
        let hub = Outline.circle(hubRadius, 40)
        var solid = Solid()
        solid.addCap(outline, holes: [hole], z: -half, facingUp: false)
        solid.addWall(outline, from: -half, to: half)
        solid.addCap(outline, holes: [hub], z: half, facingUp: true)
        solid.addWall(hub, from: half, to: half + hubLength)
        solid.addCap(hub, holes: [hole], z: half + hubLength, facingUp: true)
        solid.addWall(hole, from: half + hubLength, to: -half)
        return solid.oriented()
    }

    /// Where the links of a chain around two equal sprockets lie: start and direction (degrees) of each link, in the
    /// plane of the chain, the first sprocket at the origin and the second `strand` pitches along +x.
    func loop(teeth: Int, strand: Int) -> [(position: Double2, degrees: Double)] {
        precondition(teeth % 2 == 0, "an even number of teeth wraps half way in whole links")
        let radius = pitchRadius(teeth: teeth)
        let half = teeth / 2
        func arc(_ center: Double, _ start: Double) -> [Double2] {
            (0..<half).map { i in
                let (s, c) = sineAndCosine(degrees: start + 360 * Double(i) / Double(teeth))
                return Double2(center + radius * c, radius * s)
            }
        }
        let length = Double(strand) * pitch
        let lower = (0..<strand).map { Double2(Double($0) * pitch, -radius) }
        let upper = (0..<strand).map { Double2(length - Double($0) * pitch, radius) }
        let pins = arc(0, 90) + lower + arc(length, -90) + upper
        return pins.indices.map { i in
            let d = pins[(i + 1) % pins.count] - pins[i]
            return (pins[i], atan2(d.y, d.x) * 180 / .pi)
        }
    }
}
