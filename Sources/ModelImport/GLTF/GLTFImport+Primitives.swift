// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The vertices of one or more primitives: checked accessors of the same count.
struct GLTFVertexSource {
    var count: Int
    var positions: GLTFAccessor
    var normals: GLTFAccessor?
    /// Sets 0 and 1.
    var textureCoordinates: [GLTFAccessor?]
    var colors: GLTFAccessor?
    /// Sets 0, 1, ... in pairs.
    var joints: [GLTFAccessor] = []
    var weights: [GLTFAccessor] = []
    var targets: [Target] = []
    var place: String

    var allAccessors: [GLTFAccessor] {
        var all = [positions] + joints + weights
        all += ([normals, colors] + textureCoordinates).compactMap(\.self)
        for target in targets { all += [target.positions, target.normals].compactMap(\.self) }
        return all
    }

    /// A morph target that is switched on.
    struct Target {
        var weight: Float
        var positions: GLTFAccessor?
        var normals: GLTFAccessor?
    }
}

/// Where a primitive's indices come from.
enum GLTFIndexSource {
    case sequence
    case accessor(GLTFAccessor)
    case list([UInt32])
}

/// What makes primitives share vertices.
struct GLTFVertexKey: Hashable {
    var attributes: [String: Int]
    var targets: [[String: Int]]
    var dracoView: Int?

    init(_ primitive: GLTFDocument.Primitive) {
        attributes = primitive.attributes
        targets = primitive.targets ?? []
        dracoView = primitive.extensions?.draco?.bufferView
    }
}

/// - Source: glTF 2.0 specification, section 3.7.2 "Meshes"; KHR_mesh_quantization; KHR_draco_mesh_compression.
extension GLTFImport {
    /// The attributes of `primitive`; nil, with a warning, when it has no positions or no vertices.
    ///
    /// - Parameter draco: the primitive's Draco mesh, already decoded.
    func vertexSource(
        of primitive: GLTFDocument.Primitive, weights: [Float], isSkinned: Bool,
        draco: GLTFDracoPrimitive?,
        _ place: String
    ) throws(ImportError) -> GLTFVertexSource? {
        guard let positions = try attribute("POSITION", of: primitive, draco, .positions, place) else {
            warnings.add("primitives without positions are skipped", place)
            return nil
        }
        var source = GLTFVertexSource(
            count: positions.count, positions: positions,
            normals: try attribute("NORMAL", of: primitive, draco, .normals, place),
            textureCoordinates: [
                try attribute("TEXCOORD_0", of: primitive, draco, .textureCoordinates, place),
                try attribute("TEXCOORD_1", of: primitive, draco, .textureCoordinates, place),
            ],
            colors: try attribute("COLOR_0", of: primitive, draco, .colors, place), place: place)
        if isSkinned { try addSkinning(to: &source, of: primitive, draco, place) }
        try addTargets(to: &source, of: primitive, weights: weights, place)
        for accessor in source.allAccessors where accessor.count != source.count {
            throw malformed(
                "\(accessor.count) elements, but POSITION has \(source.count)", "\(accessor.place).count")
        }
        guard source.count > 0 else {
            warnings.add("primitives without vertices are skipped", place)
            return nil
        }
        return source
    }

    private func addSkinning(
        to source: inout GLTFVertexSource, of primitive: GLTFDocument.Primitive,
        _ draco: GLTFDracoPrimitive?,
        _ place: String
    ) throws(ImportError) {
        for set in 0..<8 {
            guard let joints = try attribute("JOINTS_\(set)", of: primitive, draco, .joints, place),
                let weights = try attribute("WEIGHTS_\(set)", of: primitive, draco, .weights, place)
            else { return }
            source.joints.append(joints)
            source.weights.append(weights)
        }
    }

    private func addTargets(
        to source: inout GLTFVertexSource, of primitive: GLTFDocument.Primitive, weights: [Float],
        _ place: String
    ) throws(ImportError) {
        for (index, target) in (primitive.targets ?? []).enumerated() where index < weights.count {
            guard weights[index] != 0 else { continue }
            let own = "\(place).targets[\(index)]"
            var result = GLTFVertexSource.Target(weight: weights[index])
            if let positions = target["POSITION"] {
                result.positions = try checked(
                    try accessor(positions, "\(own).POSITION"), .positions, "\(own).POSITION")
            }
            if let normals = target["NORMAL"] {
                result.normals = try checked(
                    try accessor(normals, "\(own).NORMAL"), .normals, "\(own).NORMAL")
            }
            // Not memory but time: each target is read once per vertex.
            try charge(source.count, stride: 4, own)
            source.targets.append(result)
        }
    }

    // MARK: Attributes

    /// What an attribute may hold. KHR_mesh_quantization's types are taken whether or not the file names it: nothing
    /// else could be meant.
    private enum Role {
        case positions, normals, textureCoordinates, colors, joints, weights

        var componentCounts: ClosedRange<Int> {
            switch self {
            case .positions, .normals: 3...3
            case .textureCoordinates: 2...2
            case .colors: 3...4
            case .joints, .weights: 4...4
            }
        }

        func allows(_ scalar: GLTFAccessor.Scalar) -> Bool {
            switch (self, scalar) {
            case (_, .uint32), (.joints, .float32), (.joints, .int8), (.joints, .int16): false
            default: true
            }
        }

        /// Whether integers are normalized even where the file forgets to say so.
        var impliesNormalized: Bool {
            switch self {
            case .normals, .colors, .weights: true
            case .positions, .textureCoordinates, .joints: false
            }
        }
    }

    private func attribute(
        _ name: String, of primitive: GLTFDocument.Primitive, _ draco: GLTFDracoPrimitive?,
        _ role: Role,
        _ place: String
    ) throws(ImportError) -> GLTFAccessor? {
        guard let index = primitive.attributes[name] else { return nil }
        let own = "\(place).attributes.\(name)"
        if let draco, let id = draco.attributeIDs[name] {
            let entry = try element(document.accessors, index, "accessors", own)
            return try checked(
                try draco.accessor(id: id, for: entry, in: self, "accessors[\(index)]"), role, own)
        }
        return try checked(try accessor(index, own), role, own)
    }

    private func checked(
        _ accessor: GLTFAccessor, _ role: Role, _ place: String
    ) throws(ImportError) -> GLTFAccessor {
        guard role.componentCounts.contains(accessor.componentCount) else {
            throw malformed("the type of \(accessor.place) does not fit this attribute", place)
        }
        guard role.allows(accessor.scalar) else {
            throw malformed("the component type of \(accessor.place) does not fit this attribute", place)
        }
        var result = accessor
        result.isNormalized = accessor.isNormalized || role.impliesNormalized
        return result
    }

    /// The indices of `primitive`, unchecked against the vertex count.
    func indexSource(
        of primitive: GLTFDocument.Primitive, draco: GLTFDracoPrimitive?, _ place: String
    ) throws(ImportError) -> GLTFIndexSource {
        if let draco { return .list(draco.indices) }
        guard let index = primitive.indices else { return .sequence }
        let accessor = try accessor(index, "\(place).indices")
        guard accessor.componentCount == 1,
            accessor.scalar == .uint8 || accessor.scalar == .uint16 || accessor.scalar == .uint32
        else { throw malformed("indices must be unsigned scalars", "\(place).indices") }
        return .accessor(accessor)
    }
}
