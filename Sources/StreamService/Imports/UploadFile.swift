// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import Synchronization

/// Bytes on their way into the models' folder: a file in a folder of its own, so that what the model names cannot be
/// anything else of the server's. Made when it is first written to; its last user removes it. All but making the object
/// is for the uploads' thread.
final class UploadFile: Sendable {
    let folder: UploadFolder
    let path: String
    private let handle = Mutex<FileHandle?>(nil)

    init(modelFolder: String, id: String, name: String) {
        folder = UploadFolder(modelFolder: modelFolder, id: id)
        // A model without a name of its own is called like its file. What kind it is, is told by its content.
        path = folder.file(ModelName.file(name))
    }

    /// - Throws: Foundation's error when the folder or the file cannot be made or written.
    func append(_ bytes: [UInt8]) throws {
        let handle = try open()
        try handle.write(contentsOf: Data(bytes))
    }

    private func open() throws -> FileHandle {
        if let handle = handle.withLock({ $0 }) { return handle }
        try folder.make()
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let new = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        handle.withLock { $0 = new }
        return new
    }

    /// Everything has been written; the disk has it when this returns.
    ///
    /// - Throws: when even an empty file cannot be made.
    func close() throws {
        let handle = try open()
        try handle.synchronize()
        try handle.close()
        self.handle.withLock { $0 = nil }
    }

    func remove() {
        try? handle.withLock { $0 }?.close()
        folder.remove()
    }
}
