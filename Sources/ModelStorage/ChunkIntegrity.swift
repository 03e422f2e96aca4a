// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Synchronization

/// Which chunks of an archive were found intact since its file was last changed, and which damaged: each is hashed at its
/// first use, and again when somebody wrote to the file. Safe to use from any thread; two bits a chunk.
final class ChunkIntegrity: Sendable {
    private struct Findings {
        /// Of the file, when `isIntact` was found out; nil: nothing is known.
        var version: FileVersion?
        var isIntact: [UInt64]
        var isDamaged: [UInt64]
        var hasChanged = false
        var observer: (@Sendable (ArchiveEvent) -> Void)?
    }

    private let opened: FileVersion
    private let findings: Mutex<Findings>

    /// - Parameter opened: the file's version when its index was read.
    init(chunkCount: Int, opened: FileVersion) {
        self.opened = opened
        let empty = [UInt64](repeating: 0, count: (chunkCount + 63) / 64)
        findings = Mutex(Findings(version: opened, isIntact: empty, isDamaged: empty))
    }

    private static func place(_ chunk: Int) -> (word: Int, bit: UInt64) {
        (chunk / 64, UInt64(1) << UInt64(chunk % 64))
    }

    /// Whether bytes of a chunk that were read before the file was found to be `version` are those that were hashed.
    func isKnownIntact(_ chunk: Int, in version: FileVersion?) -> Bool {
        let (word, bit) = ChunkIntegrity.place(chunk)
        let (isKnown, hasChanged) = findings.withLock { findings in
            if let version, version == findings.version { return (findings.isIntact[word] & bit != 0, false) }
            // Nothing that was found out before counts any more.
            findings.version = version
            for word in findings.isIntact.indices { findings.isIntact[word] = 0 }
            return (false, version.map { $0.differsInContent(from: opened) } ?? true)
        }
        if hasChanged { changed() }
        return isKnown
    }

    /// Notes that a chunk's bytes have its hash.
    ///
    /// - Parameter version: of the file after they were read.
    func foundIntact(_ chunk: Int, in version: FileVersion?) {
        // A file that was written a moment ago may be written again without looking any different.
        guard let version, version.isSettled else { return }
        let (word, bit) = ChunkIntegrity.place(chunk)
        findings.withLock {
            if $0.version == version { $0.isIntact[word] |= bit }
        }
    }

    /// Notes that a chunk's bytes do not have its hash.
    func foundDamaged(_ chunk: Int) {
        let (word, bit) = ChunkIntegrity.place(chunk)
        let observer: (@Sendable (ArchiveEvent) -> Void)? = findings.withLock {
            let isNew = $0.isDamaged[word] & bit == 0
            $0.isDamaged[word] |= bit
            return isNew ? $0.observer : nil
        }
        observer?(.damagedChunk(chunk))
    }

    /// Notes that the file is not what it was at opening.
    func changed() {
        let observer: (@Sendable (ArchiveEvent) -> Void)? = findings.withLock {
            if $0.hasChanged { return nil }
            $0.hasChanged = true
            return $0.observer
        }
        observer?(.changedFile)
    }

    /// What happens is told to `observer` from now on, and at once what has happened before.
    func observe(_ observer: @escaping @Sendable (ArchiveEvent) -> Void) {
        let (damaged, hasChanged) = findings.withLock { findings in
            findings.observer = observer
            return (findings.isDamaged, findings.hasChanged)
        }
        for chunk in 0..<64 * damaged.count {
            let (word, bit) = ChunkIntegrity.place(chunk)
            if damaged[word] & bit != 0 { observer(.damagedChunk(chunk)) }
        }
        if hasChanged { observer(.changedFile) }
    }

    /// How many chunks were found damaged so far.
    var damagedCount: Int { findings.withLock { $0.isDamaged.reduce(0) { $0 + $1.nonzeroBitCount } } }

    var hasChanged: Bool { findings.withLock { $0.hasChanged } }
}

/// What is found out about an archive while it is open; each once.
package enum ArchiveEvent: Equatable, Sendable {
    /// A chunk's bytes do not have the hash that the index says.
    case damagedChunk(Int)
    /// Another program has written to the file, or cut it. Chunks that are still what they were can still be read.
    case changedFile
}
