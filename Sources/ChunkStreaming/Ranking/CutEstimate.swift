// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What drawing a view costs a viewer that has nothing yet.
package struct CutEstimate: Equatable, Sendable {
    /// Of all chunks that the view needs at its threshold.
    package var byteCount = 0
    /// On the viewer's GPU.
    package var gpuByteCount = 0
    /// Drawn in one picture, over all instances; about a tenth more than what is in fact drawn.
    package var triangleCount = 0

    package init(byteCount: Int = 0, gpuByteCount: Int = 0, triangleCount: Int = 0) {
        self.byteCount = byteCount
        self.gpuByteCount = gpuByteCount
        self.triangleCount = triangleCount
    }
}

extension StreamPlan {
    /// Of each finer node's triangles, those that are not drawn because still finer ones take their place.
    private static let replacedShare = 0.25
    /// Sectors lie within each other at most so deep; what is deeper is left out.
    private static let depthLimit = 24

    /// Estimates what a view costs with errors of at most `threshold` pixels, with the ranking that decides what is sent.
    /// O(nodes and instances in view) for each level of sectors: a millisecond or less for scans, some for assemblies.
    package func estimate(_ view: ViewState, threshold: Float, using scratch: inout RankingScratch) -> CutEstimate {
        var query = RankingQuery(
            camera: RankingCamera(view, origin: origin, margin: 0), threshold: threshold,
            held: BitSet(count: chunkCount), stored: BitSet(count: chunkCount))
        query.skipsProxies = true
        var result = CutEstimate()
        // What is in a sector is wanted only when its own chunk is there.
        for _ in 0..<StreamPlan.depthLimit {
            ChunkRanking(plan: self, query: query).run(&scratch)
            if scratch.candidates.isEmpty { break }
            for chunk in scratch.candidates {
                query.held.insert(Int(chunk))
                result.byteCount += Int(chunks[Int(chunk)].byteCount)
                result.gpuByteCount += Int(chunks[Int(chunk)].gpuByteCount)
            }
        }
        query.measuresHeld = true
        ChunkRanking(plan: self, query: query).run(&scratch)
        result.triangleCount = Int(scratch.triangleCount)
        return result
    }

    /// The first picture.
    package var coarsest: CutEstimate {
        var result = CutEstimate()
        for chunk in firstPicture {
            result.byteCount += Int(chunks[chunk].byteCount)
            result.gpuByteCount += Int(chunks[chunk].gpuByteCount)
            for node in chunkNodes[chunk] { result.triangleCount += Int(nodes[Int(node)].triangleCount) }
        }
        return result
    }

    /// Triangles that a node adds to a picture.
    @inline(__always)
    func drawnTriangleCount(_ node: Int) -> Double {
        let count = Double(nodes[node].triangleCount)
        return parents.range(node).isEmpty ? count : count * (1 - StreamPlan.replacedShare)
    }
}
