// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore

/// Finds parts that are the same shape in another place: CAD exports often write every bolt out again, moved and turned.
///
/// Two parts match when they have the same triangles, materials and attributes in the same order, and one rotation,
/// uniform scale and translation takes every vertex (and normal) of one to the other's within float rounding. Three
/// far-apart vertices give the transform, all others confirm it.
struct PartDeduplication {
    /// For each part: the part that stands for it (itself if it is the first of its kind), and the transform from that
    /// part's local space to its own.
    private(set) var canonical: [(part: Int, transform: AffineTransform)] = []

    /// Ten thousand boxes of different sizes look alike until compared; more than this many are not.
    private static let candidateCount = 64

    init(_ parts: [SourcePart]) {
        if parts.count < 2 {
            canonical = parts.indices.map { ($0, .identity) }
            return
        }
        var seen: [Signature: [Int]] = [:]
        for (number, part) in parts.enumerated() {
            let signature = Signature(part)
            var match: (Int, AffineTransform)?
            for candidate in seen[signature, default: []].suffix(PartDeduplication.candidateCount) {
                if let transform = PartDeduplication.transform(from: parts[candidate], to: part) {
                    match = (candidate, transform)
                    break
                }
            }
            if let match {
                canonical.append((match.0, match.1))
            } else {
                canonical.append((number, .identity))
                seen[signature, default: []].append(number)
            }
        }
    }

    /// What equal parts have in common whatever their place.
    private struct Signature: Hashable {
        let vertexCount: Int
        let triangleCount: Int
        let hash: UInt64

        init(_ part: SourcePart) {
            vertexCount = part.vertexCount
            triangleCount = part.triangleCount
            var hash = RunningHash()
            if let indices = part.indices { for index in 0..<indices.count { hash.add(indices[index]) } }
            for range in part.materialRanges {
                hash.add(UInt32(truncatingIfNeeded: range.triangleCount))
                hash.add(UInt32(truncatingIfNeeded: range.material ?? -1))
            }
            for set in part.textureCoordinates { for index in 0..<set.count { hash.add(set[index].bitPattern) } }
            if let colors = part.colors { for index in 0..<colors.count { hash.add(UInt32(colors[index])) } }
            hash.add(part.normals == nil ? 0 : 1)
            self.hash = hash.value
        }
    }

    private struct RunningHash {
        var value: UInt64 = 0x51_7C_C1_B7_27_22_0A_95
        mutating func add(_ word: UInt32) {
            value = (value ^ UInt64(word)) &* 0x9E37_79B9_7F4A_7C15
            value ^= value >> 29
        }
    }

    static func transform(from a: SourcePart, to b: SourcePart) -> AffineTransform? {
        guard a.vertexCount >= 3, let frame = frameVertices(a) else { return nil }
        func points(_ part: SourcePart) -> [Double3] { frame.map { Double3(part.point($0)) } }
        guard let fromFrame = orthonormalFrame(points(a)), let toFrame = orthonormalFrame(points(b)),
            let inverse = fromFrame.transform.inverse
        else { return nil }
        let scale = toFrame.size / fromFrame.size
        // Between these, single precision can say both sizes.
        guard scale > 1e-9, scale < 1e9 else { return nil }
        let turn = toFrame.transform * .scale(Double3(repeating: scale)) * inverse
        let extent = toFrame.size
        // Exported coordinates carry about 24 bits of the distance to the file's origin.
        let magnitude = points(b).reduce(extent) { max($0, length($1)) }
        let tolerance = max(extent * 2e-6, magnitude * 3e-7)
        for vertex in 0..<a.vertexCount {
            let moved = turn.apply(to: Double3(a.point(vertex)))
            if lengthSquared(moved - Double3(b.point(vertex))) > tolerance * tolerance { return nil }
        }
        guard normalsAgree(a, b, turn) else { return nil }
        return .translation(b.origin) * turn * .translation(-a.origin)
    }

    private static func normalsAgree(_ a: SourcePart, _ b: SourcePart, _ turn: AffineTransform) -> Bool {
        guard let normalsA = a.normals, let normalsB = b.normals else { return true }
        for vertex in 0..<a.vertexCount {
            let moved = normalized(turn.apply(toDirection: Double3(a.normal(normalsA, vertex))))
            if dot(moved, Double3(b.normal(normalsB, vertex))) < 0.9994 { return false }  // 2°
        }
        return true
    }

    /// Three vertices that are far from each other and from one line.
    private static func frameVertices(_ part: SourcePart) -> [Int]? {
        let first = Double3(part.point(0))
        var second = 0
        var farthest = 0.0
        for vertex in 0..<part.vertexCount {
            let distance = lengthSquared(Double3(part.point(vertex)) - first)
            if distance > farthest { (farthest, second) = (distance, vertex) }
        }
        let axis = Double3(part.point(second)) - first
        var third = 0
        var widest = 0.0
        for vertex in 0..<part.vertexCount {
            let area = lengthSquared(cross(axis, Double3(part.point(vertex)) - first))
            if area > widest { (widest, third) = (area, vertex) }
        }
        return widest > farthest * farthest * 1e-8 ? [0, second, third] : nil
    }

    private static func orthonormalFrame(_ points: [Double3]) -> (transform: AffineTransform, size: Double)? {
        let size = length(points[1] - points[0])
        guard size > 0 else { return nil }
        let x = (points[1] - points[0]) / size
        let z = cross(x, points[2] - points[0])
        guard lengthSquared(z) > 0 else { return nil }
        let unitZ = normalized(z)
        return (AffineTransform(x: x, y: cross(unitZ, x), z: unitZ, translation: points[0]), size)
    }
}
