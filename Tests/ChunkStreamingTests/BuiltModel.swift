// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import TilesetBuilding

@testable import ChunkStreaming

/// Keeps an archive's file as long as the archive is used; never changed.
final class KeptFolder: @unchecked Sendable {
    let folder = TemporaryFolder()
}

/// Small models built for real, once for all tests.
struct BuiltModel: Sendable {
    let archive: Archive
    let plan: StreamPlan
    private let folder: KeptFolder

    /// A bumpy, noisy ball of 43,200 triangles.
    static let stone = Result { try BuiltModel(model([try Ball(60, noise: 0.003).part("stone")])) }
    /// 400 small balls of 3 kinds in a row along x, two metres apart: far sectors have proxies.
    static let row = Result {
        let parts = try [10, 12, 14].map { try Ball($0, noise: 0.01).part("ball \($0)") }
        return try BuiltModel(
            model(parts, (0..<400).map { ($0 % 3, .translation(Double3(Double($0) * 2, 0, 0))) }))
    }

    init(_ model: SourceModel) throws {
        let folder = KeptFolder()
        var options = BuildOptions(threads: 2, spill: SpillPolicy(directory: folder.folder.path))
        options.hasThumbnail = false
        let path = folder.folder.file("model.vantage")
        _ = try TilesetBuilder(options: options).build(model, sourceByteCount: 0, to: path)
        archive = try Archive(path: path)
        plan = try StreamPlan(archive: archive)
        self.folder = folder
    }

    static func model(_ parts: [SourcePart], _ instances: [(part: Int, transform: AffineTransform)]? = nil)
        -> SourceModel
    {
        var model = SourceModel()
        model.name = "test"
        model.format = "made in code"
        model.parts = parts
        for (number, instance) in (instances ?? parts.indices.map { ($0, .identity) }).enumerated() {
            model.nodes.append(SourceNode(name: "node \(number)", parent: nil))
            model.instances.append(SourceInstance(part: instance.part, node: number, transform: instance.transform))
        }
        return model
    }
}

/// A cube of `size`² squares a side, blown up to a ball with bumps and noise; closed, counter-clockwise from outside.
struct Ball {
    private var positions: [Float] = []
    private var indices: [UInt32] = []
    var coordinates: [Float]?
    var material: Int?

    init(_ size: Int, noise: Double = 0, radius: Double = 1, seed: UInt64 = 1) {
        var random = SeededGenerator(seed: seed)
        var numbers: [Int3: UInt32] = [:]
        func vertex(_ p: Int3) -> UInt32 {
            if let known = numbers[p] { return known }
            let number = UInt32(numbers.count)
            numbers[p] = number
            let n = normalized(Double3(p) * 2 / Double(size) - 1)
            let bumps = noise == 0 ? 0 : 0.06 * (n.x * n.y * 5 + n.z * n.z - n.x * n.z * 3)
            let r = radius * (1 + bumps + (noise == 0 ? 0 : .random(in: -noise...noise, using: &random)))
            positions += [Float(n.x * r), Float(n.y * r), Float(n.z * r)]
            return number
        }
        let last = Int32(size)
        for axis in 0..<3 {
            for side in [Int32(0), last] {
                for u in 0..<last {
                    for v in 0..<last {
                        func corner(_ du: Int32, _ dv: Int32) -> UInt32 {
                            var p = Int3()
                            p[axis] = side
                            p[(axis + 1) % 3] = u + du
                            p[(axis + 2) % 3] = v + dv
                            return vertex(p)
                        }
                        let (a, b, c, d) = (corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1))
                        indices += side == 0 ? [a, c, b, a, d, c] : [a, b, c, a, c, d]
                    }
                }
            }
        }
    }

    /// Gives every vertex the texture coordinates (x, y).
    func textured(material: Int) -> Ball {
        var result = self
        result.coordinates = (0..<positions.count / 3).flatMap { [positions[3 * $0], positions[3 * $0 + 1]] }
        result.material = material
        return result
    }

    func part(_ name: String) throws -> SourcePart {
        var part = SourcePart(name: name, positions: try large(positions))
        part.indices = try large(indices)
        part.textureCoordinates = try coordinates.map { [try large($0)] } ?? []
        part.materialRanges = [
            SourcePart.MaterialRange(firstTriangle: 0, triangleCount: indices.count / 3, material: material)
        ]
        return part
    }

    private func large<Element: BitwiseCopyable>(_ values: [Element]) throws -> LargeArray<Element> {
        let array = LargeArray<Element>()
        try array.reserve(values.count)
        for value in values { try array.append(value) }
        return array
    }
}

extension ViewState {
    /// From a distance, in metres, along the direction of the home view, looking at a place.
    static func at(_ target: Double3, from distance: Double, direction: Double3 = ViewState.homeDirection) -> ViewState
    {
        let back = normalized(direction)
        let right = normalized(cross(Double3(0, 1, 0), back))
        return ViewState(
            eye: target + back * distance, orientation: quaternion(right: right, up: cross(back, right), back: back),
            projection: .perspective(tangent: 0.3), width: 1280, height: 720)
    }
}

extension Archive {
    /// Whether a sector has its proxy, or, from wherever it is seen, something of each part and sector in it.
    func isShowable(sector number: Int, held: BitSet) throws -> Bool {
        let sector = index.sectors[number]
        func has(node: Int) -> Bool { held.contains(Int(index.nodes[node].chunk)) }
        if let proxy = sector.proxyNode, has(node: Int(proxy)) { return true }
        guard held.contains(Int(sector.chunk)) else { return false }
        for instance in try instances(inSector: number) {
            for root in index.geometries[Int(instance.geometry)].nodes
            where index.nodes[root].parents.isEmpty && !has(node: root) { return false }
        }
        return try sector.children.allSatisfy { try isShowable(sector: Int($0), held: held) }
    }
}
