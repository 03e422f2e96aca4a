// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Bytes on their way into the models' folder: a file in a folder of its own, so that what the model names cannot be
/// anything else of the server's. Made when it is first written to; its last user removes it. All but making the object
/// is for the uploads' thread.
final class UploadFile: Sendable {
    /// Folder of unfinished uploads, in the models' folder (the same disk, so that finished ones are only renamed).
    static let folderName = ".uploads"

    let folder: String
    let path: String
    private let handle = Mutex<FileHandle?>(nil)

    init(modelFolder: String, id: String, name: String) {
        folder = "\(modelFolder)/\(UploadFile.folderName)/\(id)"
        // A model without a name of its own is called like its file. What kind it is, is told by its content.
        path = "\(folder)/\(ModelName.file(name))"
    }

    /// - Throws: Foundation's error when the folder or the file cannot be made or written.
    func append(_ bytes: [UInt8]) throws {
        let handle = try open()
        try handle.write(contentsOf: Data(bytes))
    }

    private func open() throws -> FileHandle {
        if let handle = handle.withLock({ $0 }) { return handle }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let new = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        handle.withLock { $0 = new }
        return new
    }

    /// Everything has been written.
    ///
    /// - Throws: when even an empty file cannot be made.
    func close() throws {
        try open().close()
        handle.withLock { $0 = nil }
    }

    func remove() {
        try? handle.withLock { $0 }?.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Removes what an earlier run of the server left behind.
    static func removeLeftovers(modelFolder: String) {
        try? FileManager.default.removeItem(atPath: "\(modelFolder)/\(folderName)")
    }
}
