// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import Testing

@testable import ChunkStreaming

/// What a view is thought to cost before anything of it is sent.
@Suite struct CutEstimateTests {
    private func estimate(_ built: BuiltModel, threshold: Float) -> CutEstimate {
        var scratch = RankingScratch()
        let view = ViewState.home(of: built.archive.bounds, width: 1280, height: 720)
        return built.plan.estimate(view, threshold: threshold, using: &scratch)
    }

    @Test func `A finer view costs more of everything`() throws {
        for built in [try BuiltModel.stone.get(), try BuiltModel.row.get()] {
            var last = CutEstimate()
            for threshold in [64, 8, 1, 0.1] as [Float] {
                let cost = estimate(built, threshold: threshold)
                #expect(cost.byteCount >= last.byteCount && cost.triangleCount >= last.triangleCount)
                #expect(cost.gpuByteCount >= last.gpuByteCount)
                last = cost
            }
            #expect(last.byteCount > 0 && last.triangleCount > 0)
        }
    }

    @Test func `The finest view is the whole model`() throws {
        let built = try BuiltModel.stone.get()
        let cost = estimate(built, threshold: 0.001)
        #expect(cost.byteCount == built.archive.index.chunks.reduce(0) { $0 + Int($1.byteCount) })
        let triangles = built.archive.index.nodes.filter(\.children.isEmpty).reduce(0) { $0 + Int($1.triangleCount) }
        #expect(abs(Double(cost.triangleCount) / Double(triangles) - 1) < 0.25)
    }

    @Test func `It is what a viewer is sent until its view is settled`() throws {
        let built = try BuiltModel.row.get()
        let cost = estimate(built, threshold: 2)
        var viewer = DirectViewer(built.plan, limits: .withoutPrefetch)
        viewer.look(.home(of: built.archive.bounds, width: 1280, height: 720), 1, threshold: 2)
        let sent = viewer.chunks.reduce(0) { $0 + Int(built.archive.index.chunks[$1].byteCount) }
        #expect(Double(sent) < 1.5 * Double(cost.byteCount) && Double(cost.byteCount) < 1.5 * Double(sent))
    }

    @Test func `The coarsest picture is the first one`() throws {
        let built = try BuiltModel.stone.get()
        let coarsest = built.plan.coarsest
        #expect(coarsest.byteCount <= StreamPlan.firstPictureByteCount && coarsest.triangleCount > 0)
    }
}
