// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// An involute gear about z, centred on z = 0, with a tooth pointing along +x at mid-width. Millimetres, degrees.
///
/// Flanks are true involutes of the base circle; the root fillet is a quarter arc of 0.38 modules, which stands in for
/// the trochoid a rack cutter leaves.
///
/// - Source: ISO 53 (basic rack), ISO 21771 (geometry of involute gears).
struct Gear {
    var teeth: Int
    /// Normal module.
    var module: Double
    /// Signed: positive is right-hand.
    var helixAngle = 0.0
    var width: Double

    private var transverseModule: Double { module / cos(helixAngle * .pi / 180) }
    private var transversePressureAngle: Double { atan(tan(20 * .pi / 180) / cos(helixAngle * .pi / 180)) }
    var pitchRadius: Double { transverseModule * Double(teeth) / 2 }
    var tipRadius: Double { pitchRadius + module }
    var rootRadius: Double { pitchRadius - 1.25 * module }
    var pitchDegrees: Double { 360 / Double(teeth) }

    func centerDistance(to mate: Gear) -> Double { pitchRadius + mate.pitchRadius }

    /// The transverse section at mid-width.
    var outline: [Double2] {
        let half = Self.flank(self)
        return (0..<teeth).flatMap { tooth -> [Double2] in
            let middle = 2 * Double.pi * Double(tooth) / Double(teeth)
            let rising = half.map { polar($0.x, middle - $0.y) }
            let falling = half.reversed().map { polar($0.x, middle + $0.y) }
            return rising + [polar(tipRadius, middle)] + falling
        }
    }

    /// (radius, half angle of the tooth) from root to tip.
    private static func flank(_ gear: Gear) -> [Double2] {
        let base = gear.pitchRadius * cos(gear.transversePressureAngle)
        let fillet = 0.38 * gear.module
        let start = max(base, gear.rootRadius + fillet)
        // Backlash: each flank gives way by 0.02 modules.
        let atPitch = .pi / (2 * Double(gear.teeth)) - 0.02 * gear.module / gear.pitchRadius
        let origin = atPitch + involute(gear.transversePressureAngle)
        let startAngle = origin - involute(acos(min(1, base / start)))
        var flank = filletArc(gear.rootRadius, fillet, startAngle)
        for step in 0...6 {
            let radius = start + (gear.tipRadius - start) * Double(step) / 6
            if step == 0, radius - (gear.rootRadius + fillet) < 1e-6 { continue }
            flank.append(Double2(radius, origin - involute(acos(min(1, base / radius)))))
        }
        return flank
    }

    /// From the root circle up to the flank, radially tangent at its top.
    private static func filletArc(_ root: Double, _ fillet: Double, _ angle: Double) -> [Double2] {
        (0...3).map { step in
            let t = Double(step) / 3 * .pi / 2
            return Double2(root + fillet * (1 - cos(t)), angle + fillet * (1 - sin(t)) / root)
        }
    }

    private static func involute(_ angle: Double) -> Double { tan(angle) - angle }

    private func polar(_ radius: Double, _ angle: Double) -> Double2 {
        Double2(radius * cos(angle), radius * sin(angle))
    }

    /// The outline at height z: turned by the helix.
    func outline(at z: Double) -> [Double2] {
        let turn = tan(helixAngle * .pi / 180) * z / pitchRadius * 180 / .pi
        return Outline.turned(outline, turn)
    }

    /// The toothed surface between the end faces.
    private func addTeeth(to solid: inout Solid) {
        let steps = helixAngle == 0 ? 1 : 8
        let loops = (0...steps).map { step -> [Double3] in
            let z = -width / 2 + width * Double(step) / Double(steps)
            return outline(at: z).map { Double3($0, z) }
        }
        for step in 0..<steps { solid.addWall(from: loops[step], to: loops[step + 1]) }
    }

    /// A solid blank, for pinions cut on their shaft.
    var solidPinion: Solid {
        var solid = Solid()
        addTeeth(to: &solid)
        solid.addCap(outline(at: -width / 2), z: -width / 2, facingUp: false)
        solid.addCap(outline(at: width / 2), z: width / 2, facingUp: true)
        return solid.oriented()
    }

    /// A wheel with rim, thinner web with lightening holes, and a keyed hub.
    func wheel(_ body: WheelBody) -> Solid {
        var solid = Solid()
        addTeeth(to: &solid)
        let rim = Outline.circle(body.rimRadius, 96)
        let hub = Outline.circle(body.hubRadius, 64)
        let bore = Outline.keyedBore(body.boreRadius, keyWidth: body.keyWidth, depth: body.keyWidth * 0.25)
        let middle = (body.rimRadius + body.hubRadius) / 2
        let holes =
            body.holes == 0
            ? []
            : Outline.holeCircle(
                pitchRadius: middle, holeRadius: (body.rimRadius - body.hubRadius) * 0.29, count: body.holes,
                phase: 90 + 180 / Double(body.holes), points: 32)
        for side in [-1.0, 1.0] {
            let (face, web, end) = (side * width / 2, side * body.webWidth / 2, side * body.hubWidth / 2)
            let up = side > 0
            solid.addCap(outline(at: face), holes: [rim], z: face, facingUp: up)
            solid.addCap(rim, holes: [hub] + holes, z: web, facingUp: up)
            solid.addCap(hub, holes: [bore], z: end, facingUp: up)
            solid.addWall(rim, from: up ? face : web, to: up ? web : face)
            solid.addWall(hub, from: up ? web : end, to: up ? end : web)
        }
        for hole in holes { solid.addWall(hole, from: body.webWidth / 2, to: -body.webWidth / 2) }
        solid.addWall(bore, from: body.hubWidth / 2, to: -body.hubWidth / 2)
        return solid.oriented()
    }

    struct WheelBody {
        var boreRadius: Double
        var keyWidth: Double
        var hubRadius: Double
        var hubWidth: Double
        var rimRadius: Double
        var webWidth: Double
        /// Lightening holes in the web.
        var holes: Int
    }
}
