// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct HTTPTests {
    @Test func `a request is answered, and the connection kept for the next`() throws {
        let listener = try makeListener()
        let client = try TestClient(listener)
        for _ in 0..<3 {
            let response = try client.get("/hello")
            #expect(response.status == 200)
            #expect(response.text == "hello")
            #expect(response.headers["connection"] == "keep-alive")
        }
        let missing = try client.get("/missing")
        #expect(missing.status == 404)
        #expect(missing.text == #"{"error":{"code":"notFound","message":"there is nothing here"}}"#)
        #expect(listener.statistics.requestCount == 4)
        #expect(listener.statistics.connectionCount == 1)
    }

    @Test func `the service sees what was asked`() async throws {
        let seen = Box<HTTPRequest>()
        let listener = try makeListener(
            TestService(respond: { request in
                seen.set(request)
                return .response(HTTPResponse(status: 204))
            }))
        let client = try TestClient(listener)
        let response = try client.request("POST", "/a%20b?x=1&x=2", ["X-Thing: Value"], body: Array("body".utf8))
        #expect(response.status == 204)
        let request = try await seen.wait()
        #expect(request.method == "POST")
        #expect(request.path == "/a b")
        #expect(request.query.map(\.1) == ["1", "2"])
        #expect(request.header("x-thing") == "Value")
        #expect(request.peer.hasPrefix("127.0.0.1:"))
        #expect(request.body == Array("body".utf8))
        #expect(request.isBodyComplete)
        #expect(request.contentByteCount == 4)
    }

    @Test func `requests sent together are answered in order`() throws {
        let listener = try makeListener(
            TestService(respond: { .response(HTTPResponse(status: 200, body: .bytes(Array($0.path.utf8)))) }))
        let client = try TestClient(listener)
        let paths = (0..<50).map { "/\($0)" }
        try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
        for path in paths { #expect(try client.readResponse().text == path) }
    }

    @Test func `a request may come byte by byte`() throws {
        let listener = try makeListener()
        let client = try TestClient(listener)
        for byte in "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n".utf8 { try client.send([byte]) }
        #expect(try client.readResponse().text == "hello")
    }

    @Test func `HEAD has the headers only`() throws {
        let listener = try makeListener()
        let client = try TestClient(listener)
        let response = try client.request("HEAD", "/hello")
        #expect(response.headers["content-length"] == "5")
        #expect(try client.get("/hello").text == "hello")
    }

    @Test func `Connection close closes, and so does HTTP 1,0`() throws {
        let listener = try makeListener()
        let client = try TestClient(listener)
        let response = try client.get("/hello", ["Connection: close"])
        #expect(response.headers["connection"] == "close")
        try client.waitForEnd()
        let old = try TestClient(listener)
        try old.send("GET /hello HTTP/1.0\r\n\r\n")
        #expect(try old.readResponse().text == "hello")
        try old.waitForEnd()
    }

    @Test func `a large slice is written in full, and by ranges`() throws {
        let source = ArraySource(count: 5 << 20)
        let listener = try makeListener(
            TestService(respond: { _ in
                .response(
                    HTTPResponse(
                        status: 200, headers: [("etag", "\"1\"")], body: .slice(source, 1000..<source.bytes.count)))
            }))
        let client = try TestClient(listener)
        #expect(try client.get("/").body == Array(source.bytes[1000...]))
        let part = try client.get("/", ["Range: bytes=4000000-4099999"])
        #expect(part.status == 206)
        #expect(part.body == Array(source.bytes[4_001_000..<4_101_000]))
        #expect(try client.get("/", ["If-None-Match: \"1\""]).status == 304)
        #expect(try client.get("/", ["Range: bytes=9999999-"]).status == 416)
    }

    @Test func `an answer may come later from any thread, but only once`() throws {
        let listener = try makeListener(
            TestService(respond: { request in
                .later { responder in
                    Task.detached {
                        responder.reply(HTTPResponse(status: 200, body: .bytes(Array(request.path.utf8))))
                        responder.reply(HTTPResponse(status: 500))
                    }
                }
            }))
        let client = try TestClient(listener)
        for index in 0..<20 { #expect(try client.get("/\(index)").text == "/\(index)") }
    }

    @Test func `a request that the service forgets is answered with 500`() throws {
        let listener = try makeListener(TestService(respond: { _ in .later { _ in } }))
        let client = try TestClient(listener)
        #expect(try client.get("/").status == 500)
    }

    @Test func `a late answer for a peer that left is dropped`() async throws {
        let kept = Box<HTTPResponder>()
        let listener = try makeListener(
            TestService(respond: { request in
                request.path == "/hello" ? TestService.greeting.respond(request) : .later { kept.set($0) }
            }))
        var client: TestClient? = try TestClient(listener)
        try client?.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let responder = try await kept.wait()
        client = nil
        try await eventually { listener.statistics.connectionCount == 0 }
        responder.reply(HTTPResponse(status: 200))
        #expect(try TestClient(listener).get("/hello").status == 200)
    }

    @Test func `configured headers are on every answer`() throws {
        let listener = try makeListener { $0.responseHeaders = [("X-Content-Type-Options", "nosniff")] }
        let client = try TestClient(listener)
        #expect(try client.get("/hello").headers["x-content-type-options"] == "nosniff")
        try client.send("GET /.. HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.readResponse().headers["x-content-type-options"] == "nosniff")
    }

    @Test(arguments: [
        ("GET /../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\u{2}", 400), ("NONSENSE\r\n\r\n", 400),
        ("BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n", 405), ("CONNECT /x HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\nHost: h\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 20000))\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 20000))", 431),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 404),
    ])
    func `what is refused gets a status, a JSON error and an end`(request: String, status: Int) throws {
        let listener = try makeListener()
        let client = try TestClient(listener)
        try client.send(request)
        let response = try client.readResponse()
        #expect(response.status == status)
        #expect(response.text.hasPrefix(#"{"error":{"code":""#))
        #expect(response.headers["connection"] == "close")
        try client.waitForEnd()
    }

    @Test func `a request that never ends is answered with 408`() throws {
        let listener = try makeListener { $0.limits.requestDuration = .milliseconds(100) }
        let client = try TestClient(listener)
        try client.send("GET /hello HTTP/1.1\r\nX: ")
        #expect(try client.readResponse().status == 408)
        try client.waitForEnd()
        #expect(listener.statistics.refusals[.slowRequest] == 1)
        let bodiless = try TestClient(listener)
        try bodiless.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        #expect(try bodiless.readResponse().status == 408)
    }

    @Test func `bytes that trickle do not prolong a request`() async throws {
        let listener = try makeListener { $0.limits.requestDuration = .milliseconds(200) }
        let client = try TestClient(listener)
        client.trySend(Array("GET /hello HTTP/1.1\r\n".utf8))
        while listener.statistics.refusals[.slowRequest] == nil {
            client.trySend(Array("A: b\r\n".utf8))
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try client.readResponse().status == 408)
    }

    @Test func `an idle connection is closed`() throws {
        let listener = try makeListener { $0.limits.idleDuration = .milliseconds(100) }
        let client = try TestClient(listener)
        #expect(try client.get("/hello").status == 200)
        try client.waitForEnd()
    }
}
