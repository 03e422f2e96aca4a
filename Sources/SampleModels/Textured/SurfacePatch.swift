// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A rectangular grid of points with texture coordinates, shaded smoothly: also across a seam where its sides meet,
/// and at poles. Edges between patches stay sharp.
struct SurfacePatch {
    /// Grid cells; there is one more point each way.
    var rows: Int
    var columns: Int
    /// Outward is (next column − this) × (next row − this). Metres.
    var point: (_ row: Int, _ column: Int) -> Double3
    /// u, and v growing downwards.
    var coordinate: (_ row: Int, _ column: Int) -> Float2

    func add(to mesh: inout TriangleMesh) {
        let start = mesh.positions.count
        let width = columns + 1
        for row in 0...rows {
            for column in 0...columns {
                // Adding 0 turns −0 into 0: equal points have equal bits.
                mesh.positions.append(Float3(point(row, column)) + Float3.zero)
                mesh.textureCoordinates.append(coordinate(row, column))
            }
        }
        var normals: [Float3: Double3] = [:]
        for row in 0..<rows {
            for column in 0..<columns {
                let a = start + row * width + column
                for corners in [(a, a + 1, a + width + 1), (a, a + width + 1, a + width)] {
                    Self.add(corners, to: &mesh, &normals)
                }
            }
        }
        for index in start..<mesh.positions.count {
            let sum = normals[mesh.positions[index]] ?? Double3(0, 1, 0)
            mesh.normals.append(Float3(normalized(sum, fallback: Double3(0, 1, 0))))
        }
    }

    private static func add(
        _ corners: (Int, Int, Int), to mesh: inout TriangleMesh, _ normals: inout [Float3: Double3]
    ) {
        let (a, b, c) = (mesh.positions[corners.0], mesh.positions[corners.1], mesh.positions[corners.2])
        guard a != b, b != c, c != a else { return }
        mesh.indices += [UInt32(corners.0), UInt32(corners.1), UInt32(corners.2)]
        let area = cross(Double3(b) - Double3(a), Double3(c) - Double3(a))
        for p in [a, b, c] { normals[p, default: .zero] += area }
    }
}
