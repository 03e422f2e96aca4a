// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

// Bolts point along −z with the head's bearing face at z = 0; washers and nuts stand on z = 0.
extension Solid {
    /// ISO 4014/4017: thread over the last `threaded` millimetres, or all of it.
    static func hexBolt(_ size: MetricSize, length: Double, threaded: Double? = nil) -> Solid {
        let run = min(threaded ?? length, length - 1)
        let shank = Solid.cylinder(size.diameter / 2, from: -(length - run), to: 0.5, segments: 24)
        let head = hexagon(size.acrossFlats, height: size.headHeight, chamfersBottom: false)
        return joined([head, shank, thread(size, from: -length, to: -(length - run) + 0.3)])
    }

    /// ISO 4032, with a grooved bore.
    static func hexNut(_ size: MetricSize) -> Solid {
        let turns = Int(size.nutHeight / size.pitch)
        let step = size.nutHeight / Double(turns)
        let (crest, core) = (size.diameter / 2, size.diameter / 2 - 0.54 * size.pitch)
        let bore = (0..<turns).reversed().flatMap { turn -> [Double2] in
            let z = Double(turn) * step
            return [Double2(core, z + 0.75 * step), Double2(crest, z + 0.45 * step), Double2(core, z + 0.15 * step)]
        }
        return hexagon(size.acrossFlats, height: size.nutHeight, chamfersBottom: true, bore: bore)
    }

    static func washer(_ size: MetricSize) -> Solid {
        tube(
            size.washerDiameter / 2, size.diameter / 2 + 0.5, from: 0, to: size.washerThickness,
            chamfer: size.washerThickness * 0.12, segments: 36)
    }

    /// ISO 4762 hexagon socket cap screw.
    static func capScrew(_ size: MetricSize, length: Double) -> Solid {
        let d = size.diameter
        var head = Solid()
        let outer = Outline.circle(0.75 * d, 36)
        let top = Outline.circle(0.75 * d - 0.06 * d, 36)
        let socket = Outline.circle(0.8 * d / 2 / cos(Double.pi / 6), 6)
        head.addCap(outer, z: 0, facingUp: false)
        head.addWall(outer, from: 0, to: 0.94 * d)
        head.addWall(from: outer.map { Double3($0, 0.94 * d) }, to: top.map { Double3($0, d) })
        head.addCap(top, holes: [socket], z: d, facingUp: true)
        head.addWall(socket, from: d, to: 0.45 * d)
        head.addCap(socket, z: 0.45 * d, facingUp: true)
        return joined([head.oriented(), thread(size, from: -length, to: 0.3)])
    }

    /// DIN 580 eye bolt, the eye in the xz plane.
    static func eyeBolt(_ size: MetricSize) -> Solid {
        let d = size.diameter
        let collar = revolve(
            [
                Double2(0, 0), Double2(1.25 * d, 0), Double2(1.25 * d, 0.35 * d), Double2(0.75 * d, 0.7 * d),
                Double2(0.6 * d, 1.1 * d), Double2(0, 1.1 * d),
            ], segments: 32)
        let eye = torus(1.35 * d, 0.42 * d, segments: 48, sides: 18).turned(.x, 90).moved(0, 0, 2.2 * d)
        return joined([collar, eye, thread(size, from: -1.6 * d, to: 0.2)])
    }

    /// A levelling foot: pad on z = 0, spindle up to `height`, lock nut included.
    static func levellingFoot(_ size: MetricSize, padRadius: Double, height: Double) -> Solid {
        let d = size.diameter
        let pad = revolve(
            [
                Double2(0, 0), Double2(padRadius, 0), Double2(padRadius, 5), Double2(padRadius - 3, 8),
                Double2(0.9 * d, 14), Double2(0.7 * d, 20), Double2(0, 20),
            ], segments: 40)
        let nut = hexagon(size.acrossFlats, height: 0.8 * d, chamfersBottom: true).moved(0, 0, height * 0.55)
        return joined([pad, thread(size, from: 16, to: height), nut])
    }

    /// A hexagonal prism on z = 0 with the usual 30° chamfer; `bore` is the profile of a hole from top to bottom.
    static func hexagon(
        _ acrossFlats: Double, height: Double, chamfersBottom: Bool, bore: [Double2] = []
    ) -> Solid {
        let columns = 48
        let circle = Outline.circle(1, columns)
        let flat = acrossFlats / 2
        let round = 0.96 * flat
        func outer(_ column: Int, _ row: Int) -> Double2 {
            let folded = (Double(column) * 360 / Double(columns)).remainder(dividingBy: 60)
            let radius = flat / cos(folded * .pi / 180)
            let drop = (radius - round) * tan(Double.pi / 6)
            switch row {
            case 0: return Double2(chamfersBottom ? round : radius, 0)
            case 1: return Double2(radius, chamfersBottom ? drop : 0)
            case 2: return Double2(radius, height - drop)
            default: return Double2(round, height)
            }
        }
        var solid = Solid()
        let rows = bore.isEmpty ? 6 : 4 + bore.count
        solid.addGrid(rows: rows, columns: columns, wraps: !bore.isEmpty) { row, column in
            let p: Double2 =
                if bore.isEmpty {
                    row == 0 ? Double2(0, 0) : row == 5 ? Double2(0, height) : outer(column, row - 1)
                } else {
                    row < 4 ? outer(column, row) : bore[row - 4]
                }
            return Double3(circle[column] * p.x, p.y)
        }
        return solid.oriented()
    }
}
