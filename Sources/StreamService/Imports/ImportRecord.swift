// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation

/// A promise on disk: this upload is complete and will become a model, whatever happens to the server. It lies beside the
/// upload's file from before its sender is told until the model is where it belongs.
///
/// The steps of an import are ordered so that they can stop anywhere and go on: (1) the archive is made beside the record,
/// (2) the record says which name the archive is about to get, (3) the archive is moved there, to a name that nothing has,
/// (4) the record goes. An archive that is not beside a record of step 2 has been moved.
struct ImportRecord: Codable, Equatable, Sendable {
    let id: String
    /// The file's name as its sender calls it.
    let name: String
    /// What the file is called in its folder.
    let file: String
    /// The address it came from.
    let caller: String
    /// Of the file, from `SourceFingerprint`.
    let fingerprint: String
    /// Seconds since 1970: older ones go first.
    let acceptedAt: Double
    /// The file name in the models' folder that the archive is about to get, or has got.
    var archive: String?
    /// Of that archive.
    var contentHash: String?

    private static let fileName = ".job.json"

    func folder(in modelFolder: String) -> UploadFolder { UploadFolder(modelFolder: modelFolder, id: id) }

    /// Returns when the disk has it.
    func write(in modelFolder: String) throws(FileError) {
        let bytes = (try? JSONEncoder().encode(self)).map { [UInt8]($0) } ?? []
        let file = try AtomicFile(path: folder(in: modelFolder).file(ImportRecord.fileName))
        try file.append(bytes)
        try file.commit()
    }

    /// Takes the promise back, or calls it kept: first the record, then what it is about.
    func remove(in modelFolder: String) {
        let folder = folder(in: modelFolder)
        try? FolderFiles.remove(folder.file(ImportRecord.fileName))
        folder.remove()
    }

    /// What an earlier run of the server left to do, oldest first. What it left without a record is removed.
    ///
    /// - Parameter unreadable: told the path of a record that cannot be read; its folder is left alone.
    static func takeUp(in modelFolder: String, unreadable: (String) -> Void) -> [ImportRecord] {
        var records: [ImportRecord] = []
        for id in UploadFolder.ids(modelFolder: modelFolder) {
            let folder = UploadFolder(modelFolder: modelFolder, id: id)
            let path = folder.file(fileName)
            guard FileManager.default.fileExists(atPath: path) else {
                folder.remove()
                continue
            }
            let record = FileManager.default.contents(atPath: path).flatMap {
                try? JSONDecoder().decode(ImportRecord.self, from: $0)
            }
            if let record, record.isSound, record.id == id { records.append(record) } else { unreadable(path) }
        }
        return records.sorted { ($0.acceptedAt, $0.id) < ($1.acceptedAt, $1.id) }
    }

    /// Names that lead nowhere else.
    private var isSound: Bool {
        Identifier.isValid(id) && ModelName.file(file) == file && archive.map { ModelName.file($0) == $0 } ?? true
    }
}
