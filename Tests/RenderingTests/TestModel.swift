// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkStreaming
import FileMapping
import ImageCoding
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing
import TilesetBuilding

/// A small model built for real, its archive and plan.
struct TestModel: Sendable {
    let archive: Archive
    let plan: StreamPlan
    private let folder: KeptFolder

    /// Keeps an archive's file as long as the archive is used; never changed.
    private final class KeptFolder: @unchecked Sendable {
        let folder = TemporaryFolder()
    }

    /// A bumpy, noisy ball of 30,000 triangles: several levels.
    static let stone = Result { try TestModel(source([try Ball(50, noise: 0.003).part("stone")])) }
    /// A ball of 97,200 triangles.
    static let boulder = Result { try TestModel(source([try Ball(90, noise: 0.002).part("boulder")])) }
    /// 300 small balls of 3 kinds in a row along x, two metres apart: far sectors have proxies.
    static let row = Result {
        let parts = try [10, 12, 14].map { try Ball($0, noise: 0.01).part("ball \($0)") }
        return try TestModel(
            source(parts, (0..<300).map { ($0 % 3, .translation(Double3(Double($0) * 2, 0, 0))) }))
    }
    /// 90 balls of two kinds, with sectors and proxies.
    static let shortRow = Result {
        let parts = try [5, 7].map { try Ball($0, noise: 0.01).part("ball \($0)") }
        return try TestModel(
            source(parts, (0..<90).map { ($0 % 2, .translation(Double3(Double($0) * 3, 0, 0))) }))
    }
    /// A ball of 4,800 triangles: a few levels.
    static let pebble = Result { try TestModel(source([try Ball(20, noise: 0.003).part("pebble")])) }
    /// Two kinds of balls, turned, stretched and mirrored, 10^7 m from the origin.
    static let far = Result {
        let parts = [try Ball(16, noise: 0.01).part("ball"), try Ball(8, noise: 0.02, seed: 3).part("small ball")]
        var random = SeededGenerator(seed: 9)
        func unit() -> Double { .random(in: -1...1, using: &random) }
        let instances = (0..<60).map { number -> (Int, AffineTransform) in
            let mirror = number % 3 == 0 ? -1.0 : 1
            let scale = Double3(mirror * (0.5 + abs(unit())), 0.5 + abs(unit()), number % 7 == 0 ? 3 : 1)
            var transform = AffineTransform.rotation(Double4(unit(), unit(), unit(), unit())) * .scale(scale)
            transform.translation = Double3(1e7 + unit() * 6, -1e7 + unit() * 6, 2e6 + unit() * 6)
            return (number % 2, transform)
        }
        return try TestModel(source(parts, instances))
    }
    /// A ball with a texture of 512² pixels, inside a larger one of glass.
    static let glass = Result {
        let parts = [
            try Ball(20).textured(material: 0).part("globe"), try Ball(6, radius: 1.4, material: 1).part("glass"),
        ]
        var model = source(parts, [(0, .identity), (1, .identity), (1, .translation(Double3(4, 0, 0)))])
        var (globe, glass) = (Material(), Material())
        globe.baseColorTexture = TextureReference(texture: 0)
        glass.alphaMode = .blend
        model.materials = [globe, glass]
        let pixels = (0..<512 * 512).flatMap { place -> [UInt8] in
            [UInt8(truncatingIfNeeded: place &* 7), UInt8(truncatingIfNeeded: place >> 9), 90]
        }
        let image = Image(width: 512, height: 512, channelCount: 3, pixels: pixels)
        model.textures = [
            SourceTexture(name: "map", encoding: .png, bytes: try ImageEncoding.png(image, compressionLevel: 1))
        ]
        return try TestModel(model)
    }

    /// Three squares side by side at z = 0 (material 0: masked by a texture of two by two texels that is seen twice in each
    /// direction; 1: the same texture, opaque; 2: masked, without texture, alpha below the cutoff), and a wall behind
    /// them (3).
    static let lattice = Result {
        var parts: [SourcePart] = []
        for material in 0..<3 {
            parts.append(try Square(x: Double(2 * material), size: 1, z: 0, material: material).part("square"))
        }
        parts.append(try Square(x: -1, size: 8, z: -1, material: 3).part("wall"))
        var model = source(parts)
        var (masked, opaque, thin) = (Material(), Material(), Material())
        masked.alphaMode = .mask
        masked.baseColorTexture = TextureReference(texture: 0)
        masked.baseColorTexture?.scale = [2, 2]
        opaque.baseColorTexture = masked.baseColorTexture
        thin.alphaMode = .mask
        thin.baseColorFactor[3] = 0.4
        model.materials = [masked, opaque, thin, Material()]
        // Rows top first: opaque above left and below right, by v that goes down.
        let alphas: [UInt8] = [255, 0, 0, 255]
        let image = Image(width: 2, height: 2, channelCount: 4, pixels: alphas.flatMap { [90, 120, 60, $0] })
        model.textures = [
            SourceTexture(name: "lattice", encoding: .png, bytes: try ImageEncoding.png(image, compressionLevel: 1))
        ]
        return try TestModel(model)
    }

    init(_ model: SourceModel) throws {
        let folder = KeptFolder()
        var options = BuildOptions(threads: 2, spill: SpillPolicy(directory: folder.folder.path))
        options.hasThumbnail = false
        let path = folder.folder.file("model.vantage")
        _ = try TilesetBuilder(options: options).build(model, sourceByteCount: 0, to: path)
        try self.init(folder, "model.vantage")
    }

    private init(copy bytes: [UInt8]) throws {
        let folder = KeptFolder()
        _ = folder.folder.write("copy.vantage", bytes)
        try self.init(folder, "copy.vantage")
    }

    /// A valid archive that shows nothing; builders make none.
    static func empty() throws -> TestModel {
        let folder = KeptFolder()
        let writer = try ArchiveWriter(path: folder.folder.file("empty.vantage"))
        let bounds = Bounds(minimum: .zero, maximum: Double3(1, 1, 1))
        var chunk = ByteWriter()
        SectorHeader(
            sector: 0, parent: nil, children: [], bounds: bounds, proxyNode: nil, proxyError: 0, instanceCount: 0
        ).write(to: &chunk)
        let table = InstanceTable.encode([])
        chunk.write(UInt32(table.count))
        chunk.write(contentsOf: Deflate.compress(table))
        var index = TilesetIndex()
        index.sectors = [
            SectorRecord(
                parent: nil, children: [], bounds: bounds, chunk: try writer.append(chunk.bytes, kind: .sector),
                instanceCount: 0, proxyNode: nil, proxyError: 0, triangleCount: 0)
        ]
        try writer.finish(index: index, description: ModelDescription(), bounds: bounds)
        try writer.commit()
        return try TestModel(folder, "empty.vantage")
    }

    private init(_ folder: KeptFolder, _ name: String) throws {
        self.folder = folder
        archive = try Archive(path: folder.folder.file(name))
        plan = try StreamPlan(archive: archive)
    }

    /// The archive's file.
    func bytes() throws -> [UInt8] { try #require(folder.folder.read("model.vantage")) }

    /// Copies of the archive with noise in its chunks; header, index and description stay as they are, and so do the
    /// chunks' hashes: what is damaged is found, or was never looked at.
    func mutated(rounds: Int, seed: UInt64, _ body: (TestModel) throws -> Void) throws {
        let bytes = try bytes()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<rounds {
            var copy = bytes
            for _ in 0...random.index(below: 6) {
                let record = archive.index.chunks[random.index(below: archive.index.chunks.count)]
                copy[Int(record.offset) + random.index(below: Int(record.byteCount))] ^=
                    1 << UInt8(random.index(below: 8))
            }
            guard let model = try? TestModel(copy: copy) else { continue }
            try body(model)
        }
    }

    /// The same archive with chunks whose bytes were changed.
    func damaged(chunks: [Int], at share: Double = 0.5) throws -> TestModel {
        var bytes = try bytes()
        for chunk in chunks {
            let record = archive.index.chunks[chunk]
            bytes[Int(record.offset) + Int(Double(record.byteCount - 1) * share)] ^= 0x5a
        }
        return try TestModel(copy: bytes)
    }

    /// A node of a geometry that is no proxy, at a level.
    func node(where isRight: (NodeRecord) -> Bool) throws -> Int {
        let index = archive.index
        return try #require(
            index.nodes.indices.last {
                isRight(index.nodes[$0]) && !index.geometries[Int(index.nodes[$0].geometry)].isProxy
            })
    }

    static func source(
        _ parts: [SourcePart], _ instances: [(part: Int, transform: AffineTransform)]? = nil
    ) -> SourceModel {
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

/// A square in the plane z, from (x, min(x, 0)) on, that looks towards +z; its texture coordinates have v downwards.
private struct Square {
    var x: Double
    var size: Double
    var z: Double
    var material: Int

    func part(_ name: String) throws -> SourcePart {
        let corners: [(Float, Float)] = [(0, 0), (1, 0), (1, 1), (0, 1)]
        let y = min(x, 0)
        var part = SourcePart(
            name: name,
            positions: try large(
                corners.flatMap { [Float(x + Double($0.0) * size), Float(y + Double($0.1) * size), Float(z)] }))
        part.indices = try large([0, 1, 2, 0, 2, 3])
        part.textureCoordinates = [try large(corners.flatMap { [$0.0, 1 - $0.1] })]
        part.materialRanges = [SourcePart.MaterialRange(firstTriangle: 0, triangleCount: 2, material: material)]
        return part
    }
}

private func large<Element: BitwiseCopyable>(_ values: [Element]) throws -> LargeArray<Element> {
    let array = LargeArray<Element>()
    try array.reserve(values.count)
    for value in values { try array.append(value) }
    return array
}

/// A cube of `size`² squares a side, blown up to a ball with bumps and noise; closed, counter-clockwise from outside.
struct Ball {
    private var positions: [Float] = []
    private var indices: [UInt32] = []
    private var coordinates: [Float]?
    private var material: Int?

    init(_ size: Int, noise: Double = 0, radius: Double = 1, material: Int? = nil, seed: UInt64 = 1) {
        self.material = material
        var random = SeededGenerator(seed: seed)
        var numbers: [Int3: UInt32] = [:]
        func vertex(_ p: Int3) -> UInt32 {
            if let known = numbers[p] { return known }
            let number = UInt32(numbers.count)
            numbers[p] = number
            let n = normalized(Double3(p) * 2 / Double(size) - 1)
            let r = radius * (1 + 0.2 * n.x * n.y + (noise == 0 ? 0 : .random(in: -noise...noise, using: &random)))
            positions += [Float(n.x * r), Float(n.y * r), Float(n.z * r)]
            return number
        }
        let last = Int32(size)
        for side in 0..<6 {
            for square in 0..<size * size {
                func corner(_ du: Int32, _ dv: Int32) -> UInt32 {
                    var p = Int3()
                    p[side / 2] = side % 2 == 0 ? 0 : last
                    p[(side / 2 + 1) % 3] = Int32(square / size) + du
                    p[(side / 2 + 2) % 3] = Int32(square % size) + dv
                    return vertex(p)
                }
                let corners = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]
                indices += (side % 2 == 0 ? [0, 2, 1, 0, 3, 2] : [0, 1, 2, 0, 2, 3]).map { corners[$0] }
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
}

extension ViewState {
    /// From a distance, in metres, along a direction, looking at a place.
    static func at(
        _ target: Double3, from distance: Double, direction: Double3 = ViewState.homeDirection
    ) -> ViewState {
        let back = normalized(direction)
        let right = normalized(cross(Double3(0, 1, 0), back), fallback: Double3(1, 0, 0))
        return ViewState(
            eye: target + back * distance, orientation: quaternion(right: right, up: cross(back, right), back: back),
            projection: .perspective(tangent: 0.3), width: 1280, height: 720)
    }
}
