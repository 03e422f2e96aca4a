// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ModelStorage
import StreamCore
import Synchronization

/// Which chunks of an archive have been found intact or damaged since it was opened: each is hashed once, at its first
/// use. Safe to use from any thread; two bits a chunk.
package final class ChunkIntegrity: Sendable {
    package enum Finding: Equatable, Sendable {
        case intact
        /// - Parameter isNew: true once for each chunk, so that it is reported once.
        case damaged(isNew: Bool)
    }

    private struct Findings {
        var isChecked: [UInt64]
        var isDamaged: [UInt64]
    }

    private let findings: Mutex<Findings>

    package init(chunkCount: Int) {
        let empty = [UInt64](repeating: 0, count: (chunkCount + 63) / 64)
        findings = Mutex(Findings(isChecked: empty, isDamaged: empty))
    }

    /// Hashes the chunk unless that has been done.
    package func check(_ chunk: Int, of archive: Archive) -> Finding {
        let (word, bit) = (chunk / 64, UInt64(1) << UInt64(chunk % 64))
        let known: Finding? = findings.withLock {
            if $0.isChecked[word] & bit == 0 { return nil }
            return $0.isDamaged[word] & bit == 0 ? .intact : .damaged(isNew: false)
        }
        if let known { return known }
        let isIntact = archive.hasIntactChunk(chunk)
        return findings.withLock {
            let isNew = $0.isChecked[word] & bit == 0
            $0.isChecked[word] |= bit
            if isIntact { return .intact }
            $0.isDamaged[word] |= bit
            return .damaged(isNew: isNew)
        }
    }

    /// How many chunks were found damaged so far.
    package var damagedCount: Int { findings.withLock { $0.isDamaged.reduce(0) { $0 + $1.nonzeroBitCount } } }
}
