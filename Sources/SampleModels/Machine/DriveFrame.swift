// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension AssemblyBuilder {
    /// Coupling between motor and gearbox; the flange faces meet at z = 0.
    mutating func addCoupling(at pose: Pose, in parent: Int) {
        let coupling = group("Flange coupling", at: pose, in: parent, [("rated_torque_Nm", .integer(180))])
        let small = part("Coupling half, bore 35", .blackOxide, .carbonSteel) {
            .couplingHalf(
                bore: 17.5, hubRadius: 31, length: 56, flangeRadius: 68, flange: 16, boltRadius: 5.3, bolts: 6)
        }
        let large = part("Coupling half, bore 42", .blackOxide, .carbonSteel) {
            .couplingHalf(
                bore: 21, hubRadius: 36, length: 70, flangeRadius: 68, flange: 16, boltRadius: 5.3, bolts: 6)
        }
        place(small, "Gearbox half", in: coupling)
        place(large, "Motor half", at: Pose.at(0, 0, 3).turned(.y, 180), in: coupling)
        let disc = part("Coupling buffer ring", .blackRubber, .rubber) {
            .extrude(
                Outline.circle(67, 64),
                holes: [Outline.circle(30, 48)] + Outline.holeCircle(pitchRadius: 50.5, holeRadius: 5.3, count: 6),
                from: 0, to: 3)
        }
        place(disc, "Buffer ring", in: coupling)
        for i in 0..<6 {
            // The hub of the smaller half sets the pitch circle of both.
            bolt(.m10, 50, grip: 35, at: Pose.at(0, 0, 19).turned(.z, 60 * Double(i)).shifted(51, 0, 0), in: coupling)
        }
    }

    /// A perforated hood over the coupling, `length` along z from 0, feet on y = `floor`.
    mutating func addCouplingGuard(length: Double, floor: Double, at pose: Pose, in parent: Int) {
        let hood = group("Coupling guard", at: pose, in: parent)
        let radius = 100.0
        let arch = part("Guard arch", .safetyYellow, .sheetSteel) {
            let outer = (0...24).map { Self.arcPoint(radius, 180 * Double($0) / 24) }
            let inner = (0...24).reversed().map { Self.arcPoint(radius - 2, 180 * Double($0) / 24) }
            return Solid.extrude(outer + inner, from: 0, to: length)
        }
        place(arch, "Arch", in: hood)
        let side = part("Guard side, perforated", .safetyYellow, .sheetSteel) {
            let height = -floor
            let columns = Int((length - 16) / 18)
            let holes = (0..<columns).flatMap { c in
                (0..<Int((height - 30) / 16)).map { r -> [Double2] in
                    let shift = r % 2 == 0 ? 0.0 : 9
                    let x = (Double(c) - Double(columns - 1) / 2) * 18 + shift - 4.5
                    return Outline.circle(5, 10, at: Double2(length / 2 + x, -18 - Double(r) * 16))
                }
            }
            let sheet = Solid.extrude(
                Outline.rectangle(length, height, at: Double2(length / 2, -height / 2)), holes: holes, from: 0, to: 2)
            let foot = Solid.box(length, 3, 30, at: Double3(length / 2, -height + 1.5, 15))
            return sheet.joined(foot).turned(.y, -90)
        }
        // The sheet's outer face looks along −x after the turn; the right side is the left one turned about y.
        place(side, "Left side", at: .at(-radius + 2, 0, 0), in: hood)
        place(side, "Right side", at: Pose.at(radius - 2, 0, length).turned(.y, 180), in: hood)
        for x in [-radius - 14, radius + 14] {
            for z in [25.0, length - 25] { bolt(.m8, 25, at: .at(x, floor + 3, z).turned(.x, -90), in: hood) }
        }
    }

    private static func arcPoint(_ radius: Double, _ degrees: Double) -> Double2 {
        let (s, c) = sineAndCosine(degrees: degrees)
        return Double2(radius * c, radius * s)
    }

    /// The welded frame under gearbox, motor and lubrication: rails along z, top at y = 200.
    mutating func addBaseFrame(in parent: Int) {
        let frame = group("Base frame", in: parent, [("weld_class", .string("ISO 5817-C"))])
        let rail = part("Base rail UPN 120", .paintedGrey, .structuralSteel) {
            Solid.extrude(Self.channel(120, 60, web: 7, flange: 9), from: -20, to: 1000)
        }
        // The open side of both outer channels looks inwards.
        place(rail, "Left rail", at: .at(640, 140, 0), in: frame)
        place(rail, "Right rail", at: Pose.at(1345, 140, 980).turned(.y, 180), in: frame)
        place(rail, "Middle rail", at: .at(935, 140, 0), in: frame)
        let cross = part("Cross member", .paintedGrey, .structuralSteel) {
            .box(690, 100, 60, at: Double3(345, 0, 0), chamfer: 3)
        }
        for z in [20.0, 320, 520, 830, 955] { place(cross, at: .at(648, 140, z), in: frame) }
        for z in [40.0, 145, 250] {
            let pad = part("Gearbox pad", .machinedSteel, .structuralSteel) { .box(60, 10, 70, chamfer: 1) }
            for x in [676.5, 1306.5] { place(pad, at: .at(x, 194.9, z), in: frame) }
        }
        let plate = part("Motor plate", .paintedGrey, .structuralSteel) {
            .extrude(Outline.rounded(360, 300, radius: 12), from: 0, to: 19.9, chamfer: 1.5).turned(.x, -90)
        }
        place(plate, "Motor plate", at: .at(791.5, 200, 213 + 457), in: frame)
        let deck = part("Pump deck", .paintedGrey, .structuralSteel) {
            .extrude(Outline.rounded(420, 520, radius: 10), from: 0, to: 8, chamfer: 1).turned(.x, -90)
        }
        place(deck, "Pump deck", at: .at(1150, 200, 700), in: frame)
        let foot = part("Levelling foot M20", .zincPlated, .carbonSteel) {
            .levellingFoot(.m20, padRadius: 40, height: 92)
        }
        let bracket = part("Foot bracket", .paintedGrey, .structuralSteel) {
            Solid.box(70, 14, 80, at: Double3(0, 87, 0), chamfer: 2).joined(
                .extrude([Double2(-30, 94), Double2(30, 94), Double2(30, 130), Double2(24, 130)], from: -5, to: 5))
        }
        for z in [10.0, 480, 945] {
            for (x, turn) in [(605.0, 0.0), (1380, 180)] {
                place(foot, at: .at(x, 0, z).turned(.x, -90), in: frame)
                place(bracket, at: Pose.at(x, 0, z).turned(.y, turn), in: frame)
            }
        }
    }

    /// A U section: web along y at x = 0, flanges towards +x, centred on the origin's height.
    static func channel(_ height: Double, _ width: Double, web: Double, flange: Double) -> [Double2] {
        let h = height / 2
        return [
            Double2(0, -h), Double2(width, -h), Double2(width, -h + flange * 0.75), Double2(web + 6, -h + flange * 1.1),
            Double2(web, -h + flange * 1.1 + 6), Double2(web, h - flange * 1.1 - 6), Double2(web + 6, h - flange * 1.1),
            Double2(width, h - flange * 0.75), Double2(width, h), Double2(0, h),
        ]
    }
}
