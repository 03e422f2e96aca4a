// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import ChunkStreaming

@Suite struct OcclusionTests {
    /// A wall of 20 m × 20 m, 10 m in front of the eye, looking along -z.
    private let wall = OcclusionStandIn(
        positions: [Float3(-10, -10, -10), Float3(10, -10, -10), Float3(10, 10, -10), Float3(-10, 10, -10)],
        indices: [0, 1, 2, 0, 2, 3], error: 0.1)

    private func camera(_ projection: ViewState.Projection) -> RankingCamera {
        RankingCamera(
            ViewState(
                eye: .zero, orientation: Double4(0, 0, 0, 1), projection: projection, width: 1280, height: 720),
            origin: .zero, margin: 0.05)
    }

    private func weight(_ center: Float3, _ size: Float, _ projection: ViewState.Projection) -> Float {
        let camera = camera(projection)
        var buffer = OcclusionBuffer()
        buffer.draw(wall, camera)
        return buffer.weight(camera.footprint(center, Float3(repeating: size)))
    }

    static let projections: [ViewState.Projection] = [
        .perspective(tangent: 0.4), .orthographic(halfHeight: 8),
    ]

    @Test(arguments: projections) func `what is behind is nearly without weight, what is in front has all of it`(
        projection: ViewState.Projection
    ) {
        #expect(weight(Float3(0, 0, -20), 1, projection) == OcclusionBuffer.hiddenWeight)
        #expect(weight(Float3(0, 0, -5), 1, projection) == 1)
        #expect(weight(Float3(0, 0, -10), 1, projection) == 1, "the surface itself is not hidden by its stand-in")
        #expect(weight(Float3(0, 0, -10.06), 0.01, projection) == 1, "nor what is within its error")
    }

    @Test func `what looks out from behind has part of the weight`() {
        let side = weight(Float3(20, 0, -20.5), 3, .perspective(tangent: 0.9))
        #expect(side > 0.2 && side < 0.9)
    }

    @Test func `a stand-in behind or around the eye hides nothing`() {
        var buffer = OcclusionBuffer()
        let behind = RankingCamera(
            ViewState(
                eye: .zero, orientation: Double4(0, 1, 0, 0), projection: .perspective(tangent: 0.4), width: 100,
                height: 100), origin: .zero, margin: 0)
        buffer.draw(wall, behind)
        #expect(buffer.weight(behind.footprint(Float3(0, 0, 50), Float3(repeating: 1))) == 1)
        buffer.draw(OcclusionStandIn(positions: [], indices: [], error: 0), behind)
        #expect(buffer.isEmpty)
    }

    @Test func `places that are no numbers do no harm`() {
        let broken = OcclusionStandIn(
            positions: [Float3(.nan, 0, -1), Float3(1e30, 1e30, -1), Float3(-1e30, .infinity, -2)],
            indices: [0, 1, 2], error: 1e-20)
        let camera = camera(.perspective(tangent: 1e-9))
        var buffer = OcclusionBuffer()
        buffer.draw(broken, camera)
        for value in [Float.nan, .infinity, -.infinity, 1e38] {
            let weight = buffer.weight(camera.footprint(Float3(value, -value, value), Float3(repeating: abs(value))))
            #expect(weight <= 1 && weight >= 0)
        }
    }
}
