// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import StreamCore
import TestSupport

@testable import ModelStorage

/// Takes an archive apart, changes some of it and puts it together again with every hash right, so that only what the
/// validator says stands between the change and everybody who reads it.
struct HostileArchive {
    private var header: ArchiveHeader
    private var chunks: [[UInt8]]
    private var index: TilesetIndex
    private var indexBytes: [UInt8]?
    private var description: [UInt8]
    /// Whether the index says wrong things of chunks.
    private var isChunkChanged = false
    private var random: SeededGenerator

    private static let words: [UInt32] = [
        0, 1, 2, 3, 31, 32, 64, 255, 65_535, 65_536, 1 << 20, 1 << 28 - 1, 1 << 28, 0x7fff_ffff, 0x8000_0000,
        0xe000_0000, .max - 1, .max, Float.nan.bitPattern, Float.infinity.bitPattern, Float(-1).bitPattern,
        Float(1e30).bitPattern, Float(1e-40).bitPattern,
    ]
    private static let doubles: [Double] = [
        0, -0.0, -1, 1e-300, 0x1p-120, 0x1p-60, 0.5, 3, 0x1p20, 1e12, 0x1p50, -0x1p50, 1e300, -1e300, .infinity,
        -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    private static let tokens = [
        "-1", "0", "1", "2", "3", "0.5", "-0.5", "1e6", "1e7", "-1e7", "1e30", "1e39", "1e400", "9007199254740993",
        "9223372036854775807", "99999999999999999999", "null", "true", "[]", "[1]", "[1,2,3]", "[1,2,3,4]", "{}",
        "\"\"", "\"opaque\"", "\"mask\"", "\"blend\"",
    ]

    init(_ bytes: [UInt8], seed: UInt64) throws {
        let archive = bytes
        header = try ArchiveHeader(decoding: archive.rawSpan, fileByteCount: archive.count, path: "")
        let section = Array(archive[Int(header.index.offset)...].prefix(Int(header.index.byteCount)))
        index = try TilesetIndex(decoding: section.rawSpan)
        chunks = index.chunks.map { Array(archive[Int($0.offset)...].prefix(Int($0.byteCount))) }
        description = Array(archive[Int(header.description.offset)...].prefix(Int(header.description.byteCount)))
        random = SeededGenerator(seed: seed)
    }

    /// One to three changes.
    mutating func change() {
        for _ in 0...random.index(below: 3) {
            switch random.index(below: 10) {
            case 0, 1: changeIndexBytes()
            case 2, 3, 4: changeIndex()
            case 5, 6: changeDescription()
            case 7: changeSector()
            case 8: changeChunk()
            default: changeHeader()
            }
        }
    }

    /// The whole file.
    mutating func assembled() -> [UInt8] {
        var body: [UInt8] = []
        for number in chunks.indices where index.chunks.indices.contains(number) {
            // One that was changed on purpose mostly stays so.
            if !isChunkChanged || random.index(below: 4) == 0 {
                index.chunks[number].offset = UInt64(ArchiveHeader.firstChunkOffset + body.count)
                index.chunks[number].byteCount = UInt32(chunks[number].count)
            }
            let chunk = chunks[number]
            index.chunks[number].hash = chunkHash(chunk.rawSpan)
            body += chunk
        }
        let table = indexBytes ?? index.encode()
        let start = ArchiveHeader.firstChunkOffset + body.count
        header.index = ArchiveHeader.Section(
            offset: UInt64(start), byteCount: UInt64(table.count), hash: SHA256.hash(table.rawSpan))
        header.description = ArchiveHeader.Section(
            offset: UInt64(start + table.count), byteCount: UInt64(description.count),
            hash: SHA256.hash(description.rawSpan))
        header.fileByteCount = UInt64(start + table.count + description.count)
        let front = header.encode()
        let slot = [UInt8](repeating: 0, count: ArchiveHeader.firstChunkOffset - front.count)
        return front + slot + body + table + description
    }

    // MARK: Numbers

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.index(below: values.count)] }

    /// A telling number, one near the present one, or one that something else has.
    private mutating func word(_ old: UInt32, below limit: Int) -> UInt32 {
        switch random.index(below: 4) {
        case 0: pick(HostileArchive.words)
        case 1: old &+ (random.index(below: 2) == 0 ? 1 : .max)
        default: UInt32(random.index(below: max(1, limit + 1)))
        }
    }

    private mutating func double(_ old: Double) -> Double {
        switch random.index(below: 3) {
        case 0: old * pick([-1, 0.5, 2, 1e3, 1e9, 1e15])
        default: pick(HostileArchive.doubles)
        }
    }

    // MARK: Changes

    private mutating func changeHeader() {
        switch random.index(below: 4) {
        case 0: header.bounds.minimum[random.index(below: 3)] = double(1)
        case 1: header.bounds.maximum[random.index(below: 3)] = double(1)
        case 2: header.triangleCount = pick([0, 1, 1 << 53, .max])
        default: header.thumbnailByteCount = pick([0, 1, 65_280, 65_281, .max])
        }
    }

    /// Like a flipped bit, or a number of any size, at any place.
    private mutating func changeIndexBytes() {
        var bytes = indexBytes ?? index.encode()
        let place = random.index(below: bytes.count)
        if random.index(below: 2) == 0 {
            bytes[place] ^= 1 << UInt8(random.index(below: 8))
        } else {
            let value = pick(HostileArchive.words)
            for byte in 0..<4 where place + byte < bytes.count {
                bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))
            }
        }
        indexBytes = bytes
    }

    private mutating func changeIndex() {
        switch random.index(below: 5) {
        case 0: if !index.nodes.isEmpty { changeNode(random.index(below: index.nodes.count)) }
        case 1: if !index.geometries.isEmpty { changeGeometry(random.index(below: index.geometries.count)) }
        case 2: if !index.sectors.isEmpty { changeSectorRecord(random.index(below: index.sectors.count)) }
        case 3: if !index.textures.isEmpty { changeTexture(random.index(below: index.textures.count)) }
        default: if !index.chunks.isEmpty { changeChunkRecord(random.index(below: index.chunks.count)) }
        }
    }

    private mutating func changeNode(_ number: Int) {
        var node = index.nodes[number]
        let axis = random.index(below: 3)
        switch random.index(below: 11) {
        case 0: node.geometry = word(node.geometry, below: index.geometries.count)
        case 1: node.chunk = word(node.chunk, below: index.chunks.count)
        case 2: node.offset = word(node.offset, below: 4000)
        case 3: node.byteCount = word(node.byteCount, below: 4000)
        case 4: node.level = UInt8(truncatingIfNeeded: word(UInt32(node.level), below: 4))
        case 5: node.triangleCount = word(node.triangleCount, below: 4000)
        case 6: node.vertexCount = word(node.vertexCount, below: 4000)
        case 7: node.error = Float(double(Double(node.error)))
        case 8: node.origin[axis] = Int32(bitPattern: word(UInt32(bitPattern: node.origin[axis]), below: 1 << 28))
        case 9: node.extent[axis] = Int32(bitPattern: word(UInt32(bitPattern: node.extent[axis]), below: 1 << 28))
        default:
            let other = random.index(below: index.nodes.count)
            if random.index(below: 2) == 0 {
                // A link that both ends agree on.
                node.children.append(UInt32(other))
                index.nodes[other].parents.append(UInt32(number))
            } else if !node.children.isEmpty {
                node.children.removeLast()
            }
        }
        index.nodes[number] = node
    }

    private mutating func changeGeometry(_ number: Int) {
        var geometry = index.geometries[number]
        switch random.index(below: 8) {
        case 0: geometry.firstNode = word(geometry.firstNode, below: index.nodes.count)
        case 1: geometry.nodeCount = word(geometry.nodeCount, below: index.nodes.count)
        case 2: geometry.grid.step = Double(sign: .plus, exponent: random.index(below: 200) - 130, significand: 1)
        case 3: geometry.coordinateStep = Double(sign: .plus, exponent: random.index(below: 100) - 70, significand: 1)
        case 4: geometry.layout = VertexLayout(byte: UInt8(random.index(below: 32))) ?? geometry.layout
        case 5: geometry.triangleCount = pick([0, 1, 1 << 20, 1 << 40, .max])
        case 6: geometry.isProxy.toggle()
        default: geometry.materials = pick([[], [0], [0, 1], [.max], [UInt32(random.index(below: 6))]])
        }
        index.geometries[number] = geometry
    }

    private mutating func changeSectorRecord(_ number: Int) {
        var sector = index.sectors[number]
        let axis = random.index(below: 3)
        switch random.index(below: 9) {
        case 0: sector.bounds.minimum[axis] = double(sector.bounds.minimum[axis])
        case 1: sector.bounds.maximum[axis] = double(sector.bounds.maximum[axis])
        case 2: sector.chunk = word(sector.chunk, below: index.chunks.count)
        case 3: sector.instanceCount = word(sector.instanceCount, below: 400)
        case 4:
            sector.proxyNode = random.index(below: 3) == 0 ? nil : word(sector.proxyNode ?? 0, below: index.nodes.count)
        case 5: sector.proxyError = double(sector.proxyError)
        case 6: sector.triangleCount = pick([0, 1, 1 << 53, .max])
        case 7: sector.children = Array(sector.children.dropLast())
        default: sector.parent = word(sector.parent ?? 0, below: index.sectors.count)
        }
        index.sectors[number] = sector
        syncSector(number)
    }

    /// Makes the sector's chunk say what the index says.
    private mutating func syncSector(_ number: Int) {
        let record = index.sectors[number]
        guard chunks.indices.contains(Int(record.chunk)), index.chunks[Int(record.chunk)].kind == .sector else {
            return
        }
        let chunk = chunks[Int(record.chunk)]
        var reader = ByteReader(chunk.rawSpan)
        guard (try? SectorHeader(from: &reader)) != nil, let rest = try? reader.readBytes(reader.remaining) else {
            return
        }
        var writer = ByteWriter()
        SectorHeader(
            sector: UInt32(number), parent: record.parent, children: record.children, bounds: record.bounds,
            proxyNode: record.proxyNode, proxyError: record.proxyError, instanceCount: record.instanceCount
        ).write(to: &writer)
        writer.write(contentsOf: rest.copiedBytes)
        chunks[Int(record.chunk)] = writer.bytes
    }

    private mutating func changeTexture(_ number: Int) {
        switch random.index(below: 3) {
        case 0: index.textures[number].width = word(index.textures[number].width, below: 2048)
        case 1: index.textures[number].height = word(index.textures[number].height, below: 2048)
        default: index.textures[number].levelChunks = Array(index.textures[number].levelChunks.dropFirst())
        }
    }

    private mutating func changeChunkRecord(_ number: Int) {
        isChunkChanged = true
        switch random.index(below: 3) {
        case 0: index.chunks[number].offset = pick([0, 65_535, 1 << 40, 1 << 63, .max, index.chunks[0].offset])
        case 1: index.chunks[number].byteCount = word(index.chunks[number].byteCount, below: 4000)
        default: index.chunks[number].kind = pick([.nodes, .sector, .textureLevel])
        }
    }

    /// Puts another value where the description has a number, a text or a list.
    private mutating func changeDescription() {
        var text = String(decoding: description, as: UTF8.self)
        let starts = text.indices.filter { ":,[".contains(text[$0]) }
        guard !starts.isEmpty else { return }
        let start = text.index(after: pick(starts))
        let end = text[start...].firstIndex { ",]}".contains($0) } ?? text.endIndex
        text.replaceSubrange(start..<end, with: pick(HostileArchive.tokens))
        description = Array(text.utf8)
    }

    /// Changes numbers in an instance table.
    private mutating func changeSector() {
        let sectors = index.sectors.indices.filter { index.sectors[$0].instanceCount > 0 }
        guard !sectors.isEmpty else { return }
        let sector = index.sectors[pick(sectors)]
        guard chunks.indices.contains(Int(sector.chunk)) else { return }
        let chunk = chunks[Int(sector.chunk)]
        var reader = ByteReader(chunk.rawSpan)
        guard (try? SectorHeader(from: &reader)) != nil, let byteCount = try? reader.read(UInt32.self),
            byteCount < 1 << 20
        else { return }
        let front = Array(chunk[..<reader.offset])
        guard let compressed = try? reader.readBytes(reader.remaining),
            var table = try? Deflate.expand(compressed, byteCount: Int(byteCount)), table.count >= 8
        else { return }
        for _ in 0...random.index(below: 3) {
            let isWide = random.index(below: 2) == 0
            let value = isWide ? double(1).bitPattern : UInt64(word(0, below: 300))
            let place = random.index(below: table.count / 4 - 1) * 4
            for byte in 0..<(isWide ? 8 : 4) {
                table[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
            }
        }
        chunks[Int(sector.chunk)] = front + Deflate.compress(table)
    }

    private mutating func changeChunk() {
        let number = random.index(below: chunks.count)
        guard !chunks[number].isEmpty else { return }
        let place = random.index(below: min(chunks[number].count, random.index(below: 2) == 0 ? 80 : .max))
        chunks[number][place] =
            random.index(below: 2) == 0 ? pick([0, 1, 0x7f, 0x80, 0xff]) : UInt8(random.index(below: 256))
    }
}
