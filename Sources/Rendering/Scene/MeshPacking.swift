// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkCoding
package import StreamCore

// A decoded node to the bytes that the GPU reads: what the browser's decode workers do
// (Sources/Viewer/web/decode/node-decoder.js), with the same results bit for bit, so that both paths shade alike.
extension PackedMesh {
    /// - Parameters:
    ///   - mesh: as `NodeCoding.decode` gives it, with the positions' box that `header` says.
    ///   - geometry: the one that the node is of.
    package init(header: NodeHeader, mesh: NodeMesh, geometry: GeometryRecord) {
        let vertexClass = VertexClass(
            isWide: header.extent.max() > VertexClass.narrowExtent, setCount: mesh.coordinates.count,
            hasColors: mesh.layout.colorComponentCount > 0)
        var vertices = [UInt8](repeating: 0, count: vertexClass.stride * mesh.vertexCount)
        let normals = mesh.normalWords()
        unsafe vertices.withUnsafeMutableBytes { bytes in
            let writer = unsafe VertexWriter(bytes: bytes, vertexClass: vertexClass, mesh: mesh)
            writer.writePositions(origin: header.origin)
            writer.writeNormals(normals)
            for set in mesh.coordinates.indices { writer.writeCoordinates(set, step: geometry.coordinateStep) }
            if vertexClass.hasColors { writer.writeColors() }
        }
        self.init(
            node: header.node, gridStep: geometry.grid.step, origin: header.origin, vertexClass: vertexClass,
            vertexCount: mesh.vertexCount, vertices: vertices, indices: mesh.indices)
    }
}

/// Writes attributes into interleaved vertices; used within one call of `withUnsafeMutableBytes`.
@safe private struct VertexWriter {
    /// As many as the mesh's vertices take.
    let bytes: UnsafeMutableRawBufferPointer
    let vertexClass: VertexClass
    let mesh: NodeMesh

    private func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    func writePositions(origin: Int3) {
        let stride = vertexClass.stride
        for vertex in 0..<mesh.vertexCount {
            for axis in 0..<3 {
                let value = UInt32(bitPattern: mesh.positions[3 * vertex + axis] &- origin[axis])
                if vertexClass.isWide {
                    store(value, at: vertex * stride + 4 * axis)
                } else {
                    store(UInt16(truncatingIfNeeded: value), at: vertex * stride + 2 * axis)
                }
            }
        }
    }

    func writeNormals(_ words: [SIMD2<Int16>]) {
        var at = vertexClass.normalOffset
        for word in words {
            store(word.x, at: at)
            store(word.y, at: at + 2)
            at += vertexClass.stride
        }
    }

    func writeCoordinates(_ set: Int, step: Double) {
        let values = mesh.coordinates[set]
        var at = vertexClass.coordinatesOffset + 8 * set
        for first in stride(from: 0, to: values.count, by: 2) {
            store(Float(Double(values[first]) * step).bitPattern, at: at)
            store(Float(Double(values[first + 1]) * step).bitPattern, at: at + 4)
            at += vertexClass.stride
        }
    }

    /// Opaque where the mesh has no alpha.
    func writeColors() {
        let components = mesh.layout.colorComponentCount
        var at = vertexClass.colorOffset
        for first in stride(from: 0, to: mesh.colors.count, by: components) {
            for component in 0..<3 { store(mesh.colors[first + component], at: at + component) }
            store(components == 4 ? mesh.colors[first + 3] : 255, at: at + 3)
            at += vertexClass.stride
        }
    }
}
