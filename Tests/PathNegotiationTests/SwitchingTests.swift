// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// Make before break: what is begun, finished, cancelled and forgotten.
@Suite struct SwitchingTests {
    @Test func `The old path finishes when the new one is shown, and is forgotten a minute later`() {
        var viewer = TestViewer()
        viewer.connect(.fast, .small, megabits: 20, server: .device)
        #expect(viewer.shown == .server && viewer.target?.path == .client)
        viewer.run(to: 1)
        #expect(viewer.acknowledge() == [.finish(.server)])
        #expect(viewer.shown == .client && viewer.target == nil)
        #expect(viewer.run(to: 60.9).isEmpty)
        #expect(viewer.run(to: 61.1) == [.forget(.server)])
        #expect(viewer.run(to: 1000).isEmpty)
    }

    @Test func `What is used again is not forgotten`() {
        var viewer = TestViewer.settled()
        viewer.run(to: 30)
        viewer.send(.wish(.hybrid))
        #expect(viewer.acknowledge() == [.finish(.client)])
        #expect(!viewer.run(to: 200).contains(.forget(.server)))
        viewer.send(.wish(.server))
        #expect(viewer.acknowledge() == [.finish(.hybrid)])
        #expect(viewer.run(to: 300) == [.forget(.client)])
    }

    @Test func `Numbers that are not the target's change nothing`() {
        var viewer = TestViewer()
        viewer.connect(.fast, .small, megabits: 20, server: .device)
        for number in [0, 2, -1, .max, .min] {
            #expect(viewer.send(.shown(number: number)).isEmpty)
            if number != 0 { #expect(viewer.send(.failed(number: number, reason: "")).isEmpty) }
        }
        #expect(viewer.shown == .server && viewer.target?.number == 1)
    }

    @Test func `A picture that does not come within 10 s has failed`() {
        var viewer = TestViewer.settled()
        let target = begun(viewer.send(.wish(.server)))
        #expect(target.map(\.path) == [.server])
        #expect(viewer.run(for: 9.9).isEmpty)
        let actions = viewer.run(for: 0.2)
        #expect(actions.first == .cancel(number: 2, path: .server, newNumber: 3))
        #expect(refused(actions).map(\.code) == [.failed])
        #expect(viewer.shown == .client && viewer.target == nil)
    }

    @Test func `While a hand is at the controls nothing fails for not being shown`() {
        var viewer = TestViewer.settled()
        viewer.send(.wish(.server))
        #expect(viewer.measure(ClientMeasures.rate(60).dragging(), for: 60).isEmpty)
        viewer.send(.measured(.rate(60)))
        #expect(viewer.run(for: 9).isEmpty)
        #expect(viewer.acknowledge() == [.finish(.client)])
    }

    @Test func `What does not wait for the hand fails under it`() {
        var viewer = TestViewer.settled(.fast, .small, wish: .server)
        viewer.send(.server(.lost))
        #expect(viewer.target?.isEmergency == true)
        let actions = viewer.measure(ClientMeasures.rate(60).dragging(), for: 30)
        #expect(actions.contains(.cancel(number: 2, path: .client, newNumber: 3)))
    }

    @Test func `A page that nobody sees shows nothing, and has ten seconds when it is seen again`() {
        var viewer = TestViewer.settled()
        viewer.send(.visible(false))
        viewer.send(.wish(.server))
        #expect(viewer.run(for: 3600).isEmpty)
        viewer.send(.visible(true))
        #expect(viewer.run(for: 9.9).isEmpty)
        #expect(viewer.run(for: 0.2).first == .cancel(number: 2, path: .server, newNumber: 3))
    }

    @Test func `A client path may fill for long while chunks arrive`() {
        var viewer = TestViewer()
        viewer.connect(.fast, .small, megabits: 20, server: .device)
        for _ in 0..<20 {
            #expect(viewer.run(for: 15).isEmpty)
            viewer.send(.progressed)
        }
        let actions = viewer.run(for: 21)
        #expect(actions.first == .cancel(number: 1, path: .client, newNumber: 2))
    }

    @Test func `Without signs of progress a client path gets twice the time that was predicted`() {
        var viewer = TestViewer.settled(.fast, .heavy, megabits: 2, wish: .server)
        viewer.send(.wish(.client))
        #expect(viewer.run(for: 60).isEmpty)
        #expect(!viewer.run(for: 10).isEmpty)
    }

    @Test func `What failed is tried again after 15 s, then 30, then 60`() {
        var viewer = TestViewer.settled(.swiftShader, wish: .client)
        viewer.send(.wish(.auto))
        for seconds in [15.0, 30, 60, 120] {
            guard let number = viewer.target?.number else { return #expect(Bool(false), "nothing is begun") }
            let actions = viewer.send(.failed(number: number, reason: "no picture.\n"))
            #expect(actions == [.cancel(number: number, path: .server, newNumber: number + 1)])
            #expect(viewer.controller.report.blocked[.server] != nil)
            let wait = viewer.secondsUntilBegin(nil)
            #expect((wait ?? 0) >= seconds && (wait ?? 1000) <= seconds + 9)
        }
    }

    @Test func `The path from the start may fail too`() {
        var viewer = TestViewer()
        viewer.run(to: 0.1)
        viewer.send(.failed(number: 0, reason: "no frame"))
        viewer.connect(.fast, .huge, megabits: 20, server: .device)
        #expect(viewer.target?.path == .client)
        #expect(viewer.target?.readyErrorPixels == .infinity)
    }

    @Test func `What is shown may fail, and another path takes its place at once`() {
        var viewer = TestViewer.settled()
        let actions = viewer.send(.failed(number: 1, reason: "no WebAssembly memory"))
        #expect(begun(actions).map(\.path) == [.server])
        #expect(begun(actions).first?.isEmergency == false)
    }

    @Test func `A wish that fails is refused with the viewer's reason, and asking again tries again`() {
        var viewer = TestViewer.settled()
        viewer.send(.wish(.server))
        let actions = viewer.send(.failed(number: 2, reason: "The decoder\nfailed."))
        #expect(refused(actions).first?.reason == "The server path failed: The decoder failed.")
        viewer.run(for: 1)
        #expect(begun(viewer.send(.wish(.server))).map(\.path) == [.server])
    }

    @Test func `Nothing works, again and again: the viewer is told`() {
        var viewer = TestViewer(firstPath: nil)
        viewer.connect(.noWebGL, .small, megabits: 20, server: .device)
        for count in 1...4 {
            guard let number = viewer.target?.number else { return #expect(Bool(false), "nothing is begun") }
            let actions = viewer.send(.failed(number: number, reason: "no picture"))
            if count == 4 { return #expect(failure(actions) != nil) }
            #expect(failure(actions) == nil)
            #expect(viewer.secondsUntilBegin(nil) != nil)
        }
    }

    // MARK: Wishes

    @Test func `A wish acts at once, in a drag too`() {
        var viewer = TestViewer.settled()
        viewer.measure(ClientMeasures.rate(60).dragging(), for: 1)
        let decision = begun(viewer.send(.wish(.server))).first
        #expect(decision?.path == .server)
        #expect(decision?.code == .asked)
        #expect(decision?.isEmergency == false)
        viewer.acknowledge()
        viewer.run(for: 0.6)
        #expect(begun(viewer.send(.wish(.auto))).map(\.path) == [.client])
    }

    @Test func `A wish for what is there is answered`() {
        var viewer = TestViewer.settled()
        let decision = begun(viewer.send(.wish(.client))).first
        #expect(decision?.path == .client && decision?.code == .asked && decision?.previous == .client)
        #expect(viewer.acknowledge().isEmpty)
        viewer.run(for: 1)
        #expect(viewer.send(.wish(.client)).isEmpty)
    }

    @Test func `Taking a wish back cancels what it began`() {
        var viewer = TestViewer.settled()
        viewer.send(.wish(.server))
        viewer.run(for: 1)
        let actions = viewer.send(.wish(.client))
        #expect(actions.first == .cancel(number: 2, path: .server, newNumber: 3))
        #expect(begun(actions).map(\.path) == [.client])
        #expect(viewer.send(.shown(number: 2)).isEmpty)
        #expect(viewer.acknowledge().isEmpty)
        #expect(viewer.shown == .client)
    }

    @Test func `A storm of wishes begins two paths a second, and the last one wins`() {
        var viewer = TestViewer.settled()
        let before = viewer.log.count
        let from = viewer.now
        let wishes: [PathWish] = [.server, .client, .hybrid, .auto]
        for index in 0..<1000 {
            viewer.run(to: from + Double(index) * 0.01)
            viewer.send(.wish(wishes[index % wishes.count]))
        }
        viewer.send(.wish(.server))
        viewer.run(for: 1)
        let count = begun(Array(viewer.log[before...])).count
        #expect(count <= 22)
        #expect(count >= 10)
        #expect(viewer.target?.path == .server)
    }

    @Test func `A wish is kept for the time when it can be`() {
        var viewer = TestViewer.settled(server: .lost, wish: .server)
        #expect(refused(viewer.log).count == 1)
        #expect(viewer.shown == .client)
        viewer.run(to: 20)
        viewer.send(.server(.device))
        #expect(viewer.run(for: 7.9).isEmpty)
        #expect(begun(viewer.run(for: 0.2)).map(\.path) == [.server])
    }

    // MARK: Policies

    @Test func `A path that is forbidden is left at once`() {
        var viewer = TestViewer.settled()
        let actions = viewer.send(
            .policy(PathPolicy(allowed: [.server, .hybrid], source: "this model's configuration")))
        #expect(begun(actions).count == 1)
        #expect(begun(actions).first?.path != .client)
        viewer.acknowledge()
        #expect(failure(viewer.send(.policy(PathPolicy(allowed: []))))?.code == .forbidden)
    }

    @Test func `A preparation that is forbidden is cancelled`() {
        var viewer = TestViewer.settled()
        viewer.send(.wish(.server))
        let actions = viewer.send(.policy(PathPolicy(allowed: [.client])))
        #expect(actions.first == .cancel(number: 2, path: .server, newNumber: 3))
        #expect(refused(actions).map(\.code) == [.forbidden])
        #expect(viewer.target == nil && viewer.shown == .client)
    }

    // MARK: Report

    @Test func `The report has everything`() {
        var viewer = TestViewer.settled(.fast, .heavy)
        for _ in 0..<20 {
            viewer.run(for: 1)
            viewer.send(.wish(.client))
            viewer.run(for: 1)
            viewer.send(.wish(.server))
        }
        let report = viewer.controller.report
        #expect(report.decisions.count == 16)
        #expect(report.decisions.last?.secondsAgo == 0)
        // Each but the first took back the one before, which has a number too.
        #expect(report.decisions.map(\.decision.number) == Array(stride(from: 50, through: 80, by: 2)))
        #expect(report.costs.client?.gpuByteLimit == 2_147_483_648)
        #expect(report.costs.server?.isMeasured == false)
        #expect(report.wish == .server && report.shown == .hybrid && report.target?.path == .server)
        #expect(report.dwellUntil != nil)
        #expect(report.standing?.code == .linkSlow)
    }

    @Test func `A viewer that vanishes in the middle of a switch leaves nothing that repeats`() {
        var viewer = TestViewer()
        viewer.connect(.fast, .small, megabits: 20, server: .device)
        // Its connection would be closed; the controller alone must not spin.
        viewer.run(to: 5000)
        #expect(begun(viewer.log).count < 30)
    }
}
