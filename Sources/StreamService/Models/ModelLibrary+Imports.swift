// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation

/// An upload becomes a model, in steps that can stop anywhere and go on after a restart (`ImportRecord` says why).
extension ModelLibrary {
    struct Imported {
        let model: String
        var warnings: [String] = []
    }

    /// Does what is left to do for a record, but does not remove it.
    func carryOut(
        _ record: ImportRecord, progress: @escaping ModelConversion.Progress,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(ModelConversion.Failure) -> Imported {
        if let archive = record.archive { return Imported(model: try finishMove(record, archive)) }
        if let known = knownModel(fingerprint: record.fingerprint) { return Imported(model: known) }
        let folder = record.folder(in: store.folder)
        let file = folder.file(record.file)
        let isArchive = ModelLibrary.isArchive(file)
        let outcome =
            isArchive
            ? try worker.verify(file, progress: progress, isCancelled: isCancelled)
            : try worker.convert(file, to: folder.archive, progress: progress, isCancelled: isCancelled)
        // A converted model is named after its file, so that equal content may have two names; an archive has its own.
        if isArchive, let known = knownModel(contentHash: outcome.contentHash) { return Imported(model: known) }
        let model = try move(isArchive ? file : folder.archive, record, outcome.contentHash)
        return Imported(model: model, warnings: outcome.warnings)
    }

    private func move(
        _ file: String, _ record: ImportRecord, _ contentHash: String
    ) throws(ModelConversion.Failure) -> String {
        var record = record
        record.contentHash = contentHash
        while true {
            let name = freeName(record.name)
            record.archive = name
            let isMoved = try ModelLibrary.keeping { () throws(FileError) in
                try FolderFiles.syncContent(file)
                try record.write(in: store.folder)
                do throws(FileError) { try FolderFiles.move(file, toNew: path(name)) } catch {
                    guard error.isTaken else { throw error }
                    return false
                }
                return true
            }
            if isMoved { return try settle(record, name) }
        }
    }

    /// After a restart: the archive is still in its own folder, or has its place in the models' folder.
    private func finishMove(_ record: ImportRecord, _ archive: String) throws(ModelConversion.Failure) -> String {
        let folder = record.folder(in: store.folder)
        for file in [folder.archive, folder.file(record.file)] where ModelLibrary.isArchive(file) {
            if !isSameFile(file, path(archive)) { return try move(file, record, record.contentHash ?? "") }
        }
        return try settle(record, archive)
    }

    /// Moving on file systems without renaming to new names leaves both names for a moment.
    private func isSameFile(_ one: String, _ other: String) -> Bool {
        guard let number = FileStamp(path: one)?.fileNumber else { return false }
        return number == FileStamp(path: other)?.fileNumber
    }

    private func settle(_ record: ImportRecord, _ archive: String) throws(ModelConversion.Failure) -> String {
        remember(
            .init(archive: archive, contentHash: record.contentHash ?? "", source: ""), record.fingerprint)
        return try listed(archive)
    }
}
