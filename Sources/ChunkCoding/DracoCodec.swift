// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import StreamCore

/// The codec of ordinary nodes: integers through Draco's edgebreaker. Layout: FORMAT.md, "Draco codec".
///
/// Positions are handed over as int32, never as floats: a vertex that two chunks share is
/// then bit-identical in both (Draco's own per-mesh quantisation breaks 93–99 % of them).
/// Edgebreaker reorders triangles, so the encoder decodes its own output and finds every triangle again by its three
/// positions; that also proves the chunk decodes.
enum DracoCodec {
    private enum Attribute {
        static let position: UInt32 = 0
        static let normal: UInt32 = 1
        static let color: UInt32 = 2
        static let firstCoordinateSet: UInt32 = 3
    }
    // Speed 0 saves 5–7 % more and halves both coding speeds; 5–7 decode 1.3 times faster and are 15–20 % larger.
    private static let speed = 3
    private static let normalBits = 10

    /// - Parameter mesh: positions relative to the node's origin.
    /// - Throws: when Draco refuses the mesh or changes its triangles (degenerate ones); use `PlainCodec` then.
    /// - Returns: the bytes, and what a decoder will find: Draco splits vertices where surfaces touch in a point or edge.
    static func encode(
        _ mesh: NodeMesh
    ) throws(NodeCodingError) -> (bytes: [UInt8], decodedIndices: [UInt32], match: TriangleMatch) {
        let block = try compress(mesh)
        let decoded = try decompress(block.rawSpan, layout: mesh.layout)
        var writer = ByteWriter()
        writer.writeBlock(block)
        return (writer.bytes, decoded.indices, try TriangleMatch(source: mesh, decoded: decoded))
    }

    /// - Returns: the mesh with its triangles in Draco's order.
    static func decode(_ reader: inout ByteReader, header: NodeHeader) throws(NodeCodingError) -> NodeMesh {
        let block: RawSpan
        do throws(ChunkError) {
            block = try reader.readBytes(Int(try reader.read(UInt32.self)))
        } catch {
            throw .chunk(error)
        }
        let mesh = try decompress(
            block, layout: header.layout, maximumVertices: Int(header.vertexCount),
            maximumTriangles: Int(header.triangleCount))
        guard mesh.vertexCount == header.vertexCount, mesh.triangleCount == header.triangleCount else {
            throw .mismatch("\(mesh.vertexCount) vertices and \(mesh.triangleCount) triangles")
        }
        return mesh
    }

    private static func compress(_ mesh: NodeMesh) throws(NodeCodingError) -> [UInt8] {
        var encoder = DracoMeshEncoder(pointCount: mesh.vertexCount)
        encoder.add(.position, id: Attribute.position, componentCount: 3, values: mesh.positions)
        if mesh.layout.normals == .stored {
            let floats = mesh.normals.flatMap { code -> [Float] in
                let normal = OctahedralNormal.decode(code)
                return [normal.x, normal.y, normal.z]
            }
            encoder.add(
                .normal, id: Attribute.normal, componentCount: 3, quantizationBits: normalBits, values: floats)
        }
        if mesh.layout.colorComponentCount > 0 {
            encoder.add(
                .color, id: Attribute.color, componentCount: mesh.layout.colorComponentCount, values: mesh.colors)
        }
        for (set, values) in mesh.coordinates.enumerated() {
            encoder.add(
                .textureCoordinate, id: Attribute.firstCoordinateSet + UInt32(set), componentCount: 2, values: values)
        }
        do throws(DracoError) {
            return try encoder.encode(indices: mesh.indices, speed: speed)
        } catch {
            throw .draco(error)
        }
    }

    private static func decompress(
        _ bytes: RawSpan, layout: VertexLayout, maximumVertices: Int = .max, maximumTriangles: Int = .max
    ) throws(NodeCodingError) -> NodeMesh {
        do throws(DracoError) {
            let draco = try DracoMesh(
                decoding: bytes, maximumPoints: maximumVertices, maximumTriangles: maximumTriangles)
            var mesh = NodeMesh(layout: layout)
            mesh.indices = draco.indices()
            mesh.positions = try values(draco, Attribute.position, components: 3)
            mesh.normals = Array(repeating: NodeMesh.computedNormal, count: draco.pointCount)
            if layout.normals == .stored {
                let floats: [Float] = try values(draco, Attribute.normal, components: 3)
                for vertex in 0..<draco.pointCount {
                    mesh.normals[vertex] = OctahedralNormal.encode(
                        Float3(floats[3 * vertex], floats[3 * vertex + 1], floats[3 * vertex + 2]))
                }
            }
            if layout.colorComponentCount > 0 {
                mesh.colors = try values(draco, Attribute.color, components: layout.colorComponentCount)
            }
            for set in 0..<layout.coordinateSetCount {
                mesh.coordinates[set] = try values(draco, Attribute.firstCoordinateSet + UInt32(set), components: 2)
            }
            return mesh
        } catch {
            throw .draco(error)
        }
    }

    private static func values<Value: DracoScalar>(
        _ mesh: borrowing DracoMesh, _ id: UInt32, components: Int
    ) throws(DracoError) -> [Value] {
        guard mesh.componentCount(of: id) == components else { throw .missingAttribute(id: id) }
        return try mesh.values(of: id, as: Value.self)
    }
}
