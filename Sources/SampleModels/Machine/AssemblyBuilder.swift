// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// Where something sits in its parent: turned, then moved. Millimetres.
struct Pose {
    var position: Double3
    /// Unit quaternion x, y, z, w.
    var rotation = Double4(0, 0, 0, 1)

    static func at(_ x: Double, _ y: Double, _ z: Double) -> Pose { Pose(position: Double3(x, y, z)) }
    static let origin = Pose.at(0, 0, 0)

    /// Turned about an own axis first, degrees counter-clockwise.
    func turned(_ axis: Axis, _ degrees: Double) -> Pose {
        let (s, c) = sineAndCosine(degrees: degrees / 2)
        let q: Double4 =
            switch axis {
            case .x: Double4(s, 0, 0, c)
            case .y: Double4(0, s, 0, c)
            case .z: Double4(0, 0, s, c)
            }
        return Pose(position: position, rotation: Self.product(rotation, q))
    }

    /// Moved along its own axes.
    func shifted(_ x: Double, _ y: Double, _ z: Double) -> Pose {
        let offset = AffineTransform.rotation(rotation).apply(toDirection: Double3(x, y, z))
        return Pose(position: position + offset, rotation: rotation)
    }

    private static func product(_ a: Double4, _ b: Double4) -> Double4 {
        let (u, v) = (Double3(a.x, a.y, a.z), Double3(b.x, b.y, b.z))
        let w = v * a.w + u * b.w + cross(u, v)
        return Double4(w.x, w.y, w.z, a.w * b.w - dot(u, v))
    }
}

/// Collects parts and places them in a tree of named groups.
struct AssemblyBuilder {
    private(set) var scene = GLBScene()
    private var partByName: [String: Int] = [:]
    private var parts: [Part] = []

    private struct Part {
        var name: String
        var mesh: Int
        var grade: Grade
        var mass: Double
        var number: String
        var placed = 0
    }

    init(name: String) {
        scene.name = name
        scene.materials = Finish.materials
    }

    /// The part of that name, built on first use.
    mutating func part(
        _ name: String, _ finish: Finish, _ grade: Grade, crease: Double = 28, _ solid: () -> Solid
    ) -> Int {
        if let known = partByName[name] { return known }
        let shape = solid()
        scene.geometries.append(shape.mesh(crease: crease))
        scene.meshes.append(
            GLBScene.Mesh(
                name: name, geometry: scene.geometries.count - 1,
                material: Finish.allCases.firstIndex(of: finish) ?? 0))
        let number = "VM-\(1000 + parts.count * 10)"
        parts.append(
            Part(
                name: name, mesh: scene.meshes.count - 1, grade: grade, mass: shape.volume * 1e-9 * grade.density,
                number: number))
        partByName[name] = parts.count - 1
        return parts.count - 1
    }

    mutating func group(
        _ name: String, at pose: Pose = .origin, in parent: Int?, _ extras: [(String, JSONValue)] = []
    ) -> Int {
        add(GLBScene.Node(name: name, extras: extras, isRoot: parent == nil), at: pose, in: parent)
    }

    /// Places an instance; unnamed ones are numbered: "M12x40 hex bolt #17".
    mutating func place(_ part: Int, _ name: String? = nil, at pose: Pose = .origin, in parent: Int) {
        parts[part].placed += 1
        let kind = parts[part]
        var node = GLBScene.Node(name: name ?? "\(kind.name) #\(kind.placed)", mesh: kind.mesh)
        node.extras = [
            ("part_number", .string(kind.number)), ("material_grade", .string(kind.grade.name)),
            ("mass_kg", .number((kind.mass * 1e4).rounded() / 1e4)),
        ]
        _ = add(node, at: pose, in: parent)
    }

    private mutating func add(_ node: GLBScene.Node, at pose: Pose, in parent: Int?) -> Int {
        var node = node
        node.position = pose.position * 0.001
        node.rotation = pose.rotation
        scene.nodes.append(node)
        if let parent { scene.nodes[parent].children.append(scene.nodes.count - 1) }
        return scene.nodes.count - 1
    }

    // MARK: Bolted joints

    /// A bolt with a washer under its head; with a `grip`, also washer and nut on the far side of that thickness.
    /// The pose is the point on the surface, z outwards.
    mutating func bolt(
        _ size: MetricSize, _ length: Double, grip: Double? = nil, at pose: Pose, in parent: Int
    ) {
        let bolt = part("\(size.name)x\(Int(length)) hex bolt", .zincPlated, .boltSteel) {
            .hexBolt(size, length: length, threaded: length > 50 ? length * 0.6 : nil)
        }
        let washer = washer(size)
        place(bolt, at: pose.shifted(0, 0, size.washerThickness), in: parent)
        place(washer, at: pose, in: parent)
        guard let grip else { return }
        let far = pose.shifted(0, 0, -grip).turned(.x, 180)
        place(washer, at: far, in: parent)
        place(nut(size), at: far.shifted(0, 0, size.washerThickness), in: parent)
    }

    mutating func capScrew(_ size: MetricSize, _ length: Double, at pose: Pose, in parent: Int) {
        let screw = part("\(size.name)x\(Int(length)) cap screw", .blackOxide, .boltSteel) {
            .capScrew(size, length: length)
        }
        place(screw, at: pose, in: parent)
    }

    mutating func washer(_ size: MetricSize) -> Int {
        part("Washer \(size.name)", .zincPlated, .carbonSteel) { .washer(size) }
    }

    mutating func nut(_ size: MetricSize) -> Int {
        part("Hex nut \(size.name)", .zincPlated, .boltSteel) { .hexNut(size) }
    }

    /// All pieces of a ball bearing, balls included.
    mutating func bearing(_ kind: BallBearing, _ name: String, at pose: Pose, in parent: Int) {
        let outer = part("\(kind.name) outer ring", .groundSteel, .bearingSteel) { kind.outerRing }
        let inner = part("\(kind.name) inner ring", .groundSteel, .bearingSteel) { kind.innerRing }
        let cage = part("\(kind.name) cage", .brass, .brass) { kind.cage }
        let ball = part("\(kind.name) ball", .groundSteel, .bearingSteel, crease: 60) { kind.ball }
        let own = group(
            name, at: pose, in: parent,
            [
                ("designation", .string(kind.name)), ("bore_mm", .number(kind.bore)),
                ("outside_mm", .number(kind.outside)),
            ])
        place(outer, in: own)
        place(inner, in: own)
        place(cage, in: own)
        for index in 0..<kind.balls {
            let p = kind.ballPosition(index)
            place(ball, at: .at(p.x, p.y, p.z), in: own)
        }
    }
}
