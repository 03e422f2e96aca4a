// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Bytes on their way into the models' folder: a file in a folder of its own, so that what the model names cannot be
/// anything else of the server's. Written on a work queue, in order; removed unless it is kept.
final class UploadFile: Sendable {
    /// Folder of unfinished uploads, in the models' folder (the same disk, so that finished ones are only renamed).
    static let folderName = ".uploads"

    let folder: String
    let path: String
    private let handle: FileHandle

    /// - Throws: Foundation's error when the folder or the file cannot be made.
    init(modelFolder: String, id: String, name: String) throws {
        folder = "\(modelFolder)/\(UploadFile.folderName)/\(id)"
        // The extension is kept for the name's sake only: what it is, is told by its content.
        let base = ModelName.slug(ModelName.base(of: name))
        let suffix = ModelName.slug(String(name.split(separator: ".").last ?? "model")).prefix(12)
        path = "\(folder)/\(base).\(suffix)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            try? FileManager.default.removeItem(atPath: folder)
            throw CocoaError(.fileWriteUnknown)
        }
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    func append(_ bytes: [UInt8]) throws { try handle.write(contentsOf: Data(bytes)) }

    func close() { try? handle.close() }

    func remove() {
        close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Removes what an earlier run of the server left behind.
    static func removeLeftovers(modelFolder: String) {
        try? FileManager.default.removeItem(atPath: "\(modelFolder)/\(folderName)")
    }
}
