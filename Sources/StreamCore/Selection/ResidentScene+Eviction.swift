// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension ResidentScene {
    /// Selections after which a chunk that is out of view is worth half.
    private static let agingTime: Float = 60

    /// Removes the chunks that are worth least when the GPU's memory is nearly full: above 95 %, down to 90 %. To be
    /// called after a selection; what it removed is not in the next one.
    ///
    /// Chunks with roots stay (so there is always something to draw), and so do those whose nodes have children that
    /// stay: every cut remains closed.
    ///
    /// - Parameter isSpared: whether a chunk leaves only after all others.
    /// - Returns: the chunks, to drop from the GPU after the next selection.
    package mutating func evict(sparing isSpared: (UInt32) -> Bool = { _ in false }) -> [UInt32] {
        var evicted: [UInt32] = []
        guard gpuByteCount >= gpuByteLimit / 100 * 95 else { return evicted }
        let target = gpuByteLimit / 100 * 90
        while gpuByteCount > target {
            let count = evicted.count
            for entry in evictableChunks(isSpared) where gpuByteCount > target {
                // Others that need not be spared may have become free.
                if entry.rank > 0, evicted.count > count { break }
                evicted.append(entry.chunk)
                removeChunk(entry.chunk)
            }
            // Removing children may have freed their parents.
            if evicted.count == count { break }
        }
        return evicted
    }

    /// A chunk that may go.
    private struct Evictable {
        /// 1 if it is spared.
        var rank: UInt8
        var worth: Float
        var chunk: UInt32
    }

    /// What is worth least comes first.
    private func evictableChunks(_ isSpared: (UInt32) -> Bool) -> [Evictable] {
        var result: [Evictable] = []
        for slot in chunks.indices where !chunks[slot].nodes.isEmpty && isEvictable(slot) {
            let chunk = chunks[slot].id
            result.append(Evictable(rank: isSpared(chunk) ? 1 : 0, worth: worth(of: slot), chunk: chunk))
        }
        result.sort { ($0.rank, $0.worth, $0.chunk) < ($1.rank, $1.worth, $1.chunk) }
        return result
    }

    private func isEvictable(_ chunk: Int) -> Bool {
        for slot in chunks[chunk].nodes {
            if nodes[Int(slot)].isRoot { return false }
            guard nodes[Int(slot)].childCount > 0 else { continue }
            for range in nodes[Int(slot)].ranges where range.childSlot >= 0 {
                if nodes[Int(range.childSlot)].chunk != Int32(chunk) { return false }
            }
        }
        return true
    }

    /// To all viewers together.
    private func worth(of chunk: Int) -> Float {
        var sum: Float = 0
        for slot in chunks[chunk].nodes {
            for viewer in viewers {
                let age = Float(viewer.time &- viewer.gains[Int(slot)].time)
                sum += viewer.gains[Int(slot)].value / (1 + age / ResidentScene.agingTime)
            }
        }
        return sum
    }
}
