// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore
import TestSupport
import Testing

@Suite struct WatertightnessTests {
    /// A jittered grid over x, y in ±`size` with random diagonals and random turns of the triangles.
    static func plane(cells: Int, size: Float, seed: UInt64) -> (positions: [Float], indices: [UInt32]) {
        var random = SeededGenerator(seed: seed)
        var positions: [Float] = []
        for row in 0...cells {
            for column in 0...cells {
                let isInner = row > 0 && row < cells && column > 0 && column < cells
                let jitter = isInner ? Float(0.24) : 0  // less than a quarter keeps quads convex
                let x = Float(column) + random.unit() * jitter
                let y = Float(row) + random.unit() * jitter
                positions += [(2 * x / Float(cells) - 1) * size, (2 * y / Float(cells) - 1) * size, 0]
            }
        }
        var indices: [UInt32] = []
        for row in 0..<cells {
            for column in 0..<cells {
                let a = UInt32(row * (cells + 1) + column)
                let (b, c, d) = (a + 1, a + UInt32(cells) + 1, a + UInt32(cells) + 2)
                let triangles: [[UInt32]] =
                    random.next() & 1 == 0 ? [[a, b, d], [a, d, c]] : [[a, b, c], [c, b, d]]
                for triangle in triangles {
                    indices += random.next() & 1 == 0 ? triangle : [triangle[1], triangle[0], triangle[2]]
                }
            }
        }
        return (positions, indices)
    }

    static func coverage(
        _ mesh: (positions: [Float], indices: [UInt32]), width: Int, height: Int, matrix: RasterizerMatrix
    ) -> [Int] {
        var counts = [Int](repeating: 0, count: width * height)
        RasterizerPipeline(width: width, height: height).run(
            positions: mesh.positions.span, indices: mesh.indices.span, clipFromModel: matrix
        ) { counts[$0.pixel] += 1 }
        return counts
    }

    @Test("a triangulated plane covers each pixel exactly once", arguments: [1, 3, 17, 60, 200])
    func coversOnce(cells: Int) {
        let mesh = Self.plane(cells: cells, size: 1.5, seed: UInt64(cells))
        let counts = Self.coverage(mesh, width: 131, height: 77, matrix: .identity)
        #expect(counts.allSatisfy { $0 == 1 })
    }

    @Test("a tilted plane in perspective covers each pixel of its outline exactly once", arguments: [4, 30, 150])
    func coversOnceInPerspective(cells: Int) {
        let mesh = Self.plane(cells: cells, size: 1, seed: 7)
        let view = RasterizerMatrix.viewFromWorld(
            eye: Double3(0.7, -2.2, 1.3), target: .zero, up: Double3(0, 0, 1))
        let projection = RasterizerMatrix.perspective(verticalFieldOfView: 1, aspectRatio: 1.5, near: 0.1)
        let matrix = projection * RasterizerMatrix(view)
        let counts = Self.coverage(mesh, width: 150, height: 100, matrix: matrix)
        let outline: (positions: [Float], indices: [UInt32]) = (
            [-1, -1, 0, 1, -1, 0, -1, 1, 0, 1, 1, 0], [0, 1, 3, 0, 3, 2]
        )
        let inside = Self.coverage(outline, width: 150, height: 100, matrix: matrix)
        #expect(counts.max() == 1 && counts.reduce(0, +) > 2_000)
        // Along the border, corners rounded to 1/256 pixel may move single pixels in or out.
        for pixel in 151..<counts.count - 151 {
            let around = [pixel, pixel - 1, pixel + 1, pixel - 150, pixel + 150].map { inside[$0] }
            if around.min() == around.max() { #expect(counts[pixel] == inside[pixel]) }
        }
    }

    @Test("a plane that passes under and behind the viewer stays watertight when clipped", arguments: [1, 9, 64])
    func staysWatertightWhenClipped(cells: Int) {
        let mesh = Self.plane(cells: cells, size: 400, seed: 11)
        let view = RasterizerMatrix.viewFromWorld(
            eye: Double3(3.1, 1.7, 1.6), target: Double3(20, 4, -12), up: Double3(0, 0, 1))
        let projection = RasterizerMatrix.perspective(verticalFieldOfView: 0.9, aspectRatio: 1.6, near: 0.05)
        let counts = Self.coverage(mesh, width: 160, height: 100, matrix: projection * RasterizerMatrix(view))
        #expect(counts.allSatisfy { $0 == 1 })
    }
}

extension SeededGenerator {
    /// -1 ..< 1.
    mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }
}
