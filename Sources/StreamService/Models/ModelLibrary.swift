// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
package import Logging
import ModelStorage
import StreamCore
import Synchronization

/// Brings files into the models' folder: model files are converted once and found again by what they hold, archives are
/// checked and moved. For import threads: everything here blocks.
package final class ModelLibrary: Sendable {
    package let store: ModelStore
    private let conversion: ModelConversion
    private let log: Logger
    private let records: Mutex<SourceRecords>

    package init(store: ModelStore, conversion: ModelConversion, log: Logger) {
        self.store = store
        self.conversion = conversion
        self.log = log
        records = Mutex(SourceRecords(folder: store.folder))
    }

    /// Whether a file starts like an archive.
    package static func isArchive(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path), file.byteCount >= 8 else { return false }
        return file.bytes.extracting(0..<8).copiedBytes == Array("VANTAGE\n".utf8)
    }

    /// The model that was made before from a file that held the same, or nil.
    package func knownModel(fingerprint: String) -> String? {
        guard let record = records.withLock({ $0.record(fingerprint) }) else { return nil }
        return store.entries.first { entry in
            guard entry.isInFolder, (entry.path as NSString).lastPathComponent == record.archive,
                case .ready(let summary) = entry.state
            else { return false }
            return summary.contentHash == record.contentHash
        }?.id
    }

    /// The model whose archive has this content, or nil.
    package func knownModel(contentHash: String) -> String? {
        store.entries.first {
            if case .ready(let summary) = $0.state { summary.contentHash == contentHash } else { false }
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
        try makeFolder()
        let earlier = records.withLock { $0.archive(ofSource: source) }
        let archiveName = earlier ?? freeName(name)
        let path = (store.folder as NSString).appendingPathComponent(archiveName)
        let contentHash = try conversion.run(file: file, archive: path, progress: progress, isCancelled: isCancelled)
        let record = SourceRecords.Record(archive: archiveName, contentHash: contentHash.hexadecimal, source: source)
        remember(record, fingerprint)
        return try listed(path)
    }

    /// Moves an uploaded archive into the folder once it has proved whole.
    package func adopt(archive file: String, name: String) throws(ModelConversion.Failure) -> String {
        let contentHash: String
        do throws(ArchiveError) { contentHash = try Archive(path: file).contentHash.hexadecimal } catch {
            throw .failed(ServiceError(.damagedModel, "this archive is not whole: \(error.message)"))
        }
        if let known = knownModel(contentHash: contentHash) { return known }
        try makeFolder()
        let path = (store.folder as NSString).appendingPathComponent(freeName(name))
        do { try FileManager.default.moveItem(atPath: file, toPath: path) } catch {
            throw .failed(ServiceError(.failed, "the archive cannot be kept: \(error.localizedDescription)"))
        }
        return try listed(path)
    }

    private func listed(_ path: String) throws(ModelConversion.Failure) -> String {
        store.scan()
        guard let entry = store.entries.first(where: { $0.path == path }) else {
            throw .failed(ServiceError(.failed, "the archive was removed right after it was made"))
        }
        return entry.id
    }

    private func remember(_ record: SourceRecords.Record, _ fingerprint: String) {
        do throws(FileError) {
            try records.withLock { records throws(FileError) in try records.add(record, fingerprint: fingerprint) }
        } catch {
            // Nothing is lost: the file is converted again next time.
            log.warning("cannot remember what an archive was made of", metadata: ["reason": "\(error)"])
        }
    }

    private func makeFolder() throws(ModelConversion.Failure) {
        do {
            try FileManager.default.createDirectory(atPath: store.folder, withIntermediateDirectories: true)
        } catch {
            throw .failed(
                ServiceError(.failed, "the models' folder cannot be made; choose one with --models: \(store.folder)"))
        }
    }

    private func freeName(_ name: String) -> String {
        let slug = ModelName.slug(ModelName.base(of: name))
        let free = ModelName.unique(slug) { candidate in
            let path = (store.folder as NSString).appendingPathComponent(candidate + ModelName.archiveSuffix)
            return FileManager.default.fileExists(atPath: path)
        }
        return free + ModelName.archiveSuffix
    }
}
