// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GPU
import JSONCoding
import PathNegotiation
import StreamCore
import StreamService
import Testing

extension InMemoryConnection {
    struct Decision: Equatable {
        var number: UInt32
        var path: Wire.RenderPath
        var isEmergency: Bool
        var facts: JSONValue
    }

    /// What viewers were told about who draws.
    var decisions: [Decision] {
        messages.compactMap { message in
            guard case .path(let path) = message, let facts = try? JSONValue(decoding: path.json) else { return nil }
            return Decision(number: path.number, path: path.path, isEmergency: path.isEmergency, facts: facts)
        }
    }

    var frameCount: Int { messages.count { if case .frame = $0 { true } else { false } } }
}

@Suite(.serialized) struct PathViewerTests {
    private static let fast = """
        {"webgl": {"version": 2, "renderer": "Test GPU", "isSoftware": false}, "hasWebAssembly": true,
        "speed": {"trianglesPerSecond": 1e9, "pixelsPerSecond": 1e10},
        "limits": {"gpuByteCount": 512000000, "triangleCount": 5000000, "thresholdPixels": 1}}
        """
    private static let software = """
        {"webgl": {"version": 2, "renderer": "Google SwiftShader", "isSoftware": true}, "hasWebAssembly": true}
        """

    private func hello(_ json: String) -> ViewerEvent {
        .message(ClientMessage.hello(Wire.Hello(json: Array(json.utf8))).encode())
    }

    private func shown(_ number: UInt32, _ isShown: Bool = true) -> ViewerEvent {
        let json = Array((isShown ? "{}" : #"{"reason": "no"}"#).utf8)
        return .message(
            ClientMessage.pathShown(Wire.PathShown(number: number, isShown: isShown, json: json)).encode())
    }

    private func wish(_ choice: Wire.PathChoice) -> ViewerEvent {
        .message(ClientMessage.pathWish(Wire.PathWish(choice: choice)).encode())
    }

    private func report(_ mailbox: ViewerMailbox) async -> JSONValue {
        await withCheckedContinuation { continuation in
            mailbox.post(.inspectPath { continuation.resume(returning: $0) })
        }
    }

    /// Lets time pass, in steps that the viewer notices.
    private func pass(_ bench: ViewerBench, _ mailbox: ViewerMailbox, steps: Int = 10) async {
        for _ in 0..<steps {
            _ = await report(mailbox)
            bench.clock.advance(by: .milliseconds(50))
            mailbox.post(.wake)
        }
        _ = await report(mailbox)
    }

    /// Lets it be decided who draws, and says that this is shown.
    private func show(_ path: Wire.RenderPath, _ bench: ViewerBench, _ watcher: FrameWatcher) async throws {
        await pass(bench, watcher.mailbox)
        try await eventually("the \(path) path is decided") { watcher.connection.decisions.last?.path == path }
        watcher.mailbox.post(shown(watcher.connection.decisions.last?.number ?? 0))
    }

    @Test func `without a renderer a negotiated viewer draws for itself and is told why`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m&path=auto")
        try await eventually("chunks come") { !connection.chunks.isEmpty }
        #expect(connection.welcome?["path"] == "client")
        #expect(connection.welcome?["isNegotiated"] == true)
        mailbox.post(hello(Self.fast))
        await pass(bench, mailbox)
        try await eventually("it is decided") { !connection.decisions.isEmpty }
        let decision = try #require(connection.decisions.last)
        #expect(decision.path == .client && !decision.isEmergency)
        #expect(decision.facts["reason"]?.text?.isEmpty == false)
        #expect(decision.facts["wish"] == "auto")
        let report = await report(mailbox)
        #expect(report["path"] == "client" && report["isNegotiated"] == true)
        #expect(report["inputs"]?["server"]?["state"] == "off")
        #expect(report["inputs"]?["model"]?["cutByteCount"]?.number ?? 0 > 1000)
        #expect(report["decisions"] != nil)
        mailbox.post(.closed(code: 1001))
    }

    @Test func `a viewer whose address says who draws is told of no paths, and may say nothing of them`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m&path=client")
        try await eventually("chunks come") { !connection.chunks.isEmpty }
        #expect(connection.welcome?["isNegotiated"] == false)
        mailbox.post(hello(Self.fast))
        bench.clock.advance(by: .seconds(1))
        let report = await report(mailbox)
        #expect(report["isNegotiated"] == false && report["path"] == "client")
        #expect(connection.decisions.isEmpty)
        mailbox.post(wish(.server))
        try await eventually("it is closed") { connection.closed?.code == 4400 }
    }

    @Test func `nothing can be served where neither side can draw`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m&path=auto&can=server")
        try await eventually("it is welcomed") { connection.welcome != nil }
        for _ in 0..<10 where connection.closed == nil {
            bench.clock.advance(by: .milliseconds(100))
            mailbox.post(.wake)
            try await Task.sleep(for: .milliseconds(5))
        }
        try await eventually("it is turned away") { connection.closed != nil }
        #expect(connection.closed?.code == 4501)
        #expect(connection.closed?.reason.isEmpty == false)
    }

    @Test func `paths that the configuration forbids are refused with a reason`() async throws {
        let bench = try ViewerBench(paths: ["client"])
        let (fixed, _) = try bench.connect("model=m&path=server")
        try await eventually("a fixed path is refused") { fixed.closed != nil }
        let (connection, mailbox) = try bench.connect("model=m&path=auto&wish=server")
        mailbox.post(hello(Self.fast))
        await pass(bench, mailbox)
        try await eventually("a wish is refused") { connection.notices.contains { $0["code"] == "pathRefused" } }
        try await eventually("another path is taken") { connection.decisions.last?.path == .client }
        #expect(connection.decisions.last?.facts["allowed"] == ["client"])
        mailbox.post(.closed(code: 1001))
    }

    @Test func `the server's picture comes first, then the mesh, then only the mesh`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&viewport=320x240")
        let (connection, mailbox) = (watcher.connection, watcher.mailbox)
        try await watcher.wait("a picture comes") { $0.header.byteCount > 0 }
        #expect(connection.welcome?["path"] == "server")
        #expect(connection.chunks.isEmpty)
        mailbox.post(hello(Self.fast))
        await pass(bench, mailbox)
        try await eventually("the client is to draw") { connection.decisions.last?.path == .client }
        try await eventually("chunks come beside the pictures") { !connection.chunks.isEmpty }
        mailbox.post(shown(connection.decisions.last?.number ?? 0))
        let report = await report(mailbox)
        #expect(report["path"] == "client" && report["target"] == .null)
        // What is on its way may still come; a new view brings nothing more.
        try await Task.sleep(for: .milliseconds(50))
        watcher.take()
        let count = connection.frameCount
        mailbox.post(.message(ClientMessage.view(.test(1)).encode()))
        _ = await self.report(mailbox)
        try await Task.sleep(for: .milliseconds(200))
        #expect(connection.frameCount <= count + 1)
    }

    @Test func `a device that draws with its processor is sent pictures, and may ask for the mesh`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&viewport=320x240")
        let (connection, mailbox) = (watcher.connection, watcher.mailbox)
        mailbox.post(hello(Self.software))
        try await show(.server, bench, watcher)
        mailbox.post(wish(.client))
        await pass(bench, mailbox, steps: 20)
        try await eventually("the client is to draw") { connection.decisions.last?.path == .client }
        try await eventually("chunks come") { !connection.chunks.isEmpty }
        // It cannot after all.
        mailbox.post(shown(connection.decisions.last?.number ?? 0, false))
        let report = await report(mailbox)
        #expect(report["path"] == "server")
    }

    @Test func `a viewer that does not change in time is told to stay, under a new number`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&wish=client&viewport=320x240")
        let (connection, mailbox) = (watcher.connection, watcher.mailbox)
        mailbox.post(hello(Self.fast))
        try await show(.client, bench, watcher)
        mailbox.post(wish(.server))
        await pass(bench, mailbox, steps: 20)
        let asked = try #require(connection.decisions.last)
        #expect(asked.path == .server)
        // A hidden page is waited for.
        watcher.say(.visibility(Wire.Visibility(isVisible: false)))
        await pass(bench, mailbox, steps: 400)
        #expect(connection.decisions.last == asked)
        watcher.say(.visibility(Wire.Visibility(isVisible: true)))
        await pass(bench, mailbox, steps: 220)
        let stay = try #require(connection.decisions.last)
        #expect(stay.path == .client && stay.number > asked.number)
        // The answer to what was taken back comes too late and changes nothing.
        mailbox.post(shown(asked.number))
        #expect(await report(mailbox)["path"] == "client")
        mailbox.post(.closed(code: 1001))
    }

    @Test func `while the server draws, views and what a viewer holds bring no chunks`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&wish=server&viewport=320x240")
        let (connection, mailbox) = (watcher.connection, watcher.mailbox)
        mailbox.post(hello(Self.fast))
        try await show(.server, bench, watcher)
        watcher.say(.holdings(Wire.Holdings(kind: .stored, ranges: [0, 1])))
        for sequence in 1...3 {
            watcher.say(.view(.test(UInt32(sequence))))
            await pass(bench, mailbox, steps: 2)
        }
        #expect(connection.chunks.isEmpty)
        mailbox.post(wish(.client))
        await pass(bench, mailbox, steps: 20)
        try await eventually("chunks come when they are needed") { !connection.chunks.isEmpty }
    }

    @Test func `a hybrid gets stills only`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&wish=hybrid&viewport=320x240")
        let mailbox = watcher.mailbox
        mailbox.post(hello(Self.fast))
        try await show(.hybrid, bench, watcher)
        _ = await report(mailbox)
        try await Task.sleep(for: .milliseconds(50))
        watcher.take()
        let before = watcher.shown.count
        var view = Wire.View.test(1)
        (view.width, view.height, view.isMoving) = (320, 240, true)
        watcher.say(.view(view))
        view.sequence = 2
        view.isMoving = false
        watcher.say(.view(view))
        try await watcher.wait("a still comes") { $0.header.view == 2 && $0.header.kind != .moving }
        #expect(!watcher.shown[before...].contains { $0.header.kind == .moving && $0.header.view > 0 })
    }

    @Test func `changing one's mind all the time changes little`() async throws {
        let bench = try TestRenderer.bench.get()
        let watcher = try FrameWatcher(bench, "model=m&path=auto&viewport=320x240")
        let (connection, mailbox) = (watcher.connection, watcher.mailbox)
        mailbox.post(hello(Self.fast))
        await pass(bench, mailbox)
        try await eventually("it is decided") { !connection.decisions.isEmpty }
        for round in 0..<200 {
            mailbox.post(wish(round.isMultiple(of: 2) ? .server : .client))
            bench.clock.advance(by: .milliseconds(10))
            if round.isMultiple(of: 20) { _ = await report(mailbox) }
        }
        _ = await report(mailbox)
        #expect(connection.decisions.count < 12)
        #expect(connection.closed == nil)
    }

    @Test func `when the device is lost, who can draws for itself, and the others keep their picture`() async throws {
        let service = TestRenderer.service(failures: FailureInjection(everyNthSubmission: 40))
        defer { service.stop() }
        let bench = try ViewerBench(frames: service)
        let able = try FrameWatcher(bench, "model=m&path=auto&wish=server&viewport=320x240")
        let bare = try FrameWatcher(bench, "model=m&path=auto&can=server&viewport=320x240")
        able.mailbox.post(hello(Self.fast))
        try await able.wait("a picture comes") { $0.header.byteCount > 0 }
        try await bare.wait("another comes") { $0.header.byteCount > 0 }
        for watcher in [able, bare] {
            try await show(.server, bench, watcher)
        }
        var sequence: UInt32 = 0
        try await eventually("the device is lost") {
            sequence += 1
            for watcher in [able, bare] {
                var view = Wire.View.test(sequence, eye: Double3(50, 60, 200 + Double(sequence)))
                (view.width, view.height, view.isMoving) = (320, 240, true)
                watcher.say(.view(view))
                watcher.take()
            }
            return able.connection.notices.contains { $0["code"] == "rendererLost" }
        }
        try await eventually("the client is to draw at once") {
            able.connection.decisions.contains { $0.path == .client && $0.isEmergency }
        }
        able.mailbox.post(shown(able.connection.decisions.last { $0.path == .client }?.number ?? 0))
        try await eventually("chunks come") { !able.connection.chunks.isEmpty }
        #expect(bare.connection.closed == nil)
        try await eventually("the device is back") {
            bare.connection.notices.contains { $0["code"] == "rendererBack" }
        }
        bare.take()
        let count = bare.shown.count
        var view = Wire.View.test(sequence + 1, eye: Double3(50, 60, 300))
        (view.width, view.height) = (320, 240)
        bare.say(.view(view))
        try await eventually("pictures come again") {
            bare.take()
            return bare.shown.count > count
        }
        // What was asked for is followed again when it has been possible for a while.
        try await eventually("the server is to draw again") {
            bench.clock.advance(by: .seconds(1))
            able.mailbox.post(.message(ClientMessage.facts(Wire.Facts(json: Array("{}".utf8))).encode()))
            return able.connection.decisions.last?.path == .server
        }
    }

    @Test func `someone who embeds the viewer may choose`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m&path=auto")
        mailbox.post(hello(Self.fast))
        await pass(bench, mailbox)
        try await eventually("it is decided") { !connection.decisions.isEmpty }
        mailbox.post(.wish(.server))
        await pass(bench, mailbox, steps: 20)
        try await eventually("it is told why not") { connection.notices.contains { $0["code"] == "pathRefused" } }
        #expect(await report(mailbox)["path"] == "client")
        mailbox.post(.closed(code: 1001))
    }

    @Test(arguments: [
        ("path=auto", PathWish.auto, true, true), ("path=hybrid", .hybrid, true, true),
        ("path=auto&wish=client&can=client", .client, true, false), ("path=auto&can=server", .auto, false, true),
    ])
    func `addresses say what a viewer wants and can`(
        query: String, wish: PathWish, drawsChunks: Bool, showsFrames: Bool
    ) throws {
        let request = try ViewerBench.request("model=m&" + query)
        guard case .negotiated(let offer) = request.path else {
            Issue.record("the path is fixed")
            return
        }
        #expect(offer.wish == wish && offer.drawsChunks == drawsChunks && offer.showsFrames == showsFrames)
    }

    @Test(arguments: ["path=both", "path=auto&wish=me", "path=auto&can=", "path=auto&can=client,hybrid"])
    func `addresses that make no sense are refused`(query: String) {
        #expect(throws: ServiceError.self) { try ViewerBench.request("model=m&" + query) }
    }
}
