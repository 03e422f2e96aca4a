// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Where the groups of the machine meet; millimetres, x along the conveyor, y up, z from the conveyor to the drive.
enum MachinePlan {
    /// Height of the gearbox shafts above the floor.
    static let shaftHeight = 380.0
    static let conveyor = ConveyorPlan()

    /// From the output shaft to the conveyor's head shaft, along the strands of the drive chain.
    private static var drop: Double { conveyor.endY - shaftHeight }
    private static var strand: Double { Double(conveyor.driveStrand) * conveyor.driveChain.pitch }
    static var outputX: Double { conveyor.endX - (strand * strand - drop * drop).squareRoot() }
    static var driveAngle: Double { arcSine(drop / strand) }
    static var gearboxX: Double { outputX - GearTrain().x2 }
}

/// A two-stage gearbox drive with motor, lubrication and control cabinet, driving a chain-driven roller conveyor.
///
/// Everything about it is ours; sizes follow the standards named at the parts.
enum Machine {
    static func scene() -> GLBScene {
        var builder = AssemblyBuilder(name: "Roller conveyor with gear drive")
        let plan = MachinePlan.conveyor
        let root = builder.group(
            "Roller conveyor with gear drive", in: nil,
            [("drawing", .string("VM-1000")), ("designed_by", .string("The Vantage authors"))])
        let drive = builder.group("Drive unit", in: root)
        builder.addBaseFrame(in: drive)
        let (x, y) = (MachinePlan.gearboxX, MachinePlan.shaftHeight)
        builder.addGearbox(at: .at(x, y, 0), in: drive)
        builder.addCoupling(at: .at(x, y, 344), in: drive)
        builder.addCouplingGuard(length: 168, floor: -180, at: .at(x, y, 283), in: drive)
        builder.addMotor(at: .at(x, y, 457), in: drive)
        builder.addLubrication(at: .at(1150, 208, 700), in: drive)
        builder.addOilPipes(in: drive)
        addDriveChain(plan, to: &builder, in: drive)
        builder.addConveyor(plan, in: root)
        builder.addCabinet(at: .at(-560, 0, 120), in: root)
        addCables(to: &builder, in: root)
        addGoods(plan, to: &builder, in: root)
        return builder.scene
    }

    private static func addDriveChain(_ plan: ConveyorPlan, to builder: inout AssemblyBuilder, in parent: Int) {
        let pose = Pose.at(MachinePlan.outputX, MachinePlan.shaftHeight, plan.driveChainZ).turned(
            .z, MachinePlan.driveAngle)
        let drive = builder.group("Chain drive 16B-1", at: pose, in: parent)
        let sprocket = builder.part("Sprocket 16B z=20, bore 50", .blackOxide, .carbonSteel) {
            plan.driveChain.sprocket(teeth: plan.driveTeeth, bore: 25, hubRadius: 44, hubLength: 28)
        }
        builder.place(sprocket, "Driving sprocket z=20", at: Pose.origin.turned(.z, 90), in: drive)
        builder.addChain(
            plan.driveChain, "Chain 16B-1", teeth: plan.driveTeeth, strand: plan.driveStrand, at: .origin, in: drive)
        let length = Double(plan.driveStrand) * plan.driveChain.pitch
        let rim = builder.part("Chain case rim", .safetyYellow, .sheetSteel) {
            .extrude(
                Outline.slot(length + 236, 236, at: Double2(length / 2, 0), steps: 24),
                holes: [Outline.slot(length + 232, 232, at: Double2(length / 2, 0), steps: 24)], from: -33, to: 33)
        }
        let front = builder.part("Chain case window", .polycarbonate, .polycarbonate) {
            .extrude(
                Outline.slot(length + 236, 236, at: Double2(length / 2, 0), steps: 24),
                holes: [Outline.circle(52, 48), Outline.circle(52, 48, at: Double2(length, 0))], from: 33, to: 37)
        }
        let back = builder.part("Chain case back", .safetyYellow, .sheetSteel) {
            .extrude(
                Outline.slot(length + 236, 236, at: Double2(length / 2, 0), steps: 24),
                holes: [Outline.circle(52, 48), Outline.circle(52, 48, at: Double2(length, 0))], from: -35, to: -33)
        }
        builder.place(rim, "Case rim", in: drive)
        builder.place(front, "Case window", in: drive)
        builder.place(back, "Case back", in: drive)
    }

    private static func addCables(to builder: inout AssemblyBuilder, in root: Int) {
        let cables = builder.group("Cabling", in: root)
        let tray = builder.part("Cable tray 100x60", .zincPlated, .sheetSteel) {
            let slots = (0..<16).flatMap { i in
                [-25.0, 25].map { Outline.slot(30, 8, at: Double2((Double(i) - 7.5) * 60, $0), steps: 4) }
            }
            let bottom = Solid.extrude(Outline.rectangle(1000, 100), holes: slots, from: 0, to: 1.5)
            let sides = [-49.2, 49.2].map { Solid.box(1000, 1.5, 58, at: Double3(0, $0, 30)) }
            return Solid.joined([bottom] + sides).turned(.x, -90)
        }
        builder.place(tray, at: .at(-60, 30, 240), in: cables)
        let foot = builder.part("Cable tray foot", .zincPlated, .sheetSteel) {
            .box(40, 30, 120, at: Double3(0, 15, 0))
        }
        for x in [-480.0, -60, 360] { builder.place(foot, at: .at(x, 0, 240), in: cables) }
        for (index, offset) in [-36.0, 36].enumerated() {
            let z = 607 + offset
            let lane = 240 + offset * 0.5
            let start = Double3(-600 + offset * 1.1, 418, 240)
            let cable = builder.part("Cable \(index + 1)", index == 0 ? .cableOrange : .blackRubber, .cable) {
                let x = MachinePlan.gearboxX
                return .sweep(
                    Outline.circle(9, 18),
                    along: Path.smooth(
                        [
                            start, start + Double3(0, -150, 0), Double3(-540, 70, lane), Double3(-430, 44, lane),
                            Double3(0, 42, lane), Double3(380, 42, lane), Double3(520, 60, lane + 90),
                            Double3(570, 160, z - 120), Double3(575, 380, z), Double3(600, 530, z),
                            Double3(x - 130, 560, z), Double3(x - 103, 560, z),
                        ], steps: 14))
            }
            builder.place(cable, ["Motor cable", "Sensor cable"][index], in: cables)
        }
    }

    private static func addGoods(_ plan: ConveyorPlan, to builder: inout AssemblyBuilder, in root: Int) {
        let goods = builder.group("Goods", in: root)
        let crate = builder.part("Crate 600x400", .bluePlastic, .polypropylene) { crateShape }
        let ring = builder.part("Turned ring", .machinedSteel, .caseHardenedSteel) {
            .tube(52, 30, from: 0, to: 60, chamfer: 2, segments: 64)
        }
        for (index, x) in [-820.0, -60, 640].enumerated() {
            let own = builder.group("Crate \(index + 1)", at: .at(x, plan.rollerY + 30, plan.middleZ - 12), in: goods)
            builder.place(crate, "Crate", in: own)
            for i in 0..<(index == 1 ? 15 : 10) {
                let (column, row) = (Double(i % 5), Double(i / 5))
                builder.place(ring, at: .at((column - 2) * 108, 12, (row - 1) * 108).turned(.x, -90), in: own)
            }
        }
    }

    /// A stacking crate with ribs, standing on y = 0.
    private static var crateShape: Solid {
        let outline = Outline.rounded(600, 400, radius: 24)
        let inner = Outline.rounded(584, 384, radius: 16)
        var shells = [
            Solid.extrude(Outline.rounded(590, 390, radius: 20), from: 0, to: 10, chamfer: 2),
            .extrude(Outline.rounded(590, 390, radius: 20), holes: [inner], from: 9, to: 180),
            .extrude(outline, holes: [inner], from: 168, to: 182, chamfer: 1),
            .extrude(outline, holes: [inner], from: 120, to: 126), .extrude(outline, holes: [inner], from: 40, to: 46),
        ]
        for x in stride(from: -240.0, through: 240, by: 80) {
            for y in [-197.5, 197.5] { shells.append(.box(5, 5, 134, at: Double3(x, y, 105))) }
        }
        for y in stride(from: -120.0, through: 120, by: 80) {
            for x in [-297.5, 297.5] { shells.append(.box(5, 5, 134, at: Double3(x, y, 105))) }
        }
        return Solid.joined(shells).turned(.x, -90)
    }
}
