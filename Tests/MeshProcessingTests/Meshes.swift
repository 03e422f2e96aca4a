// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport

/// Small meshes for the tests of this target: xyz per vertex, three indices per triangle.
struct Mesh {
    var positions: [Float] = []
    var indices: [UInt32] = []

    var vertexCount: Int { positions.count / 3 }

    func point(_ vertex: UInt32) -> Float3 {
        Float3(positions[3 * Int(vertex)], positions[3 * Int(vertex) + 1], positions[3 * Int(vertex) + 2])
    }

    /// A square of `size` × `size` cells in the plane z = 0, cell by cell, with a rise that `height` gives.
    static func grid(_ size: Int, height: (Int, Int) -> Float = { _, _ in 0 }) -> Mesh {
        var mesh = Mesh()
        for y in 0...size {
            for x in 0...size { mesh.positions += [Float(x), Float(y), height(x, y)] }
        }
        for y in 0..<size {
            for x in 0..<size {
                let first = UInt32(y * (size + 1) + x)
                let above = first + UInt32(size + 1)
                mesh.indices += [first, first + 1, above, above, first + 1, above + 1]
            }
        }
        return mesh
    }

    /// The vertex of a grid at a place.
    static func vertex(_ x: Int, _ y: Int, ofGrid size: Int) -> UInt32 { UInt32(y * (size + 1) + x) }
}

extension SeededGenerator {
    mutating func point(_ range: ClosedRange<Float>) -> Float3 {
        Float3(.random(in: range, using: &self), .random(in: range, using: &self), .random(in: range, using: &self))
    }
}
