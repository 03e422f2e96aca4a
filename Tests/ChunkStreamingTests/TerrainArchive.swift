// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import TestSupport

@testable import ChunkStreaming

/// A made-up terrain as an archive: a square of 1024 m cut into four, again and again, without real meshes. Quick to
/// make in any size; chunk 0 is the sector, chunk `n + 1` node `n`.
struct TerrainArchive: Sendable {
    private let folder: KeptFolder
    let archive: Archive
    let plan: StreamPlan

    static let size = 1024.0

    /// - Parameters:
    ///   - depth: of the quadtree; (4^depth - 1) / 3 nodes.
    ///   - byteCount: of each node's payload.
    init(depth: Int, byteCount: Int = 8000) throws {
        var index = TilesetIndex()
        folder = KeptFolder()
        let path = folder.folder.file("terrain.vantage")
        let writer = try ArchiveWriter(path: path)
        let bounds = Bounds(minimum: .zero, maximum: Double3(Self.size, 1, Self.size))
        try writer.append(Self.sectorChunk(bounds), kind: .sector)
        var first = 0
        for level in 0..<depth {
            let cells = 1 << level
            let next = first + cells * cells
            for number in 0..<cells * cells {
                let (x, z) = (number % cells, number / cells)
                var record = Self.node(level: level, x: x, z: z, depth: depth, chunk: writer.chunks.count)
                record.byteCount = UInt32(byteCount)
                if level > 0 {
                    record.parents = [UInt32(first - cells * cells / 4 + z / 2 * (cells / 2) + x / 2)]
                }
                if level + 1 < depth {
                    let corner = next + 2 * z * 2 * cells + 2 * x
                    record.children = [corner, corner + 1, corner + 2 * cells, corner + 2 * cells + 1].map {
                        UInt32($0)
                    }
                }
                index.nodes.append(record)
                try writer.append(Self.payload(record, byteCount), kind: .nodes)
            }
            first = next
        }
        index.geometries = [
            GeometryRecord(
                firstNode: 0, nodeCount: UInt32(index.nodes.count), grid: Grid(step: 1), layout: VertexLayout(),
                coordinateStep: 1, triangleCount: 0, materials: [0], isProxy: false, border: 0)
        ]
        index.sectors = [
            SectorRecord(
                parent: nil, children: [], bounds: bounds, chunk: 0, instanceCount: 1, proxyNode: nil, proxyError: 0,
                triangleCount: 0)
        ]
        var description = ModelDescription()
        description.materials = [Material()]
        description.tree.names = ["terrain"]
        description.tree.parents = [-1]
        try writer.finish(index: index, description: description, bounds: bounds)
        try writer.commit()
        archive = try Archive(path: path)
        plan = try StreamPlan(archive: archive)
    }

    private static func node(level: Int, x: Int, z: Int, depth: Int, chunk: Int) -> NodeRecord {
        let side = Int32(size) >> Int32(level)
        // What showing the next coarser version does wrong: a hundredth of its side.
        let error = level == 0 ? Float.infinity : Float(side) * 0.02
        return NodeRecord(
            geometry: 0, chunk: UInt32(chunk), offset: 0, byteCount: 0, level: UInt8(depth - 1 - level),
            triangleCount: 4096, vertexCount: 2100, error: error, rmsError: 0,
            origin: Int3(Int32(x) * side, 0, Int32(z) * side), extent: Int3(side, 1, side), parents: [], children: [])
    }

    /// Only the facing shares are read: all of the terrain faces upwards.
    private static func payload(_ record: NodeRecord, _ byteCount: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes[55] = 255
        // Chunks of different content have different names.
        for byte in 0..<4 { bytes[60 + byte] = UInt8(truncatingIfNeeded: record.chunk >> UInt32(8 * byte)) }
        return bytes
    }

    private static func sectorChunk(_ bounds: Bounds) -> [UInt8] {
        var writer = ByteWriter()
        SectorHeader(
            sector: 0, parent: nil, children: [], bounds: bounds, proxyNode: nil, proxyError: 0, instanceCount: 1
        ).write(to: &writer)
        let table = InstanceTable.encode([Instance(geometry: 0, treeNode: 0, transform: .identity)])
        writer.write(UInt32(table.count))
        writer.write(contentsOf: TestImage.zlib(table))
        return writer.bytes
    }
}

extension ViewState {
    /// Looks from above, a bit ahead, at a place on the terrain.
    static func over(_ x: Double, _ z: Double, height: Double, width: Double = 1280, pixels: Double = 720) -> ViewState
    {
        // Down and along -z, half a right angle each.
        let half = 0.5.squareRoot()
        let back = Double3(0, half, half)
        let right = Double3(1, 0, 0)
        return ViewState(
            eye: Double3(x, height, z), orientation: quaternion(right: right, up: cross(back, right), back: back),
            projection: .perspective(tangent: 0.4), width: width, height: pixels)
    }
}
