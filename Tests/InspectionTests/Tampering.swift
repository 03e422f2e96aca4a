// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import Foundation
import ModelImport
import ModelStorage
import StreamCore
import TilesetBuilding

/// A folder of its own for one test's archives; removed with it.
final class Workshop {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "vantage-inspection-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func build(_ model: SourceModel) throws -> Archive {
        var options = BuildOptions(threads: 2, spill: SpillPolicy(directory: path))
        options.hasThumbnail = false
        _ = try TilesetBuilder(options: options).build(model, sourceByteCount: 0, to: path + "/model")
        return try Archive(path: path + "/model")
    }

    /// Writes a well-formed archive, every hash right, whose nodes and index differ as the closures say.
    ///
    /// - Parameter nodes: changes a node's header and mesh; the header's counts follow the mesh by themselves.
    func tampered(
        _ archive: Archive, nodes: (Int, inout NodeHeader, inout NodeMesh) -> Void = { _, _, _ in },
        index change: (inout TilesetIndex) -> Void = { _ in }
    ) throws -> Archive {
        let writer = try ArchiveWriter(path: path + "/tampered")
        var index = archive.index
        for chunk in index.chunks.indices {
            let members = index.nodes.indices.filter { Int(index.nodes[$0].chunk) == chunk }
                .sorted { index.nodes[$0].offset < index.nodes[$1].offset }
            var bytes: [UInt8] = members.isEmpty ? try archive.chunkBytes(chunk) : []
            for node in members {
                var (header, mesh) = try archive.decodeNode(node)
                nodes(node, &header, &mesh)
                let body = NodeCoding.encodeBody(mesh, preferring: .plain)
                let box = mesh.box
                header.codec = body.codec
                (header.vertexCount, header.triangleCount) = (UInt32(body.vertexCount), UInt32(mesh.triangleCount))
                (header.origin, header.extent) = (box.minimum, box.maximum &- box.minimum)
                let payload = NodeCoding.payload(header: header, body: body.bytes.rawSpan)
                index.nodes[node].offset = UInt32(bytes.count)
                index.nodes[node].byteCount = UInt32(payload.count)
                index.nodes[node].vertexCount = header.vertexCount
                index.nodes[node].triangleCount = header.triangleCount
                (index.nodes[node].origin, index.nodes[node].extent) = (header.origin, header.extent)
                bytes += payload
            }
            try writer.append(bytes, kind: archive.index.chunks[chunk].kind)
        }
        change(&index)
        try writer.finish(index: index, description: archive.description, bounds: archive.bounds)
        try writer.commit()
        return try Archive(path: path + "/tampered")
    }
}

extension NodeMesh {
    /// A vertex on the rim of the node's surface, which other nodes share.
    var rimVertex: Int? {
        var balance: [SIMD2<UInt32>: Int] = [:]
        for first in stride(from: 0, to: indices.count, by: 3) {
            for corner in 0..<3 {
                let (a, b) = (indices[first + corner], indices[first + (corner + 1) % 3])
                balance[SIMD2(min(a, b), max(a, b)), default: 0] += a < b ? 1 : -1
            }
        }
        return balance.filter { $0.value != 0 }.keys.map { Int($0.x) }.min()
    }

    /// Removes a triangle whose vertices others use too, and whose range has more; returns the range.
    mutating func removeTriangle() -> Int? {
        var uses = [Int](repeating: 0, count: vertexCount)
        for index in indices { uses[Int(index)] += 1 }
        var triangle = 0
        for (range, count) in rangeTriangleCounts.enumerated() {
            for _ in 0..<count {
                if count > 1, indices[3 * triangle..<3 * triangle + 3].allSatisfy({ uses[Int($0)] > 1 }) {
                    indices.removeSubrange(3 * triangle..<3 * triangle + 3)
                    rangeTriangleCounts[range] -= 1
                    return range
                }
                triangle += 1
            }
        }
        return nil
    }
}
