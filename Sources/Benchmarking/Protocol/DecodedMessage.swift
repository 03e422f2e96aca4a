// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkCoding
import ImageCoding
import Rendering
import StreamCore

/// What decoding makes of a chunk's or a frame's bytes: what a viewer would give to its GPU.
enum DecodedMessage: Sendable {
    case nodes(chunk: UInt32, [(header: NodeHeader, gpuByteCount: Int)])
    case sector(chunk: UInt32, SectorHeader, [Instance])
    case texture(chunk: UInt32)
    case picture(frame: UInt32, Image)
    /// Nothing that could be used, and why.
    case damaged(chunk: UInt32?, frame: UInt32?, String)

    private static let maximumPixelCount = 1 << 26

    /// Never traps, whatever the chunk holds.
    ///
    /// - Parameter geometry: the record of a geometry that was announced.
    static func decode(
        _ message: Wire.Chunk, geometries: [UInt32: GeometryRecord]
    ) -> DecodedMessage {
        let chunk = message.chunk
        do {
            var reader = ByteReader(message.payload.rawSpan)
            switch ChunkKind(rawValue: message.kind) {
            case .nodes:
                var nodes: [(header: NodeHeader, gpuByteCount: Int)] = []
                while reader.remaining > 0 {
                    let (header, mesh) = try NodeCoding.decode(&reader)
                    guard let geometry = geometries[header.geometry] else {
                        return .damaged(chunk: chunk, frame: nil, "geometry \(header.geometry) was not announced")
                    }
                    let packed = PackedMesh(header: header, mesh: mesh, geometry: geometry)
                    nodes.append((header, packed.gpuByteCount))
                }
                return .nodes(chunk: chunk, nodes)
            case .sector: return try decodeSector(chunk, &reader)
            case .textureLevel:
                _ = try TextureLevelHeader(from: &reader)
                _ = try ImageDecoding.decode(
                    try reader.readBytes(reader.remaining), maximumPixels: maximumPixelCount, channelCount: 4)
                return .texture(chunk: chunk)
            case nil: return .damaged(chunk: chunk, frame: nil, "chunk \(chunk) is of kind \(message.kind)")
            }
        } catch {
            return .damaged(chunk: chunk, frame: nil, "chunk \(chunk): \(error)")
        }
    }

    private static func decodeSector(_ chunk: UInt32, _ reader: inout ByteReader) throws -> DecodedMessage {
        let header = try SectorHeader(from: &reader)
        let count = Int(header.instanceCount)
        let byteCount = Int(try reader.read(UInt32.self))
        guard count <= ResidentScene.maximumInstanceCount, byteCount <= InstanceTable.maximumByteCount(count: count)
        else { return .damaged(chunk: chunk, frame: nil, "chunk \(chunk): its instance table is too large") }
        let table = try Deflate.expand(try reader.readBytes(reader.remaining), byteCount: byteCount)
        return .sector(chunk: chunk, header, try InstanceTable.decode(table.rawSpan, count: count))
    }

    static func decode(frame: UInt32, payload: [UInt8]) -> DecodedMessage {
        do {
            let image = try ImageDecoding.decode(
                payload.rawSpan, maximumPixels: maximumPixelCount, channelCount: 3)
            return .picture(frame: frame, image)
        } catch {
            return .damaged(chunk: nil, frame: frame, "frame \(frame): \(error)")
        }
    }
}

extension GeometryRecord {
    /// As far as a message tells.
    init?(_ message: Wire.Geometry) {
        guard let layout = VertexLayout(byte: message.layout) else { return nil }
        self.init(
            firstNode: 0, nodeCount: 0, grid: Grid(step: message.gridStep), layout: layout,
            coordinateStep: message.coordinateStep, triangleCount: 0, materials: message.materials,
            isProxy: message.isProxy, border: 0)
    }
}
