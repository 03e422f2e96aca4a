// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Sizes of the roller conveyor. Its frame is the machine's: x along the way of the goods, y up, z towards the drive.
struct ConveyorPlan {
    let chain = RollerChain.b08
    let driveChain = RollerChain.b16
    let rollerCount = 36
    let rollerPitch = 76.2
    let rollerY = 720.0
    let rollerTeeth = 14
    let endTeeth = 24
    let driveTeeth = 20
    /// Pitches between the chain's end sprockets.
    let strand = 216
    /// Pitches between gearbox and head shaft.
    let driveStrand = 15
    let middleZ = -560.0
    /// Inner faces of the side rails.
    let railZ = [-890.0, -230.0]
    let chainZ = -262.0
    let driveChainZ = -90.0

    var endX: Double { Double(strand) * chain.pitch / 2 }
    var endY: Double { rollerY - chain.pitchRadius(teeth: rollerTeeth) - chain.pitchRadius(teeth: endTeeth) }
    func rollerX(_ index: Int) -> Double { (Double(index) - Double(rollerCount - 1) / 2) * rollerPitch }
}

extension AssemblyBuilder {
    mutating func addConveyor(_ plan: ConveyorPlan, in parent: Int) {
        let conveyor = group(
            "Roller conveyor", in: parent, [("speed_m_s", .number(0.32)), ("load_kg_m", .integer(120))])
        addRails(plan, in: group("Side rails", in: conveyor))
        let rollers = group("Rollers", in: conveyor)
        for index in 0..<plan.rollerCount { addRoller(plan, index, in: rollers) }
        addEndShafts(plan, in: conveyor)
        addChain(
            plan.chain, "Roller drive chain", teeth: plan.endTeeth, strand: plan.strand,
            at: .at(-plan.endX, plan.endY, plan.chainZ), in: conveyor)
        addLegs(plan, in: group("Supports", in: conveyor))
        addSideGuides(plan, in: group("Side guides", in: conveyor))
    }

    private mutating func addRails(_ plan: ConveyorPlan, in rails: Int) {
        let length = 2 * plan.endX + 130
        let rail = part("Side rail 150x40", .paintedBlue, .structuralSteel) {
            let axles = (0..<plan.rollerCount).map { Outline.circle(6.4, 14, at: Double2(plan.rollerX($0), 52)) }
            let outline = Outline.rectangle(length, 150, at: Double2(0, 0))
            let web = Solid.extrude(outline, holes: axles, from: 0, to: 4)
            let lips = [-73.0, 73].map { y in Solid.box(length, 4, 36, at: Double3(0, y, 22)) }
            let edges = [-66.0, 66].map { y in Solid.box(length, 18, 4, at: Double3(0, y, 38)) }
            return .joined([web] + lips + edges)
        }
        let y = plan.rollerY - 52
        place(rail, "Rail, drive side", at: .at(0, y, plan.railZ[1]), in: rails)
        place(rail, "Rail, far side", at: Pose.at(0, y, plan.railZ[0]).turned(.y, 180), in: rails)
        let strip = part("Chain guide strip", .greenPolyethylene, .polyethylene) {
            .extrude(
                [
                    Double2(-9, -12), Double2(9, -12), Double2(9, -3), Double2(3.5, -3), Double2(3.5, 0),
                    Double2(-3.5, 0),
                    Double2(-3.5, -3), Double2(-9, -3),
                ], from: 0, to: 2 * plan.endX - 130
            ).turned(.y, 90)
        }
        let upper = plan.endY + plan.chain.pitchRadius(teeth: plan.endTeeth) - plan.chain.rollerDiameter / 2 - 0.1
        let lower = plan.endY - plan.chain.pitchRadius(teeth: plan.endTeeth) - plan.chain.rollerDiameter / 2 - 0.1
        for (name, y) in [("Upper chain guide", upper), ("Lower chain guide", lower)] {
            place(strip, name, at: .at(-plan.endX + 65, y, plan.chainZ), in: rails)
        }
        let bracket = part("Chain guide bracket", .zincPlated, .sheetSteel) { .box(40, 120, 22, chamfer: 1) }
        for index in 0..<9 {
            place(bracket, at: .at((Double(index) - 4) * 280, upper - 12 - 62, plan.chainZ + 21), in: rails)
        }
    }

    private mutating func addRoller(_ plan: ConveyorPlan, _ index: Int, in rollers: Int) {
        let tube = part("Roller tube 60x2", .zincPlated, .structuralSteel) {
            .tube(30, 28, from: -290, to: 290, chamfer: 0.3, segments: 72)
        }
        let cup = part("Roller end cup", .blackPlastic, .polyamide) {
            .revolve(
                [
                    Double2(17.6, -7), Double2(27.9, -7), Double2(27.9, 5), Double2(29.6, 5), Double2(29.6, 7),
                    Double2(12, 7),
                    Double2(12, 6), Double2(17.6, 6),
                ], segments: 56)
        }
        let axle = part("Roller axle 12", .groundSteel, .carbonSteel) {
            .joined([
                .cylinder(6, from: -330, to: 328, segments: 32), .thread(.m12, from: 327.5, to: 350, columns: 16),
                .thread(.m12, from: -352, to: -329.5, columns: 16),
            ])
        }
        let kind = BallBearing(name: "6202-60", bore: 12, outside: 35, width: 10, balls: 8)
        let sprocket = part("Sprocket 08B z=14", .blackOxide, .carbonSteel) {
            plan.chain.sprocket(teeth: plan.rollerTeeth, bore: 9, hubRadius: 20, hubLength: 20)
        }
        let roller = group(
            "Roller \(index + 1)", at: .at(plan.rollerX(index), plan.rollerY, plan.middleZ), in: rollers)
        place(tube, "Tube", in: roller)
        place(axle, "Axle", in: roller)
        for (side, name) in [(1.0, "drive side"), (-1.0, "far side")] {
            place(cup, "End cup, \(name)", at: Pose.at(0, 0, side * 285).turned(.y, side > 0 ? 0 : 180), in: roller)
            bearing(
                kind, "Bearing, \(name)", at: Pose.at(0, 0, side * 284).turned(.z, Double(index * 17 % 45)), in: roller)
            let outside = Pose.at(0, 0, side * 334).turned(.y, side > 0 ? 0 : 180)
            place(washer(.m12), at: outside, in: roller)
            place(nut(.m12), at: outside.shifted(0, 0, MetricSize.m12.washerThickness), in: roller)
        }
        let sprocketPose = Pose.at(0, 0, plan.chainZ - plan.middleZ).turned(.y, 180).turned(.z, -90)
        place(sprocket, "Sprocket", at: sprocketPose, in: roller)
    }

    private mutating func addEndShafts(_ plan: ConveyorPlan, in conveyor: Int) {
        let sprocket = part("Sprocket 08B z=24", .blackOxide, .carbonSteel) {
            plan.chain.sprocket(teeth: plan.endTeeth, bore: 15, hubRadius: 32, hubLength: 18)
        }
        let head = group("Head shaft", at: .at(plan.endX, plan.endY, 0), in: conveyor)
        let tail = group("Tail shaft", at: .at(-plan.endX, plan.endY, 0), in: conveyor)
        let long = part("Head shaft 30", .machinedSteel, .temperedSteel) { .shaft(from: -945, [(15, -50)]) }
        let short = part("Tail shaft 30", .machinedSteel, .temperedSteel) { .shaft(from: -945, [(15, -175)]) }
        place(long, "Shaft", in: head)
        place(short, "Shaft", in: tail)
        for end in [head, tail] {
            place(sprocket, "Sprocket z=24", at: Pose.at(0, 0, plan.chainZ).turned(.y, 180).turned(.z, 7.5), in: end)
            for (z, turn) in [(plan.railZ[1] + 4, 0.0), (plan.railZ[0] - 4, 180)] {
                flangeBearing(at: Pose.at(0, 0, z).turned(.y, turn), in: end)
            }
        }
        let large = part("Sprocket 16B z=20", .blackOxide, .carbonSteel) {
            plan.driveChain.sprocket(teeth: plan.driveTeeth, bore: 15, hubRadius: 38, hubLength: 30)
        }
        // A gap of either sprocket points across the strands, where the first pin of the arc lies.
        place(
            large, "Drive sprocket z=20", at: .at(0, 0, plan.driveChainZ).turned(.z, MachinePlan.driveAngle + 90),
            in: head)
        place(
            part("Key 8x7x45", .groundSteel, .carbonSteel) { .key(8, 7, length: 45) },
            at: .at(0, 11, plan.driveChainZ + 12), in: head)
    }

    /// A four-bolt flange bearing unit on a wall at z = 0.
    private mutating func flangeBearing(at pose: Pose, in parent: Int) {
        let unit = group("Flange bearing UCF 206", at: pose, in: parent, [("designation", .string("UCF 206"))])
        let body = part("Flange bearing housing F206", .paintedGrey, .greyIron) {
            let holes = Outline.holeCircle(pitchRadius: 58.7, holeRadius: 6.2, count: 4, phase: 45)
            let plate = Solid.extrude(
                Outline.rounded(108, 108, radius: 16), holes: [Outline.circle(31, 48)] + holes, from: 0, to: 13,
                chamfer: 2)
            return plate.joined(
                .revolve([
                    Double2(31, 1), Double2(47, 1), Double2(46, 13), Double2(40, 28), Double2(37, 30), Double2(31, 30),
                ]))
        }
        let insert = part("Bearing insert UC206", .groundSteel, .bearingSteel) {
            .joined([
                .tube(31, 25, from: 6, to: 26, chamfer: 1), .tube(20.5, 15, from: 2, to: 38, chamfer: 0.8),
                .tube(25.2, 20.4, from: 8.5, to: 23.5),
            ])
        }
        place(body, "Housing", in: unit)
        place(insert, "Insert", in: unit)
        for i in 0..<4 {
            bolt(
                .m10, 40, grip: 17, at: Pose.at(0, 0, 13).turned(.z, 45 + 90 * Double(i)).shifted(58.7, 0, 0), in: unit)
        }
    }

    /// A closed chain around two equal sprockets; the pose is the first sprocket's, the second lies along its x.
    mutating func addChain(
        _ chain: RollerChain, _ name: String, teeth: Int, strand: Int, at pose: Pose, in parent: Int
    ) {
        let inner = part("\(chain.name) inner link", .blackOxide, .carbonSteel) { chain.innerLink }
        let outer = part("\(chain.name) outer link", .machinedSteel, .carbonSteel) { chain.outerLink }
        let links = chain.loop(teeth: teeth, strand: strand)
        let own = group(
            name, at: pose, in: parent, [("links", .integer(links.count)), ("standard", .string("ISO 606"))])
        for (index, link) in links.enumerated() {
            let at = Pose.at(link.position.x, link.position.y, 0).turned(.z, link.degrees)
            place(index % 2 == 0 ? inner : outer, "Link \(index + 1)", at: at, in: own)
        }
    }

    private mutating func addLegs(_ plan: ConveyorPlan, in supports: Int) {
        let post = part("Leg post 60x60", .paintedGrey, .structuralSteel) {
            let tube = Solid.extrude(
                Outline.rounded(60, 60, radius: 6), holes: [Outline.rounded(52, 52, radius: 3)], from: 60, to: 592)
            let plate = Solid.extrude(Outline.rounded(90, 90, radius: 8), from: 52, to: 60.2, chamfer: 1)
            let head = Solid.box(80, 60, 6, at: Double3(0, 0, 0)).turned(.x, 90).moved(0, 27, 600)
            return .joined([tube, plate, head.moved(0, 0, -10)]).turned(.x, -90)
        }
        let beam = part("Leg cross beam", .paintedGrey, .structuralSteel) {
            .extrude(Outline.rounded(40, 60, radius: 5), holes: [Outline.rounded(34, 54, radius: 2)], from: 0, to: 652)
        }
        let foot = part("Levelling foot M16", .zincPlated, .carbonSteel) {
            .levellingFoot(.m16, padRadius: 32, height: 70)
        }
        for (index, x) in [-1250.0, -420, 380, 1210].enumerated() {
            let leg = group("Support \(index + 1)", at: .at(x, 0, 0), in: supports)
            for (z, turn) in [(plan.railZ[1] + 26, 0.0), (plan.railZ[0] - 26, 180)] {
                place(post, at: Pose.at(0, 0, z).turned(.y, turn), in: leg)
                place(foot, at: Pose.at(0, 0, z).turned(.x, -90), in: leg)
            }
            for y in [180.0, 520] { place(beam, at: .at(0, y, plan.railZ[0] + 4), in: leg) }
        }
    }

    private mutating func addSideGuides(_ plan: ConveyorPlan, in guides: Int) {
        let rod = part("Guide rail 20", .stainless, .stainlessSteel) {
            Solid.cylinder(10, from: -1400, to: 1400, chamfer: 2, segments: 32).turned(.y, 90)
        }
        let bracket = part("Guide bracket", .zincPlated, .sheetSteel) {
            let profile = [
                Double2(0, 0), Double2(46, 0), Double2(46, 6), Double2(6, 6), Double2(6, 92), Double2(-40, 112),
                Double2(-42, 107), Double2(0, 88),
            ]
            return Solid.extrude(profile, from: -20, to: 20, chamfer: 0.6).turned(.y, -90)
        }
        let clip = part("Guide clamp", .blackPlastic, .polyamide) {
            Solid.tube(16, 10.05, from: -17, to: 17, chamfer: 2).turned(.y, 90)
        }
        let top = plan.rollerY + 23
        for (side, z) in [("drive side", plan.railZ[1]), ("far side", plan.railZ[0])] {
            let sign = z == plan.railZ[1] ? 1.0 : -1.0
            let own = group("Guide, \(side)", at: .at(0, top, z), in: guides)
            place(rod, "Rail", at: .at(0, 118, -sign * 50), in: own)
            for index in 0..<8 {
                let x = (Double(index) - 3.5) * 360
                place(bracket, at: Pose.at(x, 0, 0).turned(.y, sign > 0 ? 0 : 180), in: own)
                place(clip, at: .at(x, 118, -sign * 50), in: own)
                for dx in [-10.0, 10] {
                    bolt(.m8, 25, grip: 10, at: .at(x + dx, 6, sign * 28).turned(.x, -90), in: own)
                }
            }
        }
    }
}
