// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import FileMapping
package import StreamCore

/// A model ready to stream: an open file whose index and description were read and checked once, and whose chunks are
/// read when they are needed.
///
/// Another program may write over the file at any time: then reading a chunk that is not what it was throws, and
/// `observe` tells of it. Holds one descriptor, also when the file's name is gone. Safe to use from any thread.
package final class Archive: Sendable {
    package let path: String
    package let index: TilesetIndex
    package let description: ModelDescription
    package let bounds: Bounds
    /// Counting every instance.
    package let triangleCount: Int
    /// 32 bytes; the archive's identity, independent of its name and thumbnail.
    package let contentHash: [UInt8]
    /// JPEG bytes of a picture at most 256 pixels wide and high, or nil.
    package let thumbnail: [UInt8]?
    /// By geometry: how far its nodes reach from its origin, in its units.
    let reaches: [Double]
    private let file: RandomAccessFile
    private let integrity: ChunkIntegrity

    /// Opens an archive and checks everything that FORMAT.md says of header, index and description. Chunks are checked
    /// when they are read.
    ///
    /// - Throws: `ArchiveError`; damage anywhere in header, index or description is found by its hash.
    package init(path: String) throws(ArchiveError) {
        self.path = path
        do throws(FileError) { file = try RandomAccessFile(path: path) } catch { throw ArchiveError(error) }
        let front = try Archive.read(0..<min(file.byteCount, ArchiveHeader.firstChunkOffset), of: file)
        let header = try ArchiveHeader(decoding: front.rawSpan, fileByteCount: file.byteCount, path: path)
        bounds = header.bounds
        triangleCount = Int(header.triangleCount)
        contentHash = header.contentHash
        let thumbnailEnd = ArchiveHeader.thumbnailOffset + Int(header.thumbnailByteCount)
        thumbnail =
            header.thumbnailByteCount == 0 ? nil : Array(front[ArchiveHeader.thumbnailOffset..<thumbnailEnd])

        let indexBytes = try Archive.section(header.index, of: file, "index")
        do throws(ChunkError) {
            index = try TilesetIndex(decoding: indexBytes.rawSpan)
            try Archive.check(index.chunks, end: header.index.offset)
        } catch {
            throw ArchiveError(error, in: "index", path: path)
        }
        let json = try Archive.section(header.description, of: file, "description")
        let description = try ModelDescription(decoding: json, path: path)
        if let problem = description.problem(with: index) {
            throw ArchiveError(.damaged, "its description is damaged: \(problem); import the model again", path: path)
        }
        self.description = description
        let index = index
        reaches = index.geometries.map { $0.nodes.reduce(0) { max($0, index.reach(ofNode: $1)) } }
        integrity = ChunkIntegrity(chunkCount: index.chunks.count, opened: file.version)
    }

    private static func read(_ range: Range<Int>, of file: RandomAccessFile) throws(ArchiveError) -> [UInt8] {
        do throws(FileError) { return try file.read(range) } catch { throw ArchiveError(error) }
    }

    private static func section(
        _ section: ArchiveHeader.Section, of file: RandomAccessFile, _ name: String
    ) throws(ArchiveError) -> [UInt8] {
        let start = Int(section.offset)
        let content = try read(start..<start + Int(section.byteCount), of: file)
        guard SHA256.hash(content.rawSpan) == section.hash else {
            throw ArchiveError(.damaged, "its \(name) is damaged; copy or import it again", path: file.path)
        }
        return content
    }

    /// - Parameter end: where the index begins.
    private static func check(_ chunks: [ChunkRecord], end: UInt64) throws(ChunkError) {
        // They stand behind each other, so the first and the last tell of all.
        guard let first = chunks.first, let last = chunks.last else { return }
        guard first.offset >= UInt64(ArchiveHeader.firstChunkOffset), last.offset + UInt64(last.byteCount) <= end else {
            throw .invalid(field: .chunkRange, offset: 0)
        }
    }

    package var byteCount: Int { file.byteCount }

    // MARK: Chunks

    /// The bytes of a chunk, compared with their hash unless that was done since the file was last written to. Blocks
    /// while they are read.
    ///
    /// - Throws: `ChunkError`: `invalid` with `chunkHash` when they are not what they were, `unreadable` when the file was
    ///   cut or cannot be read.
    package func chunkBytes(_ chunk: Int) throws(ChunkError) -> [UInt8] {
        let record = index.chunks[chunk]
        let bytes = try peek(chunk, 0..<Int(record.byteCount))
        let version = file.currentVersion
        if integrity.isKnownIntact(chunk, in: version) { return bytes }
        guard chunkHash(bytes.rawSpan) == record.hash else {
            integrity.foundDamaged(chunk)
            throw .invalid(field: .chunkHash, offset: 0)
        }
        integrity.foundIntact(chunk, in: version)
        return bytes
    }

    /// As `chunkBytes`, but only some of them: cheaper where the chunk is known to be intact.
    package func chunkBytes(_ chunk: Int, in range: Range<Int>) throws(ChunkError) -> [UInt8] {
        let bytes = try peek(chunk, range)
        if integrity.isKnownIntact(chunk, in: file.currentVersion) { return bytes }
        return Array(try chunkBytes(chunk)[range])
    }

    /// Some bytes of a chunk, whatever they are: for estimates, which may be wrong.
    ///
    /// - Throws: `unreadable`.
    package func peek(_ chunk: Int, _ range: Range<Int>) throws(ChunkError) -> [UInt8] {
        let start = Int(index.chunks[chunk].offset)
        do throws(FileError) {
            return try file.read(start + range.lowerBound..<start + range.upperBound)
        } catch {
            integrity.changed()
            throw .unreadable
        }
    }

    /// Whether a chunk's bytes are still those that were written.
    package func hasIntactChunk(_ chunk: Int) -> Bool {
        guard let bytes = try? peek(chunk, 0..<Int(index.chunks[chunk].byteCount)) else { return false }
        return chunkHash(bytes.rawSpan) == index.chunks[chunk].hash
    }

    // MARK: What becomes of the file

    /// How many chunks were found damaged at their use.
    package var damagedChunkCount: Int { integrity.damagedCount }

    /// Whether the file was found to be written to or cut since it was opened.
    package var hasChanged: Bool { integrity.hasChanged }

    /// Tells of what is found out while chunks are read, on the threads that read them, and at once of what is known
    /// already. For one observer.
    package func observe(_ observer: @escaping @Sendable (ArchiveEvent) -> Void) { integrity.observe(observer) }
}

/// A chunk's name: the first half of its SHA-256.
func chunkHash(_ bytes: RawSpan) -> SIMD16<UInt8> {
    var hash = SIMD16<UInt8>()
    for (index, byte) in SHA256.hash(bytes).prefix(16).enumerated() { hash[index] = byte }
    return hash
}
