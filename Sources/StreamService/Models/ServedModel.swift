// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkStreaming
package import ModelStorage
import StreamCore

/// An open model, shared by everything that shows it: the archive, and the plan that ranks its chunks. The file is closed
/// when the last session lets go, whether or not it still has its name; so there are at most as many open as sessions,
/// and each holds one descriptor.
package final class ServedModel: Sendable {
    package let id: String
    package let archive: Archive
    package let plan: StreamPlan
    package let records: ModelRecords
    let chunks: ChunkLending
    let stamp: FileStamp

    /// Reads the index and all instance tables: not for the loop thread, nor for Swift's pool.
    ///
    /// - Throws: `damagedModel`.
    init(id: String, path: String, stamp: FileStamp) throws(ServiceError) {
        self.id = id
        self.stamp = stamp
        do throws(ArchiveError) { archive = try Archive(path: path) } catch {
            throw ServedModel.damaged(id, error.message)
        }
        do throws(ChunkError) { plan = try StreamPlan(archive: archive) } catch {
            throw ServedModel.damaged(id, "one of its sectors is damaged (\(error)); import the model again")
        }
        records = ModelRecords(archive)
        chunks = ChunkLending(archive)
    }

    /// A model outside any store, for programs that show one file.
    ///
    /// - Throws: `damagedModel`, also when there is no such file.
    package convenience init(path: String) throws(ServiceError) {
        guard let stamp = FileStamp(path: path) else { throw ServedModel.damaged(path, "there is no such file") }
        try self.init(id: path, path: path, stamp: stamp)
    }

    package var contentHash: String { archive.contentHash.hexadecimal }

    static func damaged(_ id: String, _ reason: String) -> ServiceError {
        ServiceError(.damagedModel, "the model \"\(id)\" cannot be shown: \(reason)")
    }
}
