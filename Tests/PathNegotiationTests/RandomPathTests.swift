// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// What holds whatever happens.
@Suite struct RandomPathTests {
    /// Which events a run is made of.
    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var hasWishes = true
        var hasPolicies = true
        var hasFailures = true
        var hasNonsense = true
        var seeds: Range<UInt64>
    }

    static let kinds = [
        Kind(testDescription: "everything", seeds: 0..<800),
        Kind(testDescription: "no policies, nothing fails", hasPolicies: false, hasFailures: false, seeds: 800..<1400),
        Kind(
            testDescription: "measures and facts only", hasWishes: false, hasPolicies: false, hasFailures: false,
            hasNonsense: false, seeds: 1400..<2100),
    ]

    @Test(arguments: kinds) func `Any events in any order`(kind: Kind) {
        for seed in kind.seeds {
            var run = RandomPathRun(kind: kind, seed: seed)
            run.play(eventCount: 60)
            guard run.problems.isEmpty else {
                #expect(run.problems.isEmpty, "seed \(seed): \(run.problems.prefix(3))")
                return
            }
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>) func `Whoever makes each path look bad once it is shown moves few times`(
        seed: UInt64
    ) {
        var random = PathRandom(seed: seed)
        let hasHybrid = random.below(2) == 0
        var viewer = TestViewer.settled(
            .fast, .heavy, policy: PathPolicy(allowed: hasHybrid ? Set(ViewerPath.allCases) : [.client, .server]))
        var changes: [Double] = []
        while viewer.now < 1200 {
            let (device, measures) = RandomPathTests.discredit(viewer.controller.target?.path ?? viewer.shown, &random)
            viewer.send(.device(device))
            viewer.send(.link(.megabits(100)))
            let actions = viewer.send(.measured(measures)) + viewer.run(for: 0.2 + random.unit() * 0.8)
            changes += begun(actions).map { _ in viewer.now }
            if random.below(4) > 0 { viewer.acknowledge() }
        }
        #expect(changes.count >= 6)
        // With no more than the dwell of ten seconds there would be over a hundred.
        #expect(changes.count <= 24)
        #expect(changes.allSatisfy { end in changes.count { $0 > end - 60 && $0 <= end } <= 4 })
        #expect(!begun(viewer.log).contains { $0.isEmergency })
    }

    /// Facts and measures that speak against a path, and for the others.
    private static func discredit(
        _ path: ViewerPath?, _ random: inout PathRandom
    ) -> (DeviceFacts, ClientMeasures) {
        switch path {
        case .client: (.drawing(5e4 + random.unit() * 1e6), .rate(3 + random.unit() * 10))
        case .hybrid where random.below(2) == 0: (.drawing(5e4), .rate(4))
        case .hybrid: (.fast, .rate(60, errorPixels: 1))
        case .server, nil: (.fast, .latency(400 + random.unit() * 250))
        }
    }
}

/// One viewer with one sequence of events, watched.
struct RandomPathRun {
    let kind: RandomPathTests.Kind
    var random: PathRandom
    let start = ContinuousClock.now
    var controller: PathController
    var policy: PathPolicy
    var now = 0.0
    var problems: [String] = []

    // What the actions promised.
    private var target: PathDecision?
    private var shown: ViewerPath?
    private var lastNumber = 0
    private var isOver = false
    /// Times of changes that nobody asked for and no emergency forced.
    private var changes: [Double] = []
    private var lastDemandAt = -Double.infinity

    init(kind: RandomPathTests.Kind, seed: UInt64) {
        self.kind = kind
        random = PathRandom(seed: seed)
        policy = PathPolicy()
        if kind.hasPolicies, random.below(3) == 0 { policy = random.policy() }
        let firstPath: ViewerPath? = random.below(4) == 0 ? nil : random.below(2) == 0 ? .client : .server
        shown = firstPath
        controller = PathController(
            policy: policy, wish: kind.hasWishes ? random.element(PathWish.allCases) : .auto, firstPath: firstPath,
            at: start)
    }

    mutating func play(eventCount: Int) {
        for _ in 0..<eventCount where problems.isEmpty {
            let step = random.below(4) == 0 ? random.unit() * 20 : random.unit() * random.unit()
            pass(to: now + step)
            let event = nextEvent()
            send(event)
        }
        // Nothing more comes: deadlines alone must come to rest, but for what is tried again.
        pass(to: now + (random.below(20) == 0 ? 2000 : 100))
    }

    private mutating func pass(to time: Double) {
        var count = 0
        let end = start.advanced(by: .seconds(time))
        while let deadline = controller.nextDeadline, deadline <= end, problems.isEmpty {
            let (seconds, attoseconds) = (deadline - start).components
            let due = Double(seconds) + Double(attoseconds) * 1e-18
            if due < now - 1e-6 { problems.append("a deadline in the past") }
            now = max(now, due)
            check(controller.handle(.tick, at: deadline))
            if let next = controller.nextDeadline, next <= deadline { problems.append("no progress at a deadline") }
            count += 1
            if count > 400 { problems.append("deadlines do not end") }
        }
        now = max(now, time)
    }

    private mutating func send(_ event: PathEvent) {
        switch event {
        case .wish, .policy, .failed: lastDemandAt = now
        case .shown(let number):
            if let target, target.number == number {
                shown = target.path
                self.target = nil
            }
        default: break
        }
        if case .policy(let new) = event, !isOver { policy = new }
        check(controller.handle(event, at: start.advanced(by: .seconds(now))))
    }

    // MARK: Promises

    private mutating func check(_ actions: [PathAction]) {
        if isOver, !actions.isEmpty { problems.append("something after the end") }
        for action in actions {
            switch action {
            case .begin(let decision): begin(decision)
            case .finish(let path):
                if path == controller.shown { problems.append("what is shown is finished") }
            case .cancel(let number, let path, let newNumber):
                if newNumber != lastNumber + 1 { problems.append("number \(newNumber) after \(lastNumber)") }
                lastNumber = newNumber
                if target?.number != number || target?.path != path { problems.append("\(number) is not under way") }
                if path == shown { problems.append("what is shown is cancelled") }
                target = nil
            case .forget(let path):
                let used = [controller.shown, controller.target?.path].compactMap(\.self)
                let isUsed = used.contains { path == .client ? $0.usesChunks : $0.usesPictures }
                if path == .hybrid || isUsed { problems.append("\(path) is used") }
            case .refuse(let refusal):
                if refusal.wish == .auto || refusal.reason.isEmpty { problems.append("no wish was refused") }
            case .fail: isOver = true
            }
        }
        if !isOver, controller.target != nil, controller.target != target { problems.append("another target") }
        if !isOver, controller.shown != shown { problems.append("shows \(String(describing: controller.shown))") }
    }

    private mutating func begin(_ decision: PathDecision) {
        if decision.number != lastNumber + 1 { problems.append("number \(decision.number) after \(lastNumber)") }
        lastNumber = decision.number
        if let target, target.path != decision.path, target.path != shown { problems.append("two targets") }
        if !policy.allows(decision.path) { problems.append("\(decision.path) is forbidden") }
        if decision.reason.count < 10 || decision.reason.last != "." { problems.append("'\(decision.reason)'") }
        if decision.readyErrorPixels.isNaN { problems.append("not ready for anything") }
        let isChange = decision.path != target?.path ?? shown ?? decision.path
        if isChange, !decision.isEmergency, now > lastDemandAt + 2, now > 1 { count() }
        target = decision
    }

    private mutating func count() {
        changes.append(now)
        let recent = changes.filter { $0 > now - 60 }
        // The first decision that is made for good comes whenever its facts do.
        if recent.count > (kind.hasFailures ? 9 : 7) { problems.append("\(recent.count) changes in a minute") }
    }

    // MARK: Events

    private mutating func nextEvent() -> PathEvent {
        while true {
            switch random.below(20) {
            case 0: return .device(random.device(hasNonsense: kind.hasNonsense))
            case 1, 2: return .link(random.link(hasNonsense: kind.hasNonsense))
            case 3, 4: return .server(random.server(hasNonsense: kind.hasNonsense))
            case 5, 6: return .model(random.model(hasNonsense: kind.hasNonsense))
            case 7 where kind.hasWishes: return .wish(random.element(PathWish.allCases))
            case 8 where kind.hasPolicies && random.below(4) == 0: return .policy(random.policy())
            case 9 where kind.hasFailures:
                return .failed(number: max(0, lastNumber - random.below(2)), reason: random.below(2) == 0 ? "" : "x\n.")
            case 10, 11, 12: return .shown(number: target?.number ?? random.below(lastNumber + 3) - 1)
            case 13: return .progressed
            case 14: return random.below(2) == 0 ? .tick : .visible(random.below(3) > 0)
            case 15...19: return .measured(random.measures(hasNonsense: kind.hasNonsense))
            default: continue
            }
        }
    }
}
