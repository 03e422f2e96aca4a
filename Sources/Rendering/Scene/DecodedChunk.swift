// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ImageCoding
import ModelStorage
import StreamCore

/// What is in a chunk, ready to be drawn.
enum DecodedChunk: Sendable {
    case nodes([(header: NodeHeader, mesh: PackedMesh)])
    case sector(SectorHeader, [Instance])
    case texture(PackedTexture)
    /// Nothing that could be used; the reason, for people.
    case damaged(String)

    /// Bytes that it takes until it is on the GPU.
    var byteCount: Int {
        switch self {
        case .nodes(let nodes): nodes.reduce(0) { $0 + $1.mesh.gpuByteCount }
        case .sector(_, let instances): instances.count * MemoryLayout<Instance>.stride
        case .texture(let texture): texture.gpuByteCount
        case .damaged: 0
        }
    }
}

/// Decodes the chunks of one archive. Immutable; safe on any thread.
struct ChunkDecoder: Sendable {
    let archive: Archive
    /// By chunk: the nodes in it, the sector, or the texture and the place among its levels.
    private let contents: ChunkContents
    /// By texture: whether some material reads it as a colour.
    private let isColor: [Bool]

    /// Pixels of a texture level at most: as in the browser.
    private static let maximumPixelCount = 1 << 26

    init(archive: Archive, contents: ChunkContents) {
        self.archive = archive
        self.contents = contents
        isColor = ChunkDecoder.colorTextures(archive)
    }

    /// Never traps, whatever the chunk holds.
    ///
    /// - Parameter verifies: whether the chunk's bytes are compared with their hash first.
    func decode(_ chunk: Int, verifies: Bool) -> DecodedChunk {
        if verifies, !archive.hasIntactChunk(chunk) { return .damaged("chunk \(chunk): its bytes have changed") }
        do {
            switch contents[chunk] {
            case .nodes(let nodes): return .nodes(try nodes.map { try decode(node: Int($0)) })
            case .sector(let sector): return try decode(sector: sector, chunk)
            case .textureLevel(let texture, let position): return try decode(texture, position, chunk)
            case .nothing: return .damaged("chunk \(chunk): nothing uses it")
            }
        } catch {
            return .damaged("chunk \(chunk): \(error)")
        }
    }

    private func decode(node: Int) throws(NodeCodingError) -> (header: NodeHeader, mesh: PackedMesh) {
        let (header, mesh) = try archive.decodeNode(node)
        let record = archive.index.nodes[node]
        guard header.origin == record.origin, header.extent == record.extent, header.parents == record.parents else {
            throw .mismatch("node \(node) is not the one that the index describes")
        }
        let geometry = archive.index.geometries[Int(record.geometry)]
        return (header, PackedMesh(header: header, mesh: mesh, geometry: geometry))
    }

    private func decode(sector: Int, _ chunk: Int) throws(ChunkError) -> DecodedChunk {
        let archive = archive
        let instances = try archive.instances(inSector: sector)
        var reader = ByteReader(archive.chunkBytes(chunk))
        var header = try SectorHeader(from: &reader)
        // The index is what everything else goes by.
        let record = archive.index.sectors[sector]
        header.parent = record.parent
        header.children = record.children
        header.bounds = record.bounds
        header.proxyNode = record.proxyNode
        header.proxyError = record.proxyError
        return .sector(header, instances)
    }

    private func decode(_ texture: Int, _ position: Int, _ chunk: Int) throws -> DecodedChunk {
        let archive = archive
        var reader = ByteReader(archive.chunkBytes(chunk))
        let header = try TextureLevelHeader(from: &reader)
        guard header.texture == texture else { throw ChunkError.invalid(field: .textureLevel, offset: 0) }
        let image = try ImageDecoding.decode(
            try reader.readBytes(reader.remaining), maximumPixels: ChunkDecoder.maximumPixelCount, channelCount: 4)
        guard image.width == header.width, image.height == header.height else {
            throw ChunkError.invalid(field: .textureLevel, offset: 6)
        }
        let levelCount = archive.index.textures[texture].levelChunks.count
        return .texture(
            PackedTexture(
                texture: texture, level: Int(header.level), width: image.width, height: image.height,
                levelCount: levelCount, pixels: image.pixels, isColor: isColor[texture]))
    }

    /// Which textures hold colours, as the shader reads them.
    private static func colorTextures(_ archive: Archive) -> [Bool] {
        var result = [Bool](repeating: false, count: archive.index.textures.count)
        for material in archive.description.materials {
            let references = [
                material.baseColorTexture, material.emissiveTexture, material.sheen?.colorTexture,
                material.specular?.colorTexture,
            ]
            for case let reference? in references where result.indices.contains(reference.texture) {
                result[reference.texture] = true
            }
        }
        return result
    }
}

/// What each chunk of an archive holds, by the index.
struct ChunkContents: Sendable {
    enum Content: Sendable {
        case nodes(ArraySlice<UInt32>)
        case sector(Int)
        /// A texture, and the place among its stored levels, finest first.
        case textureLevel(Int, Int)
        case nothing
    }

    private var contents: [Content]
    /// What a chunk takes on the GPU, by chunk; of textures every level by itself.
    private(set) var gpuByteCounts: [Int]

    init(_ index: TilesetIndex) {
        contents = Array(repeating: .nothing, count: index.chunks.count)
        gpuByteCounts = Array(repeating: 0, count: index.chunks.count)
        addNodes(index)
        for (number, sector) in index.sectors.enumerated() { contents[Int(sector.chunk)] = .sector(number) }
        for (number, texture) in index.textures.enumerated() {
            for (position, chunk) in texture.levelChunks.enumerated() {
                contents[Int(chunk)] = .textureLevel(number, position)
                let (width, height) = (
                    max(1, texture.width >> UInt32(position)), max(1, texture.height >> UInt32(position))
                )
                gpuByteCounts[Int(chunk)] = Int(width) * Int(height) * 4
            }
        }
    }

    subscript(chunk: Int) -> Content { contents[chunk] }

    private mutating func addNodes(_ index: TilesetIndex) {
        let order = (0..<UInt32(index.nodes.count)).sorted {
            (index.nodes[Int($0)].chunk, $0) < (index.nodes[Int($1)].chunk, $1)
        }
        var first = 0
        while first < order.count {
            let chunk = Int(index.nodes[Int(order[first])].chunk)
            var end = first
            while end < order.count, Int(index.nodes[Int(order[end])].chunk) == chunk {
                gpuByteCounts[chunk] += ChunkContents.gpuByteCount(index.nodes[Int(order[end])], index)
                end += 1
            }
            contents[chunk] = .nodes(order[first..<end])
            first = end
        }
    }

    private static func gpuByteCount(_ node: NodeRecord, _ index: TilesetIndex) -> Int {
        let layout = index.geometries[Int(node.geometry)].layout
        let vertexClass = VertexClass(
            isWide: node.extent.max() > VertexClass.narrowExtent, setCount: layout.coordinateSetCount,
            hasColors: layout.colorComponentCount > 0)
        return Int(node.vertexCount) * vertexClass.stride + 12 * Int(node.triangleCount)
    }
}
