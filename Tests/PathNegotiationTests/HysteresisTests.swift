// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// When a viewer is moved by what is measured, and when it is not.
@Suite struct HysteresisTests {
    /// A viewer past its first dwell.
    static func rested(_ device: DeviceFacts = .fast, _ model: ModelFacts = .small) -> TestViewer {
        var viewer = TestViewer.settled(device, model)
        viewer.run(to: 30)
        return viewer
    }

    @Test func `A client that is slow for two seconds is helped`() {
        var viewer = HysteresisTests.rested()
        let seconds = viewer.secondsUntilBegin(.rate(12))
        #expect((1.9...2.3).contains(seconds ?? 0))
        #expect(viewer.target?.path == .hybrid || viewer.target?.path == .server)
        #expect(viewer.target?.code == .clientSlow)
        #expect(viewer.target?.isEmergency == false)
        #expect(viewer.target?.reason.contains("12 fps") ?? false)
    }

    @Test func `A second of slowness is nothing`() {
        var viewer = HysteresisTests.rested()
        for _ in 0..<20 {
            #expect(begun(viewer.measure(.rate(12), for: 1.5)).isEmpty)
            #expect(begun(viewer.measure(.rate(60), for: 1)).isEmpty)
        }
    }

    @Test func `Between 24 and 39 frames per second nothing moves in either direction`() {
        var viewer = HysteresisTests.rested()
        #expect(viewer.measure(.rate(25), for: 60).filter { $0 != .forget(.server) }.isEmpty)
        // 35 frames per second predicted: enough to begin with, not to come back for.
        var other = TestViewer.settled(.drawing(4e6), wish: .server)
        var device = DeviceFacts.drawing(80_000 * 36)
        device.trianglesPerSecond = 80_000 * 36
        other.send(.device(device))
        other.run(for: 20)
        #expect(begun(other.log).allSatisfy { $0.path == .server })
    }

    @Test func `Better takes eight seconds, and a margin`() {
        var viewer = TestViewer.settled(.drawing(5e4))
        #expect(viewer.shown == .server)
        viewer.run(to: 40)
        viewer.send(.device(.drawing(1e9)))
        #expect(viewer.run(for: 7.9).isEmpty)
        #expect(begun(viewer.run(for: 0.2)).map(\.path) == [.client])
        #expect(viewer.target?.readyErrorPixels == 2)
    }

    @Test func `Evidence that breaks off begins anew`() {
        var viewer = TestViewer.settled(.drawing(5e4))
        viewer.run(to: 40)
        for _ in 0..<5 {
            viewer.send(.device(.drawing(1e9)))
            #expect(viewer.run(for: 7).isEmpty)
            viewer.send(.device(.drawing(5e4)))
            #expect(viewer.run(for: 1).filter { $0 != .forget(.client) }.isEmpty)
        }
    }

    @Test func `No change within ten seconds of the last`() {
        var viewer = TestViewer.settled()
        let seconds = viewer.secondsUntilBegin(.rate(5))
        #expect((9.9...10.5).contains(seconds ?? 0))
    }

    @Test func `The hybrid path becomes the client path when the cut is there`() {
        var viewer = HysteresisTests.rested(.fast, .heavy)
        #expect(viewer.shown == .hybrid)
        #expect(viewer.measure(.rate(60, errorPixels: 9), for: 20).filter { $0 != .forget(.server) }.isEmpty)
        let seconds = viewer.secondsUntilBegin(.rate(60, errorPixels: 1.5))
        #expect((7.9...8.5).contains(seconds ?? 0))
        #expect(viewer.target?.path == .client)
    }

    @Test func `Short memory moves a viewer, and memory does not come back at once`() {
        var viewer = HysteresisTests.rested()
        var measures = ClientMeasures.rate(60)
        measures.hasMemoryPressure = true
        #expect((1.9...2.3).contains(viewer.secondsUntilBegin(measures) ?? 0))
        #expect(viewer.target?.path == .hybrid)
        #expect(viewer.target?.code == .memory)
        viewer.acknowledge()
        #expect((59...69).contains(viewer.secondsUntilBegin(.rate(60)) ?? 0))
    }

    @Test func `What was measured counts after the switch`() {
        // The benchmark promised 60 frames per second; there were 10.
        var viewer = HysteresisTests.rested()
        viewer.send(.policy(PathPolicy(allowed: [.client, .server])))
        #expect(viewer.secondsUntilBegin(.rate(10)) != nil)
        viewer.acknowledge()
        #expect(viewer.shown == .server)
        #expect(viewer.measure(.latency(80), for: 200).filter { $0 != .forget(.client) }.isEmpty)
    }

    // MARK: Drags

    @Test func `In a drag nothing is begun, and at its end it is`() {
        var viewer = HysteresisTests.rested()
        #expect(viewer.measure(ClientMeasures.rate(5).dragging(), for: 20).isEmpty)
        #expect(begun(viewer.send(.measured(.rate(5)))).count == 1)
    }

    @Test func `A drag of which nothing is heard any more is over`() {
        var viewer = TestViewer.settled(.drawing(5e4))
        viewer.run(to: 40)
        viewer.send(.device(.drawing(1e9)))
        viewer.measure(ClientMeasures.latency(50).dragging(), for: 15)
        #expect(viewer.target == nil)
        #expect(begun(viewer.run(for: 6)).count == 1)
    }

    // MARK: Bounces

    /// Lets a viewer be moved back and forth by frame rates and facts, and returns the times between.
    static func bounce(_ viewer: inout TestViewer, times: Int) -> [Double] {
        (0..<times).map { index in
            let isSlow = viewer.shown == .client
            viewer.send(.device(isSlow ? .drawing(5e4) : .drawing(1e9)))
            let seconds = viewer.secondsUntilBegin(nil) ?? .infinity
            viewer.acknowledge()
            return seconds
        }
    }

    @Test func `Each time back doubles the dwell, up to 160 s`() {
        var viewer = TestViewer.settled()
        let times = HysteresisTests.bounce(&viewer, times: 7).map { $0.rounded() }
        // To the server, which it was shown at first: that is a bounce already.
        #expect(times == [10, 20, 40, 80, 160, 160, 160])
        #expect(viewer.controller.report.bounceCount == 4)
    }

    @Test func `Calm halves the dwell again`() {
        var viewer = TestViewer.settled()
        _ = HysteresisTests.bounce(&viewer, times: 3)
        #expect(viewer.controller.report.bounceCount == 3)
        viewer.run(for: 161)
        #expect(viewer.controller.report.bounceCount == 2)
        viewer.run(for: 81)
        #expect(viewer.controller.report.bounceCount == 1)
        viewer.run(for: 61)
        #expect(viewer.controller.report.bounceCount == 0)
        let times = HysteresisTests.bounce(&viewer, times: 1).map { $0.rounded() }
        #expect((times.first ?? 100) <= 8)
    }

    @Test func `A wish ends the counting`() {
        var viewer = TestViewer.settled()
        _ = HysteresisTests.bounce(&viewer, times: 4)
        viewer.run(for: 1)
        viewer.send(.wish(viewer.shown == .client ? .server : .client))
        #expect(viewer.controller.report.bounceCount == 0)
    }
}
