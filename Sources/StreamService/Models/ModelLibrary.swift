// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
package import Logging
import StreamCore
import Synchronization

/// Brings files into the models' folder: model files are converted once and found again by what they hold, archives are
/// verified and moved. Both happen in workers, processes of their own. For import threads: everything here blocks.
package final class ModelLibrary: Sendable {
    package let store: ModelStore
    let worker: ImportWorker
    private let log: Logger
    private let records: Mutex<SourceRecords>
    private let ownership: FolderOwnership

    package init(store: ModelStore, worker: ImportWorker, log: Logger) {
        self.store = store
        self.worker = worker
        self.log = log
        ownership = FolderOwnership(folder: store.folder)
        records = Mutex(SourceRecords(folder: store.folder))
    }

    /// Whether the folder is this process's own, so that anything may be put there.
    package var ownsFolder: Bool { ownership.isOwned }

    /// Makes the folder this process's own until `releaseFolder`, or its end.
    ///
    /// - Parameter patience: how long to wait for a holder that is just ending.
    package func takeFolder(patience: Duration = .zero) throws(FolderRefusal) {
        guard try ownership.take(patience: patience) else { return }
        SourceRecords.removeLeftovers(folder: store.folder)
        // Whoever had it before may have written more of them.
        records.withLock { $0 = SourceRecords(folder: store.folder) }
    }

    package func releaseFolder() { ownership.release() }

    /// Whether a file starts like an archive.
    package static func isArchive(_ path: String) -> Bool {
        guard let file = try? RandomAccessFile(path: path), file.byteCount >= 8 else { return false }
        return (try? file.read(0..<8)) == Array("VANTAGE\n".utf8)
    }

    /// The model that was made before from a file that held the same, and is whole as far as anybody knows; or nil.
    package func knownModel(fingerprint: String) -> String? {
        guard let record = records.withLock({ $0.record(fingerprint) }) else { return nil }
        return store.entries.first { entry in
            guard entry.isInFolder, entry.damagedChunks.isEmpty,
                (entry.path as NSString).lastPathComponent == record.archive, case .ready(let summary) = entry.state
            else { return false }
            return summary.contentHash == record.contentHash
        }?.id
    }

    /// The model whose archive has this content, or nil.
    package func knownModel(contentHash: String) -> String? {
        store.entries.first {
            guard $0.damagedChunks.isEmpty, case .ready(let summary) = $0.state else { return false }
            return summary.contentHash == contentHash
        }?.id
    }

    /// Makes an archive of a model file, in place of the one made from the same path before.
    ///
    /// - Parameters:
    ///   - fingerprint: of the file, from `SourceFingerprint`.
    ///   - source: where the file will be found again; empty: nowhere.
    /// - Returns: the model's id.
    package func convert(
        file: String, name: String, fingerprint: String, source: String = "",
        progress: @escaping ModelConversion.Progress, isCancelled: @escaping @Sendable () -> Bool
    ) throws(ModelConversion.Failure) -> String {
        do throws(FolderRefusal) { try takeFolder() } catch { throw .failed(ServiceError(.failed, "\(error)")) }
        let folder = UploadFolder(modelFolder: store.folder, id: Identifier.random(length: 8))
        defer { folder.remove() }
        try ModelLibrary.keeping { () throws(FileError) in try folder.make() }
        let outcome = try worker.convert(file, to: folder.archive, progress: progress, isCancelled: isCancelled)
        let earlier = records.withLock { $0.archive(ofSource: source) }
        let archive = try ModelLibrary.keeping { () throws(FileError) in
            guard let earlier else { return try moveToFreeName(folder.archive, wish: name) }
            try FolderFiles.move(folder.archive, over: path(earlier))
            return earlier
        }
        remember(.init(archive: archive, contentHash: outcome.contentHash, source: source), fingerprint)
        return try listed(archive)
    }

    /// - Returns: the file's new name in the folder.
    private func moveToFreeName(_ file: String, wish: String) throws(FileError) -> String {
        while true {
            let name = freeName(wish)
            do throws(FileError) {
                try FolderFiles.move(file, toNew: path(name))
                return name
            } catch {
                guard error.isTaken else { throw error }
            }
        }
    }

    /// Where a file of the folder lies.
    func path(_ name: String) -> String { (store.folder as NSString).appendingPathComponent(name) }

    /// The id of the model whose archive has this file name in the folder, after a look at the disk.
    func listed(_ archive: String) throws(ModelConversion.Failure) -> String {
        store.scan()
        guard let entry = store.entries.first(where: { $0.path == path(archive) }) else {
            throw .failed(ServiceError(.failed, "the archive was removed right after it was made"))
        }
        return entry.id
    }

    func remember(_ record: SourceRecords.Record, _ fingerprint: String) {
        do throws(FileError) {
            try records.withLock { records throws(FileError) in try records.add(record, fingerprint: fingerprint) }
        } catch {
            // Nothing is lost: the file is converted again next time.
            log.warning("cannot remember what an archive was made of", metadata: ["reason": "\(error)"])
        }
    }

    static func keeping<Result>(_ body: () throws(FileError) -> Result) throws(ModelConversion.Failure) -> Result {
        do throws(FileError) { return try body() } catch {
            throw .failed(ServiceError(.failed, "the archive cannot be kept: \(error.cause)"))
        }
    }

    /// A file name that nothing has now.
    func freeName(_ name: String) -> String {
        let slug = ModelName.slug(ModelName.base(of: name))
        let free = ModelName.unique(slug) { candidate in
            FileManager.default.fileExists(atPath: path(candidate + ModelName.archiveSuffix))
        }
        return free + ModelName.archiveSuffix
    }
}
