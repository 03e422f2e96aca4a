// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore
import TestSupport
import Testing

@Suite struct VisibilityTests {
    /// A quad in clip space, x and y in ±1, at depth z.
    static func quad(_ z: Float, from left: Float = -1, to right: Float = 1) -> [Float] {
        [left, -1, z, right, -1, z, right, 1, z, left, 1, z]
    }
    static let quadIndices: [UInt32] = [0, 1, 2, 0, 2, 3]

    @Test("the nearer triangle's id wins, whatever the order")
    func nearestWins() {
        for order in [[0.3, 0.6], [0.6, 0.3]] as [[Float]] {
            var target = Rasterizer(width: 8, height: 4, content: .ids)
            for z in order {
                target.drawIDs(
                    positions: Self.quad(z).span, indices: Self.quadIndices.span, clipFromModel: .identity,
                    ids: .constant(UInt32(z * 10 + 0.5)))
            }
            #expect(target.ids.allSatisfy { $0 == 6 })
            #expect(target.depths.allSatisfy { abs($0 - 0.6) < 1e-6 })
        }
    }

    @Test("ids count triangles from the first one; empty pixels have none")
    func idsCount() {
        var target = Rasterizer(width: 4, height: 2, content: .ids)
        let halves = Self.quad(0.5, from: -1, to: -0.5) + Self.quad(0.5, from: 0, to: 1)
        let indices: [UInt32] = [0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]
        target.drawIDs(
            positions: halves.span, indices: indices.span, clipFromModel: .identity, ids: .perTriangle(first: 100))
        #expect(Set(target.ids) == [100, 101, 102, 103, Rasterizer.noID])
        #expect((0..<2).allSatisfy { target.ids[4 * $0 + 1] == Rasterizer.noID })
    }

    @Test("vertices without indices are triangles in order")
    func drawsWithoutIndices() {
        var target = Rasterizer(width: 2, height: 2, content: .ids)
        let soup: [Float] = [-3, -3, 0.5, 3, -3, 0.5, 0, 9, 0.5]
        target.drawIDs(positions: soup.span, indices: nil, clipFromModel: .identity, ids: .perTriangle(first: 5))
        #expect(target.ids.allSatisfy { $0 == 5 })
    }

    @Test("back faces are drawn unless culled; fronts are counter-clockwise")
    func cullsBackFaces() {
        for (indices, isFront) in [(Self.quadIndices, true), ([2, 1, 0, 3, 2, 0], false)] {
            for culls in [false, true] {
                var target = Rasterizer(width: 4, height: 4, content: .ids)
                target.drawIDs(
                    positions: Self.quad(0.5).span, indices: indices.span, clipFromModel: .identity,
                    ids: .constant(1), cullsBackFaces: culls)
                #expect((target.ids[5] == 1) == (isFront || !culls))
            }
        }
    }

    @Test("varyings are interpolated with perspective, for both turns of a triangle and when clipped")
    func interpolatesWithPerspective() {
        // A floor seen at a slant: the varying is the point's own x and y, which the pixel's ray gives independently.
        let eye = Double3(0, 0, 1)
        let view = RasterizerMatrix.viewFromWorld(eye: eye, target: Double3(0, 4, 0), up: Double3(0, 0, 1))
        let matrix =
            RasterizerMatrix.perspective(verticalFieldOfView: 1, aspectRatio: 1, near: 0.1) * RasterizerMatrix(view)
        let inverse = view.inverse!
        for far in [9, 3_000] as [Float] {
            for indices in [[0, 1, 2, 0, 2, 3], [1, 0, 2, 2, 0, 3]] as [[UInt32]] {
                let corners: [Float] = [-far, -far, 0, far, -far, 0, far, far, 0, -far, far, 0]
                var (count, worst) = (0, 0.0)
                RasterizerPipeline(width: 64, height: 64).run(
                    positions: corners.span, indices: indices.span, clipFromModel: matrix
                ) { fragment in
                    let ids = (0..<3).map { Int(indices[3 * fragment.triangle + $0]) }
                    func value(_ axis: Int) -> Double {
                        Double(
                            fragment.interpolate(
                                corners[3 * ids[0] + axis], corners[3 * ids[1] + axis], corners[3 * ids[2] + axis]))
                    }
                    let px = (Double(fragment.pixel % 64) + 0.5) / 32 - 1
                    let py = 1 - (Double(fragment.pixel / 64) + 0.5) / 32
                    let slope = Double(0.5463024898)  // tan(1 / 2)
                    let ray = inverse.apply(toDirection: Double3(px * slope, py * slope, -1))
                    let distance = -eye.z / ray.z
                    let expected = eye + ray * distance
                    if distance > 40 { return }
                    worst = max(worst, abs(value(0) - expected.x), abs(value(1) - expected.y))
                    count += 1
                }
                #expect(count > 1_000)
                // Corners are rounded to 1/256 pixel, which far away is a long way on the floor.
                #expect(worst < 0.5)
            }
        }
    }

    @Test("what is behind the viewer is not drawn, and what crosses the near plane is cut there")
    func clipsBehindTheViewer() {
        let matrix = RasterizerMatrix.perspective(verticalFieldOfView: 1.5, aspectRatio: 1, near: 1)
        var target = Rasterizer(width: 32, height: 32, content: .ids)
        target.drawIDs(
            positions: [-1, -1, 5, 1, -1, 5, 0, 1, 5].span, indices: nil, clipFromModel: matrix, ids: .constant(1))
        #expect(target.ids.allSatisfy { $0 == Rasterizer.noID })
        // A floor strip 1 below the eye, from 100 behind to 100 in front: its nearest visible point is on the near
        // plane, below the picture's lower edge, so the lower half is filled and the upper empty.
        target.drawIDs(
            positions: [-900, -1, 100, 900, -1, 100, 0, -1, -9_000].span, indices: nil, clipFromModel: matrix,
            ids: .constant(2))
        for row in 0..<32 {
            #expect(target.ids[32 * row + 16] == (row < 16 ? Rasterizer.noID : 2))
        }
        #expect(target.depths.allSatisfy { $0 >= 0 && $0 <= 1 })
    }

    @Test("hostile coordinates draw nothing or something, but never trap")
    func survivesHostileCoordinates() {
        let values: [Float] = [
            .nan, .infinity, -.infinity, 0, -0.0, 1e38, -1e38, 1e-37, 3, -1, .greatestFiniteMagnitude, 16, 0.5,
        ]
        var random = SeededGenerator(seed: 3)
        var positions: [Float] = []
        for _ in 0..<9_000 { positions.append(values[Int(random.next() % UInt64(values.count))]) }
        for matrix in [
            RasterizerMatrix.identity, .perspective(verticalFieldOfView: 1, aspectRatio: 1, near: 0.01),
            .orthographic(halfWidth: 1, halfHeight: 1, near: -5, far: 5),
            RasterizerMatrix(x: Float4(repeating: .nan), y: .zero, z: .zero, w: .zero),
        ] {
            var target = Rasterizer(width: 19, height: 23, content: .ids)
            target.drawIDs(positions: positions.span, indices: nil, clipFromModel: matrix, ids: .perTriangle(first: 0))
            #expect(target.depths.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
    }
}
