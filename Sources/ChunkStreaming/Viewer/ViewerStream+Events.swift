// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Taking in what a viewer says.
extension ViewerStream {
    mutating func take(_ new: ViewUpdate, at now: Double) {
        guard new.isValid, update.map({ new.sequence > $0.sequence }) ?? true else {
            counts.ignoredNumberCount += 1
            return
        }
        if new.isMoving { lastMotionAt = now }
        let isSame = update.map { new.hasSamePicture(as: $0) } ?? false
        update = new
        if isSame { return }
        isRankingDue = true
        refusals = [:]
        prefetchedByteCount = 0
    }

    mutating func take(evicted chunks: [UInt32]) {
        for chunk in chunks where isChunk(chunk) && held.remove(Int(chunk)) {
            let bytes = Int(plan.chunks[Int(chunk)].gpuByteCount)
            gpuByteCount = max(0, gpuByteCount - bytes)
            if refusals.count < 4096 { refusals[chunk, default: 0] += 1 }
            missAgain()
        }
    }

    mutating func take(_ kind: ChunkHolding, _ ranges: [UInt32]) {
        for pair in 0..<ranges.count / 2 {
            let first = Int(ranges[2 * pair])
            let range = min(first, plan.chunkCount)..<min(first + Int(ranges[2 * pair + 1]), plan.chunkCount)
            if range.count != Int(ranges[2 * pair + 1]) { counts.ignoredNumberCount += 1 }
            switch kind {
            case .resident: held.formUnion(range)
            case .stored: stored.formUnion(range)
            }
        }
        if ranges.count % 2 != 0 { counts.ignoredNumberCount += 1 }
        isRankingDue = true
    }

    mutating func take(lost chunks: [UInt32]) {
        for chunk in chunks where isChunk(chunk) && stored.remove(Int(chunk)) {
            held.remove(Int(chunk))
            missAgain()
        }
    }

    mutating func take(limit: UInt64, count: UInt64) {
        gpuByteLimit = Int(clamping: min(limit, 1 << 60))
        gpuByteCount = Int(clamping: min(count, 1 << 60))
        // A change of room changes what may be sent.
        if !isComplete || largestMissingError > 0 { isRankingDue = true }
    }

    private mutating func missAgain() {
        isRankingDue = true
        isComplete = false
    }

    private mutating func isChunk(_ chunk: UInt32) -> Bool {
        if chunk < plan.chunkCount { return true }
        counts.ignoredNumberCount += 1
        return false
    }
}
