// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import ChunkStreaming

/// Streams over a simulated link.
@Suite struct LinkTests {
    static let terrain = Result { try TerrainArchive(depth: 7) }
    static let links: [(megabits: Double, roundTrip: Double)] = [
        (5, 0.02), (5, 0.08), (20, 0.02), (20, 0.08), (100, 0.02), (100, 0.08),
    ]

    static let everything = ViewState.over(512, 1300, height: 800)

    @Test(arguments: links) func `the link is used while anything is missing`(
        link: (megabits: Double, roundTrip: Double)
    ) throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: link.megabits, roundTrip: link.roundTrip)
        viewer.look(LinkTests.everything, 1, threshold: 0.05)
        viewer.run(until: 3)
        #expect(viewer.settled.isEmpty, "there was enough to send")
        #expect(viewer.utilisation(from: 4 * link.roundTrip, to: 3) >= 0.9)
    }

    @Test(arguments: links) func `what is stale after a jump is bounded`(
        link: (megabits: Double, roundTrip: Double)
    ) throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: link.megabits, roundTrip: link.roundTrip)
        viewer.look(LinkTests.everything, 1, threshold: 0.05)
        viewer.run(until: 12 * link.roundTrip + 0.3)
        #expect(viewer.settled.isEmpty)
        let jump = viewer.now
        let bound = 1.25 * viewer.rate * link.roundTrip + 16_384
        viewer.look(.over(900, 200, height: 30), 2, threshold: 0.4)
        // What is on the link and in its buffer, and then of no use, whenever the server might hear of the jump.
        for step in 0...20 {
            viewer.run(until: jump + link.roundTrip * Double(step) / 20)
            #expect(Double(viewer.bytesInFlight(at: viewer.now)) <= bound)
        }
    }

    @Test func `round trips are measured without the queue in front of them`() throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: 20, roundTrip: 0.04)
        viewer.look(.over(512, 700, height: 60), 1, threshold: 0.3)
        viewer.run(until: 1)
        #expect(abs(viewer.stream.flow.shortestRoundTrip - 0.04) < 0.008)
        #expect(abs(viewer.stream.flow.rate / viewer.rate - 1) < 0.1)
        viewer.run(until: 25) { $0.settled.isEmpty }
        #expect(viewer.stream.flow.shortestRoundTrip < 0.06)
    }

    @Test func `lost acknowledgements do not stop the stream`() throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: 20, roundTrip: 0.04)
        viewer.losesAcknowledgement = { $0 > 20 && $0 % 3 != 0 }
        viewer.look(.over(512, 700, height: 100), 1)
        viewer.run(until: 100) { $0.settled.isEmpty }
        #expect(!viewer.settled.isEmpty)
    }

    @Test func `a silent viewer gets little, and all of it when it speaks again`() throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: 20, roundTrip: 0.04)
        viewer.look(.over(512, 700, height: 60), 1, threshold: 0.4)
        viewer.run(until: 0.3)
        viewer.isSilent = true
        viewer.run(until: 0.5)
        let before = viewer.sent.count
        viewer.run(until: 30)
        #expect(viewer.sent.count - before <= 12)
        viewer.isSilent = false
        viewer.run(until: 120) { $0.settled.isEmpty }
        #expect(!viewer.settled.isEmpty)
    }

    @Test func `a slow decoder is not flooded`() throws {
        let plan = try LinkTests.terrain.get().plan
        var viewer = SimulatedViewer(plan, megabits: 100, roundTrip: 0.02)
        viewer.decodeRate = 500_000
        viewer.look(.over(512, 700, height: 60), 1, threshold: 0.4)
        viewer.run(until: 4)
        let decodable = 500_000 * (viewer.now + 0.4)
        #expect(Double(viewer.receivedByteCount) < decodable + 65_536)
        #expect(Double(viewer.receivedByteCount) > 500_000 * viewer.now * 0.8)
    }
}
