// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Turns a node's mesh into its payload and back. Pure functions, safe on any thread.
package enum NodeCoding {
    /// Nodes up to this many triangles cost less in the plain codec, whose overhead is a few bytes.
    package static let plainTriangleCount = 96
    /// Positions that are multiples of up to 2^12 grid steps cost as many bits less.
    package static let maximumPositionShift = 12

    /// Encodes a mesh without its header, which needs ids the builder does not know yet.
    ///
    /// - Parameters:
    ///   - mesh: every vertex used, no triangle with two equal positions, triangles sorted by range.
    ///   - preferred: the codec to use; Draco gives way to the plain codec when it cannot keep the triangles as they
    ///     are.
    /// - Returns: the body, the codec it is in, and how many vertices a decoder will find.
    package static func encodeBody(
        _ mesh: NodeMesh, preferring preferred: NodeHeader.Codec
    ) -> (bytes: [UInt8], codec: NodeHeader.Codec, vertexCount: Int) {
        let shift = FinePositions.shift(for: mesh.positions)
        var coarse = mesh
        let base = mesh.box.minimum &>> Int32(shift)
        for index in coarse.positions.indices {
            coarse.positions[index] = (coarse.positions[index] >> Int32(shift)) &- base[index % 3]
        }
        if preferred == .draco, let result = try? DracoCodec.encode(coarse) {
            let labels = result.match.labels(rangeTriangleCounts: mesh.rangeTriangleCounts)
            let details = NodeDetails.encode(
                mesh, shift: shift, sourceVertices: result.match.sourceVertices,
                labels: mesh.rangeTriangleCounts.count > 1 ? labels : nil, indices: result.decodedIndices)
            return (details.head + result.bytes + details.stream, .draco, result.match.sourceVertices.count)
        }
        let result = PlainCodec.encode(coarse)
        var newIndex = [UInt32](repeating: 0, count: mesh.vertexCount)
        for (decoded, source) in result.sourceVertices.enumerated() { newIndex[source] = UInt32(decoded) }
        let details = NodeDetails.encode(
            mesh, shift: shift, sourceVertices: result.sourceVertices, labels: nil,
            indices: mesh.indices.map { newIndex[Int($0)] })
        return (details.head + result.bytes + details.stream, .plain, mesh.vertexCount)
    }

    package static func payload(header: NodeHeader, body: RawSpan) -> [UInt8] {
        var writer = ByteWriter()
        header.write(to: &writer)
        writer.writeBlock(body.copiedBytes)
        return writer.bytes
    }

    /// Decodes one node from the front of `reader` (a chunk may hold several).
    ///
    /// - Returns: the header, and the mesh with triangles sorted by the header's ranges; normals that the payload leaves
    ///   to the decoder are `NodeMesh.computedNormal`.
    /// - Throws: for anything but a payload this library could have written; never traps.
    package static func decode(_ reader: inout ByteReader) throws(NodeCodingError) -> (
        header: NodeHeader, mesh: NodeMesh
    ) {
        let header: NodeHeader
        let body: RawSpan
        do throws(ChunkError) {
            header = try NodeHeader(from: &reader)
            body = try reader.readBytes(Int(try reader.read(UInt32.self)))
        } catch {
            throw .chunk(error)
        }
        var mesh = try decodeBody(body, header: header)
        mesh.rangeTriangleCounts = header.ranges.map { Int($0.triangleCount) }
        let box = mesh.box
        guard mesh.vertexCount == 0 || (box.minimum == header.origin && box.maximum &- box.minimum == header.extent)
        else {
            throw .mismatch("positions leave the node's box")
        }
        return (header, mesh)
    }

    private static func decodeBody(_ body: RawSpan, header: NodeHeader) throws(NodeCodingError) -> NodeMesh {
        var reader = ByteReader(body)
        let details: NodeDetails
        do throws(ChunkError) {
            details = try NodeDetails(&reader)
        } catch {
            throw .chunk(error)
        }
        var mesh = NodeMesh(layout: header.layout)
        if header.codec == .draco { mesh = try DracoCodec.decode(&reader, header: header) }
        do throws(ChunkError) {
            if header.codec == .plain { mesh = try PlainCodec.decode(&reader, header: header) }
            try details.complete(&mesh, &reader, header: header)
        } catch {
            throw .chunk(error)
        }
        return mesh
    }
}
