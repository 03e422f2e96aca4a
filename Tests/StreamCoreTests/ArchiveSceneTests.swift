// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import ModelStorage
import TestSupport
import Testing
import TilesetBuilding

@testable import StreamCore

/// What a server would send of an archive.
private func sceneModel(of archive: Archive) throws -> SceneModel {
    var model = SceneModel()
    for (number, geometry) in archive.index.geometries.enumerated() {
        let nodes = archive.index.nodes[geometry.nodes]
        let low = nodes.reduce(Int3(repeating: .max)) { pointwiseMin($0, $1.origin) }
        let high = nodes.reduce(Int3(repeating: .min)) { pointwiseMax($0, $1.origin &+ $1.extent) }
        model.geometries.append(
            Wire.Geometry(
                geometry: UInt32(number), gridStep: geometry.grid.step, layout: geometry.layout.byte,
                coordinateStep: geometry.coordinateStep, isProxy: geometry.isProxy, boxOrigin: low,
                boxExtent: high &- low, materials: geometry.materials))
    }
    for number in archive.index.sectors.indices {
        let bytes = try archive.chunkBytes(Int(archive.index.sectors[number].chunk))
        var reader = ByteReader(bytes.rawSpan)
        model.sectors.append((try SectorHeader(from: &reader), try archive.instances(inSector: number)))
    }
    for record in archive.index.nodes {
        let bytes = try archive.chunkBytes(Int(record.chunk))
        let start = Int(record.offset)
        let payload = Array(bytes[start..<start + Int(record.byteCount)])
        var reader = ByteReader(payload.rawSpan)
        let header = try NodeHeader(from: &reader)
        model.nodes.append(
            SceneModel.Node(header: header, chunk: record.chunk, gpuByteCount: 12 * header.vertexCount))
    }
    return model
}

/// A bumpy ball of 12 `size`² triangles.
private func stone(_ size: Int, seed: UInt64) throws -> SourcePart {
    var random = SeededGenerator(seed: seed)
    let positions = LargeArray<Float>()
    let indices = LargeArray<UInt32>()
    var numbers: [Int3: UInt32] = [:]
    func vertex(_ p: Int3) throws -> UInt32 {
        if let known = numbers[p] { return known }
        let number = UInt32(numbers.count)
        numbers[p] = number
        let direction = normalized(Double3(p) * 2 / Double(size) - 1)
        let point = direction * (1 + 0.3 * direction.x * direction.y + .random(in: -0.004...0.004, using: &random))
        for axis in 0..<3 { try positions.append(Float(point[axis])) }
        return number
    }
    let last = Int32(size)
    for side in 0..<6 {
        let axis = side / 2
        for square in 0..<size * size {
            func corner(_ du: Int32, _ dv: Int32) throws -> UInt32 {
                var p = Int3()
                p[axis] = side % 2 == 0 ? 0 : last
                p[(axis + 1) % 3] = Int32(square / size) + du
                p[(axis + 2) % 3] = Int32(square % size) + dv
                return try vertex(p)
            }
            let corners = [try corner(0, 0), try corner(1, 0), try corner(1, 1), try corner(0, 1)]
            for index in side % 2 == 0 ? [0, 2, 1, 0, 3, 2] : [0, 1, 2, 0, 2, 3] { try indices.append(corners[index]) }
        }
    }
    var part = SourcePart(name: "stone", positions: positions)
    part.indices = indices
    part.materialRanges = [
        SourcePart.MaterialRange(firstTriangle: 0, triangleCount: 12 * size * size, material: nil)
    ]
    return part
}

@Suite("An archive, as a scene") struct ArchiveSceneTests {
    /// Builds an archive of one large stone and many small ones, and hands over what a server would send of it.
    private static func model(_ folder: TemporaryFolder) throws -> (SceneModel, triangleCount: Int) {
        var source = SourceModel()
        source.name = "stones"
        source.format = "made in code"
        source.parts = [try stone(60, seed: 1), try stone(4, seed: 2), try stone(12, seed: 3)]
        for number in 0..<1500 {
            source.nodes.append(SourceNode(name: "stone \(number)", parent: nil))
            let place = Double3(Double(number % 40) * 3, 0, Double(number / 40) * 3)
            let part = number == 0 ? 0 : 1 + number % 2
            let transform = AffineTransform.translation(place) * .scale(Double3(repeating: number == 0 ? 20 : 1))
            source.instances.append(SourceInstance(part: part, node: number, transform: transform))
        }
        var options = BuildOptions(threads: 2, spill: SpillPolicy(directory: folder.path))
        options.hasThumbnail = false
        let path = folder.path + "/stones.vantage"
        _ = try TilesetBuilder(options: options).build(source, sourceByteCount: 0, to: path)
        let archive = try Archive(path: path)
        return (try sceneModel(of: archive), archive.triangleCount)
    }

    @Test("is drawn whole whatever has arrived, from anywhere, and in the end is the source") func randomOrder() throws
    {
        let folder = TemporaryFolder()
        let (model, triangleCount) = try Self.model(folder)
        var maker = SceneModelMaker(seed: 61)
        var scene = ResidentScene()
        scene.setLimits(gpuByteCount: 1 << 40, triangleCount: 1 << 40)
        for geometry in model.geometries { try scene.addGeometry(geometry) }
        for sector in maker.shuffled(model.sectors) { try scene.addSector(sector.header, instances: sector.instances) }
        for (number, node) in maker.shuffled(model.nodes).enumerated() {
            try scene.add(node)
            if number % 5 == 0 { expectSound(&scene, maker.view(of: model.bounds), "\(number) nodes") }
        }
        for threshold in [0.1, 1, 4] { expectSound(&scene, maker.view(of: model.bounds), threshold: threshold) }
        var all = ViewState.home(of: model.bounds, width: 1280, height: 720)
        all.projection = .orthographic(halfHeight: model.bounds.diagonal)
        expectSound(&scene, all, threshold: 0.001)
        #expect(scene.statistics.triangleCount == Int64(triangleCount))
        #expect(scene.statistics.visibleInstanceCount == 1500 && scene.statistics.boxCount == 0)
    }
}
