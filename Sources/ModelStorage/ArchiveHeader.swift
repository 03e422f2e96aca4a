// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import StreamCore

/// The first bytes of an archive. Layout: FORMAT.md, "Header".
struct ArchiveHeader: Equatable {
    static let magic: [UInt8] = Array("VANTAGE\n".utf8)
    /// A reader refuses archives of another major version, and reads those of a larger minor one.
    static let majorVersion: UInt16 = 2
    static let minorVersion: UInt16 = 0
    static let byteCount = 256
    static let thumbnailOffset = 256
    static let thumbnailCapacity = 65_536 - 256
    static let firstChunkOffset = 65_536

    struct Section: Equatable {
        var offset: UInt64
        var byteCount: UInt64
        var hash: [UInt8]
    }

    var fileByteCount: UInt64
    var index: Section
    var description: Section
    var bounds: Bounds
    var triangleCount: UInt64
    /// Bytes used of the thumbnail slot; 0: no thumbnail.
    var thumbnailByteCount: UInt32

    /// The archive's identity: the hash of its index (which names every chunk by hash) and its description.
    var contentHash: [UInt8] { SHA256.hash((index.hash + description.hash).rawSpan) }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(contentsOf: ArchiveHeader.magic)
        writer.write(ArchiveHeader.majorVersion)
        writer.write(ArchiveHeader.minorVersion)
        writer.write(UInt32(ArchiveHeader.byteCount))
        writer.write(fileByteCount)
        writer.write(contentsOf: contentHash)
        for section in [index, description] {
            writer.write(section.offset)
            writer.write(section.byteCount)
            writer.write(contentsOf: section.hash)
        }
        writer.write(bounds.minimum)
        writer.write(bounds.maximum)
        writer.write(triangleCount)
        writer.write(thumbnailByteCount)
        let used = writer.bytes.count + 16
        precondition(used <= ArchiveHeader.byteCount, "the header's fields fit its size")
        for _ in used..<ArchiveHeader.byteCount { writer.write(UInt8(0)) }
        let check = SHA256.hash(writer.bytes.rawSpan)
        writer.write(contentsOf: Array(check[..<16]))
        return writer.bytes
    }

    init(
        fileByteCount: UInt64, index: Section, description: Section, bounds: Bounds, triangleCount: UInt64,
        thumbnailByteCount: UInt32
    ) {
        self.fileByteCount = fileByteCount
        self.index = index
        self.description = description
        self.bounds = bounds
        self.triangleCount = triangleCount
        self.thumbnailByteCount = thumbnailByteCount
    }

    /// - Parameters:
    ///   - bytes: the file's first 65,536 bytes, or all if it has fewer.
    ///   - fileByteCount: of the whole file.
    /// - Throws: `ArchiveError` for another file type or major version, a damaged header, or sections that leave
    ///   the file.
    init(decoding bytes: RawSpan, fileByteCount size: Int, path: String) throws(ArchiveError) {
        let isArchive =
            bytes.byteCount >= ArchiveHeader.magic.count
            && ArchiveHeader.magic.indices.allSatisfy {
                unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == ArchiveHeader.magic[$0]
            }
        guard isArchive else {
            throw ArchiveError(.notAnArchive, "not a Vantage archive; make one with `vantage import`", path: path)
        }
        let parsed: (major: UInt16, minor: UInt16, header: ArchiveHeader?)
        do throws(ChunkError) {
            parsed = try ArchiveHeader.parse(bytes)
        } catch {
            throw ArchiveError(error, in: "header", path: path)
        }
        guard let header = parsed.header else {
            throw ArchiveError(
                .otherVersion,
                "written as version \(parsed.major).\(parsed.minor), this program reads version "
                    + "\(ArchiveHeader.majorVersion); "
                    + (parsed.major > ArchiveHeader.majorVersion ? "update Vantage, or " : "")
                    + "import the model again", path: path)
        }
        self = header
        guard fileByteCount == UInt64(size) else {
            throw ArchiveError(
                .damaged,
                "it should be \(fileByteCount) bytes long and is \(size); copy or import it again",
                path: path)
        }
    }

    /// The version, and the header unless it is of another major version.
    private static func parse(
        _ bytes: RawSpan
    ) throws(ChunkError) -> (major: UInt16, minor: UInt16, header: ArchiveHeader?) {
        var reader = ByteReader(bytes)
        _ = try reader.readBytes(magic.count)
        let major: UInt16 = try reader.read()
        let minor: UInt16 = try reader.read()
        if major != majorVersion { return (major, minor, nil) }
        guard try reader.read(UInt32.self) == byteCount, bytes.byteCount >= firstChunkOffset else {
            throw .truncated(offset: 0, needed: firstChunkOffset, available: bytes.byteCount)
        }
        let fileByteCount: UInt64 = try reader.read()
        let contentHash = try readHash(&reader)
        let index = try readSection(&reader)
        let description = try readSection(&reader)
        let bounds = Bounds(minimum: try reader.readDouble3(), maximum: try reader.readDouble3())
        let header = ArchiveHeader(
            fileByteCount: fileByteCount, index: index, description: description, bounds: bounds,
            triangleCount: try reader.read(), thumbnailByteCount: try reader.read())
        let check = SHA256.hash(bytes.extracting(0..<byteCount - 16))
        var stored = ByteReader(bytes.extracting(byteCount - 16..<byteCount))
        for index in 0..<16 where try stored.read(UInt8.self) != check[index] {
            throw .invalid(field: .header, offset: byteCount - 16)
        }
        guard contentHash == header.contentHash, header.thumbnailByteCount <= thumbnailCapacity else {
            throw .invalid(field: .header, offset: 24)
        }
        guard TilesetLimits.allows(header.bounds), header.triangleCount <= TilesetLimits.largestCount else {
            throw .invalid(field: .header, offset: 152)
        }
        for section in [index, description] {
            let (end, overflow) = section.offset.addingReportingOverflow(section.byteCount)
            guard !overflow, end <= fileByteCount, section.offset >= UInt64(firstChunkOffset) else {
                throw .invalid(field: .chunkRange, offset: 0)
            }
        }
        guard index.offset + index.byteCount <= description.offset else {
            throw .invalid(field: .chunkRange, offset: 0)
        }
        return (major, minor, header)
    }

    private static func readSection(_ reader: inout ByteReader) throws(ChunkError) -> Section {
        Section(offset: try reader.read(), byteCount: try reader.read(), hash: try readHash(&reader))
    }

    private static func readHash(_ reader: inout ByteReader) throws(ChunkError) -> [UInt8] {
        var hash: [UInt8] = []
        for _ in 0..<SHA256.byteCount { hash.append(try reader.read()) }
        return hash
    }
}
