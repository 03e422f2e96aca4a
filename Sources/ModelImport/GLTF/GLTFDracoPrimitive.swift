// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding

/// A primitive's geometry out of KHR_draco_mesh_compression.
final class GLTFDracoPrimitive {
    private let mesh: DracoMesh
    let indices: [UInt32]
    let attributeIDs: [String: UInt32]

    init(
        _ entry: GLTFDocument.Primitive.Draco, of primitive: GLTFDocument.Primitive,
        in source: GLTFImport,
        _ place: String
    ) throws(ImportError) {
        let own = "\(place).extensions.KHR_draco_mesh_compression"
        let bytes = try source.bufferView(entry.bufferView, "\(own).bufferView").bytes
        guard let position = primitive.attributes["POSITION"] else {
            throw source.malformed("a Draco primitive needs POSITION", "\(place).attributes")
        }
        // The accessors declare the size; a little slack for encoders that count differently.
        let declared = try source.element(
            source.document.accessors, position, "accessors", "\(place).attributes.POSITION")
        try source.charge(declared.count, stride: 32, "accessors[\(position)].count")
        do throws(DracoError) {
            mesh = try bytes.withBytes { (span) throws(DracoError) -> DracoMesh in
                try DracoMesh(decoding: span)
            }
        } catch {
            throw source.malformed(error.description, own)
        }
        try source.charge(mesh.pointCount, stride: 64, own)
        try source.charge(mesh.triangleCount, stride: 24, own)
        indices = mesh.indices()
        attributeIDs = entry.attributes
    }

    /// Attribute `id`, decoded, in the component type that `entry` declares.
    func accessor(
        id: UInt32, for entry: GLTFDocument.Accessor, in source: GLTFImport, _ place: String
    ) throws(ImportError) -> GLTFAccessor {
        guard let scalar = GLTFAccessor.Scalar(rawValue: entry.componentType) else {
            throw source.malformed(
                "\(entry.componentType) is no component type", "\(place).componentType")
        }
        do throws(DracoError) {
            guard let components = mesh.componentCount(of: id) else {
                throw DracoError.missingAttribute(id: id)
            }
            let bytes = try bytes(of: id, as: scalar)
            return GLTFAccessor(
                place: place, scalar: scalar, componentCount: components, count: mesh.pointCount,
                isNormalized: entry.normalized ?? false, bytes: GLTFByteSlice(bytes),
                stride: scalar.size * components,
                sparse: nil)
        } catch {
            throw source.malformed(error.description, place)
        }
    }

    private func bytes(of id: UInt32, as scalar: GLTFAccessor.Scalar) throws(DracoError) -> [UInt8] {
        switch scalar {
        case .int8: Self.bytes(try mesh.values(of: id, as: Int8.self))
        case .uint8: try mesh.values(of: id, as: UInt8.self)
        case .int16: Self.bytes(try mesh.values(of: id, as: Int16.self))
        case .uint16: Self.bytes(try mesh.values(of: id, as: UInt16.self))
        case .uint32: Self.bytes(try mesh.values(of: id, as: UInt32.self))
        case .float32: Self.bytes(try mesh.values(of: id, as: Float.self))
        }
    }

    private static func bytes<Scalar: BitwiseCopyable>(_ values: [Scalar]) -> [UInt8] {
        unsafe GLTFBytes.copy(values.span.bytes)
    }
}
