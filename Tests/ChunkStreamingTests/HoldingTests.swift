// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

@testable import ChunkStreaming

/// What a viewer says it has, drops, loses and cannot hold.
@Suite struct HoldingTests {
    var plan: StreamPlan { get throws { try ViewerStreamTests.terrain.get().plan } }
    let view = ViewState.over(512, 700, height: 100)

    @Test func `what a viewer has is not sent`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        let early = viewer.handle(.holdings(.resident, [0, 30]))
        #expect(early.isEmpty, "nothing leaves before the view of a resumed viewer")
        viewer.look(view, 1)
        #expect(viewer.chunks.allSatisfy { $0 >= 30 })
        #expect(viewer.actions.compactMap(\.settledView) == [1])
    }

    @Test func `what a viewer has stored is recalled, and sent if it was lost`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        viewer.handle(.holdings(.stored, [0, UInt32(plan.chunkCount)]))
        viewer.look(view, 1)
        #expect(viewer.chunks.isEmpty)
        #expect(viewer.recalled.count > 50)
        #expect(plan.misplaced(in: viewer.recalled) == [])
        let lost = viewer.recalled[10...14]
        viewer.handle(.lost(lost.map { UInt32($0) }))
        #expect(viewer.chunks.sorted() == lost.sorted())
    }

    @Test func `evicted chunks come again when another view wants them`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan, limits: .withoutPrefetch)
        viewer.look(view, 1)
        let first = viewer.chunks
        viewer.look(.over(100, 100, height: 30), 2)
        let leaves = first.filter { $0 > 0 && plan.chunkChildren[$0].isEmpty }
        viewer.handle(.evicted(leaves.map { UInt32($0) }))
        let again = viewer.look(view, 3).compactMap(\.chunk)
        #expect(Set(again) == Set(leaves))
    }

    @Test func `what a viewer drops again and again is left alone until it looks elsewhere`() throws {
        var viewer = DirectViewer(try plan, limits: .withoutPrefetch)
        viewer.look(view, 1)
        let dropped = UInt32(viewer.chunks[viewer.chunks.count - 1])
        for _ in 0..<10 { viewer.handle(.evicted([dropped])) }
        #expect(viewer.chunks.count { $0 == Int(dropped) } == 2)
        viewer.look(.over(512, 701, height: 100), 2)
        #expect(viewer.chunks.count { $0 == Int(dropped) } == 3)
    }

    @Test func `a full viewer gets only what gains more than what it would drop`() throws {
        let plan = try plan
        var free = DirectViewer(plan, limits: .withoutPrefetch)
        free.look(view, 1)
        let needed = free.chunks.reduce(0) { $0 + Int(plan.chunks[$1].gpuByteCount) }
        var viewer = DirectViewer(plan, limits: .withoutPrefetch)
        viewer.handle(.budget(gpuByteLimit: UInt64(needed / 2), gpuByteCount: 0))
        let actions = viewer.look(view, 1)
        let sent = viewer.chunks.reduce(0) { $0 + Int(plan.chunks[$1].gpuByteCount) }
        #expect(sent <= needed / 2)
        #expect(sent > needed / 3)
        #expect(plan.misplaced(in: viewer.chunks) == [])
        guard case .settled(1, let threshold)? = actions.first(where: { $0.settledView != nil }) else {
            Issue.record("nothing more can be sent: the view is settled")
            return
        }
        #expect(threshold > 1, "but not at the threshold that was asked for")
    }

    @Test func `nothing is prefetched into a GPU that is nearly full`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        let needed = plan.chunks.reduce(0) { $0 + Int($1.gpuByteCount) }
        viewer.handle(.budget(gpuByteLimit: UInt64(needed) * 2, gpuByteCount: UInt64(needed) * 3 / 2))
        viewer.look(view, 1)
        #expect(viewer.stream.statistics.prefetchedByteCount == 0)
    }

    @Test func `absurd numbers change nothing`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        viewer.handle(.holdings(.resident, [UInt32.max, UInt32.max, UInt32(plan.chunkCount), 9, 7]))
        viewer.handle(.holdings(.stored, [UInt32(plan.chunkCount) - 1, .max]))
        viewer.handle(.evicted([.max, UInt32(plan.chunkCount)]))
        viewer.handle(.lost([.max, 0]))
        viewer.handle(.hint(weight: .nan, treeNodes: [.max]))
        viewer.handle(.hint(weight: .infinity, treeNodes: [0, .max]))
        viewer.handle(.budget(gpuByteLimit: .max, gpuByteCount: .max))
        viewer.handle(.budget(gpuByteLimit: 0, gpuByteCount: 0))
        viewer.handle(
            .acknowledge(sequence: .max, hold: .seconds(-1), backlogByteCount: .max, decodeRate: 1))
        viewer.handle(
            .acknowledge(sequence: 0, hold: .seconds(1 << 60), backlogByteCount: -1, decodeRate: -1))
        viewer.look(view, 1)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
        #expect(viewer.stream.statistics.ignoredNumberCount >= 6)
    }

    @Test(arguments: 1...8) func `any events in any order are survived`(seed: UInt64) throws {
        let plan = try plan
        var random = SeededGenerator(seed: seed)
        var viewer = DirectViewer(plan)
        viewer.acknowledges = seed % 2 == 0
        for step in 1...400 {
            viewer.handle(event(UInt32(step), &random), after: .milliseconds(Int.random(in: 0...200, using: &random)))
            #expect(viewer.stream.flow.inFlightByteCount >= 0)
        }
        viewer.acknowledges = true
        viewer.handle(.budget(gpuByteLimit: 0, gpuByteCount: 0))
        viewer.handle(.tick, after: .seconds(60))
        viewer.look(view, 1_000_000)
        viewer.handle(.tick, after: .seconds(60))
        #expect(viewer.actions.compactMap(\.settledView).last == 1_000_000)
        let sequences = viewer.actions.compactMap(\.sequence)
        #expect(sequences == (1...UInt32(max(1, sequences.count))).map { $0 })
    }

    private func event(_ step: UInt32, _ random: inout SeededGenerator) -> ViewerStream.Event {
        func chunks() -> [UInt32] {
            (0..<random.index(below: 30)).map { _ in
                random.index(below: 9) == 0
                    ? UInt32(truncatingIfNeeded: random.next()) : UInt32(random.index(below: 1400))
            }
        }
        switch random.index(below: 10) {
        case 0: return .evicted(chunks())
        case 1: return .lost(chunks())
        case 2: return .holdings(random.index(below: 2) == 0 ? .resident : .stored, chunks())
        case 3: return .hint(weight: Float(bitPattern: UInt32(truncatingIfNeeded: random.next())), treeNodes: chunks())
        case 4: return .budget(gpuByteLimit: random.next() >> 40, gpuByteCount: random.next() >> 40)
        case 5, 6:
            return .acknowledge(
                sequence: UInt32(random.index(below: 2000)), hold: .milliseconds(random.index(below: 100)),
                backlogByteCount: random.index(below: 1 << 22), decodeRate: random.index(below: 1 << 22))
        case 7: return .tick
        default:
            var update = ViewUpdate(
                sequence: step,
                view: .over(
                    Double(random.index(below: 3000)) - 1000, Double(random.index(below: 3000)) - 1000,
                    height: Double(random.index(below: 2000)) - 100),
                thresholdPixels: Float(random.index(below: 80)) / 10, isMoving: random.index(below: 2) == 0)
            update.velocity = Double3(Double(random.index(below: 2000)) - 1000, 0, 0)
            update.angularVelocity = Double3(0, Double(random.index(below: 100)) / 20, 0)
            return .view(update)
        }
    }
}
