// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import ChunkCoding
import FileMapping
package import StreamCore

/// A model ready to stream: the file is mapped, its index validated once, its chunks lent as slices of the mapping.
/// Immutable; safe to use from any thread.
package final class Archive: Sendable {
    package let path: String
    package let index: TilesetIndex
    package let description: ModelDescription
    package let bounds: Bounds
    /// Counting every instance.
    package let triangleCount: Int
    /// 32 bytes; the archive's identity, independent of its name and thumbnail.
    package let contentHash: [UInt8]
    private let file: MappedFile
    private let thumbnailByteCount: Int

    /// Maps and validates an archive. Chunk contents are not read: `verifyChunk` does that.
    ///
    /// - Throws: `ArchiveError`; damage anywhere in header, index or description is found by its hash.
    package init(path: String) throws(ArchiveError) {
        self.path = path
        let file: MappedFile
        do throws(FileError) {
            file = try MappedFile(path: path)
        } catch {
            throw ArchiveError(error)
        }
        self.file = file
        let bytes = file.bytes
        let header = try ArchiveHeader(decoding: bytes, path: path)
        bounds = header.bounds
        triangleCount = Int(clamping: header.triangleCount)
        contentHash = header.contentHash
        thumbnailByteCount = Int(header.thumbnailByteCount)

        let indexBytes = try Archive.section(header.index, of: bytes, "index", path)
        do throws(ChunkError) {
            index = try TilesetIndex(decoding: indexBytes)
        } catch {
            throw ArchiveError(error, in: "index", path: path)
        }
        for chunk in index.chunks {
            let (end, overflow) = chunk.offset.addingReportingOverflow(UInt64(chunk.byteCount))
            guard !overflow, end <= UInt64(file.byteCount), chunk.offset >= UInt64(ArchiveHeader.firstChunkOffset)
            else {
                throw ArchiveError(.invalid(field: .chunkRange, offset: 0), in: "index", path: path)
            }
        }
        let json = try Archive.section(header.description, of: bytes, "description", path)
        description = try ModelDescription(decoding: json.copiedBytes, path: path)
        try checkDescription()
    }

    @_lifetime(copy bytes)
    private static func section(
        _ section: ArchiveHeader.Section, of bytes: RawSpan, _ name: String, _ path: String
    ) throws(ArchiveError) -> RawSpan {
        let start = Int(section.offset)
        let content = bytes.extracting(start..<start + Int(section.byteCount))
        guard SHA256.hash(content) == section.hash else {
            throw ArchiveError(.damaged, "its \(name) is damaged; copy or import it again", path: path)
        }
        return content
    }

    private func checkDescription() throws(ArchiveError) {
        let tree = description.tree
        var isValid = tree.names.count == tree.parents.count && description.textures.count == index.textures.count
        for (node, parent) in tree.parents.enumerated() { isValid = isValid && parent >= -1 && parent < node }
        for geometry in index.geometries {
            isValid = isValid && geometry.materials.allSatisfy { Int($0) < description.materials.count }
        }
        if !isValid {
            throw ArchiveError(.damaged, "its description does not fit its index; import the model again", path: path)
        }
    }

    package var byteCount: Int { file.byteCount }

    /// The bytes of a chunk, a slice of the mapping; valid as long as the archive.
    @_lifetime(borrow self)
    package borrowing func chunkBytes(_ chunk: Int) -> RawSpan {
        let record = index.chunks[chunk]
        let start = Int(record.offset)
        let file = file
        return unsafe _overrideLifetime(
            file.bytes.extracting(start..<start + Int(record.byteCount)), borrowing: self)
    }

    /// JPEG bytes of a picture at most 256 pixels wide and high, or nil.
    package var thumbnail: [UInt8]? {
        if thumbnailByteCount == 0 { return nil }
        let start = ArchiveHeader.thumbnailOffset
        let file = file
        return file.bytes.extracting(start..<start + thumbnailByteCount).copiedBytes
    }

    /// Whether a chunk's bytes are still those that were written.
    package func hasIntactChunk(_ chunk: Int) -> Bool {
        chunkHash(chunkBytes(chunk)) == index.chunks[chunk].hash
    }

    /// Decodes one node.
    ///
    /// - Throws: `NodeCodingError` when the chunk is damaged or does not hold the node that the index says.
    package func decodeNode(_ node: Int) throws(NodeCodingError) -> (header: NodeHeader, mesh: NodeMesh) {
        let record = index.nodes[node]
        let start = Int(record.offset)
        var reader = ByteReader(
            chunkBytes(Int(record.chunk)).extracting(start..<start + Int(record.byteCount)))
        let result = try NodeCoding.decode(&reader)
        guard result.header.node == node, result.header.geometry == record.geometry else {
            throw .mismatch("the payload is of node \(result.header.node)")
        }
        var children = record.children[...]
        var last: UInt32?
        for case let child? in result.header.ranges.map({ $0.child }) where child != last {
            guard children.popFirst() == child else { throw .mismatch("the payload names child \(child)") }
            last = child
        }
        return result
    }

    /// The instances of one sector (not of those below it).
    ///
    /// - Throws: `ChunkError` when the chunk is damaged or names a geometry or tree node that does not exist.
    package func instances(inSector sector: Int) throws(ChunkError) -> [Instance] {
        var reader = ByteReader(chunkBytes(Int(index.sectors[sector].chunk)))
        let header = try SectorHeader(from: &reader)
        let count = Int(header.instanceCount)
        guard header.sector == sector, header.instanceCount == index.sectors[sector].instanceCount else {
            throw .invalid(field: .instanceTable, offset: 0)
        }
        let byteCount = Int(try reader.read(UInt32.self))
        guard byteCount <= InstanceTable.maximumByteCount(count: count) else {
            throw .invalid(field: .instanceTable, offset: reader.offset)
        }
        let compressed = try reader.readBytes(reader.remaining)
        guard let table = try? Deflate.expand(compressed, byteCount: byteCount) else {
            throw .invalid(field: .instanceTable, offset: reader.offset)
        }
        let instances = try InstanceTable.decode(table.rawSpan, count: count)
        for instance in instances {
            guard instance.geometry < index.geometries.count, instance.treeNode < description.tree.names.count else {
                throw .invalid(field: .instanceTable, offset: 0)
            }
        }
        return instances
    }
}

/// A chunk's name: the first half of its SHA-256.
func chunkHash(_ bytes: RawSpan) -> SIMD16<UInt8> {
    var hash = SIMD16<UInt8>()
    for (index, byte) in SHA256.hash(bytes).prefix(16).enumerated() { hash[index] = byte }
    return hash
}
