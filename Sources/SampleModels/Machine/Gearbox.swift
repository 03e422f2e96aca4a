// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension AssemblyBuilder {
    /// A two-stage gearbox, i = 12.1: helical 18/62 m 3, then spur 20/70 m 4. Frame as `GearboxHousing`; the input
    /// shaft leaves towards +z, the output shaft towards −z.
    mutating func addGearbox(at pose: Pose, in parent: Int) {
        let box = group(
            "Gearbox", at: pose, in: parent,
            [("ratio", .number(12.06)), ("output_torque_Nm", .integer(860)), ("oil", .string("CLP VG 220"))])
        let train = GearTrain()
        addFirstStage(train, in: group("Stage 1", in: box, [("ratio", .number(3.444))]))
        addSecondStage(train, in: group("Stage 2", in: box, [("ratio", .number(3.5))]))
        addShaftBearings(train, in: group("Bearings", in: box))
        addHousing(train, in: group("Housing", in: box))
        addCovers(train, in: group("Bearing covers", in: box))
        addOilFittings(in: group("Oil fittings", in: box))
    }

    private mutating func addFirstStage(_ train: GearTrain, in stage: Int) {
        let pinion = part("Pinion z=18 m=3 β=15°", .machinedSteel, .caseHardenedSteel) {
            .joined([
                train.pinion1.solidPinion.moved(0, 0, 185),
                .shaft(from: 28, [(20, 62), (23, 164), (24.5, 165.5)]),
                .shaft(from: 204.5, [(24.5, 206), (23, 230), (20, 262), (17.5, 344)]),
            ])
        }
        place(pinion, "Pinion shaft z=18 m=3", in: stage)
        let wheel = part("Wheel z=62 m=3 β=15°", .machinedSteel, .caseHardenedSteel) {
            train.wheel1.wheel(
                Gear.WheelBody(
                    boreRadius: 27.5, keyWidth: 16, hubRadius: 44, hubWidth: 46, rimRadius: 82, webWidth: 16, holes: 6))
        }
        place(wheel, "Wheel z=62 m=3", at: .at(train.x1, 0, 185).turned(.z, train.wheel1.pitchDegrees / 2), in: stage)
        let key = part("Key 16x10x40", .groundSteel, .carbonSteel) { .key(16, 10, length: 40) }
        place(key, at: .at(train.x1, 0, 185).turned(.z, train.wheel1.pitchDegrees / 2).shifted(0, 21.5, 0), in: stage)
        let inputKey = part("Key 10x8x56", .groundSteel, .carbonSteel) { .key(10, 8, length: 56) }
        place(inputKey, at: .at(0, 12.6, 313), in: stage)
    }

    private mutating func addSecondStage(_ train: GearTrain, in stage: Int) {
        let pinion = part("Pinion z=20 m=4", .machinedSteel, .caseHardenedSteel) {
            .joined([
                train.pinion2.solidPinion.moved(0, 0, 105),
                .shaft(from: 28, [(22.5, 62), (30, 77.5)]),
                .shaft(from: 132.5, [(32, 160), (27.5, 209), (26, 230), (22.5, 262)]),
            ])
        }
        place(pinion, "Intermediate shaft, pinion z=20 m=4", at: .at(train.x1, 0, 0), in: stage)
        let wheel = part("Wheel z=70 m=4", .machinedSteel, .caseHardenedSteel) {
            train.wheel2.wheel(
                Gear.WheelBody(
                    boreRadius: 35, keyWidth: 20, hubRadius: 58, hubWidth: 66, rimRadius: 122, webWidth: 20, holes: 8))
        }
        place(wheel, "Wheel z=70 m=4", at: .at(train.x2, 0, 105).turned(.z, train.wheel2.pitchDegrees / 2), in: stage)
        let key = part("Key 20x12x60", .groundSteel, .carbonSteel) { .key(20, 12, length: 60) }
        place(key, at: .at(train.x2, 0, 105).turned(.z, train.wheel2.pitchDegrees / 2).shifted(0, 27.5, 0), in: stage)
        let shaft = part("Output shaft 60", .machinedSteel, .temperedSteel) {
            .shaft(from: -128, [(25, -50), (28, 20), (30, 62), (35, 139), (38, 150), (33, 230), (30, 262)])
        }
        place(shaft, "Output shaft", at: .at(train.x2, 0, 0), in: stage)
        let outKey = part("Key 14x9x56", .groundSteel, .carbonSteel) { .key(14, 9, length: 56) }
        place(outKey, at: .at(train.x2, 19.5, -92), in: stage)
        let ring = part("Retaining ring 60", .blackOxide, .springSteel) { .retainingRing(30, thickness: 2) }
        place(ring, at: .at(train.x2, 0, 60.5), in: stage)
    }

    private mutating func addShaftBearings(_ train: GearTrain, in parent: Int) {
        for (index, x) in train.axes.enumerated() {
            for (side, z) in [("output side", 42.5), ("input side", 247.5)] {
                let kind = train.bearings[index]
                let shaft = ["Input", "Intermediate", "Output"][index]
                bearing(kind, "\(shaft) bearing \(kind.name), \(side)", at: .at(x, 0, z).turned(.z, 7), in: parent)
            }
        }
    }

    private mutating func addHousing(_ train: GearTrain, in parent: Int) {
        let housing = GearboxHousing(
            seats: train.axes.indices.map { (train.axes[$0], train.bearings[$0].outside / 2, train.coverRadii[$0]) })
        place(part("Gearbox housing, lower half", .paintedGreen, .greyIron) { housing.lower }, "Lower half", in: parent)
        place(part("Gearbox housing, upper half", .paintedGreen, .greyIron) { housing.upper }, "Upper half", in: parent)
        for p in GearboxHousing.splitBolts {
            bolt(.m12, 60, grip: 44, at: .at(p.x, 22, p.y).turned(.x, -90), in: parent)
        }
        for p in GearboxHousing.footHoles {
            bolt(.m16, 60, at: .at(p.x, GearboxHousing.floor + 4, p.y).turned(.x, -90), in: parent)
        }
        let window = GearboxHousing.window
        let pane = part("Inspection window", .polycarbonate, .polycarbonate) {
            .extrude(Outline.rounded(window.width + 56, window.depth + 40, radius: 18), from: 0, to: 10, chamfer: 1)
        }
        let top = GearboxHousing.roof + 6
        place(pane, "Inspection window", at: .at(window.x, top, window.z).turned(.x, -90), in: parent)
        for i in 0..<6 {
            for side in [-1.0, 1] {
                let x = window.x + (Double(i) - 2.5) * 62
                let z = window.z + side * (window.depth / 2 + 10)
                capScrew(.m6, 20, at: .at(x, top + 10, z).turned(.x, -90), in: parent)
            }
        }
        let eye = part("Eye bolt M16", .zincPlated, .carbonSteel) { .eyeBolt(.m16) }
        for x in [4.0, 396] { place(eye, at: .at(x, GearboxHousing.roof, 145).turned(.x, -90), in: parent) }
        let plate = part("Rating plate, gearbox", .whiteLabel, .aluminium) { .box(70, 36, 1) }
        place(plate, "Rating plate", at: .at(230, -105, 265.5), in: parent)
    }

    private mutating func addCovers(_ train: GearTrain, in parent: Int) {
        let bores: [[Double]] = [[0, 17.5], [0, 0], [28, 0]]
        for (index, x) in train.axes.enumerated() {
            let radius = train.coverRadii[index]
            let seat = train.bearings[index].outside / 2
            for side in 0..<2 {
                let bore = bores[index][side]
                let kind = bore > 0 ? "through" : "closed"
                let cover = part("Bearing cover \(Int(2 * seat)), \(kind)", .paintedGreen, .greyIron) {
                    .cover(
                        radius: radius, thickness: 10, spigotRadius: seat - 0.05, spigot: 8,
                        bore: bore > 0 ? bore + 9 : 0, bolts: 6, boltRadius: 3.3)
                }
                let z = side == 0 ? 25 - GearboxHousing.bossHeight : 265 + GearboxHousing.bossHeight
                let pose = Pose.at(x, 0, z).turned(.y, side == 0 ? 180 : 0)
                place(cover, at: pose, in: parent)
                for screw in 0..<6 {
                    let around = pose.turned(.z, 45 + 60 * Double(screw)).shifted((radius + seat) / 2, 0, 10)
                    capScrew(.m6, 20, at: around, in: parent)
                }
                guard bore > 0 else { continue }
                let seal = part("Shaft seal \(Int(2 * bore))x\(Int(2 * bore + 18))", .blackRubber, .rubber) {
                    .shaftSeal(bore, bore + 9, width: 10)
                }
                place(seal, at: pose.shifted(0, 0, -0.5), in: parent)
            }
        }
    }

    private mutating func addOilFittings(in parent: Int) {
        let right = GearboxHousing.right
        let glassRing = part("Oil sight glass body", .brass, .brass) {
            Solid.hexagon(40, height: 9, chamfersBottom: false).joined(.tube(19, 13, from: 8, to: 15, chamfer: 1))
        }
        let glass = part("Oil sight glass lens", .clearGlass, .glass) {
            .cylinder(13, from: 9.2, to: 13.5, chamfer: 0.5)
        }
        for z in [105.0, 185] {
            place(glassRing, at: .at(right, -70, z).turned(.y, 90), in: parent)
            place(glass, at: .at(right, -70, z).turned(.y, 90), in: parent)
        }
        let plug = part("Drain plug", .brass, .brass) {
            Solid.cylinder(16, from: 0, to: 4, chamfer: 0.5).joined(
                Solid.hexagon(22, height: 14, chamfersBottom: false))
        }
        place(plug, "Drain plug", at: .at(right, -140, 145).turned(.y, 90), in: parent)
        let breather = part("Breather", .brass, .brass) {
            .joined([
                Solid.hexagon(24, height: 10, chamfersBottom: true), .cylinder(8, from: 9, to: 22),
                .revolve(
                    [
                        Double2(0, 20), Double2(16, 20), Double2(18, 23), Double2(18, 38), Double2(12, 44),
                        Double2(0, 45),
                    ], segments: 36),
            ])
        }
        place(breather, "Breather", at: .at(385, GearboxHousing.roof, 200).turned(.x, -90), in: parent)
    }
}

/// Sizes of the gear train that several parts need.
struct GearTrain {
    let pinion1 = Gear(teeth: 18, module: 3, helixAngle: 15, width: 42)
    let wheel1 = Gear(teeth: 62, module: 3, helixAngle: -15, width: 40)
    let pinion2 = Gear(teeth: 20, module: 4, width: 57)
    let wheel2 = Gear(teeth: 70, module: 4, width: 55)
    let bearings = [
        BallBearing(name: "6308", bore: 40, outside: 90, width: 23, balls: 8),
        BallBearing(name: "6309", bore: 45, outside: 100, width: 25, balls: 8),
        BallBearing(name: "6312", bore: 60, outside: 130, width: 31, balls: 8),
    ]
    let coverRadii = [59.0, 64, 81]

    /// Intermediate and output axes; the input axis is at 0.
    var x1: Double { pinion1.centerDistance(to: wheel1) }
    var x2: Double { x1 + pinion2.centerDistance(to: wheel2) }
    var axes: [Double] { [0, x1, x2] }
}
