// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct HTTPTests {
        @Test func `a request is answered, and the connection kept for the next`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            for _ in 0..<3 {
                let response = try await client.get("/hello")
                #expect(response.status == 200)
                #expect(response.text == "hello")
                #expect(response.headers["connection"] == "keep-alive")
            }
            let missing = try await client.get("/missing")
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
            let response = try await client.request(
                "POST", "/a%20b?x=1&x=2", ["X-Thing: Value"], body: Array("body".utf8))
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

        @Test func `requests sent together are answered in order`() async throws {
            let listener = try makeListener(
                TestService(respond: { .response(HTTPResponse(status: 200, body: .bytes(Array($0.path.utf8)))) }))
            let client = try TestClient(listener)
            let paths = (0..<50).map { "/\($0)" }
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
            for path in paths { #expect(try await client.readResponse().text == path) }
        }

        @Test func `a request may come byte by byte`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            for byte in "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n".utf8 { try await client.send([byte]) }
            #expect(try await client.readResponse().text == "hello")
        }

        @Test func `HEAD has the headers only`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            let response = try await client.request("HEAD", "/hello")
            #expect(response.headers["content-length"] == "5")
            #expect(try await client.get("/hello").text == "hello")
        }

        @Test func `Connection close closes, and so does HTTP 1,0`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            let response = try await client.get("/hello", ["Connection: close"])
            #expect(response.headers["connection"] == "close")
            try await client.waitForEnd()
            let old = try TestClient(listener)
            try await old.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(try await old.readResponse().text == "hello")
            try await old.waitForEnd()
        }

        @Test func `a large slice is written in full, and by ranges`() async throws {
            let source = ArraySource(count: 5 << 20)
            let listener = try makeListener(
                TestService(respond: { _ in
                    .response(
                        HTTPResponse(
                            status: 200, headers: [("etag", "\"1\"")], body: .slice(source, 1000..<source.bytes.count)))
                }))
            let client = try TestClient(listener)
            #expect(try await client.get("/").body == Array(source.bytes[1000...]))
            let part = try await client.get("/", ["Range: bytes=4000000-4099999"])
            #expect(part.status == 206)
            #expect(part.body == Array(source.bytes[4_001_000..<4_101_000]))
            #expect(try await client.get("/", ["If-None-Match: \"1\""]).status == 304)
            #expect(try await client.get("/", ["Range: bytes=9999999-"]).status == 416)
        }

        @Test func `an answer may come later from any thread, but only once`() async throws {
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
            for index in 0..<20 { #expect(try await client.get("/\(index)").text == "/\(index)") }
        }

        @Test func `a request that the service forgets is answered with 500`() async throws {
            let listener = try makeListener(TestService(respond: { _ in .later { _ in } }))
            let client = try TestClient(listener)
            #expect(try await client.get("/").status == 500)
        }

        @Test func `a late answer for a peer that left is dropped`() async throws {
            let kept = Box<HTTPResponder>()
            let listener = try makeListener(
                TestService(respond: { request in
                    request.path == "/hello" ? TestService.greeting.respond(request) : .later { kept.set($0) }
                }))
            var client: TestClient? = try TestClient(listener)
            try await client?.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let responder = try await kept.wait()
            client = nil
            try await eventually { listener.statistics.connectionCount == 0 }
            responder.reply(HTTPResponse(status: 200))
            #expect(try await TestClient(listener).get("/hello").status == 200)
        }

        @Test(arguments: [false, true]) func `whoever owes an answer hears that its peer has left`(
            isAnswered: Bool
        ) async throws {
            let kept = Box<HTTPResponder>()
            let listener = try makeListener(TestService(respond: { _ in .later { kept.set($0) } }))
            let departureCount = Atomic(0)
            var client: TestClient? = try TestClient(listener)
            try await client?.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let responder = try await kept.wait()
            responder.whenPeerLeaves { departureCount.add(1, ordering: .relaxed) }
            if isAnswered { responder.reply(HTTPResponse(status: 204)) }
            client = nil
            try await eventually { listener.statistics.connectionCount == 0 }
            #expect(departureCount.load(ordering: .relaxed) == (isAnswered ? 0 : 1))
            // Who asks only now hears it at once.
            responder.whenPeerLeaves { departureCount.add(10, ordering: .relaxed) }
            #expect(departureCount.load(ordering: .relaxed) == (isAnswered ? 10 : 11))
        }

        @Test func `configured headers are on every answer`() async throws {
            let listener = try makeListener { $0.responseHeaders = [("X-Content-Type-Options", "nosniff")] }
            let client = try TestClient(listener)
            #expect(try await client.get("/hello").headers["x-content-type-options"] == "nosniff")
            try await client.send("GET /.. HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.readResponse().headers["x-content-type-options"] == "nosniff")
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
            ("GET /\r\n", 400), ("GET /hello HTTP/1.1\n", 400),
            ("GET http://other/hello HTTP/1.1\r\nHost: h\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\n", 417),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\n\r\n", 400),
        ])
        func `what is refused gets a status, a JSON error and an end`(request: String, status: Int) async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            try await client.send(request)
            let response = try await client.readResponse()
            #expect(response.status == status)
            #expect(response.text.hasPrefix(#"{"error":{"code":""#))
            #expect(response.headers["connection"] == "close")
            try await client.waitForEnd()
        }

        @Test func `answers do not depend on how the bytes are cut`() async throws {
            let listener = try makeListener(
                TestService(respond: { request in
                    let text = "\(request.method) \(request.path) \(request.body.count)"
                    return .response(HTTPResponse(status: 200, body: .bytes(Array(text.utf8))))
                }))
            for bytes in [
                "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nt: u\r\n\r\n\r\n"
                    + "GET http://h/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "PUT /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcNONSENSE\r\n",
                "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
            ].map({ Array($0.utf8) }) {
                let whole = try TestClient(listener)
                try await whole.send(bytes)
                let expected = try await whole.readToEnd()
                #expect(!expected.isEmpty)
                for cut in 1..<bytes.count {
                    let parts = try TestClient(listener)
                    try await parts.send(Array(bytes[..<cut]))
                    await parts.trySend(Array(bytes[cut...]))
                    #expect(try await parts.readToEnd() == expected, "cut at \(cut)")
                }
                let trickled = try TestClient(listener)
                for byte in bytes { await trickled.trySend([byte]) }
                #expect(try await trickled.readToEnd() == expected)
            }
        }

        @Test func `a request that never ends is answered with 408`() async throws {
            let listener = try makeListener { $0.limits.requestDuration = .milliseconds(100) }
            let client = try TestClient(listener)
            try await client.send("GET /hello HTTP/1.1\r\nX: ")
            #expect(try await client.readResponse().status == 408)
            try await client.waitForEnd()
            #expect(listener.statistics.refusals[.slowRequest] == 1)
            let bodiless = try TestClient(listener)
            try await bodiless.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            #expect(try await bodiless.readResponse().status == 408)
        }

        @Test func `bytes that trickle do not prolong a request`() async throws {
            let listener = try makeListener { $0.limits.requestDuration = .milliseconds(200) }
            let client = try TestClient(listener)
            await client.trySend(Array("GET /hello HTTP/1.1\r\n".utf8))
            while listener.statistics.refusals[.slowRequest] == nil {
                await client.trySend(Array("A: b\r\n".utf8))
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await client.readResponse().status == 408)
        }

        @Test func `an idle connection is closed`() async throws {
            let listener = try makeListener { $0.limits.idleDuration = .milliseconds(100) }
            let client = try TestClient(listener)
            #expect(try await client.get("/hello").status == 200)
            try await client.waitForEnd()
        }
    }
}
