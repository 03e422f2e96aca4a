// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// A controller on a clock that is moved by hand: seconds since it was made. Deadlines are kept on the way.
struct TestViewer {
    let start = ContinuousClock.now
    var controller: PathController
    private(set) var now = 0.0
    /// What it did of late, in order.
    var log: [PathAction] = []

    init(
        policy: PathPolicy = PathPolicy(), wish: PathWish = .auto, firstPath: ViewerPath? = .server
    ) {
        controller = PathController(policy: policy, wish: wish, firstPath: firstPath, at: start)
    }

    /// One whose path is decided and shown; it is then 0.5 s.
    static func settled(
        _ device: DeviceFacts = .fast, _ model: ModelFacts = .small, megabits: Double = 20,
        server: ServerFacts = .device, wish: PathWish = .auto, policy: PathPolicy = PathPolicy()
    ) -> TestViewer {
        var viewer = TestViewer(policy: policy, wish: wish)
        viewer.connect(device, model, megabits: megabits, server: server)
        viewer.run(to: 0.5)
        viewer.acknowledge()
        return viewer
    }

    mutating func connect(_ device: DeviceFacts, _ model: ModelFacts, megabits: Double, server: ServerFacts) {
        for event in [PathEvent.link(.megabits(megabits)), .server(server), .model(model), .device(device)] {
            send(event)
        }
    }

    @discardableResult mutating func send(_ event: PathEvent) -> [PathAction] {
        let actions = controller.handle(event, at: instant)
        log += actions
        return actions
    }

    /// Lets time pass, and handles the deadlines in it.
    @discardableResult mutating func run(to time: Double) -> [PathAction] {
        var actions: [PathAction] = []
        while let deadline = controller.nextDeadline, deadline <= start.advanced(by: .seconds(time)) {
            let before = now
            now = max(now, seconds(deadline))
            actions += controller.handle(.tick, at: deadline)
            #expect(controller.nextDeadline.map { $0 > deadline } ?? true)
            #expect(now >= before)
        }
        now = max(now, time)
        log += actions
        return actions
    }

    @discardableResult mutating func run(for seconds: Double) -> [PathAction] { run(to: now + seconds) }

    /// Says the same twice a second.
    @discardableResult mutating func measure(_ measures: ClientMeasures, for seconds: Double) -> [PathAction] {
        let end = now + seconds
        var actions: [PathAction] = []
        while now < end {
            actions += send(.measured(measures))
            actions += run(to: min(now + 0.5, end))
        }
        return actions
    }

    /// Says the same until something is begun; the seconds that took, or nil.
    mutating func secondsUntilBegin(_ measures: ClientMeasures?, limit: Double = 400) -> Double? {
        let from = now
        while now - from < limit {
            let actions = (measures.map { send(.measured($0)) } ?? []) + run(for: 0.25)
            if !begun(actions).isEmpty { return now - from }
        }
        return nil
    }

    /// Shows what was begun.
    @discardableResult mutating func acknowledge() -> [PathAction] {
        guard let target = controller.target else { return [] }
        return send(.shown(number: target.number))
    }

    var instant: ContinuousClock.Instant { start.advanced(by: .seconds(now)) }

    private func seconds(_ instant: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (instant - start).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    var shown: ViewerPath? { controller.shown }
    var target: PathDecision? { controller.target }
}

func begun(_ actions: [PathAction]) -> [PathDecision] {
    actions.compactMap { if case .begin(let decision) = $0 { decision } else { nil } }
}

func refused(_ actions: [PathAction]) -> [PathRefusal] {
    actions.compactMap { if case .refuse(let refusal) = $0 { refusal } else { nil } }
}

func failure(_ actions: [PathAction]) -> PathRefusal? {
    actions.compactMap { if case .fail(let refusal) = $0 { refusal } else { nil } }.first
}
