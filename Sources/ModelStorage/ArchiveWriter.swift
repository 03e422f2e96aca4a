// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import FileMapping
import Foundation
package import StreamCore

/// Writes an archive: chunks in the order they should be read (coarse first), then the index. The file appears under
/// its name only at `commit`. For one thread at a time.
package final class ArchiveWriter {
    package let path: String
    private let file: AtomicFile
    private var header: ArchiveHeader?
    /// What has been appended so far.
    package private(set) var chunks: [ChunkRecord] = []

    /// - Throws: `ArchiveError` when the directory is missing or not writable.
    package init(path: String) throws(ArchiveError) {
        self.path = path
        file = try ArchiveWriter.translate { () throws(FileError) in
            let file = try AtomicFile(path: path)
            try file.append([UInt8](repeating: 0, count: ArchiveHeader.firstChunkOffset))
            return file
        }
    }

    /// - Returns: the chunk's number.
    @discardableResult
    package func append(_ bytes: [UInt8], kind: ChunkKind) throws(ArchiveError) -> UInt32 {
        guard let byteCount = UInt32(exactly: bytes.count) else {
            throw ArchiveError(.unreadable, "a chunk of \(bytes.count) bytes is too large to store", path: path)
        }
        let record = ChunkRecord(
            kind: kind, offset: UInt64(file.byteCount), byteCount: byteCount, hash: chunkHash(bytes.rawSpan))
        try ArchiveWriter.translate { () throws(FileError) in try file.append(bytes) }
        chunks.append(record)
        return UInt32(chunks.count - 1)
    }

    /// Writes the index and the description, after which `readablePath` can be opened as an archive.
    ///
    /// - Parameters:
    ///   - index: its `chunks` are replaced by those appended.
    ///   - bounds: of the whole model in world space; never empty.
    package func finish(
        index: TilesetIndex, description: ModelDescription, bounds: Bounds
    ) throws(ArchiveError) {
        var index = index
        index.chunks = chunks
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(description) else {
            throw ArchiveError(.unreadable, "the model's description holds numbers that are not finite", path: path)
        }
        let indexSection = try append(section: index.encode())
        let descriptionSection = try append(section: [UInt8](json))
        header = ArchiveHeader(
            fileByteCount: UInt64(file.byteCount), index: indexSection, description: descriptionSection, bounds: bounds,
            triangleCount: UInt64(description.triangleCount), thumbnailByteCount: 0)
        try writeHeader()
    }

    /// The finished but unnamed file, readable by this process.
    package var readablePath: String { file.descriptorPath }

    /// Fills the thumbnail slot with a JPEG; one that does not fit is left out.
    package func setThumbnail(_ jpeg: [UInt8]) throws(ArchiveError) {
        guard jpeg.count <= ArchiveHeader.thumbnailCapacity else { return }
        header?.thumbnailByteCount = UInt32(jpeg.count)
        try ArchiveWriter.translate { () throws(FileError) in
            try file.overwrite(jpeg, at: ArchiveHeader.thumbnailOffset)
        }
        try writeHeader()
    }

    /// Gives the file its name, replacing an older archive at once.
    package func commit() throws(ArchiveError) {
        precondition(header != nil, "finish comes before commit")
        try ArchiveWriter.translate { () throws(FileError) in try file.commit() }
    }

    package var byteCount: Int { file.byteCount }

    private func append(section bytes: [UInt8]) throws(ArchiveError) -> ArchiveHeader.Section {
        let section = ArchiveHeader.Section(
            offset: UInt64(file.byteCount), byteCount: UInt64(bytes.count), hash: SHA256.hash(bytes.rawSpan))
        try ArchiveWriter.translate { () throws(FileError) in try file.append(bytes) }
        return section
    }

    private func writeHeader() throws(ArchiveError) {
        guard let header else { return }
        try ArchiveWriter.translate { () throws(FileError) in
            try file.overwrite(header.encode(), at: 0)
            try file.flush()
        }
    }

    private static func translate<Result>(
        _ body: () throws(FileError) -> Result
    ) throws(ArchiveError) -> Result {
        do throws(FileError) { return try body() } catch { throw ArchiveError(error) }
    }
}
