// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Turns a node's mesh into its payload and back. Pure functions, safe on any thread.
package enum NodeCoding {
    /// Nodes up to this many triangles cost less in the plain codec, whose overhead is a few bytes.
    package static let plainTriangleCount = 96

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
        let origin = mesh.box.minimum
        if preferred == .draco, let result = try? DracoCodec.encode(mesh, origin: origin) {
            return (result.bytes, .draco, result.vertexCount)
        }
        return (PlainCodec.encode(mesh, origin: origin), .plain, mesh.vertexCount)
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
        var mesh: NodeMesh
        switch header.codec {
        case .draco: mesh = try DracoCodec.decode(body, header: header)
        case .plain:
            do throws(ChunkError) {
                mesh = try PlainCodec.decode(body, header: header)
            } catch {
                throw .chunk(error)
            }
        }
        mesh.rangeTriangleCounts = header.ranges.map { Int($0.triangleCount) }
        let box = mesh.box
        guard mesh.vertexCount == 0 || (box.minimum == header.origin && box.maximum &- box.minimum == header.extent)
        else {
            throw .mismatch("positions leave the node's box")
        }
        return (header, mesh)
    }
}
