// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkCoding
package import StreamCore

/// Small meshes of every kind that a node may be.
package enum TestMeshes {
    /// A closed grid sphere around (0, 0, 0) of `rings` × 2 · `rings` quads; every attribute is a function of position.
    package static func sphere(_ layout: VertexLayout = VertexLayout(), rings: Int = 6, radius: Double = 5000)
        -> NodeMesh
    {
        var points: [Int3] = [Int3(0, 0, Int32(radius))]
        let segments = 2 * rings
        // Pythagorean parametrisation: no trigonometry, so the integers are the same everywhere.
        for ring in 1..<rings {
            let z = radius * (1 - 2 * Double(ring) / Double(rings))
            let r = (radius * radius - z * z).squareRoot()
            for segment in 0..<segments {
                let turn = 4 * Double(segment) / Double(segments)
                let t = turn.truncatingRemainder(dividingBy: 1)
                let (c, s) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
                let (x, y) = [(c, s), (-s, c), (-c, -s), (s, -c)][Int(turn)]
                points.append(Int3(Int32((r * x).rounded()), Int32((r * y).rounded()), Int32(z.rounded())))
            }
        }
        points.append(Int3(0, 0, Int32(-radius)))
        var indices: [UInt32] = []
        func vertex(_ ring: Int, _ segment: Int) -> UInt32 { UInt32(1 + (ring - 1) * segments + segment % segments) }
        let last = UInt32(points.count - 1)
        for segment in 0..<segments {
            indices += [0, vertex(1, segment), vertex(1, segment + 1)]
            for ring in 1..<rings - 1 {
                let (a, b) = (vertex(ring, segment), vertex(ring, segment + 1))
                let (c, d) = (vertex(ring + 1, segment), vertex(ring + 1, segment + 1))
                indices += [a, c, b, b, c, d]
            }
            indices += [vertex(rings - 1, segment), last, vertex(rings - 1, segment + 1)]
        }
        return mesh(layout, points: points, indices: indices)
    }

    /// Vertices at `points` with attributes that follow from the position.
    package static func mesh(_ layout: VertexLayout, points: [Int3], indices: [UInt32]) -> NodeMesh {
        var mesh = NodeMesh(layout: layout)
        mesh.indices = indices
        mesh.rangeTriangleCounts = [indices.count / 3]
        for point in points {
            mesh.positions += [point.x, point.y, point.z]
            mesh.normals.append(
                layout.normals == .stored ? OctahedralNormal.encode(Float3(point)) : NodeMesh.computedNormal)
            for set in 0..<layout.coordinateSetCount {
                mesh.coordinates[set] += [point.x &* 3 &+ Int32(set), -point.y &+ point.z]
            }
            for component in 0..<layout.colorComponentCount {
                mesh.colors.append(UInt8(truncatingIfNeeded: point[component % 3] &+ Int32(component)))
            }
        }
        return mesh
    }

    /// A cube whose corners are three vertices each, one a side.
    package static func wedgedCube(_ layout: VertexLayout, size: Int32 = 100) -> NodeMesh {
        var points: [Int3] = []
        var normals: [Float3] = []
        var indices: [UInt32] = []
        for axis in 0..<3 {
            for side: Int32 in [0, 1] {
                let first = UInt32(points.count)
                for corner in 0..<4 {
                    var point = Int3.zero
                    point[axis] = side * size
                    point[(axis + 1) % 3] = Int32(corner & 1) * size
                    point[(axis + 2) % 3] = Int32(corner >> 1) * size
                    points.append(point)
                    var normal = Float3.zero
                    normal[axis] = side == 1 ? 1 : -1
                    normals.append(normal)
                }
                let order: [UInt32] = side == 1 ? [0, 1, 2, 2, 1, 3] : [0, 2, 1, 1, 2, 3]
                indices += order.map { first + $0 }
            }
        }
        var mesh = mesh(layout, points: points, indices: indices)
        for vertex in points.indices {
            if layout.normals == .stored { mesh.normals[vertex] = OctahedralNormal.encode(normals[vertex]) }
            for set in 0..<layout.coordinateSetCount { mesh.coordinates[set][2 * vertex] += Int32(vertex / 4) * 1000 }
        }
        return mesh
    }

    /// A fan of `leaves` triangles that share one edge, and two tetrahedra that touch in one vertex.
    package static func nonManifold(_ layout: VertexLayout = VertexLayout(), leaves: Int = 40) -> NodeMesh {
        var points = [Int3(0, 0, 0), Int3(0, 0, 1000)]
        var indices: [UInt32] = []
        for leaf in 0..<leaves {
            indices += [0, 1, UInt32(points.count)]
            points.append(Int3(100 + Int32(leaf), Int32(leaf * leaf), 7))
        }
        for sign: Int32 in [1, -1] {
            let first = UInt32(points.count)
            points += [Int3(sign * 500, 0, -900), Int3(0, sign * 500, -900), Int3(sign * 20, 0, -1500)]
            indices += [0, first, first + 1, 0, first + 1, first + 2, 0, first + 2, first, first, first + 2, first + 1]
        }
        return mesh(layout, points: points, indices: indices)
    }

    /// The sphere's triangles, some of them twice and some turned inside out beside themselves.
    package static func duplicates(_ layout: VertexLayout = VertexLayout()) -> NodeMesh {
        var result = sphere(layout)
        let indices = result.indices
        for triangle in stride(from: 0, to: 30, by: 3) {
            let (a, b, c) = (indices[3 * triangle], indices[3 * triangle + 1], indices[3 * triangle + 2])
            result.indices += [a, b, c, b, a, c]
        }
        result.rangeTriangleCounts = [result.triangleCount]
        return result
    }
}

extension NodeMesh {
    /// The same mesh, its triangles dealt to ranges of these shares (the last takes the rest).
    package func split(_ counts: [Int]) -> NodeMesh {
        var copy = self
        copy.rangeTriangleCounts = counts + [triangleCount - counts.reduce(0, +)]
        return copy
    }

    /// The same mesh with copied normals on every `step`-th vertex.
    package func withBorderNormals(every step: Int) -> NodeMesh {
        var copy = self
        for vertex in stride(from: 0, to: vertexCount, by: step) {
            let first = 3 * vertex
            copy.normals[vertex] = OctahedralNormal.encode(
                Float3(Int3(positions[first + 1], positions[first], positions[first + 2] &+ 1)))
        }
        return copy
    }

    /// The same mesh with positions that are multiples of 2^shift, but for every `step`-th, which are a little beside.
    package func onCoarserGrid(shift: Int, butEvery step: Int) -> NodeMesh {
        var copy = self
        for index in positions.indices {
            let offset = (index / 3) % step == 0 ? Int32(index % 7) : 0
            copy.positions[index] = (positions[index] + offset / 2) << Int32(shift) | offset & (1 << Int32(shift) - 1)
        }
        return copy
    }

    /// Per range, the triangles as their corners' attributes: equal for meshes that differ only in the order of
    /// vertices, of the triangles in a range, and in which corner comes first.
    package func canonical(withNormals: Bool = true) -> [[[Int]]] {
        func corner(_ vertex: Int) -> [Int] {
            var values = (0..<3).map { Int(positions[3 * vertex + $0]) }
            if withNormals { values.append(Int(normals[vertex])) }
            for set in coordinates { values += [Int(set[2 * vertex]), Int(set[2 * vertex + 1])] }
            let components = layout.colorComponentCount
            for component in 0..<components { values.append(Int(colors[components * vertex + component])) }
            return values
        }
        var triangle = 0
        return rangeTriangleCounts.map { count in
            defer { triangle += count }
            let corners = (triangle..<triangle + count).map { triangle in
                (0..<3).map { corner(Int(indices[3 * triangle + $0])) }
            }
            return corners.map { corners in
                let rotations = (0..<3).map { first in (0..<3).flatMap { corners[(first + $0) % 3] } }
                return rotations.min { $0.lexicographicallyPrecedes($1) }!
            }.sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    /// A header that fits the mesh.
    package func header(codec: NodeHeader.Codec, vertexCount: Int? = nil, node: UInt32 = 0) -> NodeHeader {
        let box = box
        return NodeHeader(
            codec: codec, layout: layout, level: 0, node: node, geometry: 0,
            vertexCount: UInt32(vertexCount ?? self.vertexCount), triangleCount: UInt32(triangleCount),
            error: .infinity,
            rmsError: .infinity, origin: box.minimum, extent: box.maximum &- box.minimum, facing: facing(), parents: [],
            ranges: rangeTriangleCounts.map { .init(child: nil, material: 0, triangleCount: UInt32($0)) })
    }
}
