// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import ChunkStreaming

@Suite struct ViewerStreamTests {
    static let terrain = Result { try TerrainArchive(depth: 6) }
    var plan: StreamPlan { get throws { try ViewerStreamTests.terrain.get().plan } }

    @Test func `the first picture is sent before any view`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        let actions = viewer.handle(.tick)
        #expect(actions.compactMap(\.chunk) == plan.firstPicture)
        #expect(actions.first == .sendMaterial(0), "materials and geometries come before what uses them")
        #expect(actions.contains(.sendGeometry(0)))
    }

    @Test func `while it is paused nothing is sent, and what was said meanwhile counts afterwards`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan, limits: .withoutPrefetch)
        viewer.handle(.tick)
        let count = viewer.actions.count
        viewer.handle(.pause(true))
        viewer.look(.over(512, 512, height: 80), 1)
        viewer.handle(.holdings(.resident, [0, 40]))
        #expect(viewer.actions.count == count && viewer.stream.nextDeadline == nil)
        viewer.handle(.pause(false))
        #expect(viewer.actions.compactMap(\.settledView) == [1])
        #expect(!viewer.chunks.dropFirst(plan.firstPicture.count).contains { $0 < 40 })
    }

    @Test func `sequences count from one without a gap`() throws {
        var viewer = DirectViewer(try plan)
        viewer.look(.over(512, 700, height: 100), 1)
        let sequences = viewer.actions.compactMap(\.sequence)
        #expect(sequences.count > 50)
        #expect(sequences == (1...UInt32(sequences.count)).map { $0 })
    }

    @Test func `parents come first, nothing twice, and in the end nothing wanted is missing`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan, limits: .withoutPrefetch)
        for (number, place) in [(100.0, 900.0), (900, 900), (512, 512), (100, 900)].enumerated() {
            let view = ViewState.over(place.0, place.1, height: 80)
            let actions = viewer.look(view, UInt32(number + 1))
            #expect(actions.compactMap(\.settledView) == [UInt32(number + 1)])
            expectComplete(viewer, view, threshold: 1)
        }
        #expect(plan.misplaced(in: viewer.chunks) == [])
        #expect(Set(viewer.chunks).count == viewer.chunks.count)
    }

    /// Every node that the viewer's own rule wants, and all that it depends on, has been sent.
    private func expectComplete(
        _ viewer: DirectViewer, _ view: ViewState, threshold: Double, at location: SourceLocation = #_sourceLocation
    ) {
        guard let index = try? ViewerStreamTests.terrain.get().archive.index else { return }
        let frustum = ViewFrustum(view, margin: 0.05)
        let cut = Cut(
            of: index.geometries[0], in: index,
            containing: { node in
                let record = index.nodes[node]
                let box = Bounds(
                    minimum: Double3(record.origin), maximum: Double3(record.origin &+ record.extent))
                return frustum.intersects(box) && frustum.pixels(Double(record.error), at: box) > threshold
            })
        let missing = cut.nodes.filter { cut.contains($0) && !viewer.stream.held.contains($0 + 1) }
        #expect(missing == [], sourceLocation: location)
        #expect(cut.nodes.count { cut.contains($0) } > 20, sourceLocation: location)
    }

    @Test func `a view is settled once, also when it comes again or something is lost`() throws {
        var viewer = DirectViewer(try plan)
        let view = ViewState.over(512, 700, height: 100)
        viewer.look(view, 1)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
        viewer.handle(.tick)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
        viewer.look(view, 2)
        #expect(viewer.actions.compactMap(\.settledView) == [1, 2])
        viewer.handle(.evicted([UInt32(viewer.chunks[20])]))
        #expect(viewer.actions.compactMap(\.settledView) == [1, 2])
        #expect(viewer.chunks.count { $0 == viewer.chunks[20] } == 2, "what was evicted is sent again")
    }

    @Test func `a finer threshold wants more`() throws {
        var counts: [Int] = []
        for threshold in [8, 4, 2, 1] as [Float] {
            var viewer = DirectViewer(try plan, limits: .withoutPrefetch)
            viewer.look(.over(512, 700, height: 100), 1, threshold: threshold)
            counts.append(viewer.chunks.count)
        }
        #expect(counts == counts.sorted())
        #expect(counts[3] > 2 * counts[0])
    }

    @Test func `an orthographic view is ranked by its own scale`() throws {
        var viewer = DirectViewer(try plan, limits: .withoutPrefetch)
        var view = ViewState.over(512, 5512, height: 5000)
        view.projection = .orthographic(halfHeight: 60)
        viewer.look(view, 1)
        let near = viewer.chunks.count
        view.projection = .orthographic(halfHeight: 100_000)
        var far = DirectViewer(try plan, limits: .withoutPrefetch)
        far.look(view, 1)
        #expect(near > 50)
        #expect(far.chunks.count == 2, "the sector and the root")
        #expect(viewer.actions.compactMap(\.settledView) == [1])
    }

    @Test func `around a settled picture a bounded amount is prefetched`() throws {
        let plan = try plan
        var limits = StreamLimits()
        limits.prefetchByteCount = 300_000
        var viewer = DirectViewer(plan, limits: limits)
        let actions = viewer.look(.over(512, 700, height: 100), 1)
        let settledAt = try #require(actions.firstIndex { $0.settledView == 1 })
        let later = actions[settledAt...].compactMap(\.chunk)
        #expect(!later.isEmpty)
        #expect(later.reduce(0) { $0 + Int(plan.chunks[$1].byteCount) } <= 300_000 + 16_384)
        let rest = viewer.handle(.tick, after: .seconds(10))
        #expect(rest.isEmpty, "and then it rests")
        #expect(viewer.stream.nextDeadline == nil)
        #expect(plan.misplaced(in: viewer.chunks) == [])
    }

    @Test func `a moving camera settles too, and details follow when it stops`() throws {
        var viewer = DirectViewer(try plan, limits: .withoutPrefetch)
        var update = ViewUpdate(sequence: 1, view: .over(512, 700, height: 100), isMoving: true)
        update.angularVelocity = Double3(0, 2, 0)
        let turning = viewer.handle(.view(update))
        #expect(turning.compactMap(\.settledView) == [], "at three times the threshold nothing is settled")
        let deadline = try #require(viewer.stream.nextDeadline)
        #expect(deadline > ContinuousClock.now.advanced(by: .seconds(-1)))
        let still = viewer.handle(.tick, after: .milliseconds(350))
        #expect(still.compactMap(\.settledView) == [1])
        #expect(!still.compactMap(\.chunk).isEmpty)
    }

    @Test func `what will be seen soon is sent, but does not hold up settling`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan, limits: .withoutPrefetch)
        var update = ViewUpdate(sequence: 1, view: .over(300, 700, height: 40), isMoving: true)
        update.velocity = Double3(800, 0, 0)
        viewer.handle(.view(update))
        var still = DirectViewer(plan, limits: .withoutPrefetch)
        still.look(.over(300, 700, height: 40), 1)
        #expect(Set(viewer.chunks).isSuperset(of: still.chunks))
        #expect(viewer.chunks.count > still.chunks.count)
        #expect(viewer.actions.compactMap(\.settledView) == [1])
    }

    @Test func `views that come too fast are ranked later, the newest of them`() throws {
        var viewer = DirectViewer(try plan)
        viewer.acknowledges = false
        viewer.look(.over(512, 700, height: 100), 1)
        let count = viewer.stream.statistics.rankingCount
        for sequence in 2...20 {
            viewer.handle(
                .view(ViewUpdate(sequence: UInt32(sequence), view: .over(500 - Double(sequence), 600, height: 90))),
                after: .milliseconds(1))
        }
        #expect(viewer.stream.statistics.rankingCount == count)
        viewer.handle(.tick, after: .milliseconds(40))
        #expect(viewer.stream.statistics.rankingCount == count + 1)
        #expect(viewer.stream.update?.sequence == 20)
    }

    @Test func `older and invalid views are ignored`() throws {
        var viewer = DirectViewer(try plan)
        viewer.look(.over(512, 700, height: 100), 5)
        viewer.look(.over(100, 100, height: 100), 4)
        var update = ViewUpdate(sequence: 6, view: .over(.nan, 100, height: 100))
        viewer.handle(.view(update))
        update = ViewUpdate(sequence: 7, view: .over(0, 100, height: 100), thresholdPixels: .nan)
        viewer.handle(.view(update))
        update = ViewUpdate(sequence: 8, view: .over(0, 100, height: 100), velocity: Double3(.infinity, 0, 0))
        viewer.handle(.view(update))
        #expect(viewer.stream.update?.sequence == 5)
        #expect(viewer.stream.statistics.ignoredNumberCount == 4)
    }

    @Test func `the queue says why each chunk stands where it stands`() throws {
        let plan = try plan
        var viewer = DirectViewer(plan)
        viewer.acknowledges = false
        viewer.look(.over(512, 700, height: 100), 1)
        let queue = viewer.queue(limit: 40)
        #expect(queue.count == 40)
        #expect(plan.misplaced(in: viewer.chunks + queue.map(\.chunk)) == [])
        for entry in queue {
            let contribution = try #require(entry.contribution)
            #expect(entry.nodes == [entry.chunk - 1])
            #expect(entry.isNeeded)
            #expect(contribution.reason == .view || contribution.reason == .ancestor)
            #expect(entry.gain == contribution.gain && entry.score > 0 && entry.byteCount >= 8000)
        }
        #expect(queue[0].score >= queue[39].score)
    }

    @Test func `idle, a viewer takes little memory`() throws {
        var viewer = DirectViewer(try plan)
        viewer.look(.over(512, 700, height: 100), 1)
        #expect(viewer.stream.queue.capacity == 0)
        #expect(viewer.stream.held.words.count * 8 < 1024)
        #expect(MemoryLayout<ViewerStream>.size < 2048)
    }
}
