// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import ModelStorage
import StreamCore

/// About the fewest bytes of whole chunks that show a view right: what is left of them is the order's to save, the rest
/// of the way to `SurfaceLimit` is what the archive's chunks cost (the parts of them that are not seen, and what they
/// depend on).
enum LeastChunks {
    /// Nodes are taken by the pixels that they show in the finest picture of the threshold, until they cover `share` of
    /// it, with all that they depend on. Greedy, so an order may be a little better. What shows an assembly meanwhile
    /// (tables, stand-ins, parts behind others) is not counted, nor are textures.
    ///
    /// - Throws: `ChunkError` or `NodeCodingError` when a chunk is damaged.
    static func byteCount(of archive: Archive, view: ViewState, share: Double, threshold: Double) throws -> Int {
        let cut = try HeldCut(archive, view: view, threshold: threshold, isHeld: { _ in true }) {
            sector throws(ChunkError) in try archive.instances(inSector: sector)
        }
        var picture = ViewPicture(archive, view: view)
        var meshes = MeshCache()
        for (number, drawn) in cut.drawn.enumerated() { try picture.draw(drawn, number: number, meshes: &meshes) }
        var pixels: [Int: Int] = [:]
        for id in picture.rasterizer.ids where id != .max { pixels[picture.source(of: id).node, default: 0] += 1 }
        let chunks = chunks(of: largest(pixels, share: share), archive.index)
        return chunks.reduce(0) { $0 + Int(archive.index.chunks[Int($1)].byteCount) }
    }

    private static func largest(_ pixels: [Int: Int], share: Double) -> [Int] {
        let needed = share * Double(pixels.values.reduce(0, +))
        var covered = 0
        var result: [Int] = []
        for (node, count) in pixels.sorted(by: { ($0.value, $1.key) > ($1.value, $0.key) })
        where Double(covered) < needed {
            result.append(node)
            covered += count
        }
        return result
    }

    /// The chunks of nodes and of all that these depend on.
    private static func chunks(of nodes: [Int], _ index: TilesetIndex) -> Set<UInt32> {
        var known = Set(nodes)
        var open = nodes
        while let node = open.popLast() {
            for parent in index.nodes[node].parents where known.insert(Int(parent)).inserted {
                open.append(Int(parent))
            }
        }
        return Set(known.map { index.nodes[$0].chunk })
    }
}
