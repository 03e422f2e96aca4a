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

    init(archive: Archive, contents: ChunkContents) {
        self.archive = archive
        self.contents = contents
        isColor = ChunkDecoder.colorTextures(archive)
    }

    /// Reads and decodes a chunk. Never traps, whatever it holds.
    func decode(_ chunk: Int) -> DecodedChunk {
        do {
            switch contents[chunk] {
            case .nodes(let nodes):
                let bytes = try archive.chunkBytes(chunk)
                return .nodes(try nodes.map { try decode(node: Int($0), bytes.rawSpan) })
            case .sector(let sector):
                let (header, instances) = try archive.sector(sector)
                return .sector(header, instances)
            case .textureLevel(let texture, let position): return try decode(texture, position)
            case .nothing: return .damaged("chunk \(chunk): nothing uses it")
            }
        } catch {
            return .damaged("chunk \(chunk): \(error)")
        }
    }

    private func decode(node: Int, _ chunk: RawSpan) throws(NodeCodingError) -> (header: NodeHeader, mesh: PackedMesh) {
        let (header, mesh) = try archive.decodeNode(node, ofChunk: chunk)
        let geometry = archive.index.geometries[Int(header.geometry)]
        return (header, PackedMesh(header: header, mesh: mesh, geometry: geometry))
    }

    private func decode(_ texture: Int, _ position: Int) throws -> DecodedChunk {
        let (header, chunk) = try archive.textureLevel(texture, at: position)
        let content = chunk.rawSpan.extracting(droppingFirst: TextureLevelHeader.byteCount)
        let image = try ImageDecoding.decode(content, maximumPixels: header.pixelCount, channelCount: 4)
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
