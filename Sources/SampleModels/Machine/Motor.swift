// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

extension AssemblyBuilder {
    /// An IEC 160M foot motor, 11 kW. Its frame: z along the shaft away from the drive end, y up, origin on the axis at
    /// the shaft's shoulder.
    mutating func addMotor(at pose: Pose, in parent: Int) {
        let motor = group(
            "Motor 11 kW", at: pose, in: parent,
            [("frame", .string("IEC 160M")), ("power_kW", .integer(11)), ("speed_rpm", .integer(1470))])
        place(part("Motor frame", .paintedBlue, .aluminium) { MotorShapes.frame }, "Frame with fins", in: motor)
        place(
            part("Motor shield, drive end", .paintedBlue, .greyIron) { MotorShapes.driveShield }, "Drive-end shield",
            in: motor)
        place(
            part("Motor shield, fan end", .paintedBlue, .greyIron) { MotorShapes.fanShield }, "Fan-end shield",
            in: motor)
        place(part("Fan cowl", .paintedBlue, .sheetSteel) { MotorShapes.cowl }, "Fan cowl", in: motor)
        place(part("Fan guard", .blackOxide, .carbonSteel) { MotorShapes.grille }, "Fan guard", in: motor)
        place(part("Fan", .blackPlastic, .polyamide) { MotorShapes.fan }, "Fan", at: .at(0, 0, 396), in: motor)
        let shaft = part("Motor shaft 42", .machinedSteel, .carbonSteel) {
            .shaft(from: -110, [(21, 0), (24, 40), (22, 380), (16, 412)])
        }
        place(shaft, "Shaft", in: motor)
        place(
            part("Key 12x8x90", .groundSteel, .carbonSteel) { .key(12, 8, length: 90) }, at: .at(0, 16.2, -56),
            in: motor)
        let seal = part("Shaft seal 48x66", .blackRubber, .rubber) { .shaftSeal(24.1, 33, width: 8) }
        place(seal, at: .at(0, 0, 0).turned(.y, 180), in: motor)
        for angle in stride(from: 45.0, to: 360, by: 90) {
            let (s, c) = sineAndCosine(degrees: angle)
            bolt(.m10, 40, at: Pose.at(128 * c, 128 * s, 12).turned(.y, 180), in: motor)
        }
        addTerminalBox(in: group("Terminal box", at: .at(0, 148, 150), in: motor))
        let eye = part("Eye bolt M12", .zincPlated, .carbonSteel) { .eyeBolt(.m12) }
        place(eye, at: .at(0, 150, 290).turned(.x, -90).turned(.z, 90), in: motor)
        for x in [-127.0, 127] {
            for z in [108.0, 318] { bolt(.m12, 40, at: .at(x, -142, z).turned(.x, -90), in: motor) }
        }
        place(
            part("Rating plate, motor", .whiteLabel, .stainlessSteel) { .box(1, 50, 90) }, "Rating plate",
            at: .at(158.5, 40, 200), in: motor)
    }

    private mutating func addTerminalBox(in parent: Int) {
        place(
            part("Terminal box", .paintedBlue, .aluminium) { .box(140, 66, 150, at: Double3(0, 33, 0), chamfer: 6) },
            "Box", in: parent)
        place(
            part("Terminal box lid", .paintedBlue, .aluminium) {
                .box(148, 12, 158, at: Double3(0, 74, 0), chamfer: 4)
            }, "Lid", in: parent)
        place(
            part("Terminal box gasket", .blackRubber, .rubber) { .box(138, 3, 148, at: Double3(0, 67, 0)) }, "Gasket",
            in: parent)
        for x in [-62.0, 62] {
            for z in [-67.0, 67] { capScrew(.m6, 20, at: .at(x, 80, z).turned(.x, -90), in: parent) }
        }
        for z in [-36.0, 36] { cableGland(at: .at(-70, 32, z).turned(.y, -90), in: parent) }
    }

    /// A cable gland on a wall, z outwards.
    mutating func cableGland(at pose: Pose, in parent: Int) {
        let gland = part("Cable gland M25", .blackPlastic, .polyamide) {
            .joined([
                Solid.hexagon(30, height: 8, chamfersBottom: false), .cylinder(12, from: 7, to: 14),
                Solid.hexagon(29, height: 14, chamfersBottom: true).moved(0, 0, 12),
                .revolve(
                    [Double2(9.4, 24), Double2(13, 24), Double2(12.5, 29), Double2(10.5, 33), Double2(9.4, 33)],
                    segments: 32),
            ])
        }
        place(gland, at: pose, in: parent)
    }
}

/// Shapes of the motor, in its frame.
enum MotorShapes {
    /// A finned extrusion, with feet.
    static var frame: Solid {
        let fins = 40
        let outline = (0..<fins).flatMap { fin -> [Double2] in
            let middle = 360 * (Double(fin) + 0.5) / Double(fins)
            // No fins where the feet and the terminal box join.
            let tip = abs(cos(middle * .pi / 180)) < 0.36 ? 141.5 : 157.0
            return [(-4.5, 138.5), (-1.1, 139.5), (-0.75, tip), (0.75, tip), (1.1, 139.5)].map { offset, radius in
                let (s, c) = sineAndCosine(degrees: middle + offset)
                return Double2(radius * c, radius * s)
            }
        }
        let barrel = Solid.extrude(outline, holes: [Outline.circle(124, 64)], from: 40, to: 340)
        let boxSeat = Solid.box(120, 20, 130, at: Double3(0, 140, 150), chamfer: 2)
        return .joined([barrel, boxSeat] + [108.0, 318].flatMap { z in [-1.0, 1].map { foot(side: $0, z: z) } })
    }

    private static func foot(side: Double, z: Double) -> Solid {
        let hole = Outline.circle(7.5, 20, at: Double2(side * 127, 0))
        let pad = Solid.extrude(
            Outline.rounded(86, 62, radius: 10, at: Double2(side * 118, 0)), holes: [hole], from: -160, to: -142,
            chamfer: 2
        ).turned(.x, -90).moved(0, 0, z)
        let web = [Double2(76, -144), Double2(98, -144), Double2(98, -110), Double2(84, -96)].map {
            Double2($0.x * side, $0.y)
        }
        return pad.joined(.extrude(web, from: z - 24, to: z + 24, chamfer: 1.5))
    }

    static var driveShield: Solid {
        .revolve(
            [
                Double2(24.6, 0), Double2(44, 0), Double2(50, 6), Double2(58, 14), Double2(112, 20), Double2(118, 12),
                Double2(140, 12), Double2(144, 16), Double2(144, 42), Double2(123.8, 42), Double2(123.8, 48),
                Double2(110, 48), Double2(104, 34), Double2(34, 30), Double2(34, 2), Double2(24.6, 2),
            ], segments: 72)
    }

    static var fanShield: Solid {
        .revolve(
            [
                Double2(22.5, 344), Double2(110, 330), Double2(123.8, 332), Double2(123.8, 338), Double2(144, 338),
                Double2(144, 358), Double2(136, 364), Double2(60, 372), Double2(44, 382), Double2(22.5, 382),
            ], segments: 72)
    }

    static var cowl: Solid {
        .revolve(
            [
                Double2(157, 330), Double2(159, 330), Double2(159, 440), Double2(156, 450), Double2(148, 456),
                Double2(128, 458), Double2(128, 456), Double2(147, 454), Double2(154.5, 448.5), Double2(157, 439),
            ], segments: 80)
    }

    /// Wire rings welded on four spokes.
    static var grille: Solid {
        let rings = stride(from: 22.0, through: 130, by: 12).map {
            Solid.torus($0, 1.5, segments: 64, sides: 8).moved(0, 0, 459.5)
        }
        let spokes = stride(from: 0.0, to: 180, by: 45).map {
            Solid.cylinder(1.8, from: -133, to: 133, segments: 10).turned(.y, 90).turned(.z, $0).moved(0, 0, 457.6)
        }
        return .joined(rings + spokes)
    }

    static var fan: Solid {
        let hub = Solid.revolve(
            [
                Double2(16.2, -10), Double2(30, -10), Double2(34, 8), Double2(120, 4), Double2(120, 7), Double2(36, 12),
                Double2(30, 26), Double2(16.2, 26),
            ], segments: 64)
        let blade = Solid.box(92, 2.5, 38, at: Double3(80, 0, 25))
        return .joined([hub] + (0..<9).map { blade.turned(.z, Double($0) * 40) })
    }
}
