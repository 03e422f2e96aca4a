// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import StreamCore

/// The codec of ordinary nodes: integers through Draco's edgebreaker, then what edgebreaker does not keep.
/// Layout: FORMAT.md, "Draco codec".
///
/// Positions are handed over as int32 relative to the node's origin, never as floats: a vertex that two chunks share is
/// then bit-identical in both (Draco's own per-mesh quantisation breaks 93–99 % of them).
/// Edgebreaker reorders triangles, so the encoder decodes its own output, finds every triangle again by its three
/// positions, and stores which range each run of decoded triangles belongs to; that also proves the chunk decodes.
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

    /// - Throws: when Draco refuses the mesh or changes its triangles (degenerate ones); use `PlainCodec` then.
    /// - Returns: the body, and its vertex count: Draco splits vertices where surfaces touch in a point or edge.
    static func encode(
        _ mesh: NodeMesh, origin: Int3
    ) throws(NodeCodingError) -> (bytes: [UInt8], vertexCount: Int) {
        let bytes = try compress(mesh, origin: origin)
        let decoded = try decompress(bytes.rawSpan, layout: mesh.layout, origin: origin)
        let match = try TriangleMatch(source: mesh, decoded: decoded, origin: origin)
        var writer = ByteWriter()
        writer.writeBlock(bytes)
        if mesh.rangeTriangleCounts.count > 1 {
            LabelRuns.write(
                match.labels(rangeTriangleCounts: mesh.rangeTriangleCounts),
                rangeCount: mesh.rangeTriangleCounts.count, to: &writer)
        }
        if mesh.layout.normals == .computed {
            BorderNormals.write(match.sourceVertices.map { mesh.normals[$0] }, to: &writer)
        }
        return (writer.bytes, decoded.vertexCount)
    }

    static func decode(_ bytes: RawSpan, header: NodeHeader) throws(NodeCodingError) -> NodeMesh {
        var reader = ByteReader(bytes)
        let block: RawSpan
        do throws(ChunkError) {
            block = try reader.readBytes(Int(try reader.read(UInt32.self)))
        } catch {
            throw .chunk(error)
        }
        var mesh = try decompress(
            block, layout: header.layout, origin: header.origin, maximumVertices: Int(header.vertexCount),
            maximumTriangles: Int(header.triangleCount))
        guard mesh.vertexCount == header.vertexCount, mesh.triangleCount == header.triangleCount else {
            throw .mismatch("\(mesh.vertexCount) vertices and \(mesh.triangleCount) triangles")
        }
        do throws(ChunkError) {
            if header.ranges.count > 1 {
                let counts = header.ranges.map { Int($0.triangleCount) }
                mesh.indices = try LabelRuns.sort(mesh.indices, &reader, rangeTriangleCounts: counts)
            }
            if header.layout.normals == .computed { try BorderNormals.read(&reader, into: &mesh.normals) }
            try reader.finish()
        } catch {
            throw .chunk(error)
        }
        return mesh
    }

    private static func compress(_ mesh: NodeMesh, origin: Int3) throws(NodeCodingError) -> [UInt8] {
        var encoder = DracoMeshEncoder(pointCount: mesh.vertexCount)
        var relative = mesh.positions
        for first in stride(from: 0, to: relative.count, by: 3) {
            for axis in 0..<3 { relative[first + axis] &-= origin[axis] }
        }
        encoder.add(.position, id: Attribute.position, componentCount: 3, values: relative)
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
        _ bytes: RawSpan, layout: VertexLayout, origin: Int3, maximumVertices: Int = .max, maximumTriangles: Int = .max
    ) throws(NodeCodingError) -> NodeMesh {
        do throws(DracoError) {
            let draco = try DracoMesh(
                decoding: bytes, maximumPoints: maximumVertices, maximumTriangles: maximumTriangles)
            var mesh = NodeMesh(layout: layout)
            mesh.indices = draco.indices()
            mesh.positions = try values(draco, Attribute.position, components: 3)
            for first in stride(from: 0, to: mesh.positions.count, by: 3) {
                for axis in 0..<3 { mesh.positions[first + axis] &+= origin[axis] }
            }
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
