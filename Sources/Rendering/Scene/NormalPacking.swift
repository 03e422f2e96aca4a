// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

// Octahedral normals (FORMAT.md, "Octahedral normals") as the GPU gets them: the folded u and v × 32,767. The same
// arithmetic in the same order as Sources/Viewer/web/decode/normals.js.
extension NodeMesh {
    /// One pair per vertex: the stored or border normal, or else the area-weighted one of the triangles around it.
    func normalWords() -> [SIMD2<Int16>] {
        let isComputed = normals.contains(NodeMesh.computedNormal)
        var words =
            isComputed ? computedNormalWords() : [SIMD2<Int16>](repeating: .zero, count: vertexCount)
        for vertex in 0..<vertexCount where normals[vertex] != NodeMesh.computedNormal {
            words[vertex] = SIMD2(wordOfHalf(normals[vertex] & 0xfff), wordOfHalf(normals[vertex] >> 12 & 0xfff))
        }
        return words
    }

    /// Of each vertex the sum of cross(b - a, c - a) over its triangles.
    private func computedNormalWords() -> [SIMD2<Int16>] {
        var sums = [Double3](repeating: .zero, count: vertexCount)
        for first in stride(from: 0, to: indices.count, by: 3) {
            let (a, b, c) = (Int(indices[first]), Int(indices[first + 1]), Int(indices[first + 2]))
            let (ab, ac) = (place(b) - place(a), place(c) - place(a))
            let normal = cross(ab, ac)
            sums[a] += normal
            sums[b] += normal
            sums[c] += normal
        }
        return sums.map { octahedralWords($0) }
    }

    private func place(_ vertex: Int) -> Double3 {
        Double3(Double(positions[3 * vertex]), Double(positions[3 * vertex + 1]), Double(positions[3 * vertex + 2]))
    }
}

/// A direction of any length; none gives two zeros, which decode as +z.
func octahedralWords(_ direction: Double3) -> SIMD2<Int16> {
    let size = abs(direction.x) + abs(direction.y) + abs(direction.z)
    var u = size > 0 ? direction.x / size : 0
    var v = size > 0 ? direction.y / size : 0
    if direction.z < 0 {
        (u, v) = ((1 - abs(v)) * (u < 0 ? -1 : 1), (1 - abs(u)) * (v < 0 ? -1 : 1))
    }
    return SIMD2(roundedUp(u * 32767), roundedUp(v * 32767))
}

/// A 12-bit half of a code; 4095 means nothing and is read as 4094.
private func wordOfHalf(_ half: UInt32) -> Int16 {
    roundedUp((Double(min(half, 4094)) / 2047 - 1) * 32767)
}

/// To the nearest integer, halves up: JavaScript's `Math.round`.
private func roundedUp(_ value: Double) -> Int16 {
    let lower = value.rounded(.down)
    return Int16(value - lower >= 0.5 ? lower + 1 : lower)
}
