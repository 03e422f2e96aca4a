// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension AssemblyBuilder {
    /// The control cabinet on its stand; origin on the floor below the middle of its back, the door looks to +z.
    mutating func addCabinet(at pose: Pose, in parent: Int) {
        let cabinet = group("Control cabinet", at: pose, in: parent, [("protection", .string("IP55"))])
        let body = part("Cabinet body 700x900x260", .paintedLightGrey, .sheetSteel) {
            .box(700, 900, 240, at: Double3(0, 900, 120), chamfer: 6)
        }
        place(body, "Body", in: cabinet)
        let door = part("Cabinet door", .paintedLightGrey, .sheetSteel) {
            .box(694, 894, 20, at: Double3(0, 900, 254), chamfer: 5)
        }
        let gasket = part("Door gasket", .blackRubber, .rubber) { .box(684, 884, 6, at: Double3(0, 900, 242)) }
        place(gasket, "Door gasket", in: cabinet)
        place(door, "Door", in: cabinet)
        let hinge = part("Hinge", .blackOxide, .carbonSteel) {
            .cylinder(8, from: -40, to: 40, chamfer: 2, segments: 32)
        }
        for y in [620.0, 900, 1180] { place(hinge, at: .at(-354, y, 250).turned(.x, -90), in: cabinet) }
        let handle = part("Door handle", .blackPlastic, .polyamide) {
            Solid.box(34, 130, 12, at: Double3(0, 0, 6), chamfer: 3).joined(
                .box(20, 100, 18, at: Double3(0, -10, 18), chamfer: 5))
        }
        place(handle, "Handle", at: .at(310, 880, 264), in: cabinet)
        let leg = part("Cabinet leg", .paintedGrey, .structuralSteel) {
            .box(50, 442, 50, at: Double3(0, 229, 0), chamfer: 4)
        }
        let pad = part("Cabinet foot plate", .paintedGrey, .structuralSteel) {
            .extrude(
                Outline.rounded(120, 120, radius: 10),
                holes: [[-45.0, 45], [45, -45]].map { Outline.circle(6.5, 14, at: Double2($0[0], $0[1])) }, from: 0,
                to: 8
            ).turned(.x, -90)
        }
        for x in [-300.0, 300] {
            for z in [40.0, 200] {
                place(leg, at: .at(x, 0, z), in: cabinet)
                place(pad, at: .at(x, 0, z), in: cabinet)
                for d in [-45.0, 45] { bolt(.m12, 40, at: .at(x + d, 8, z + d).turned(.x, -90), in: cabinet) }
            }
        }
        addOperatorPanel(in: group("Operator panel", at: .at(0, 0, 264), in: cabinet))
        addStackLight(at: .at(250, 1350, 120), in: group("Stack light", in: cabinet))
        addVentilation(in: cabinet)
        for x in [-120.0, -40, 40, 120] { cableGland(at: .at(x, 450, 120).turned(.x, 90), in: cabinet) }
    }

    private mutating func addOperatorPanel(in panel: Int) {
        let bezel = part("Screen bezel", .blackPlastic, .polyamide) {
            .extrude(
                Outline.rounded(290, 210, radius: 10), holes: [Outline.rounded(256, 166, radius: 3)], from: 0, to: 9,
                chamfer: 1.5)
        }
        let screen = part("Screen", .screen, .glass) { .box(258, 168, 4, at: Double3(0, 0, 3)) }
        place(bezel, "Bezel", at: .at(-90, 1190, 0), in: panel)
        place(screen, "Screen", at: .at(-90, 1190, 0), in: panel)
        let collar = part("Button collar", .zincPlated, .brass) { .tube(15, 11, from: 0, to: 5, chamfer: 1) }
        let cap = part("Push button", .blackPlastic, .polyamide) { .cylinder(10.8, from: 0, to: 8, chamfer: 1.2) }
        let lamp = part("Pilot lamp, green", .lampGreen, .polycarbonate) { Self.dome(10.8) }
        let amber = part("Pilot lamp, amber", .lampAmber, .polycarbonate) { Self.dome(10.8) }
        let red = part("Pilot lamp, red", .lampRed, .polycarbonate) { Self.dome(10.8) }
        let tag = part("Legend plate", .whiteLabel, .aluminium) { .box(34, 12, 1, at: Double3(0, 0, 0.5)) }
        for (column, kind) in [lamp, amber, red, cap, cap].enumerated() {
            let x = -210 + Double(column) * 60
            place(collar, at: .at(x, 1010, 0), in: panel)
            place(kind, at: .at(x, 1010, 0), in: panel)
            place(tag, at: .at(x, 1040, 0), in: panel)
        }
        let stopPlate = part("Emergency stop plate", .safetyYellow, .polyamide) {
            .tube(38, 16, from: 0, to: 2, segments: 56)
        }
        let stop = part("Emergency stop button", .signalRed, .polyamide) {
            .revolve([
                Double2(0, 0), Double2(15, 0), Double2(15, 16), Double2(21, 18), Double2(23, 23), Double2(21, 29),
                Double2(13, 33), Double2(0, 34),
            ])
        }
        place(stopPlate, "Emergency stop plate", at: .at(170, 1010, 0), in: panel)
        place(stop, "Emergency stop", at: .at(170, 1010, 0), in: panel)
        let knob = part("Main switch handle", .signalRed, .polyamide) {
            Solid.cylinder(24, from: 0, to: 10, chamfer: 2).joined(.box(16, 58, 18, at: Double3(0, 0, 18), chamfer: 4))
        }
        let plate = part("Main switch plate", .safetyYellow, .polyamide) {
            .box(70, 70, 3, at: Double3(0, 0, 1.5), chamfer: 1)
        }
        place(plate, "Main switch plate", at: .at(170, 1190, 0), in: panel)
        place(knob, "Main switch", at: Pose.at(170, 1190, 2.8).turned(.z, 90), in: panel)
    }

    private static func dome(_ radius: Double) -> Solid {
        let arc = (0...8).map { i -> Double2 in
            let (s, c) = sineAndCosine(degrees: 90 * Double(i) / 8)
            return Double2(i == 8 ? 0 : radius * c, 6 + radius * 0.6 * s)
        }
        return .revolve([Double2(0, 0), Double2(radius, 0)] + arc, segments: 32)
    }

    private mutating func addStackLight(at pose: Pose, in light: Int) {
        let up = pose.turned(.x, -90)
        let base = part("Stack light base", .blackPlastic, .polyamide) {
            Solid.cylinder(36, from: 0, to: 18, chamfer: 3).joined(.cylinder(12, from: 17, to: 120, segments: 32))
        }
        place(base, "Base", at: up, in: light)
        let ring = part("Stack light ring", .blackPlastic, .polyamide) { .cylinder(36, from: 0, to: 10, chamfer: 1) }
        place(ring, at: up.shifted(0, 0, 118), in: light)
        for (index, finish) in [Finish.lampGreen, .lampAmber, .lampRed].enumerated() {
            let lens = part("Stack light \(finish.rawValue)", finish, .polycarbonate) {
                let ribs = Outline.circle(1, 36).indices.map { i in
                    let (s, c) = sineAndCosine(degrees: 10 * Double(i))
                    return Double2(c, s) * (i % 2 == 0 ? 34.5 : 33)
                }
                return .extrude(ribs, from: 0, to: 56)
            }
            place(lens, at: up.shifted(0, 0, 128 + Double(index) * 66), in: light)
            place(ring, at: up.shifted(0, 0, 184 + Double(index) * 66), in: light)
        }
    }

    private mutating func addVentilation(in cabinet: Int) {
        let louvre = part("Filter fan grille", .blackPlastic, .polyamide) {
            let slots = (0..<10).map { Outline.slot(150, 7, at: Double2(0, -67.5 + 15 * Double($0)), steps: 4) }
            return .extrude(Outline.rounded(200, 200, radius: 14), holes: slots, from: 0, to: 12, chamfer: 2)
        }
        place(louvre, "Filter fan", at: Pose.at(350, 620, 120).turned(.y, 90), in: cabinet)
        place(louvre, "Outlet filter", at: Pose.at(-350, 1180, 120).turned(.y, -90), in: cabinet)
    }
}
