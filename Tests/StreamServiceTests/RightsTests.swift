// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import PathNegotiation
import StreamCore
import Testing
import Transport

@testable import StreamService

/// The table of who gets what, walked with every kind of caller.
@Suite struct RightsTests {
    struct Caller: Sendable, CustomStringConvertible {
        let name: String
        let token: String?
        /// What the configuration gives the token; nil: nothing.
        let grant: Grant?
        var description: String { name }
    }

    static let full = "the-token-of-the-test"
    static let pictures = Grant(paths: [.server], rights: [])
    static let callers = [
        Caller(name: "none", token: nil, grant: nil), Caller(name: "wrong", token: "a-token-of-nobody", grant: nil),
        Caller(name: "full", token: full, grant: .everything),
        Caller(name: "client", token: "the-client-only-token", grant: Grant(paths: [.client], rights: [])),
        Caller(name: "server", token: "the-pictures-only-token", grant: pictures),
        Caller(name: "server,tree", token: "the-token-with-names", grant: Grant(paths: [.server], rights: [.tree])),
        Caller(
            name: "server,sessions,upload", token: "the-token-with-uploads",
            grant: Grant(paths: [.server], rights: [.sessions, .upload])),
        Caller(
            name: "metrics,status", token: "the-token-of-a-probe", grant: Grant(paths: [], rights: [.metrics, .status])),
    ]

    func server() throws -> TestServer {
        try TestServer(archives: ["m": TestModels.small]) {
            $0.access.token = Self.full
            $0.access.restrictedTokens = Self.callers.compactMap { caller in
                guard let token = caller.token, caller.grant != nil, token != Self.full else { return nil }
                return "\(caller.name) \(token)"
            }
        }
    }

    @Test func `what paths bring and what is added is what a token has`() {
        let look: Set<Right> = [.look, .pictures]
        #expect(Self.pictures.rights == look)
        #expect(Grant(paths: [.client], rights: []).rights == [.look, .geometry, .picks, .tree])
        #expect(Grant(paths: [.hybrid], rights: []).rights == look.union([.geometry, .picks, .tree]))
        #expect(Grant(paths: [], rights: [.metrics]).rights == [.metrics])
        #expect(Grant.everything.rights == Set(Right.allCases))
    }

    @Test func `each route is answered as the table says, whoever asks`() async throws {
        let server = try server()
        var sentences: Set<String> = []
        for route in Route.all {
            let path = route.path.replacing("{model}", with: route.operation == .deleteModel ? "none" : "m")
                .replacing("{import}", with: "none").replacing("{session}", with: "none")
                .replacing("{viewer}", with: "7")
            for caller in Self.callers {
                let query = route.operation == .connectViewer ? "?model=m&protocol=1.0&path=auto" : "?model=m"
                let answer = try await server.request(
                    route.method, path + query, headers: caller.token.map { ["authorization: Bearer \($0)"] } ?? [],
                    body: ["POST", "PUT"].contains(route.method) ? Array("{}".utf8) : nil)
                let isAllowed = route.right.map { caller.grant?.has($0) ?? false } ?? true
                let comment: Comment = "\(route.operation) for \(caller): \(answer.status) \(answer.text.prefix(120))"
                #expect(isAllowed == ![401, 403].contains(answer.status), comment)
                if !isAllowed { #expect((answer.status == 401) == (caller.grant == nil), comment) }
                if answer.status == 401 { sentences.insert(answer.json?["error"]?["message"]?.text ?? "") }
            }
        }
        #expect(sentences.count == 1, "a missing and a wrong token are told the same")
    }

    @Test func `the list of models says what its caller may do, and no more than it may know`() async throws {
        let server = try server()
        for caller in Self.callers {
            guard let token = caller.token, let grant = caller.grant, grant.has(.look) else { continue }
            let list = try #require(try await server.request("GET", "/api/v1/models?token=\(token)").json)
            #expect(list["canUpload"]?.flag == grant.has(.upload), "\(caller)")
            guard case .array(let models)? = list["models"], let model = models.first else {
                Issue.record("\(caller) sees no model")
                continue
            }
            #expect(model["canDelete"]?.flag == grant.has(.delete), "\(caller)")
            #expect((model["triangleCount"] != nil) == grant.has(.geometry), "\(caller)")
            let one = try await server.request("GET", "/api/v1/models/m?token=\(token)").json
            #expect(one == model)
        }
    }

    /// Each message that a viewer can say, such that it has an effect, or is refused, when it is taken.
    static let messages: [ClientMessage] = [
        .view(
            .init(
                sequence: 0, eye: .zero, orientation: .init(0, 0, 0, 1), projection: .perspective, scale: 1, width: 1,
                height: 1, thresholdPixels: 1, velocity: .zero, angularVelocity: .zero, focus: .zero, isMoving: false)),
        .hello(.init(json: Array("[]".utf8))), .facts(.init(json: Array("[]".utf8))),
        .pathShown(.init(number: 0, isShown: true, json: Array("[]".utf8))),
        .ping(.init(time: 1)), .visibility(.init(isVisible: false)), .pathWish(.init(choice: .client)),
        .acknowledge(.init(sequence: 9, holdMicroseconds: 0, backlogByteCount: 0, decodeBytesPerSecond: 0)),
        .evicted(.init(chunks: [0])), .holdings(.init(kind: .resident, ranges: [1])),
        .budget(.init(gpuByteLimit: 1, gpuByteCount: 0, triangleLimit: 1, triangleCount: 0)),
        .hint(.init(weight: 99, treeNodes: [1])), .lost(.init(chunks: [0])),
        .frameReceived(.init(frame: 1, gapMicroseconds: 1)),
        .frameShown(.init(frame: 1, isSkipped: false, decodeMicroseconds: 1, latencyMicroseconds: 1)),
        .pick(.init(request: 1, frame: 0, place: .zero)),
    ]

    @Test func `each message counts as the table says, whoever sends it`() async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let model = try await bench.services.store.open("m")
        let session = try bench.services.hub.start(model: "m")
        let request = try ViewerRequest(
            HTTPRequest(
                method: "GET", path: ViewerRequest.path,
                query: [("protocol", "1.2"), ("model", "m"), ("path", "auto"), ("can", "server")]))
        for message in Self.messages {
            for caller in Self.callers {
                guard let grant = caller.grant else { continue }
                var viewer = PathViewer(
                    request, model: model, session: session, number: 1, rights: grant.rights,
                    connection: InMemoryConnection(), services: bench.services)
                let ending = viewer.handle([.message(message.encode())])
                let isAllowed = message.right.map(grant.has) ?? true
                let comment: Comment = "\(message) of \(caller)"
                if message.right == .geometry { #expect((viewer.chunks != nil) == isAllowed, comment) }
                if !isAllowed { #expect(ending == nil, comment) }
            }
        }
        #expect(Set(Self.messages.map { $0.encode()[0] }).count == Self.messages.count, "each message once")
    }

    @Test func `JSON that nests, repeats or is large ends its sender alone`() async throws {
        let bench = try ViewerBench(archive: TestModels.small)
        let model = try await bench.services.store.open("m")
        let session = try bench.services.hub.start(model: "m")
        let request = try ViewerRequest(
            HTTPRequest(method: "GET", path: ViewerRequest.path, query: [("protocol", "1.2"), ("model", "m")]))
        func ending(_ json: String, times: Int = 1) -> ViewerEnding? {
            var viewer = PathViewer(
                request, model: model, session: session, number: 1, connection: InMemoryConnection(),
                services: bench.services)
            let message = ClientMessage.hello(.init(json: Array(json.utf8))).encode()
            return viewer.handle(Array(repeating: .message(message), count: times))
        }
        func code(_ ending: ViewerEnding?) -> ServiceError.Code? {
            if case .close(let error)? = ending { error.code } else { nil }
        }
        #expect(ending("{}") == nil)
        #expect(code(ending(#"{"a":"# + String(repeating: "[", count: 4000))) == .malformed)
        #expect(code(ending(#"{"a":1,"a":2}"#)) == .malformed)
        #expect(code(ending(#"{"a":""# + String(repeating: "x", count: 9000) + #""}"#)) == .malformed)
        #expect(code(ending("{}", times: 100)) == .flooding)
    }

    @Test func `picks of who may only look are coarse and name nothing`() {
        let bounds = Bounds(minimum: .zero, maximum: Double3(256, 0, 0))
        let exact = Wire.Picked(
            request: 1, isHit: true, position: Double3(10.4, -3.6, 0.2), normal: Float3(0.1, 0.9, -0.1), distance: 0.3,
            treeNode: 5, json: Array(#"{"name":"bolt"}"#.utf8))
        #expect(FrameRights(Grant.everything.rights, bounds: bounds).limited(exact) == exact)
        let coarse = FrameRights(Self.pictures.rights, bounds: bounds).limited(exact)
        #expect(coarse.position == Double3(10, -4, 0))
        #expect(coarse.distance == 1)
        #expect(coarse.normal == Float3(0, 1, 0))
        #expect(coarse.treeNode == 0 && coarse.json == Array("{}".utf8))
        let named = FrameRights(Grant(paths: [.server], rights: [.tree]).rights, bounds: bounds).limited(exact)
        #expect(named.treeNode == 5 && named.json == exact.json && named.position == coarse.position)
    }
}

/// What other sites' pages, and pages behind proxies, are told.
@Suite struct SiteTests {
    @Test func `pages of listed origins may ask beforehand and read answers`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small]) {
            $0.access.allowedOrigins = ["https://friend.example"]
        }
        let friend = ["origin: https://friend.example", "sec-fetch-site: cross-site"]
        let asked = try await server.request(
            "OPTIONS", "/api/v1/models/m", headers: friend + ["access-control-request-method: DELETE"])
        #expect(asked.status == 204)
        #expect(asked.headers["access-control-allow-origin"] == "https://friend.example")
        #expect(asked.headers["access-control-allow-methods"] == "GET, DELETE, OPTIONS")
        #expect(asked.headers["access-control-allow-headers"]?.contains("authorization") == true)
        #expect(asked.headers["access-control-allow-credentials"] == nil)
        for path in ["/api/v1/models", "/api/v1/nothing"] {
            let answer = try await server.request("GET", path, headers: friend)
            #expect(answer.headers["access-control-allow-origin"] == "https://friend.example", "errors too")
            #expect(answer.headers["vary"] == "origin")
        }
        let image = try await server.request(
            "GET", "/api/v1/models/m/thumbnail",
            headers: ["sec-fetch-site: cross-site", "referer: https://friend.example/page"])
        #expect([200, 404].contains(image.status))
        #expect(image.headers["cross-origin-resource-policy"] == "cross-origin")
    }

    @Test func `pages of other origins are refused, beforehand too`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        let stranger = ["origin: https://evil.example", "sec-fetch-site: cross-site"]
        for method in ["OPTIONS", "GET", "POST"] {
            let answer = try await server.request(method, "/api/v1/sessions", headers: stranger)
            #expect(answer.status == 403)
            #expect(answer.headers["access-control-allow-origin"] == nil)
            #expect(answer.json?["error"]?["code"] == "originRefused")
        }
        #expect(
            try await server.request("GET", "/api/v1/models", headers: ["sec-fetch-site: cross-site"]).status == 403)
        #expect(try await server.request("GET", "/metrics", headers: ["sec-fetch-site: same-site"]).status == 403)
        #expect(try await server.request("GET", "/", headers: ["sec-fetch-site: cross-site"]).status == 200)
        #expect(try await server.request("GET", "/healthz", headers: ["sec-fetch-site: cross-site"]).status == 200)
    }

    /// What is added to a stream's address, and the code that tells what its handshake would meet.
    static let questions: [(String, String)] = [
        ("model=m&protocol=1.2&origin=http%3A%2F%2Flocalhost", "upgradeRequired"),
        ("model=m&protocol=1.2", "upgradeRequired"),
        ("model=m&protocol=1.2&path=auto&origin=https%3A%2F%2Flocalhost", "upgradeRequired"),
        ("model=m&protocol=1.2&origin=https%3A%2F%2Fmodels.example.org", "originRefused"),
        ("model=m&protocol=9.0", "versionRefused"), ("model=none&protocol=1.2", "modelNotFound"),
        ("protocol=1.2", "malformed"), ("session=none&protocol=1.2", "sessionNotFound"),
        ("model=m&protocol=1.2&path=server", "noRenderer"),
    ]

    @Test func `a page can ask what its WebSocket would meet`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        for (query, code) in SiteTests.questions {
            let answer = try await server.request(
                "GET", "/api/v1/stream?" + query, headers: ["sec-fetch-site: same-origin"])
            #expect(answer.json?["error"]?["code"]?.text == code, "\(query): \(answer.text)")
            #expect(answer.headers["cache-control"] == "no-store")
        }
    }

    @Test func `a handshake that is refused is logged with what its people need`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small]) { $0.access.token = RightsTests.full }
        let client = try server.client()
        let answer = try await client.request(
            "GET", "/api/v1/stream?model=m&protocol=1.2",
            headers: [
                "origin: https://models.example.org", "upgrade: websocket", "connection: upgrade",
                "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            ])
        #expect(answer.status == 403)
        #expect(answer.json?["error"]?["code"] == "originRefused")
        let viewer = try await server.viewer("model=m&protocol=1.2")
        try await viewer.waitForEnd()
        let lines = server.lines.all.filter { $0.contains("viewer refused") }
        #expect(lines.count == 2)
        #expect(lines.first?.contains("https://models.example.org") == true)
        #expect(lines.first?.contains("access.allowedOrigins") == true && lines.first?.contains("localhost") == true)
        #expect(lines.last?.contains("token") == true)
    }
}
