// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import ChunkStreaming

@Suite struct LoadOrderTests {
    @Test func `a renderer loads in the order in which a viewer is sent`() throws {
        for built in [try BuiltModel.stone.get(), try BuiltModel.row.get()] {
            var viewer = DirectViewer(built.plan)
            viewer.acknowledges = false
            // A renderer wants all proxies, as a viewer does whose GPU is half full.
            viewer.handle(.budget(gpuByteLimit: 1 << 40, gpuByteCount: 6 << 37))
            let view = ViewState.at(built.plan.bounds.center, from: 4)
            viewer.look(view, 1)
            let queue = viewer.queue(limit: 40).map(\.chunk)
            #expect(queue.count > 3)
            var scratch = RankingScratch()
            var order: [Int] = []
            let missing = LoadOrder(plan: built.plan).rank(
                view, thresholdPixels: 1, held: viewer.stream.held, using: &scratch
            ) { chunk in
                order.append(chunk)
                return order.count < 40
            }
            #expect(order == queue && missing.chunkCount >= order.count / 2)
        }
    }

    @Test func `loading everything that is wanted leaves nothing missing, and measures the same chunks`() throws {
        let plan = try BuiltModel.row.get().plan
        let loading = LoadOrder(plan: plan)
        let view = ViewState.at(plan.bounds.center, from: 9)
        var scratch = RankingScratch()
        var held = BitSet(count: plan.chunkCount)
        // What is finer is wanted only when what is coarser is there.
        for _ in 0..<20 {
            var found: [Int] = []
            _ = loading.rank(view, thresholdPixels: 1, held: held, using: &scratch) { chunk in
                #expect(
                    loading.parents(ofChunk: chunk).allSatisfy { held.contains(Int($0)) || found.contains(Int($0)) })
                found.append(chunk)
                return true
            }
            for chunk in found {
                let isNew = held.insert(chunk)
                #expect(isNew)
            }
            if found.isEmpty { break }
        }
        let missing = loading.missing(view, thresholdPixels: 1, held: held, using: &scratch)
        #expect(missing.chunkCount == 0)
        var worth = 0
        loading.measure(view, thresholdPixels: 1, held: held, using: &scratch) { chunk, gain in
            #expect(gain >= 0 && held.contains(chunk))
            worth += 1
        }
        #expect(worth > 10 && worth <= held.memberCount)
        var nonsense = view
        nonsense.width = 0
        let none = loading.missing(nonsense, thresholdPixels: 1, held: BitSet(count: plan.chunkCount), using: &scratch)
        #expect(none == LoadOrder.Missing())
    }
}
