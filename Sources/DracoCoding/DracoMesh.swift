// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CDraco

/// A decoded Draco mesh. Not thread-safe; owns libdraco's memory until the value's lifetime ends.
package struct DracoMesh: ~Copyable {
    private let handle: OpaquePointer
    package let pointCount: Int
    package let triangleCount: Int

    /// Decodes a whole Draco mesh. Every index of the result is < `pointCount`.
    ///
    /// - Parameter maximumTriangles: more are refused before libdraco allocates anything; with a limit, only bitstream
    ///   2.2 without metadata is accepted, because other headers do not tell.
    /// - Throws: `decodingFailed` for anything that is not a complete, valid Draco mesh; `tooLarge` beyond the limits.
    package init(
        decoding bytes: RawSpan, maximumPoints: Int = .max, maximumTriangles: Int = .max
    ) throws(DracoError) {
        if maximumTriangles < .max {
            guard let claims = DracoClaims(bytes) else {
                throw .decodingFailed("not bitstream 2.2 without metadata")
            }
            guard claims.triangles <= maximumTriangles, claims.points <= maximumPoints else {
                throw .tooLarge(points: claims.points, triangles: claims.triangles)
            }
        }
        let (mesh, reason) = withReason { message, capacity in
            bytes.withUnsafeBytes { buffer in
                cdraco_decode(
                    buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count, message, capacity)
            }
        }
        guard let mesh else { throw .decodingFailed(reason) }
        let points = cdraco_mesh_point_count(mesh)
        let triangles = cdraco_mesh_triangle_count(mesh)
        guard points <= maximumPoints, triangles <= maximumTriangles else {
            cdraco_mesh_destroy(mesh)
            throw .tooLarge(points: points, triangles: triangles)
        }
        handle = mesh
        pointCount = points
        triangleCount = triangles
    }

    deinit { cdraco_mesh_destroy(handle) }

    /// Three per triangle, in decode order.
    package func indices() -> [UInt32] {
        guard let start = cdraco_mesh_indices(handle) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: 3 * triangleCount))
    }

    /// Components per point of attribute `id`, or nil if the mesh has none of that unique id.
    package func componentCount(of id: UInt32) -> Int? {
        let count = cdraco_mesh_component_count(handle, id)
        return count == 0 ? nil : count
    }

    /// All values of attribute `id`, `pointCount` × component count of them, converted to `Value`.
    ///
    /// - Throws: `missingAttribute`, or `decodingFailed` when a value does not fit `Value`.
    package func values<Value: DracoScalar>(of id: UInt32, as type: Value.Type) throws(DracoError) -> [Value] {
        guard let components = componentCount(of: id) else { throw .missingAttribute(id: id) }
        let count = pointCount * components
        var status = Int32(CDRACO_OK)
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            status = cdraco_mesh_copy_attribute(
                handle, id, Value.dracoType, buffer.baseAddress, count * MemoryLayout<Value>.stride)
            initialized = status == CDRACO_OK ? count : 0
        }
        guard status == CDRACO_OK else { throw .decodingFailed("attribute \(id) cannot be converted") }
        return values
    }
}

/// The scalar types Draco stores.
package protocol DracoScalar: BitwiseCopyable, Sendable {
    static var dracoType: UInt8 { get }
}
extension Float: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_FLOAT32) } }
extension Int8: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_INT8) } }
extension UInt8: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_UINT8) } }
extension Int16: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_INT16) } }
extension UInt16: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_UINT16) } }
extension Int32: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_INT32) } }
extension UInt32: DracoScalar { package static var dracoType: UInt8 { UInt8(CDRACO_UINT32) } }
