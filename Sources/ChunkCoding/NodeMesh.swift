// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// The triangles of a node, as integers: what is encoded, and what every decoder gets back in another vertex order.
package struct NodeMesh: Equatable, Sendable {
    package var layout: VertexLayout
    /// xyz per vertex, on the geometry's grid.
    package var positions: [Int32]
    /// `OctahedralNormal` code per vertex; `computedNormal` where the decoder computes it.
    package var normals: [UInt32]
    /// uv per vertex for each coordinate set, in steps of the geometry's texture-coordinate grid.
    package var coordinates: [[Int32]]
    /// `layout.colorComponentCount` per vertex, sRGB-encoded.
    package var colors: [UInt8]
    /// Three per triangle, sorted by range.
    package var indices: [UInt32]
    /// How many consecutive triangles belong to each of the header's ranges.
    package var rangeTriangleCounts: [Int]

    /// Marks a vertex whose normal follows from the triangles around it.
    package static let computedNormal = UInt32.max

    package init(layout: VertexLayout) {
        self.layout = layout
        positions = []
        normals = []
        coordinates = Array(repeating: [], count: layout.coordinateSetCount)
        colors = []
        indices = []
        rangeTriangleCounts = []
    }

    package var vertexCount: Int { positions.count / 3 }
    package var triangleCount: Int { indices.count / 3 }

    /// Smallest and largest grid position; zero for an empty mesh.
    package var box: (minimum: Int3, maximum: Int3) {
        guard positions.count >= 3 else { return (.zero, .zero) }
        var low = Int3(repeating: .max)
        var high = Int3(repeating: .min)
        for first in stride(from: 0, to: positions.count, by: 3) {
            let position = Int3(positions[first], positions[first + 1], positions[first + 2])
            low = pointwiseMin(low, position)
            high = pointwiseMax(high, position)
        }
        return (low, high)
    }

    /// Replaces every `computedNormal` by the area-weighted normal of the triangles around its vertex.
    package mutating func computeNormals() {
        guard normals.contains(NodeMesh.computedNormal) else { return }
        let sums = areaNormals()
        for vertex in 0..<vertexCount where normals[vertex] == NodeMesh.computedNormal {
            normals[vertex] = OctahedralNormal.encode(sums[vertex])
        }
    }

    /// The sum of cross(b - a, c - a) over the triangles around each vertex, in their order. In f64, because every decoder
    /// must find the same codes.
    func areaNormals() -> [Double3] {
        var sums = [Double3](repeating: .zero, count: vertexCount)
        func point(_ vertex: Int) -> Double3 {
            Double3(Int3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]))
        }
        for first in stride(from: 0, to: indices.count, by: 3) {
            let (a, b, c) = (Int(indices[first]), Int(indices[first + 1]), Int(indices[first + 2]))
            let corner = point(a)
            let normal = cross(point(b) - corner, point(c) - corner)
            sums[a] += normal
            sums[b] += normal
            sums[c] += normal
        }
        return sums
    }

    /// Share of the area facing -x, +x, -y, +y, -z, +z, in 1/255.
    package func facing() -> [UInt8] {
        var areas = [Double](repeating: 0, count: 6)
        func point(_ index: UInt32) -> Double3 {
            let first = 3 * Int(index)
            return Double3(Int3(positions[first], positions[first + 1], positions[first + 2]))
        }
        for first in stride(from: 0, to: indices.count, by: 3) {
            let a = point(indices[first])
            let normal = cross(point(indices[first + 1]) - a, point(indices[first + 2]) - a)
            for axis in 0..<3 { areas[2 * axis + (normal[axis] > 0 ? 1 : 0)] += abs(normal[axis]) }
        }
        let total = areas.reduce(0, +)
        return areas.map { total > 0 ? UInt8(($0 / total * 255).rounded()) : 0 }
    }
}
