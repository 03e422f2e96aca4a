// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Synchronization

/// Memory for rankings, lent to whoever ranks right now: as much as rankings run at the same time, whatever the number of
/// viewers.
final class ScratchPool: Sendable {
    private let free = Mutex<[RankingScratch]>([])

    func with<Result>(_ body: (inout RankingScratch) -> Result) -> Result {
        // Taken out of the pool, so that its arrays have one owner and are changed in place.
        var scratch = free.withLock { $0.popLast() } ?? RankingScratch()
        defer { free.withLock { $0.append(scratch) } }
        return body(&scratch)
    }
}
