// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import Synchronization
import Transport

/// Reads chunks for viewers. Bytes that are still on their way to one viewer are lent to the next, so that a hundred
/// viewers who begin at once share the first chunks; nothing is kept beyond that. Safe to use from any thread.
final class ChunkLending: Sendable {
    private struct Loan {
        weak var bytes: SharedBytes?
    }

    private struct State {
        var loans: [Int: Loan] = [:]
        /// With so many it is time to forget those that have ended.
        var sweepCount = 64
    }

    private let archive: Archive
    private let state = Mutex(State())

    init(_ archive: Archive) { self.archive = archive }

    /// The chunk's bytes, which have its hash. Blocks while they are read.
    ///
    /// - Throws: as `Archive.chunkBytes`.
    func bytes(of chunk: Int) throws(ChunkError) -> SharedBytes {
        if let known = state.withLock({ $0.loans[chunk]?.bytes }) { return known }
        let bytes = SharedBytes(try archive.chunkBytes(chunk))
        state.withLock { state in
            state.loans[chunk] = Loan(bytes: bytes)
            guard state.loans.count >= state.sweepCount else { return }
            state.loans = state.loans.filter { $0.value.bytes != nil }
            state.sweepCount = max(64, 2 * state.loans.count)
        }
        return bytes
    }
}
