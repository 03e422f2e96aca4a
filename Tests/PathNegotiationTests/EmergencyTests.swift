// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// What is shown stops working.
@Suite struct EmergencyTests {
    static let gone = [
        ServerFacts.lost, .none, ServerFacts(state: .starting),
        ServerFacts(state: .unavailable(reason: "", retrySeconds: .nan)),
    ]

    @Test(arguments: gone) func `A lost device moves viewers to the client path at once`(facts: ServerFacts) {
        var viewer = TestViewer.settled(.swiftShader)
        #expect(viewer.shown == .server)
        viewer.measure(ClientMeasures.latency(50).dragging(), for: 1)
        let decisions = begun(viewer.send(.server(facts)))
        #expect(decisions.map(\.path) == [.client])
        #expect(decisions.first?.isEmergency == true)
        #expect(decisions.first?.code == .deviceLost)
        #expect(decisions.first?.readyErrorPixels == .infinity)
    }

    @Test func `They return when it has been back for eight seconds`() {
        var viewer = TestViewer.settled(.swiftShader)
        viewer.run(to: 20)
        viewer.send(.server(.lost))
        viewer.acknowledge()
        viewer.run(for: 5)
        viewer.send(.server(.device))
        let seconds = viewer.secondsUntilBegin(nil)
        #expect((7.9...8.3).contains(seconds ?? 0))
        #expect(viewer.target?.path == .server)
        #expect(viewer.target?.code == .recovered)
        #expect(viewer.target?.isEmergency == false)
    }

    @Test func `A device that comes and goes does not take viewers with it each time`() {
        var viewer = TestViewer.settled(.swiftShader)
        let before = viewer.log.count
        for _ in 0..<600 {
            viewer.send(.server(.lost))
            viewer.acknowledge()
            viewer.run(for: 0.2)
            viewer.send(.server(.device))
            viewer.acknowledge()
            viewer.run(for: 0.2)
        }
        #expect(begun(Array(viewer.log[before...])).count == 1)
        #expect(viewer.shown == .client)
    }

    @Test func `A device that dies in the middle of a switch cancels it`() {
        var viewer = TestViewer.settled()
        viewer.send(.wish(.server))
        let actions = viewer.send(.server(.lost))
        #expect(actions.first == .cancel(number: 2, path: .server, newNumber: 3))
        #expect(refused(actions).map(\.code) == [.noRenderer])
        #expect(begun(actions).isEmpty)
        #expect(viewer.shown == .client && viewer.target == nil)
        #expect(viewer.send(.shown(number: 2)).isEmpty)
    }

    @Test func `A device that dies while the client path fills makes that an emergency`() {
        var viewer = TestViewer()
        viewer.connect(.fast, .small, megabits: 20, server: .device)
        let actions = viewer.send(.server(.lost))
        #expect(actions.count == 1)
        #expect(begun(actions).first?.isEmergency == true)
        #expect(begun(actions).first?.number == 2)
        #expect(begun(actions).first?.readyErrorPixels == .infinity)
        #expect(viewer.run(for: 15).isEmpty)
        #expect(viewer.acknowledge() == [.finish(.server)])
    }

    @Test func `A viewer without another path keeps its picture, is told once, and returns at once`() {
        var viewer = TestViewer.settled(.noWebGL)
        let told = begun(viewer.send(.server(.lost)))
        #expect(told.map(\.path) == [.server])
        #expect(told.first?.code == .deviceLost)
        #expect(
            told.first?.reason
                == "The server's renderer is not there (the device was lost; it is tried again in 5 s); what is shown "
                + "stays until that has passed.")
        #expect(viewer.acknowledge().isEmpty)
        #expect(viewer.controller.report.awaiting != nil)
        for _ in 0..<50 {
            viewer.send(.server(.lost))
            #expect(viewer.run(for: 5).filter { $0 != .forget(.client) }.isEmpty)
        }
        let back = begun(viewer.send(.server(.device)))
        #expect(back.map(\.path) == [.server])
        #expect(back.first?.code == .recovered)
        #expect(viewer.controller.report.awaiting == nil)
    }

    @Test func `Whoever connects while its only path is away waits for it`() {
        var viewer = TestViewer(firstPath: nil)
        viewer.connect(.noWebGL, .small, megabits: 20, server: .lost)
        #expect(viewer.target?.path == .server)
        #expect(viewer.run(to: 300).isEmpty)
        #expect(viewer.send(.server(.device)).isEmpty)
        #expect(viewer.run(for: 9).isEmpty)
        #expect(viewer.acknowledge().isEmpty)
        #expect(viewer.shown == .server)
    }

    @Test func `A renderer that is off for good ends what has nothing else`() {
        var viewer = TestViewer.settled(.noWebGL)
        #expect(failure(viewer.send(.server(.none)))?.code == .noWebGL)
    }

    @Test func `A lost graphics driver moves a viewer to the server path, and back once`() {
        var viewer = TestViewer.settled()
        let decision = begun(viewer.send(.measured(.contextLost))).first
        #expect(decision?.path == .server)
        #expect(decision?.code == .contextLost)
        #expect(decision?.isEmergency == true)
        viewer.acknowledge()
        viewer.measure(.latency(60), for: 1)
        #expect((8.9...10.5).contains(viewer.secondsUntilBegin(.latency(60)) ?? 0))
        #expect(viewer.target?.path == .client && viewer.target?.code == .recovered)
        viewer.acknowledge()
        // The second time within ten minutes, it stays.
        #expect(begun(viewer.send(.measured(.contextLost))).map(\.path) == [.server])
        viewer.acknowledge()
        #expect(begun(viewer.measure(.latency(60), for: 400)).isEmpty)
    }

    @Test func `A driver that is lost while nothing else can draw is waited for`() {
        var viewer = TestViewer.settled(.fast, .small, server: .none)
        #expect(begun(viewer.send(.measured(.contextLost))).map(\.path) == [.client])
        viewer.acknowledge()
        #expect(viewer.run(for: 30).filter { $0 != .forget(.server) }.isEmpty)
        #expect(begun(viewer.send(.measured(.rate(60)))).map(\.code) == [.recovered])
    }

    @Test func `Pictures that come 700 ms late for two seconds are left`() {
        var viewer = TestViewer.settled(.drawing(5e4), wish: .server)
        viewer.send(.wish(.auto))
        viewer.acknowledge()
        viewer.send(.device(.drawing(1e5)))
        #expect(viewer.measure(.latency(650), for: 3).isEmpty)
        let decision = begun(viewer.measure(ClientMeasures.latency(900).dragging(), for: 2.5)).first
        #expect(decision?.code == .latency)
        #expect(decision?.isEmergency == true)
        #expect(decision?.path != .server)
        #expect(decision?.reason.contains("900 ms") ?? false)
    }

    @Test func `A client that would be slower still is not the way out`() {
        var device = DeviceFacts.swiftShader
        device.trianglesPerSecond = 3000
        var viewer = TestViewer.settled(device)
        #expect(begun(viewer.measure(.latency(900), for: 20)).isEmpty)
    }

    @Test func `Who asked for pictures keeps them, however late`() {
        var viewer = TestViewer.settled(wish: .server)
        #expect(begun(viewer.measure(.latency(900), for: 20)).isEmpty)
    }

    @Test func `Late pictures are not returned to again and again`() {
        var viewer = TestViewer.settled(.drawing(1e5), .heavy, policy: PathPolicy(allowed: [.client, .server]))
        var count = 0
        while viewer.now < 600 {
            let measures = viewer.shown == .server ? ClientMeasures.latency(1200) : .rate(8, errorPixels: 20)
            count += begun(viewer.measure(measures, for: 1)).count
            viewer.acknowledge()
        }
        #expect(count <= 16)
    }
}
