// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A block of vertices on their way from accessors to large arrays. Arrays are scratch space: only as many elements as
/// the last range read are meant.
struct GLTFVertexBlock {
    private let source: GLTFVertexSource
    private let skin: [AffineTransform]
    private let unskinned: AffineTransform?
    private(set) var positions: [Float]
    /// Unit length; left alone where the source has none.
    private(set) var normals: [Float]
    private(set) var textureCoordinates: [Float]
    /// RGBA, sRGB-encoded colour and linear alpha.
    private(set) var colors: [UInt8]
    private var scratch: [Float]
    private var joints: [[Float]]
    private var weights: [[Float]]

    /// - Parameter unskinned: applied where there is a skin but the source names no joints.
    init(_ source: GLTFVertexSource, skin: [AffineTransform], unskinned: AffineTransform?) {
        self.source = source
        self.skin = skin
        self.unskinned = unskinned
        let count = GLTFAccessor.blockCount
        positions = [Float](repeating: 0, count: 3 * count)
        normals = positions
        scratch = [Float](repeating: 0, count: 4 * count)
        textureCoordinates = [Float](repeating: 0, count: 2 * count)
        colors = [UInt8](repeating: 255, count: 4 * count)
        joints = source.joints.map { _ in [Float](repeating: 0, count: 4 * count) }
        weights = joints
    }

    /// Reads positions and normals, morphed and skinned; returns the first vertex that names a missing joint.
    mutating func readGeometry(_ range: Range<Int>) -> Int? {
        source.positions.read(range, into: &positions)
        source.normals?.read(range, into: &normals)
        for target in source.targets {
            if let offsets = target.positions {
                Self.add(offsets, target.weight, range, &scratch, to: &positions)
            }
            if let offsets = target.normals, source.normals != nil {
                Self.add(offsets, target.weight, range, &scratch, to: &normals)
            }
        }
        if !source.joints.isEmpty, !skin.isEmpty {
            if let vertex = applySkin(range) { return vertex }
        } else if let unskinned {
            for vertex in 0..<range.count { place(vertex, unskinned) }
        }
        if source.normals != nil { normalizeNormals(range.count) }
        return nil
    }

    private static func add(
        _ offsets: GLTFAccessor, _ weight: Float, _ range: Range<Int>, _ scratch: inout [Float],
        to values: inout [Float]
    ) {
        offsets.read(range, into: &scratch)
        for index in 0..<3 * range.count { values[index] += weight * scratch[index] }
    }

    private mutating func applySkin(_ range: Range<Int>) -> Int? {
        for set in source.joints.indices {
            source.joints[set].read(range, into: &joints[set])
            source.weights[set].read(range, into: &weights[set])
        }
        for vertex in 0..<range.count {
            guard let transform = blendedTransform(of: vertex) else { return range.lowerBound + vertex }
            place(vertex, transform)
        }
        return nil
    }

    /// The weighted sum of a vertex's joint matrices; nil where one is missing. Without any weight, the first joint's.
    private func blendedTransform(of vertex: Int) -> AffineTransform? {
        var x = Double3.zero
        var y = Double3.zero
        var z = Double3.zero
        var translation = Double3.zero
        var total = 0.0
        for set in joints.indices {
            for slot in 4 * vertex..<4 * vertex + 4 {
                let joint = Int(joints[set][slot])
                let weight = Double(weights[set][slot])
                guard joint < skin.count else {
                    if weight == 0 { continue }
                    return nil
                }
                guard weight != 0, weight.isFinite else { continue }
                total += weight
                x += weight * skin[joint].x
                y += weight * skin[joint].y
                z += weight * skin[joint].z
                translation += weight * skin[joint].translation
            }
        }
        guard total > 1e-6 else {
            let joint = Int(joints[0][4 * vertex])
            return joint < skin.count ? skin[joint] : nil
        }
        return AffineTransform(
            x: x / total, y: y / total, z: z / total, translation: translation / total)
    }

    private mutating func place(_ vertex: Int, _ transform: AffineTransform) {
        let start = 3 * vertex
        let position = Double3(
            Double(positions[start]), Double(positions[start + 1]), Double(positions[start + 2]))
        Self.store(Float3(transform.apply(to: position)), in: &positions, at: start)
        guard source.normals != nil else { return }
        let normal = Double3(
            Double(normals[start]), Double(normals[start + 1]), Double(normals[start + 2]))
        // The cofactors are the inverse transpose but for the determinant, of which only the sign matters here.
        let turned =
            normal.x * cross(transform.y, transform.z) + normal.y * cross(transform.z, transform.x)
            + normal.z * cross(transform.x, transform.y)
        Self.store(
            Float3(normalized(transform.determinant < 0 ? -turned : turned)), in: &normals, at: start)
    }

    private static func store(_ value: Float3, in values: inout [Float], at start: Int) {
        values[start] = value.x
        values[start + 1] = value.y
        values[start + 2] = value.z
    }

    private mutating func normalizeNormals(_ count: Int) {
        for start in stride(from: 0, to: 3 * count, by: 3) {
            let normal = Float3(normals[start], normals[start + 1], normals[start + 2])
            let square = dot(normal, normal)
            if abs(square - 1) < 1e-6 { continue }
            Self.store(normalized(normal), in: &normals, at: start)
        }
    }

    /// How many of the first `count` positions are not finite.
    func countNonFinite(_ count: Int) -> Int {
        var sum: Float = 0
        for index in 0..<3 * count { sum += positions[index] * 0 }
        if sum == 0 { return 0 }
        return (0..<count).count { vertex in
            !(positions[3 * vertex].isFinite && positions[3 * vertex + 1].isFinite
                && positions[3 * vertex + 2].isFinite)
        }
    }

    /// Zeros where the source has no such set.
    mutating func readTextureCoordinates(_ range: Range<Int>, set: Int) {
        guard let accessor = source.textureCoordinates[set] else {
            for index in 0..<2 * range.count { textureCoordinates[index] = 0 }
            return
        }
        accessor.read(range, into: &textureCoordinates)
        for index in 0..<2 * range.count where !textureCoordinates[index].isFinite {
            textureCoordinates[index] = 0
        }
    }

    /// White where the source has no colours.
    mutating func readColors(_ range: Range<Int>) {
        guard let accessor = source.colors else {
            for index in 0..<4 * range.count { colors[index] = 255 }
            return
        }
        accessor.read(range, into: &scratch)
        let width = accessor.componentCount
        for vertex in 0..<range.count {
            for channel in 0..<3 {
                colors[4 * vertex + channel] = GLTFColorTable.encode(scratch[width * vertex + channel])
            }
            colors[4 * vertex + 3] = width == 4 ? GLTFColorTable.linear(scratch[4 * vertex + 3]) : 255
        }
    }
}
