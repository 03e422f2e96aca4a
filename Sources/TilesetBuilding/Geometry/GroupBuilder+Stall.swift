// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore

/// What to try when a group hardly shrinks: drop dust, then soften edges that only shading knows, then merge loose
/// pieces without regard to topology. Places shared with other groups never move in any of them.
extension GroupBuilder {
    func retry(
        _ local: GroupMesh, _ positions: [Float], _ locked: [UInt32], _ targetCount: Int,
        after first: Simplification.Result
    ) -> Simplification.Result {
        var best = first
        let softened = softenEdges(local, local.indices)
        if softened != local.indices {
            let result = Simplification.simplify(
                indices: softened, positions: positions, locked: locked, targetIndexCount: targetCount)
            if result.indices.count < best.indices.count {
                best = result
            }
        }
        if !isAccepted(best.indices, local) {
            best = dropDust(local, positions, locked, targetCount, best)
        }
        if !isAccepted(best.indices, local) {
            best = mergeLoosePieces(local, positions, locked, targetCount, best)
        }
        return best
    }

    /// Lets vertices at one place that differ in nothing but their normal, by less than 60°, be one, where no other
    /// group can see it.
    private func softenEdges(_ local: GroupMesh, _ indices: [UInt32]) -> [UInt32] {
        guard mesh.format.hasNormalWord, !mesh.placesAreVertices else { return indices }
        var first: [UInt32: [UInt32]] = [:]
        var replacement = (0..<UInt32(local.vertices.count)).map { $0 }
        for vertex in 0..<UInt32(local.vertices.count) {
            let place = mesh.place(local.vertices[Int(vertex)])
            if partition.isShared[Int(place)] { continue }
            let others = first[place, default: []]
            if let twin = others.first(where: { differOnlyInNormal(local, $0, vertex) }) {
                replacement[Int(vertex)] = twin
            } else {
                first[place, default: []].append(vertex)
            }
        }
        return indices.map { replacement[Int($0)] }
    }

    private func differOnlyInNormal(_ local: GroupMesh, _ a: UInt32, _ b: UInt32) -> Bool {
        let format = mesh.format
        let firstA = Int(local.vertices[Int(a)]) * format.count
        let firstB = Int(local.vertices[Int(b)]) * format.count
        for word in 0..<format.count where word != format.normal {
            if mesh.words[firstA + word] != mesh.words[firstB + word] { return false }
        }
        if format.layout.normals == .computed { return true }
        let normalA = OctahedralNormal.decode(mesh.words[firstA + format.normal])
        let normalB = OctahedralNormal.decode(mesh.words[firstB + format.normal])
        return dot(normalA, normalB) > 0.5
    }

    /// Removes connected pieces too small to matter at the error this level is heading for: without it, dust stays for
    /// ever and becomes the entire coarse level.
    private func dropDust(
        _ local: GroupMesh, _ positions: [Float], _ locked: [UInt32], _ targetCount: Int,
        _ result: Simplification.Result
    ) -> Simplification.Result {
        let pieces = ConnectedPieces(result.indices, vertexCount: local.vertices.count, places: places(local))
        let sizes = pieces.diameters(positions)
        let isAnchored = anchored(pieces, locked)
        // Smallest first, until the target is met; the error grows to the largest piece dropped.
        let limit = max(4 * result.error, GroupBuilder.dustShare * (sizes.max() ?? 0))
        let candidates = sizes.indices.filter { !isAnchored[$0] && sizes[$0] <= limit }
            .sorted { (sizes[$0], $0) < (sizes[$1], $1) }
        var dropped = Set<Int>()
        var remaining = result.indices.count
        var error = result.error
        for piece in candidates {
            if remaining <= targetCount { break }
            dropped.insert(piece)
            remaining -= 3 * pieces.triangleCounts[piece]
            error = max(error, sizes[piece])
        }
        if dropped.isEmpty { return result }
        var kept: [UInt32] = []
        for first in stride(from: 0, to: result.indices.count, by: 3)
        where !dropped.contains(pieces.pieceOfTriangle[first / 3]) {
            kept.append(contentsOf: result.indices[first..<first + 3])
        }
        return Simplification.Result(indices: kept, error: error)
    }

    /// Pieces up to this share of the largest one's size are dust.
    private static let dustShare: Float = 1 / 64

    /// Clusters the pieces that touch no shared place, which meshoptimizer's sloppy simplifier may tear and merge.
    private func mergeLoosePieces(
        _ local: GroupMesh, _ positions: [Float], _ locked: [UInt32], _ targetCount: Int,
        _ result: Simplification.Result
    ) -> Simplification.Result {
        let pieces = ConnectedPieces(result.indices, vertexCount: local.vertices.count, places: places(local))
        let isAnchored = anchored(pieces, locked)
        var loose: [UInt32] = []
        var kept: [UInt32] = []
        for first in stride(from: 0, to: result.indices.count, by: 3) {
            let corners = result.indices[first..<first + 3]
            if isAnchored[pieces.pieceOfTriangle[first / 3]] {
                kept.append(contentsOf: corners)
            } else {
                loose.append(contentsOf: corners)
            }
        }
        guard loose.count >= 12 else { return result }
        let merged = Simplification.simplifySloppy(
            indices: loose, positions: positions, targetIndexCount: max(12, targetCount - kept.count))
        guard merged.indices.count < loose.count, !merged.indices.isEmpty,
            openEdgeCount(merged.indices, local) <= openEdgeCount(loose, local)
        else { return result }
        return Simplification.Result(indices: kept + merged.indices, error: max(result.error, 2 * merged.error))
    }

    /// Edges between places that triangles do not run equally often both ways.
    private func openEdgeCount(_ indices: [UInt32], _ local: GroupMesh) -> Int {
        var balance: [SIMD2<UInt32>: Int] = [:]
        for first in stride(from: 0, to: indices.count, by: 3) {
            for corner in 0..<3 {
                let a = mesh.place(local.vertices[Int(indices[first + corner])])
                let b = mesh.place(local.vertices[Int(indices[first + (corner + 1) % 3])])
                if a != b { balance[SIMD2(min(a, b), max(a, b)), default: 0] += a < b ? 1 : -1 }
            }
        }
        return balance.values.count { $0 != 0 }
    }

    private func places(_ local: GroupMesh) -> [UInt32] { local.vertices.map { mesh.place($0) } }

    private func anchored(_ pieces: ConnectedPieces, _ locked: [UInt32]) -> [Bool] {
        var isAnchored = [Bool](repeating: false, count: pieces.count)
        for vertex in locked {
            if let piece = pieces.pieceOfVertex[Int(vertex)] { isAnchored[piece] = true }
        }
        return isAnchored
    }
}

/// The pieces of a mesh that hang together through common places.
struct ConnectedPieces {
    private(set) var count = 0
    private(set) var pieceOfTriangle: [Int] = []
    /// Nil for a vertex that no triangle uses.
    private(set) var pieceOfVertex: [Int?]
    private(set) var triangleCounts: [Int] = []

    /// - Parameter places: per vertex; vertices with the same place are one.
    init(_ indices: [UInt32], vertexCount: Int, places: [UInt32]) {
        var representative: [UInt32: Int] = [:]
        var parent = Array(0..<vertexCount)
        for vertex in 0..<vertexCount {
            if let first = representative[places[vertex]] {
                parent[vertex] = first
            } else {
                representative[places[vertex]] = vertex
            }
        }
        func find(_ vertex: Int) -> Int {
            var root = vertex
            while parent[root] != root { root = parent[root] }
            var walker = vertex
            while parent[walker] != root { (parent[walker], walker) = (root, parent[walker]) }
            return root
        }
        for first in stride(from: 0, to: indices.count, by: 3) {
            let root = find(Int(indices[first]))
            parent[find(Int(indices[first + 1]))] = root
            parent[find(Int(indices[first + 2]))] = find(root)
        }
        var pieceOfRoot: [Int: Int] = [:]
        pieceOfVertex = Array(repeating: nil, count: vertexCount)
        for first in stride(from: 0, to: indices.count, by: 3) {
            let root = find(Int(indices[first]))
            let piece = pieceOfRoot[root] ?? pieceOfRoot.count
            pieceOfRoot[root] = piece
            if piece == triangleCounts.count { triangleCounts.append(0) }
            triangleCounts[piece] += 1
            pieceOfTriangle.append(piece)
        }
        for vertex in 0..<vertexCount { pieceOfVertex[vertex] = pieceOfRoot[find(vertex)] }
        count = triangleCounts.count
    }

    /// Diagonal of each piece's box.
    func diameters(_ positions: [Float]) -> [Float] {
        var low = [Float3](repeating: Float3(repeating: .infinity), count: count)
        var high = [Float3](repeating: Float3(repeating: -.infinity), count: count)
        for (vertex, piece) in pieceOfVertex.enumerated() {
            guard let piece else { continue }
            let point = Float3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2])
            low[piece] = pointwiseMin(low[piece], point)
            high[piece] = pointwiseMax(high[piece], point)
        }
        return (0..<count).map { length(high[$0] - low[$0]) }
    }
}
