// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CDraco
import Glibc

/// Collects a mesh's attributes and encodes them with Draco's edgebreaker.
///
/// Draco reorders vertices and triangles, drops degenerate triangles and unused vertices, and splits non-manifold
/// vertices: decode the result when the order matters.
package struct DracoMeshEncoder {
    package enum Kind: UInt8, Sendable { case position = 0, normal, color, textureCoordinate, generic }

    private struct Attribute {
        let kind: Kind
        let dataType: UInt8
        let componentCount: Int
        let quantizationBits: Int
        let id: UInt32
        let bytes: [UInt8]
    }

    private let pointCount: Int
    private var attributes: [Attribute] = []

    package init(pointCount: Int) { self.pointCount = pointCount }

    /// Adds an attribute of `pointCount` × `componentCount` values.
    ///
    /// - Parameter quantizationBits: for floats, 1...30 (octahedral when `kind` is `.normal`); 0 keeps values exactly.
    package mutating func add<Value: DracoScalar>(
        _ kind: Kind, id: UInt32, componentCount: Int, quantizationBits: Int = 0, values: [Value]
    ) {
        precondition(values.count == pointCount * componentCount, "one value per point and component")
        precondition((1...4).contains(componentCount) && (0...30).contains(quantizationBits))
        let bytes = values.withUnsafeBytes { Array($0) }
        attributes.append(
            Attribute(
                kind: kind, dataType: Value.dracoType, componentCount: componentCount,
                quantizationBits: quantizationBits, id: id, bytes: bytes))
    }

    /// - Parameters:
    ///   - indices: three per triangle, each < `pointCount`.
    ///   - speed: 0 (smallest) ... 10 (fastest).
    /// - Throws: `encodingFailed`, among others for a mesh of only degenerate triangles.
    package func encode(indices: [UInt32], speed: Int) throws(DracoError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var byteCount = 0
        let (status, reason) = withReason { message, capacity in
            withDescriptors { descriptors in
                cdraco_encode(
                    descriptors.baseAddress, descriptors.count, pointCount, indices, indices.count / 3, Int32(speed),
                    &bytes, &byteCount, message, capacity)
            }
        }
        guard status == CDRACO_OK, let bytes else { throw .encodingFailed(reason) }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: byteCount))
    }

    /// Lends the shim descriptors whose data pointers are valid inside `body` only.
    private func withDescriptors<Result>(
        _ body: (UnsafeBufferPointer<cdraco_attribute>) -> Result
    ) -> Result {
        func lend(_ index: Int, _ descriptors: [cdraco_attribute]) -> Result {
            guard index < attributes.count else { return descriptors.withUnsafeBufferPointer(body) }
            let attribute = attributes[index]
            return attribute.bytes.withUnsafeBytes { buffer in
                let descriptor = cdraco_attribute(
                    data: buffer.baseAddress, kind: attribute.kind.rawValue, data_type: attribute.dataType,
                    component_count: UInt8(attribute.componentCount),
                    quantization_bits: UInt8(attribute.quantizationBits), unique_id: attribute.id)
                return lend(index + 1, descriptors + [descriptor])
            }
        }
        return lend(0, [])
    }
}
