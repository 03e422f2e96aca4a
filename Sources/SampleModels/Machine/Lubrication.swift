// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension AssemblyBuilder {
    /// Tank, pump, filter and gauge on the pump deck; origin on the deck's middle.
    mutating func addLubrication(at pose: Pose, in parent: Int) {
        let unit = group("Lubrication unit", at: pose, in: parent, [("flow_l_min", .number(6.5))])
        let tank = part("Oil tank 16 l", .stainless, .stainlessSteel) {
            .box(240, 200, 330, at: Double3(0, 100, 0), chamfer: 8)
        }
        place(tank, "Tank", in: unit)
        let lid = part("Tank lid", .stainless, .stainlessSteel) {
            .box(256, 8, 346, at: Double3(0, 204, 0), chamfer: 2)
        }
        place(lid, "Tank lid", in: unit)
        for x in [-118.0, 0, 118] {
            for z in [-163.0, 163] { capScrew(.m6, 20, at: .at(x, 208, z).turned(.x, -90), in: unit) }
        }
        addPump(at: .at(-30, 208, -60), in: group("Pump", in: unit))
        addFilterAndGauge(in: unit)
    }

    private mutating func addPump(at pose: Pose, in pump: Int) {
        let bell = part("Pump bell housing", .castAluminium, .aluminium) {
            .revolve([
                Double2(0, 0), Double2(62, 0), Double2(62, 10), Double2(44, 18), Double2(40, 50), Double2(56, 62),
                Double2(62, 64), Double2(62, 74), Double2(0, 74),
            ])
        }
        place(bell, "Bell housing", at: pose.turned(.x, -90), in: pump)
        let motor = part("Pump motor 0.25 kW", .paintedBlue, .aluminium) {
            let outline = (0..<28).flatMap { fin -> [Double2] in
                [(-4.0, 50.0), (-1.6, 50.0), (-1.0, 60.0), (1.0, 60.0), (1.6, 50.0)].map { offset, radius in
                    let (s, c) = sineAndCosine(degrees: 360 * Double(fin) / 28 + offset)
                    return Double2(radius * c, radius * s)
                }
            }
            return .joined([
                .extrude(outline, from: 84, to: 190), .cylinder(61, from: 74, to: 84, chamfer: 2),
                .revolve([Double2(0, 188), Double2(62, 188), Double2(62, 220), Double2(52, 234), Double2(0, 236)]),
            ])
        }
        place(motor, "Pump motor", at: pose.turned(.x, -90), in: pump)
        for i in 0..<4 {
            let around = pose.turned(.x, -90).turned(.z, 45 + 90 * Double(i)).shifted(54, 0, 0)
            capScrew(.m6, 20, at: around.shifted(0, 0, 9.5), in: pump)
        }
    }

    private mutating func addFilterAndGauge(in unit: Int) {
        let filter = part("Oil filter", .safetyYellow, .sheetSteel) {
            .joined([
                .revolve([
                    Double2(0, -120), Double2(30, -120), Double2(38, -112), Double2(38, 0), Double2(0, 0),
                ]), .box(80, 34, 60, at: Double3(0, 0, 17), chamfer: 4),
            ])
        }
        place(filter, "Filter", at: Pose.at(60, 350, 70).turned(.x, -90), in: unit)
        let stand = part("Filter bracket", .zincPlated, .sheetSteel) { .box(40, 180, 6, chamfer: 1) }
        place(stand, "Filter bracket", at: .at(60, 298, 112), in: unit)
        let gauge = part("Pressure gauge", .stainless, .stainlessSteel) {
            .revolve([
                Double2(0, 0), Double2(30, 0), Double2(32, 3), Double2(32, 26), Double2(30, 28), Double2(28, 28),
                Double2(28, 20), Double2(0, 20),
            ])
        }
        let dial = part("Gauge dial", .whiteLabel, .aluminium) { .cylinder(27.5, from: 20.1, to: 21) }
        let glass = part("Gauge glass", .clearGlass, .glass) { .cylinder(28, from: 25, to: 27) }
        let needle = part("Gauge needle", .signalRed, .aluminium) {
            .extrude([Double2(-1.5, -8), Double2(1.5, -8), Double2(0.4, 22), Double2(-0.4, 22)], from: 22, to: 22.8)
        }
        let stem = part("Gauge stem", .brass, .brass) {
            Solid.cylinder(7, from: 0, to: 45, chamfer: 1).joined(
                .hexagon(17, height: 12, chamfersBottom: true).moved(0, 0, 8))
        }
        let pose = Pose.at(60, 430, 70)
        place(stem, "Stem", at: .at(60, 370, 84).turned(.x, -90), in: unit)
        for (kind, name) in [(gauge, "Case"), (dial, "Dial"), (glass, "Glass")] {
            place(kind, name, at: pose, in: unit)
        }
        place(needle, "Needle", at: pose.turned(.z, -40), in: unit)
    }

    /// Copper pipes from the pump over the filter to the gearbox and back, in world millimetres.
    mutating func addOilPipes(in parent: Int) {
        let pipes = group("Oil pipes", in: parent)
        let section = Outline.circle(8, 16)
        let pressure = part("Pipe, filter to gearbox", .copper, .copper) {
            .sweep(
                section,
                along: Path.bent(
                    [
                        Double3(1250, 575, 770), Double3(1300, 575, 770), Double3(1300, 575, 330),
                        Double3(1300, 640, 330),
                        Double3(1300, 640, 145), Double3(1180, 640, 145), Double3(1180, 520, 145),
                    ], radius: 32))
        }
        place(pressure, "Pressure line", in: pipes)
        let back = part("Pipe, gearbox to tank", .copper, .copper) {
            .sweep(
                Outline.circle(11, 18),
                along: Path.bent(
                    [
                        Double3(1270, 240, 215), Double3(1345, 240, 215), Double3(1345, 240, 470),
                        Double3(1345, 330, 470),
                        Double3(1345, 330, 640), Double3(1262, 330, 640),
                    ], radius: 36))
        }
        place(back, "Return line", in: pipes)
        let union = part("Pipe union", .brass, .brass) {
            Solid.hexagon(24, height: 14, chamfersBottom: true).joined(
                .hexagon(27, height: 16, chamfersBottom: true).moved(0, 0, 15))
        }
        place(union, at: .at(1180, 540, 145).turned(.x, -90), in: pipes)
        place(union, at: .at(1248, 575, 770).turned(.y, 90), in: pipes)
        place(union, at: .at(1273, 240, 215).turned(.y, 90), in: pipes)
        place(union, at: .at(1270, 330, 640).turned(.y, 90), in: pipes)
        let clamp = part("Pipe clamp", .blackPlastic, .polyamide) { .box(34, 26, 30, chamfer: 3) }
        for z in [380.0, 560] { place(clamp, at: .at(1300, 575, z), in: pipes) }
    }
}
