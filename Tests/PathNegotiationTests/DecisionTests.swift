// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

/// Which path a viewer is given, and when.
@Suite struct DecisionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var device: String
        var megabits: Double
        var isHuge: Bool
        var hasDevice: Bool
        /// nil: nothing can be served.
        var path: ViewerPath?

        var testDescription: String {
            "\(device), \(megabits) Mbit/s, \(isHuge ? "huge" : "small"), \(hasDevice ? "device" : "no device")"
        }

        var facts: DeviceFacts { device == "fast" ? .fast : device == "SwiftShader" ? .swiftShader : .noWebGL }
    }

    static let matrix: [Row] = ["fast", "SwiftShader", "no WebGL"].flatMap { device in
        [2.0, 20, 100].flatMap { megabits in
            [false, true].flatMap { isHuge in
                [false, true].map { hasDevice in
                    let path: ViewerPath? =
                        switch (device, hasDevice, isHuge) {
                        case ("fast", true, false): .client
                        case ("fast", true, true): .hybrid
                        case ("no WebGL", false, _): nil
                        case (_, false, _): .client
                        default: .server
                        }
                    return Row(device: device, megabits: megabits, isHuge: isHuge, hasDevice: hasDevice, path: path)
                }
            }
        }
    }

    @Test(arguments: matrix) func `Device, link, model and renderer decide`(row: Row) {
        var viewer = TestViewer(firstPath: row.hasDevice ? .server : .client)
        viewer.connect(
            row.facts, row.isHuge ? .huge : .small, megabits: row.megabits, server: row.hasDevice ? .device : .none)
        viewer.run(to: 1)
        #expect(begun(viewer.log).last?.path == row.path)
        #expect((failure(viewer.log) == nil) == (row.path != nil))
        if let reason = begun(viewer.log).last?.reason ?? failure(viewer.log)?.reason {
            #expect(reason.last == "." && reason.first?.isUppercase ?? false && !reason.contains(".."))
        }
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var device = DeviceFacts.fast
        var model = ModelFacts.small
        var server = ServerFacts.device
        var megabits = 20.0
        var policy = PathPolicy()
        var path: ViewerPath
        var code: PathReasonCode
    }

    static func facts(_ change: (inout DeviceFacts) -> Void) -> DeviceFacts {
        var facts = DeviceFacts.fast
        change(&facts)
        return facts
    }

    static let rules = [
        Rule(testDescription: "fast", path: .client, code: .clientFast),
        Rule(testDescription: "no WebGL", device: .noWebGL, path: .server, code: .noWebGL),
        Rule(
            testDescription: "no WebAssembly", device: facts { $0.hasWebAssembly = false }, path: .server,
            code: .noWebAssembly),
        Rule(testDescription: "software", device: .swiftShader, path: .server, code: .softwareRenderer),
        Rule(
            testDescription: "software, no room", device: .swiftShader, server: .full, path: .client,
            code: .rendererFull),
        Rule(
            testDescription: "driver lost twice", device: facts { $0.contextLossCount = 2 }, path: .server,
            code: .contextLost),
        Rule(
            testDescription: "driver lost once", device: facts { $0.contextLossCount = 1 }, path: .client,
            code: .clientFast),
        Rule(
            testDescription: "no memory even for the coarsest", device: facts { $0.gpuByteLimit = 1e5 }, path: .server,
            code: .memory),
        Rule(
            testDescription: "no memory for the cut", device: facts { $0.gpuByteLimit = 1e6 }, path: .hybrid,
            code: .modelLarge),
        Rule(
            testDescription: "too many triangles", device: facts { $0.triangleLimit = 50_000 }, path: .hybrid,
            code: .modelLarge),
        Rule(testDescription: "renderer lost", server: .lost, path: .client, code: .noRenderer),
        Rule(
            testDescription: "renderer starting", server: ServerFacts(state: .starting), path: .client,
            code: .noRenderer),
        Rule(
            testDescription: "renderer busy", server: ServerFacts(state: .ready, load: 0.96), path: .client,
            code: .rendererFull),
        Rule(
            testDescription: "cannot show pictures", device: facts { $0.canShowFrames = false }, path: .client,
            code: .cannotShowFrames),
        Rule(testDescription: "long to arrive", model: .heavy, path: .hybrid, code: .linkSlow),
        Rule(testDescription: "soon there", model: .heavy, megabits: 100, path: .client, code: .clientFast),
        Rule(testDescription: "slow", device: .drawing(5e4), path: .server, code: .clientSlow),
        Rule(
            testDescription: "slow, and a slow renderer", device: .drawing(1e6), model: .heavy,
            server: ServerFacts(state: .ready, isCPU: true, drawSeconds: 2),
            policy: PathPolicy(allowed: [.client, .server]), path: .client, code: .serverSlow),
        Rule(
            testDescription: "saving data", device: facts { $0.savesData = true }, model: .heavy, megabits: 100,
            path: .hybrid, code: .savesData),
        Rule(
            testDescription: "saving data, small model", device: facts { $0.savesData = true }, path: .client,
            code: .clientFast),
        Rule(
            testDescription: "only the server", policy: PathPolicy(allowed: [.server]), path: .server, code: .onlyPath),
        Rule(
            testDescription: "fixed", policy: PathPolicy(source: "this token", fixed: .hybrid), path: .hybrid,
            code: .onlyPath),
        Rule(
            testDescription: "no hybrid", model: .huge, policy: PathPolicy(allowed: [.client, .server]), path: .server,
            code: .linkSlow),
        Rule(
            testDescription: "no hybrid, slow link", model: .huge, server: ServerFacts(state: .ready, isCPU: true),
            megabits: 2,
            policy: PathPolicy(allowed: [.client, .server]), path: .client, code: .serverSlow),
    ]

    @Test(arguments: rules) func `Each rule has its case`(rule: Rule) {
        var viewer = TestViewer(policy: rule.policy, firstPath: .client)
        viewer.connect(rule.device, rule.model, megabits: rule.megabits, server: rule.server)
        viewer.run(to: 1)
        let decision = begun(viewer.log).last
        #expect(decision?.path == rule.path)
        #expect(decision?.code == rule.code, "\(decision?.reason ?? "")")
        #expect(begun(viewer.log).count == 1)
    }

    @Test func `Reasons have the numbers`() {
        let viewer = TestViewer.settled(.fast, ModelFacts.small)
        #expect(
            begun(viewer.log).last?.reason
                == "This device draws the 80 thousand triangles of this view at 60 fps, and they arrive within 0.1 s.")
        let hybrid = TestViewer.settled(.fast, .heavy)
        #expect(
            begun(hybrid.log).last?.reason
                == "The 8 MB of this view would arrive within 3.2 s, so this device draws a coarse view while it moves, "
                + "and the server's pictures replace it at rest.")
        let none = TestViewer.settled(.swiftShader, .small)
        #expect(
            begun(none.log).last?.reason
                == "This browser draws WebGL with the processor, so the server draws it and sends pictures.")
    }

    @Test func `Reasons follow the link once it is measured`() {
        var viewer = TestViewer()
        for event in [PathEvent.server(.device), .model(.small), .device(.fast)] { viewer.send(event) }
        viewer.run(to: 1)
        #expect(begun(viewer.log).last?.reason.contains("they should arrive within") == true)
        viewer.send(.link(.megabits(4)))
        viewer.measure(.rate(nil, errorPixels: nil), for: 1)
        #expect(begun(viewer.log).count == 1)
        #expect(viewer.controller.report.target?.reason.contains("they arrive within") == true)
    }

    // MARK: When

    @Test func `The decision comes as soon as all is known`() {
        var viewer = TestViewer()
        #expect(viewer.send(.link(.megabits(20))).isEmpty)
        #expect(viewer.send(.server(.device)).isEmpty)
        #expect(viewer.send(.model(.small)).isEmpty)
        let decisions = begun(viewer.send(.device(.fast)))
        #expect(decisions.count == 1)
        #expect(decisions.first?.number == 1)
        #expect(decisions.first?.previous == .server)
        #expect(decisions.first?.readyErrorPixels == 2)
        #expect(decisions.first?.decidedAt == viewer.start)
    }

    @Test func `The link is waited for, but not for long`() {
        var viewer = TestViewer()
        for event in [PathEvent.server(.device), .model(.small), .device(.fast)] {
            #expect(viewer.send(event).isEmpty)
        }
        #expect(viewer.run(to: 0.249).isEmpty)
        #expect(begun(viewer.run(to: 0.251)).count == 1)
    }

    @Test func `Without facts it is decided after 0,4 s, and once more when they come`() {
        var viewer = TestViewer()
        #expect(viewer.run(to: 0.399).isEmpty)
        viewer.send(.server(.device))
        let first = begun(viewer.run(to: 0.401))
        #expect(first.map(\.path) == [.server])
        #expect(first.first?.code == .undecided)
        viewer.acknowledge()
        viewer.send(.model(.small))
        let second = begun(viewer.send(.device(.fast)))
        #expect(second.map(\.path) == [.client])
        #expect(second.first?.code == .clientFast)
        viewer.acknowledge()
        #expect(viewer.send(.device(.swiftShader)).isEmpty)
    }

    @Test func `A device that is still being measured is shown the server's pictures for three seconds at most`() {
        var viewer = TestViewer()
        var device = DeviceFacts.fast
        device.trianglesPerSecond = nil
        viewer.connect(device, .small, megabits: 20, server: .device)
        viewer.run(to: 0.5)
        #expect(begun(viewer.log).map(\.code) == [.undecided])
        viewer.acknowledge()
        let late = begun(viewer.run(to: 3.1))
        #expect(late.map(\.code) == [.clientFast])
        #expect(late.first?.reason.contains("should draw") == true)
    }

    @Test func `What is measured late decides at once`() {
        var viewer = TestViewer()
        viewer.connect(DeviceFacts(), .small, megabits: 20, server: .device)
        viewer.run(to: 1)
        viewer.acknowledge()
        #expect(begun(viewer.send(.device(.fast))).map(\.path) == [.client])
    }

    @Test func `Without any answer the path from the start stays`() {
        for path in [ViewerPath.client, .server] {
            var viewer = TestViewer(firstPath: path)
            viewer.run(to: 5)
            #expect(begun(viewer.log).map(\.path) == [path])
            #expect(viewer.log.count == 1)
        }
    }

    @Test func `A path that is decided and shown already is told once`() {
        let viewer = TestViewer.settled(.noWebGL)
        #expect(begun(viewer.log).map(\.path) == [.server])
        #expect(!viewer.log.contains(.finish(.server)))
        #expect(viewer.shown == .server && viewer.target == nil)
    }

    @Test func `Nothing is served from the start, and the first path is ready with anything`() {
        var viewer = TestViewer(firstPath: nil)
        viewer.connect(.fast, .small, megabits: 20, server: .none)
        #expect(viewer.shown == nil)
        #expect(viewer.target?.readyErrorPixels == .infinity)
        #expect(viewer.acknowledge().isEmpty)
        #expect(viewer.shown == .client)
    }

    // MARK: Policies and wishes at the start

    @Test func `Everything forbidden is said at once`() {
        var viewer = TestViewer(policy: PathPolicy(allowed: [], source: "this token"))
        let actions = viewer.send(.server(.device))
        #expect(failure(actions)?.code == .forbidden)
        #expect(failure(actions)?.reason == "This token permits no path at all.")
        #expect(viewer.controller.report.failure == failure(actions))
        #expect(viewer.controller.nextDeadline == nil)
        #expect(viewer.send(.wish(.client)).isEmpty)
    }

    @Test func `A wish is stronger than costs, a policy stronger than a wish`() {
        let asked = TestViewer.settled(.fast, .huge, wish: .client)
        #expect(begun(asked.log).map(\.path) == [.client])
        #expect(begun(asked.log).first?.code == .asked)
        let forbidden = TestViewer.settled(wish: .server, policy: PathPolicy(allowed: [.client]))
        #expect(refused(forbidden.log).map(\.code) == [.forbidden])
        #expect(
            refused(forbidden.log).first?.reason == "The server's configuration does not permit the server path.")
        #expect(begun(forbidden.log).map(\.path) == [.client])
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var wish: PathWish
        var device = DeviceFacts.fast
        var server = ServerFacts.device
        var code: PathRefusal.Code

        var testDescription: String { "\(wish) \(code)" }
    }

    static let refusals = [
        Refused(wish: .client, device: .noWebGL, code: .noWebGL),
        Refused(wish: .hybrid, device: .noWebGL, code: .noWebGL),
        Refused(wish: .client, device: facts { $0.hasWebAssembly = false }, code: .noWebAssembly),
        Refused(wish: .server, server: .none, code: .noRenderer),
        Refused(wish: .server, server: .lost, code: .noRenderer),
        Refused(wish: .hybrid, server: .full, code: .full),
        Refused(wish: .server, device: facts { $0.canShowFrames = false }, code: .cannotShowFrames),
    ]

    @Test(arguments: refusals) func `A wish that cannot be is refused, and the best is served`(row: Refused) {
        var viewer = TestViewer(wish: row.wish, firstPath: .client)
        viewer.connect(row.device, .small, megabits: 20, server: row.server)
        #expect(refused(viewer.log).map(\.code) == [row.code])
        #expect(
            begun(viewer.log).map(\.path) == [
                row.device.hasWebGL2 == false || row.device.hasWebAssembly == false ? .server : .client
            ])
        #expect(viewer.controller.report.refusals.count == 1)
    }

    @Test func `Whoever can show nothing is told why`() {
        var viewer = TestViewer(firstPath: nil)
        viewer.connect(.noWebGL, .small, megabits: 20, server: .full)
        #expect(failure(viewer.log)?.code == .full)
        var blind = DeviceFacts.noWebGL
        blind.canShowFrames = false
        var other = TestViewer()
        other.connect(blind, .small, megabits: 20, server: .device)
        #expect(
            failure(other.log)?.reason
                == "The model cannot be shown: This browser has no WebGL 2; This browser cannot show the server's pictures."
        )
    }

    // MARK: Claims

    @Test(arguments: [-1, 0, 1e300, .nan, .infinity, -.infinity, 2e12]) func `Impossible claims count as none`(
        value: Double
    ) {
        var device = DeviceFacts.fast
        device.trianglesPerSecond = value
        device.memoryGiB = -1
        var viewer = TestViewer()
        viewer.connect(device, .small, megabits: 20, server: .device)
        viewer.run(to: 4)
        #expect(viewer.controller.report.ignoredClaims == ["trianglesPerSecond \(value)", "memoryGiB -1.0"])
        #expect(viewer.controller.report.device?.trianglesPerSecond == nil)
        #expect(begun(viewer.log).last?.path == .client)
    }

    @Test func `Impossible numbers of all kinds are survived`() {
        for value in [Double.nan, .infinity, -.infinity, -1, 1e308] {
            var viewer = TestViewer()
            viewer.send(.link(LinkFacts(bytesPerSecond: value, roundTripSeconds: value)))
            viewer.send(
                .server(
                    ServerFacts(
                        state: .unavailable(reason: "\n", retrySeconds: value), load: value, drawSeconds: value,
                        encodeSeconds: value, frameByteCount: value, framesPerSecond: value)))
            viewer.send(
                .model(
                    ModelFacts(
                        firstByteCount: value, cutByteCount: value, cutTriangleCount: value, cutGPUByteCount: value,
                        coarsestGPUByteCount: value, coarsestTriangleCount: value, triangleCount: value)))
            viewer.send(.device(.fast))
            viewer.run(to: 1)
            #expect(viewer.target?.path == .client)
        }
    }
}
