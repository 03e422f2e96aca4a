// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

// Turned shafts and what sits on them; all about z.
extension Solid {
    /// A stepped shaft: `steps` are (radius, end z) from `start` on, every shoulder and end chamfered.
    static func shaft(from start: Double, _ steps: [(radius: Double, end: Double)], segments: Int = 64) -> Solid {
        let chamfer = 1.0
        var profile = [Double2(0, start)]
        var z = start
        for (index, step) in steps.enumerated() {
            let rises = index == 0 || steps[index - 1].radius < step.radius
            let falls = index == steps.count - 1 || steps[index + 1].radius < step.radius
            if rises {
                profile += [Double2(step.radius - chamfer, z), Double2(step.radius, z + chamfer)]
            } else {
                profile.append(Double2(step.radius, z))
            }
            if falls {
                profile += [Double2(step.radius, step.end - chamfer), Double2(step.radius - chamfer, step.end)]
            } else {
                profile.append(Double2(step.radius, step.end))
            }
            z = step.end
        }
        return revolve(profile + [Double2(0, z)], segments: segments)
    }

    /// DIN 6885 A: round ends, lying along z, its foot at y = 0.
    static func key(_ width: Double, _ height: Double, length: Double) -> Solid {
        extrude(Outline.slot(length, width), from: 0, to: height, chamfer: 0.3).turned(.x, -90).turned(.y, 90)
    }

    /// DIN 471 retaining ring, open at the top.
    static func retainingRing(_ shaftRadius: Double, thickness: Double) -> Solid {
        let width = shaftRadius * 0.22
        let outer = (0...40).map { 110 + 320 * Double($0) / 40 }.map { degrees -> Double2 in
            let (s, c) = sineAndCosine(degrees: degrees)
            let lug = abs(degrees - 270) > 148 ? width * 0.7 : 0
            return Double2(c, s) * (shaftRadius + width + lug)
        }
        let inner = (0...40).map { 430 - 320 * Double($0) / 40 }.map { degrees -> Double2 in
            let (s, c) = sineAndCosine(degrees: degrees)
            return Double2(c, s) * (shaftRadius - 0.4)
        }
        return extrude(outer + inner, from: -thickness / 2, to: thickness / 2)
    }

    /// A radial shaft seal: steel case with a lip, flange side at z = 0, growing to +z.
    static func shaftSeal(_ shaftRadius: Double, _ outsideRadius: Double, width: Double) -> Solid {
        revolve(
            [
                Double2(outsideRadius, 0), Double2(outsideRadius, width - 0.8), Double2(outsideRadius - 0.8, width),
                Double2(outsideRadius - 2.5, width), Double2(outsideRadius - 3, 2.5),
                Double2(shaftRadius + 4, 2.5), Double2(shaftRadius + 2.5, width * 0.7),
                Double2(shaftRadius + 0.2, width * 0.55), Double2(shaftRadius + 1.2, 0),
            ], segments: 56)
    }

    /// A flange coupling half: hub on −z, flange face at z = 0 with a bolt circle.
    static func couplingHalf(
        bore: Double, hubRadius: Double, length: Double, flangeRadius: Double, flange: Double, boltRadius: Double,
        bolts: Int
    ) -> Solid {
        let keyWidth = (bore * 0.55).rounded()
        let hole = Outline.keyedBore(bore, keyWidth: keyWidth, depth: keyWidth * 0.28)
        let disc = Outline.circle(flangeRadius, 72)
        let hub = Outline.circle(hubRadius, 48)
        let pitch = (flangeRadius + hubRadius) / 2
        let holes = Outline.holeCircle(pitchRadius: pitch, holeRadius: boltRadius, count: bolts)
        var solid = Solid()
        solid.addCap(disc, holes: [hole] + holes, z: 0, facingUp: true)
        solid.addWall(disc, from: -flange, to: 0)
        solid.addCap(disc, holes: [hub] + holes, z: -flange, facingUp: false)
        for loop in holes { solid.addWall(loop, from: 0, to: -flange) }
        solid.addWall(hub, from: -length, to: -flange)
        solid.addCap(hub, holes: [hole], z: -length, facingUp: false)
        solid.addWall(hole, from: 0, to: -length)
        return solid.oriented()
    }

    /// A bearing cover: disc on z = 0 with a spigot down to −`spigot`, a bore (0: closed) and a bolt circle.
    static func cover(
        radius: Double, thickness: Double, spigotRadius: Double, spigot: Double, bore: Double, bolts: Int,
        boltRadius: Double
    ) -> Solid {
        let disc = Outline.circle(radius, 64)
        let plug = Outline.circle(spigotRadius, 64)
        let hole = bore > 0 ? [Outline.circle(bore, 48)] : []
        let holes = Outline.holeCircle(
            pitchRadius: (radius + spigotRadius) / 2, holeRadius: boltRadius, count: bolts, phase: 45)
        var solid = Solid()
        let edge = Outline.inset(disc, 1.5)
        solid.addCap(edge, holes: hole + holes, z: thickness, facingUp: true)
        solid.addWall(from: disc.map { Double3($0, thickness - 1.5) }, to: edge.map { Double3($0, thickness) })
        solid.addWall(disc, from: 0, to: thickness - 1.5)
        solid.addCap(disc, holes: [plug] + holes, z: 0, facingUp: false)
        solid.addWall(plug, from: -spigot, to: 0)
        solid.addCap(plug, holes: hole, z: -spigot, facingUp: false)
        for loop in hole { solid.addWall(loop, from: thickness, to: -spigot) }
        for loop in holes { solid.addWall(loop, from: thickness, to: 0) }
        return solid.oriented()
    }
}
