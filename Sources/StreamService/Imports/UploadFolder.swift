// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation

/// The folder of one import, in a folder of such in the models' folder: the same disk, so that what is finished is only
/// renamed. What an uploaded file is called never begins with a dot, our own files here do.
struct UploadFolder: Sendable {
    static let parentName = ".uploads"

    let path: String
    private let parent: String

    init(modelFolder: String, id: String) {
        parent = "\(modelFolder)/\(UploadFolder.parentName)"
        path = "\(parent)/\(id)"
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Where a worker writes the archive that it makes.
    var archive: String { file(".archive" + ModelName.archiveSuffix) }

    /// Makes it, with a lasting name.
    func make() throws(FileError) {
        try FolderFiles.make(parent)
        try FolderFiles.make(path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The ids of all there are.
    static func ids(modelFolder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(modelFolder)/\(parentName)")) ?? []
    }
}
