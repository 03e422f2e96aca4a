// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ChunkStreaming
import ModelStorage
import StreamCore

/// The triangles of a node that no finer node replaces.
struct PickMesh {
    /// On the geometry's grid.
    var positions: [Int32]
    var indices: [UInt32]
    /// The ranges that are final: their triangles in `indices`, their material of the model, and whether that is masked.
    var ranges: [(triangles: Range<Int>, material: UInt32, isMasked: Bool)]
    /// What decides where masked triangles have holes; nil where none are masked.
    var surface: PickSurface?

    var byteCount: Int { 4 * (positions.count + indices.count) + 24 * ranges.count + (surface?.byteCount ?? 0) }

    /// - Parameters:
    ///   - materials: of the geometry.
    ///   - coordinateStep: of its texture coordinates.
    ///   - isMasked: of a material of the model.
    init(
        header: NodeHeader, mesh: NodeMesh, materials: [UInt32], coordinateStep: Double, isMasked: (UInt32) -> Bool
    ) {
        positions = mesh.positions
        indices = mesh.indices
        ranges = []
        var first = 0
        for range in header.ranges {
            let end = first + Int(range.triangleCount)
            if range.child == nil {
                let number = Int(range.material)
                let material = number < materials.count ? materials[number] : Draw.noMaterial
                ranges.append((first..<end, material, isMasked(material)))
            }
            first = end
        }
        if ranges.contains(where: \.isMasked) { surface = PickSurface(mesh, coordinateStep: coordinateStep) }
    }
}

/// Decoded nodes, the latest used ones, up to a number of bytes.
struct PickCache {
    private struct Entry {
        var mesh: PickMesh
        var time: Int
    }

    private let archive: Archive
    private let byteLimit: Int
    private var entries: [Int: Entry] = [:]
    private var byteCount = 0
    /// Counts uses.
    private var time = 0

    init(archive: Archive, byteLimit: Int) {
        self.archive = archive
        self.byteLimit = byteLimit
    }

    /// Whether asking for a node costs no decoding.
    func contains(_ node: Int) -> Bool { entries[node] != nil }

    /// - Throws: `damaged`.
    mutating func mesh(ofNode node: Int) throws(PickingError) -> PickMesh {
        time += 1
        if let known = entries[node]?.mesh {
            entries[node]?.time = time
            return known
        }
        let record = archive.index.nodes[node]
        let geometry = archive.index.geometries[Int(record.geometry)]
        let mesh: PickMesh
        do throws(NodeCodingError) {
            let (header, decoded) = try archive.decodeNode(node)
            let materials = archive.description.materials
            mesh = PickMesh(
                header: header, mesh: decoded, materials: geometry.materials, coordinateStep: geometry.coordinateStep
            ) { $0 < materials.count && materials[Int($0)].alphaMode == .mask }
        } catch {
            throw .damaged("node \(node): \(error)")
        }
        entries[node] = Entry(mesh: mesh, time: time)
        byteCount += mesh.byteCount
        shrink()
        return mesh
    }

    /// Whether any of a node's triangles are final, from its header.
    ///
    /// - Throws: `damaged`.
    mutating func hasFinalTriangles(_ node: Int) throws(PickingError) -> Bool {
        let record = archive.index.nodes[node]
        if record.children.isEmpty { return record.triangleCount > 0 }
        do throws(ChunkError) {
            let start = Int(record.offset)
            let payload = try archive.chunkBytes(Int(record.chunk), in: start..<start + Int(record.byteCount))
            var reader = ByteReader(payload.rawSpan)
            let header = try NodeHeader(from: &reader)
            return header.ranges.contains { $0.child == nil && $0.triangleCount > 0 }
        } catch {
            throw .damaged("node \(node): \(error)")
        }
    }

    /// Forgets what was not used for longest, but never the latest.
    private mutating func shrink() {
        guard byteCount > byteLimit else { return }
        // Down to three quarters, so that this is rare.
        for (node, entry) in entries.sorted(by: { $0.value.time < $1.value.time }) {
            if byteCount <= byteLimit / 4 * 3 || entries.count == 1 { return }
            byteCount -= entry.mesh.byteCount
            entries[node] = nil
        }
    }
}
