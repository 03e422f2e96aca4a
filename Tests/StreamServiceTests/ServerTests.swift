// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONCoding
import ModelStorage
import StreamCore
import StreamService
import Testing

@Suite struct ServerTests {
    @Test func `models are listed, shown and pictured over HTTP`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        try server.folder.write("bad.vantage", [1, 2, 3])
        server.parts.store.scan()
        let list = try await server.request("GET", "/api/v1/models")
        #expect(list.status == 200)
        #expect(list.headers["content-type"] == "application/json")
        #expect(list.json?["canUpload"] == true)
        guard case .array(let models)? = list.json?["models"] else { throw ClientError(description: list.text) }
        #expect(models.map { $0["id"] } == ["bad", "m"])
        #expect(models.map { $0["state"] } == ["damaged", "ready"])
        let model = try await server.request("GET", "/api/v1/models/m")
        #expect(model.json == models[1])
        #expect(try await server.request("GET", "/api/v1/models/none").json?["error"]?["code"] == "modelNotFound")
        let tree = try await server.request("GET", "/api/v1/models/m/tree")
        #expect(tree.json?["names"] != nil)
        let again = try await server.request(
            "GET", "/api/v1/models/m/tree", headers: ["if-none-match: \(tree.headers["etag"] ?? "")"])
        #expect(again.status == 304)
        #expect(try await server.request("GET", "/api/v1/models/bad/tree").status == 422)
        #expect(try await server.request("GET", "/api/v1/models/m/thumbnail").status == 404, "made without one")
    }

    @Test func `health, readiness, status, metrics and the description answer`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        for path in ["/healthz", "/readyz", "/api/v1/status", "/metrics", "/api/v1/openapi.json", "/"] {
            #expect(try await server.request("GET", path).status == 200, "\(path)")
            #expect(try await server.request("HEAD", path).status == 200, "\(path)")
        }
        let metrics = try await server.request("GET", "/metrics").text
        for line in metrics.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: /vantage_[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.e+-]+/) != nil, "\(line)")
        }
        #expect(metrics.contains("vantage_models 1"))
        let status = try await server.request("GET", "/api/v1/status")
        #expect(status.json?["state"] == "ready")
        #expect(try await server.request("POST", "/api/v1/status").status == 405)
    }

    @Test(arguments: ["/", "/thin"]) func `pages come with headers that shut others out`(path: String) async throws {
        let server = try TestServer()
        let page = try await server.request("GET", path)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["x-content-type-options"] == "nosniff")
        #expect(page.headers["cache-control"] == "no-cache")
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("script-src 'self' 'wasm-unsafe-eval';"))
        #expect(policy.contains("worker-src 'self' blob:"))
        #expect(policy.contains("frame-ancestors 'self'"))
        #expect(page.headers["cross-origin-opener-policy"] == "same-origin")
        #expect(page.headers["cross-origin-embedder-policy"] == "require-corp")
        let etag = try #require(page.headers["etag"])
        #expect(try await server.request("GET", path, headers: ["if-none-match: \(etag)"]).status == 304)
    }

    @Test(arguments: [
        "/viewer/../../../etc/passwd", "/viewer/%2e%2e/%2e%2e/etc/passwd", "/viewer//etc/passwd", "/viewer/",
        "/viewer", "/etc/passwd", "/..", "/viewer/.git/config", "/viewer/%00", "/viewer/%2fetc%2fpasswd",
        "/viewer/..%5c..%5cetc", "/index.html/", "/viewer/web/../index.html/..", "/api/v1/models/..%2f..%2fetc",
        "/api/v1/models/%2e%2e/thumbnail",
    ])
    func `tricks with paths find nothing`(path: String) async throws {
        let server = try TestServer()
        let answer = try await server.request("GET", path)
        #expect([400, 404].contains(answer.status), "\(answer.status)")
        #expect(!answer.text.contains("root:"))
    }

    @Test(arguments: [("/", "main.js"), ("/thin", "thin.js")])
    func `pages name all that they load by version, to be kept for good`(path: String, entry: String) async throws {
        let server = try TestServer()
        let page = try await server.request("GET", path).text
        let addresses = page.matches(of: #/(?:src|href)="([^"]+)"/#).map { String($0.output.1) }
        #expect(addresses.count >= 4)
        let version = try #require(addresses.first?.split(separator: "/").dropFirst().first)
        for address in addresses {
            #expect(address.hasPrefix("viewer/\(version)/"))
            let file = try await server.request("GET", "/" + address)
            #expect(file.status == 200, "\(address)")
            #expect(file.headers["cache-control"] == "public, max-age=31536000, immutable")
        }
        #expect(addresses.contains("viewer/\(version)/app/\(entry)"))
        #expect(try await server.request("GET", "/viewer/\(version)/core.wasm").status == 200)
        for other in ["0123456789abcdef", "\(version)/\(version)", "\(version)/..", "\(version)/../\(version)"] {
            #expect(
                [400, 404].contains(try await server.request("GET", "/viewer/\(other)/app/\(entry)").status), "\(other)"
            )
        }
        #expect(try await server.request("GET", "/viewer/main.js").headers["cache-control"] == "no-cache")
    }

    @Test(arguments: [
        ("gzip", true), ("br, GZIP;q=0.5, deflate", true), ("deflate, gzip;q=0", false), ("", false),
        ("gzipped", false),
    ])
    func `files are compressed for who asks for it`(accepted: String, isCompressed: Bool) async throws {
        let server = try TestServer()
        let plain = try await server.request("GET", "/viewer/viewer.js")
        let answer = try await server.request("GET", "/viewer/viewer.js", headers: ["accept-encoding: \(accepted)"])
        #expect(answer.headers["vary"] == "accept-encoding" && plain.headers["vary"] == "accept-encoding")
        #expect(answer.headers["content-encoding"] == (isCompressed ? "gzip" : nil))
        #expect((answer.body.count < plain.body.count / 2) == isCompressed)
        #expect((answer.headers["etag"] == plain.headers["etag"]) != isCompressed)
        let etag = try #require(answer.headers["etag"])
        let headers = ["accept-encoding: \(accepted)", "if-none-match: \(etag)"]
        #expect(try await server.request("GET", "/viewer/viewer.js", headers: headers).status == 304)
    }

    @Test func `pages that are being edited are read anew`() async throws {
        let root = TestFolder()
        try root.write("index.html", Array("<script src=\"viewer/main.js\"></script>".utf8))
        try root.write("a.js", Array("export const a = 1;\n".utf8))
        let server = try TestServer(viewerRoot: root.path)
        #expect(try await server.request("GET", "/").text == "<script src=\"viewer/main.js\"></script>")
        let module = try await server.request("GET", "/viewer/a.js")
        #expect(module.headers["content-type"] == "text/javascript; charset=utf-8")
        try root.write("a.js", Array("changed".utf8))
        #expect(try await server.request("GET", "/viewer/a.js").text == "changed")
        #expect(try await server.request("GET", "/viewer/b.js").status == 404)
    }

    @Test func `a token opens what is closed without it`() async throws {
        let token = "a-token-of-the-test"
        let server = try TestServer(archives: ["m": TestModels.small]) { $0.access.token = token }
        #expect(try await server.request("GET", "/api/v1/models").status == 401)
        #expect(try await server.request("GET", "/metrics").status == 401)
        #expect(try await server.request("GET", "/healthz").status == 200)
        #expect(try await server.request("GET", "/").status == 200, "the page asks for the token itself")
        #expect(try await server.request("GET", "/api/v1/models?token=\(token)").status == 200)
        #expect(
            try await server.request("GET", "/api/v1/models", headers: ["authorization: Bearer \(token)"]).status == 200
        )
        let refused = try await server.viewer("model=m&protocol=1.0")
        #expect(try await refused.closing().closeCode == 4401)
        let viewer = try await server.viewer("model=m&protocol=1.0&token=\(token)")
        guard case .welcome = try await viewer.serverMessage() else { throw ClientError(description: "no welcome") }
        #expect(!server.lines.all.contains { $0.contains(token) }, "secrets are not logged")
    }

    @Test func `a viewer streams over a real socket`() async throws {
        let server = try TestServer(archives: ["m": TestModels.archive])
        let viewer = try await server.viewer()
        try await viewer.message(ClientMessage.hello(Wire.Hello(json: Array("{}".utf8))).encode())
        try await viewer.message(ClientMessage.view(.test(1, eye: Double3(50, 20, 120))).encode())
        let chunks = try await stream(viewer, untilSettled: 1)
        let archive = try Archive(path: TestModels.archive)
        #expect(chunks.count > 3)
        for chunk in chunks { #expect(try chunk.payload == archive.chunkBytes(Int(chunk.chunk))) }

        let sessions = try await server.request("GET", "/api/v1/sessions").json
        guard case .array(let list)? = sessions?["sessions"], let session = list.first?["session"]?.text else {
            throw ClientError(description: "no session")
        }
        let queue = try await server.request("GET", "/api/v1/sessions/\(session)/viewers/1/queue")
        #expect(queue.json?["statistics"]?["isSettled"] == true)
        #expect(try await server.request("GET", "/api/v1/sessions/\(session)/viewers/9/queue").status == 404)
        #expect(try await server.request("DELETE", "/api/v1/sessions/\(session)").status == 204)
        #expect(try await viewer.closing().closeCode == 4410)
        #expect(try await server.request("GET", "/api/v1/sessions/\(session)").status == 410)
        let metrics = try await server.request("GET", "/metrics").text
        #expect(metrics.contains("vantage_viewers_total 1\n"))
    }

    /// Acknowledges what comes until a view is settled.
    func stream(_ viewer: SocketClient, untilSettled view: UInt32) async throws -> [Wire.Chunk] {
        var chunks: [Wire.Chunk] = []
        while true {
            switch try await viewer.serverMessage() {
            case .chunk(let chunk):
                chunks.append(chunk)
                try await viewer.message(ClientMessage.acknowledge(.arrived(chunk.sequence)).encode())
            case .settled(let settled) where settled.view == view: return chunks
            default: break
            }
        }
    }

    @Test func `sessions are started and shared over HTTP`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        let created = try await server.request("POST", "/api/v1/sessions", body: Array(#"{"model":"m"}"#.utf8))
        #expect(created.status == 201)
        let session = try #require(created.json?["session"]?.text)
        let joined = try await server.request(
            "POST", "/api/v1/sessions", body: Array(#"{"model":"m","mode":"joinOrCreate"}"#.utf8))
        #expect(joined.json?["session"]?.text == session)
        let another = try await server.request("POST", "/api/v1/sessions", body: Array(#"{"model":"m"}"#.utf8))
        #expect(another.json?["session"]?.text != session)
        let first = try await server.viewer("session=\(session)&protocol=1.0")
        let second = try await server.viewer("session=\(session)&protocol=1.0&model=m")
        for viewer in [first, second] {
            guard case .welcome = try await viewer.serverMessage() else { throw ClientError(description: "no welcome") }
        }
        guard
            case .array(let viewers)? = try await server.request("GET", "/api/v1/sessions/\(session)").json?["viewers"]
        else { throw ClientError(description: "no viewers") }
        #expect(viewers.count == 2)
    }

    @Test(arguments: [
        ("", 400), ("{}", 400), ("[1]", 400), (#"{"model":3}"#, 400), (#"{"model":"m","mode":"steal"}"#, 400),
        (#"{"model":"none"}"#, 404), (String(repeating: "[", count: 60_000), 400),
    ])
    func `a session needs a model that is there`(body: String, status: Int) async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        #expect(try await server.request("POST", "/api/v1/sessions", body: Array(body.utf8)).status == status)
    }

    @Test func `stopping tells viewers, refuses new ones and ends`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small])
        let viewer = try await server.viewer()
        guard case .welcome = try await viewer.serverMessage() else { throw ClientError(description: "no welcome") }
        async let stopped: Void = server.server.stop()
        var isTold = false
        var code: Int?
        while code == nil {
            let frame = try await viewer.frame()
            if frame.opcode == 2, case .notice(let notice) = try ServerMessage(decoding: frame.payload.rawSpan) {
                if try JSONValue(decoding: notice.json)["code"] == "draining" { isTold = true }
            }
            if frame.opcode == 8 {
                code = frame.closeCode
                try await viewer.message(Array(frame.payload.prefix(2)), opcode: 8)
            }
        }
        await stopped
        #expect(isTold)
        #expect(code == 1001)
        #expect(throws: ClientError.self) { try SocketClient(port: server.port) }
    }

    @Test func `a server without a token goes by its own names only`() async throws {
        let server = try TestServer()
        let client = try server.client()
        try await client.send("GET /api/v1/models HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")
        try await client.waitForEnd()
        let answer = try await server.request(
            "DELETE", "/api/v1/models/m", headers: ["origin: https://evil.example"])
        #expect(answer.status == 403)
    }
}
