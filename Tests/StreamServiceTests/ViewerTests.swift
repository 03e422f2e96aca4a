// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Foundation
import JSONCoding
import ModelStorage
import StreamCore
import StreamService
import TestSupport
import Testing
import Transport

/// A viewer's task over a connection in memory, on a clock that is moved by hand.
final class ViewerBench: Sendable {
    let folder = TestFolder()
    let lines = LogLines()
    let clock = ManualClock()
    let services: ViewerServices

    init(
        archive: String = TestModels.archive, _ changes: (inout ViewerConfiguration) -> Void = { _ in },
        sessions: SessionConfiguration = SessionConfiguration(), frames: FrameService? = nil, paths: [String]? = nil
    ) throws {
        try folder.copy(archive, "m.vantage")
        let log = lines.logger()
        let store = ModelStore(folder: folder.path, files: [], log: log)
        store.scan()
        var configuration = ViewerConfiguration()
        changes(&configuration)
        var rules = PathConfiguration()
        if let paths { rules.allowed = paths }
        var noRenderer = RendererConfiguration()
        noRenderer.mode = .off
        services = ViewerServices(
            store: store, hub: SessionHub(configuration: sessions, clock: clock, log: log),
            frames: frames ?? FrameService(configuration: noRenderer, metrics: Metrics(), clock: clock, log: log),
            metrics: Metrics(), clock: clock, log: log, configuration: configuration, paths: rules)
        frames?.whenAvailabilityChanges { [hub = services.hub] in hub.post(.renderer) }
    }

    static func request(_ query: String) throws -> ViewerRequest {
        let pairs = query.split(separator: "&").map { part in
            let sides = part.split(separator: "=", maxSplits: 1)
            return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
        }
        return try ViewerRequest(
            HTTPRequest(method: "GET", path: "/api/v1/stream", query: [("protocol", "1.0")] + pairs))
    }

    /// Connects; the task ends with its connection or the test.
    func connect(_ query: String) throws -> (connection: InMemoryConnection, mailbox: ViewerMailbox) {
        let request = try ViewerBench.request(query)
        let connection = InMemoryConnection()
        let mailbox = ViewerMailbox(limit: services.configuration.mailboxLimit)
        let task = ViewerTask(request, connection: connection, mailbox: mailbox, services: services)
        Task { await task.run() }
        return (connection, mailbox)
    }
}

@Suite struct ViewerTests {
    @Test func `a viewer is welcomed and gets its first picture unasked`() async throws {
        let bench = try ViewerBench()
        let (connection, _) = try bench.connect("model=m")
        try await eventually("chunks come") { connection.chunks.count > 1 }
        let welcome = try #require(connection.welcome)
        #expect(welcome["model"]?["id"] == "m")
        #expect(welcome["model"]?["triangleCount"] == 20_000)
        #expect(welcome["path"] == "client")
        #expect(welcome["resumed"] == false)
        #expect(welcome["home"]?["projection"] == "perspective")
        #expect(bench.services.hub.sessions.map(\.model) == ["m"])
        let archive = try Archive(path: TestModels.archive)
        #expect(connection.chunks.map(\.sequence) == (1...UInt32(connection.chunks.count)).map { $0 })
        for chunk in connection.chunks {
            #expect(try chunk.payload == archive.chunkBytes(Int(chunk.chunk)))
            #expect(chunk.kind == archive.index.chunks[Int(chunk.chunk)].kind.rawValue)
        }
    }

    @Test func `geometries and materials come before the chunks that need them`() async throws {
        let bench = try ViewerBench()
        let (connection, _) = try bench.connect("model=m")
        try await eventually("chunks come") { connection.chunks.contains { $0.kind == ChunkKind.nodes.rawValue } }
        let kinds = connection.messages.map { message -> String in
            switch message {
            case .welcome: "welcome"
            case .material: "material"
            case .geometry: "geometry"
            case .chunk(let chunk): chunk.kind == ChunkKind.nodes.rawValue ? "nodes" : "chunk"
            default: "other"
            }
        }
        #expect(kinds.first == "welcome")
        let nodes = try #require(kinds.firstIndex(of: "nodes"))
        #expect(kinds[..<nodes].contains("geometry"))
        #expect(kinds[..<nodes].contains("material"))
    }

    @Test func `everything comes in the end, and the view settles once`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m")
        mailbox.post(.message(ClientMessage.view(.test(1, eye: Double3(50, 20, 120))).encode()))
        var acknowledged: UInt32 = 0
        try await eventually("it settles") {
            if let last = connection.chunks.last?.sequence, last > acknowledged {
                acknowledged = last
                mailbox.post(.message(ClientMessage.acknowledge(.arrived(last)).encode()))
            }
            bench.clock.advance(by: .milliseconds(20))
            return connection.messages.contains {
                if case .settled(let settled) = $0 { settled.view == 1 } else { false }
            }
        }
        let settled = connection.messages.filter { if case .settled = $0 { true } else { false } }
        #expect(settled.count <= 2, "the home view's and the first view's")
    }

    @Test(
        arguments: [
            ("an unknown type", [77], "ClientMessage"), ("nothing", [], "ClientMessage"),
            ("a server's message", [4, 0, 0, 0, 0], "ClientMessage"), ("a cut view", [130, 1, 0], "View"),
            ("no JSON", [129, 0x7b], "Hello.json"), ("JSON that is no object", [129, 0x31], "Hello.json"),
            ("a hostile list", [132, 255, 255, 255, 255], "Evicted.chunks"),
            ("half a pair", [133, 0, 1, 0, 0, 0, 0, 0, 0, 0], "Holdings.ranges"),
            (
                "an acknowledgement of the future", [131, 255, 0, 0, 0] + [UInt8](repeating: 0, count: 12),
                "Acknowledge.sequence"
            ),
            ("a hint of no weight", [135, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0], "Hint.weight"),
        ] as [(String, [UInt8], String)])
    func `a malformed message closes the connection and names the field`(
        what: String, bytes: [UInt8], place: String
    ) async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let (connection, mailbox) = try bench.connect("model=m")
        let (other, _) = try bench.connect("model=m")
        try await eventually("both are in") { connection.welcome != nil && other.welcome != nil }
        mailbox.post(.message(bytes))
        try await eventually("it is closed") { connection.closed != nil }
        #expect(connection.closed?.code == 4400)
        #expect(connection.closed?.reason.hasPrefix(place) == true, "\(connection.closed?.reason ?? "")")
        #expect(other.closed == nil)
        #expect(bench.services.metrics.values.errors[.malformed] == 1)
    }

    static let badViews: [(String, Wire.View)] = [
        ("eye", .test(1, eye: Double3(1e13, 0, 0))), ("scale", .test(1, scale: 0)), ("scale", .test(1, scale: -1)),
        ("sequence", .test(0)),
    ]

    @Test(arguments: badViews)
    func `a view that cannot be is refused by its field`(field: String, view: Wire.View) async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let (connection, mailbox) = try bench.connect("model=m")
        mailbox.post(.message(ClientMessage.view(view).encode()))
        try await eventually("it is closed") { connection.closed != nil }
        #expect(connection.closed?.code == 4400)
        #expect(connection.closed?.reason.hasPrefix("View.\(field)") == true, "\(connection.closed?.reason ?? "")")
    }

    @Test func `views with numbers that are none are refused`() async throws {
        let good = ClientMessage.view(.test(1)).encode()
        for (place, count) in [(5, 8), (13, 8), (29, 4), (46, 4)] {
            var bytes = good
            for index in 0..<count { bytes[place + index] = 0xff }
            let bench = try ViewerBench(archive: TestModels.small)
            let (connection, mailbox) = try bench.connect("model=m")
            mailbox.post(.message(bytes))
            try await eventually("it is closed") { connection.closed != nil }
            #expect(connection.closed?.code == 4400)
        }
    }

    @Test(arguments: [
        ("model=unknown", 4404), ("session=abcdefghjkmn", 4404), ("model=m&session=abcdefghjkmn", 4404),
        ("model=../m", 4404),
    ])
    func `what is not there is refused with its code`(query: String, code: Int) async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let (connection, _) = try bench.connect(query)
        try await eventually("it is closed") { connection.closed != nil }
        #expect(connection.closed?.code == UInt16(code))
        #expect(connection.messages.isEmpty)
    }

    @Test(arguments: [
        ([("model", "m")], ServiceError.Code.versionRefused), ([("model", "m"), ("protocol", "2.0")], .versionRefused),
        ([("model", "m"), ("protocol", "x")], .versionRefused), ([("protocol", "1.0")], .malformed),
        ([("protocol", "1.0"), ("model", "m"), ("viewport", "0x4")], .malformed),
        ([("protocol", "1.0"), ("model", "m"), ("viewport", "70000x4")], .malformed),
        ([("protocol", "1.0"), ("model", "m"), ("viewport", "4")], .malformed),
    ])
    func `an address is checked before anything is opened`(query: [(String, String)], code: ServiceError.Code) {
        #expect {
            try ViewerRequest(HTTPRequest(method: "GET", path: "/api/v1/stream", query: query))
        } throws: {
            ($0 as? ServiceError)?.code == code
        }
    }

    @Test func `a returning viewer is sent nothing that it holds`() async throws {
        let bench = try ViewerBench()
        let (first, mailbox) = try bench.connect("model=m")
        try await eventually("chunks come") { first.chunks.count > 1 }
        let session = try #require(first.welcome?["session"]?.text)
        let held = first.chunks.prefix(2).map(\.chunk)
        mailbox.post(.closed(code: 1006))
        try await eventually("it has left") { bench.services.hub.viewerCount == 0 }

        let (second, box) = try bench.connect("model=m&session=\(session)&resume=1")
        try await eventually("it is welcomed") { second.welcome != nil }
        #expect(second.welcome?["resumed"] == true)
        #expect(second.welcome?["session"]?.text == session)
        let ranges: [UInt32] = held.sorted().flatMap { [UInt32($0), 1] }
        box.post(.message(ClientMessage.hello(Wire.Hello(json: Array("{}".utf8))).encode()))
        box.post(.message(ClientMessage.holdings(Wire.Holdings(kind: .resident, ranges: ranges)).encode()))
        #expect(second.chunks.isEmpty)
        box.post(.message(ClientMessage.view(.test(1, eye: Double3(50, 20, 120))).encode()))
        try await eventually("others come") { !second.chunks.isEmpty }
        #expect(Set(second.chunks.map(\.chunk)).isDisjoint(with: held))
    }

    @Test func `a returning viewer that says nothing is served after a while`() async throws {
        let bench = try ViewerBench()
        let (connection, _) = try bench.connect("model=m&session=abcdefghjkmn&resume=1")
        try await eventually("it is welcomed") { connection.welcome != nil }
        #expect(connection.welcome?["session"] == "abcdefghjkmn", "its session is started again")
        #expect(connection.chunks.isEmpty)
        try await eventually("chunks come") {
            bench.clock.advance(by: .seconds(3))
            return !connection.chunks.isEmpty
        }
    }

    @Test func `the end of a session closes all its viewers`() async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let (first, _) = try bench.connect("model=m")
        try await eventually("it is in") { first.welcome != nil }
        let session = try #require(first.welcome?["session"]?.text)
        let (second, _) = try bench.connect("session=\(session)")
        let (stranger, _) = try bench.connect("model=m")
        try await eventually("all are in") { second.welcome != nil && stranger.welcome != nil }
        try bench.services.hub.end(session)
        try await eventually("they are closed") { first.closed != nil && second.closed != nil }
        #expect(first.closed?.code == 4410)
        #expect(second.closed?.code == 4410)
        #expect(stranger.closed == nil)
        let (late, _) = try bench.connect("session=\(session)")
        try await eventually("it is refused") { late.closed != nil }
        #expect(late.closed?.code == 4410)
    }

    @Test func `an empty session ends on the clock`() async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let (connection, mailbox) = try bench.connect("model=m")
        try await eventually("it is in") { connection.welcome != nil }
        mailbox.post(.closed(code: 1000))
        try await eventually("it has left") { bench.services.hub.viewerCount == 0 }
        #expect(bench.services.hub.sessionCount == 1)
        try await eventually("the session ends") {
            bench.clock.advance(by: .seconds(61))
            return bench.services.hub.sessionCount == 0
        }
    }

    @Test func `a full server refuses with a time to come back`() async throws {
        var sessions = SessionConfiguration()
        sessions.viewerLimit = 1
        let bench = try ViewerBench(archive: TestModels.small, sessions: sessions)
        let (first, mailbox) = try bench.connect("model=m")
        try await eventually("it is in") { first.welcome != nil }
        let (second, _) = try bench.connect("model=m")
        try await eventually("it is refused") { second.closed != nil }
        #expect(second.closed?.code == 4503)
        #expect(second.closed?.reason.contains("10 seconds") == true)
        mailbox.post(.closed(code: 1000))
        try await eventually("there is room again") { bench.services.hub.viewerCount == 0 }
        let (third, _) = try bench.connect("model=m")
        try await eventually("it is in") { third.welcome != nil }
    }

    @Test func `a damaged chunk is noticed and skipped, and the rest comes`() async throws {
        let bench = try ViewerBench()
        let archive = try Archive(path: TestModels.archive)
        let victim = try #require(archive.index.nodes.last { !$0.parents.isEmpty }.map { Int($0.chunk) })
        var bytes = try TestModels.bytes(TestModels.archive)
        bytes[Int(archive.index.chunks[victim].offset) + 30] ^= 1
        try bench.folder.write("hurt.vantage", bytes)
        bench.services.store.scan()
        let (connection, mailbox) = try bench.connect("model=hurt")
        mailbox.post(.message(ClientMessage.view(.test(1, eye: Double3(50, 20, 120))).encode()))
        var acknowledged: UInt32 = 0
        try await eventually("all but one have come") {
            if let last = connection.chunks.last?.sequence, last > acknowledged {
                acknowledged = last
                mailbox.post(.message(ClientMessage.acknowledge(.arrived(last)).encode()))
            }
            bench.clock.advance(by: .milliseconds(20))
            return connection.messages.contains {
                if case .settled(let settled) = $0 { settled.view == 1 } else { false }
            }
        }
        #expect(connection.notices.contains { $0["code"] == "damagedChunk" && $0["chunk"] == .integer(victim) })
        #expect(!connection.chunks.contains { Int($0.chunk) == victim })
        #expect(connection.closed == nil)
        #expect(bench.lines.all.filter { $0.contains("a chunk is damaged") }.count == 1)
    }

    @Test func `the live queue can be looked at`() async throws {
        let bench = try ViewerBench()
        let (connection, mailbox) = try bench.connect("model=m")
        mailbox.post(.message(ClientMessage.view(.test(3, eye: Double3(50, 5, 60))).encode()))
        try await eventually("chunks come") { !connection.chunks.isEmpty }
        let report = await withCheckedContinuation { continuation in
            mailbox.post(.inspect { continuation.resume(returning: $0) })
        }
        #expect(report["view"] == .integer(3))
        #expect(report["statistics"]?["sentChunkCount"] == .integer(connection.chunks.count))
        #expect(report["queue"] != nil)
    }

    @Test func `a flood fills the mailbox and nothing else`() throws {
        let mailbox = ViewerMailbox(limit: 16)
        for _ in 0..<16 { #expect(mailbox.post(.message([1]))) }
        #expect(!mailbox.post(.message([1])))
        #expect(mailbox.post(.closed(code: 1000)), "the server's own events always find room")
        let connection = InMemoryConnection()
        ViewerHandler(mailbox: mailbox, connection: connection).received([1], isText: false)
        #expect(connection.closed?.code == 4429)
    }

    @Test func `no bytes from a client can trap the viewer`() async throws {
        let bench = try ViewerBench()
        let messages: [[UInt8]] = [
            ClientMessage.hello(Wire.Hello(json: Array(#"{"limits":{"gpuByteCount":100000}}"#.utf8))).encode(),
            ClientMessage.view(.test(5)).encode(), ClientMessage.acknowledge(.arrived(2)).encode(),
            ClientMessage.evicted(Wire.Evicted(chunks: [0, 1, 2, 3])).encode(),
            ClientMessage.holdings(Wire.Holdings(kind: .stored, ranges: [0, 3, 5, 2])).encode(),
            ClientMessage.budget(
                Wire.Budget(gpuByteLimit: 1 << 20, gpuByteCount: 1000, triangleLimit: 100, triangleCount: 5)
            ).encode(),
            ClientMessage.hint(Wire.Hint(weight: 3, treeNodes: [0, 1])).encode(),
            ClientMessage.ping(Wire.Ping(time: 4)).encode(), ClientMessage.lost(Wire.Lost(chunks: [1])).encode(),
        ]
        let model = try await bench.services.store.open("m")
        let request = try ViewerRequest(
            HTTPRequest(
                method: "GET", path: "/api/v1/stream", query: [("protocol", "1.0"), ("model", "m"), ("resume", "1")]))
        let session = try bench.services.hub.start(model: "m")
        func viewer() -> PathViewer {
            PathViewer(
                request, model: model, session: session, number: 1, connection: InMemoryConnection(),
                services: bench.services)
        }
        var victim = viewer()
        var closed = 0
        for (round, message) in messages.enumerated() {
            mutate(message, rounds: 150, seed: UInt64(round)) { bytes in
                bench.clock.advance(by: .milliseconds(50))
                if victim.handle([.message(bytes)]) != nil {
                    closed += 1
                    victim = viewer()
                    victim.begin()
                }
                _ = victim.nextDeadline
            }
        }
        #expect(closed > 100)
    }
}

extension Wire.Acknowledge {
    static func arrived(_ sequence: UInt32) -> Wire.Acknowledge {
        Wire.Acknowledge(
            sequence: sequence, holdMicroseconds: 0, backlogByteCount: 0, decodeBytesPerSecond: 100_000_000)
    }
}
