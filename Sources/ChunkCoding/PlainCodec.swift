// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The codec of roots and small nodes, decodable by a screen of JavaScript: so that the first picture waits for no
/// WebAssembly. Everything is a LEB128 integer. Layout: FORMAT.md, "Plain codec".
///
/// Vertices appear in the order of their first use, so an index is written as its distance below the next new vertex
/// (0: the next new vertex itself), and an attribute as the zigzag difference to the previous vertex.
enum PlainCodec {
    /// - Parameter mesh: positions relative to the node's origin.
    /// - Returns: the bytes, and which vertex each decoded one is.
    static func encode(_ mesh: NodeMesh) -> (bytes: [UInt8], sourceVertices: [Int]) {
        var writer = ByteWriter()
        var order: [Int] = []
        var newIndex = [UInt32](repeating: .max, count: mesh.vertexCount)
        for index in mesh.indices {
            if newIndex[Int(index)] == .max {
                newIndex[Int(index)] = UInt32(order.count)
                writer.writeVarint(0)
                order.append(Int(index))
            } else {
                writer.writeVarint(UInt32(order.count) - newIndex[Int(index)])
            }
        }
        precondition(order.count == mesh.vertexCount, "every vertex is used by a triangle")
        for axis in 0..<3 {
            write(order.map { mesh.positions[3 * $0 + axis] }, to: &writer)
        }
        if mesh.layout.normals == .stored {
            write(order.map { Int32(mesh.normals[$0] & 0xfff) }, to: &writer)
            write(order.map { Int32(mesh.normals[$0] >> 12) }, to: &writer)
        }
        for set in mesh.coordinates {
            for component in 0..<2 { write(order.map { set[2 * $0 + component] }, to: &writer) }
        }
        let components = mesh.layout.colorComponentCount
        for component in 0..<components {
            write(order.map { Int32(mesh.colors[components * $0 + component]) }, to: &writer)
        }
        return (writer.bytes, order)
    }

    private static func write(_ column: [Int32], to writer: inout ByteWriter) {
        var previous: Int32 = 0
        for value in column {
            writer.writeSignedVarint(value &- previous)
            previous = value
        }
    }

    static func decode(_ reader: inout ByteReader, header: NodeHeader) throws(ChunkError) -> NodeMesh {
        var mesh = NodeMesh(layout: header.layout)
        let vertexCount = Int(header.vertexCount)
        let indexCount = 3 * Int(header.triangleCount)
        guard indexCount <= reader.remaining, vertexCount <= reader.remaining else {
            throw .truncated(offset: 0, needed: indexCount, available: reader.remaining)
        }
        mesh.indices = try readIndices(&reader, count: indexCount, vertexCount: vertexCount)
        mesh.positions = Array(repeating: 0, count: 3 * vertexCount)
        for axis in 0..<3 {
            try read(&reader, vertexCount) { mesh.positions[3 * $0 + axis] = $1 }
        }
        mesh.normals = Array(repeating: NodeMesh.computedNormal, count: vertexCount)
        if header.layout.normals == .stored {
            try read(&reader, vertexCount) { mesh.normals[$0] = UInt32(bitPattern: $1) & 0xfff }
            try read(&reader, vertexCount) { mesh.normals[$0] |= (UInt32(bitPattern: $1) & 0xfff) << 12 }
        }
        for set in 0..<header.layout.coordinateSetCount {
            mesh.coordinates[set] = Array(repeating: 0, count: 2 * vertexCount)
            for component in 0..<2 {
                try read(&reader, vertexCount) { mesh.coordinates[set][2 * $0 + component] = $1 }
            }
        }
        let components = header.layout.colorComponentCount
        mesh.colors = Array(repeating: 0, count: components * vertexCount)
        for component in 0..<components {
            try read(&reader, vertexCount) {
                mesh.colors[components * $0 + component] = UInt8(truncatingIfNeeded: $1)
            }
        }
        return mesh
    }

    private static func readIndices(
        _ reader: inout ByteReader, count: Int, vertexCount: Int
    ) throws(ChunkError) -> [UInt32] {
        var indices: [UInt32] = []
        indices.reserveCapacity(count)
        var next: UInt32 = 0
        for _ in 0..<count {
            let distance = try reader.readVarint()
            guard distance <= next, distance > 0 || next < UInt32(vertexCount) else {
                throw .invalid(field: .vertexIndex, offset: reader.offset)
            }
            indices.append(next - distance)
            if distance == 0 { next += 1 }
        }
        guard next == UInt32(vertexCount) else { throw .invalid(field: .vertexCount, offset: reader.offset) }
        return indices
    }

    private static func read(
        _ reader: inout ByteReader, _ count: Int, _ store: (Int, Int32) -> Void
    ) throws(ChunkError) {
        var value: Int32 = 0
        for vertex in 0..<count {
            value = value &+ (try reader.readSignedVarint())
            store(vertex, value)
        }
    }
}
