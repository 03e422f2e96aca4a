// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Transport

@Suite struct RequestHeadTests {
    func head(_ text: String) throws(RequestError) -> RequestHead {
        try RequestHead(Array(text.replacing("\n", with: "\r\n").utf8)[...])
    }

    func status(_ text: String) -> Int? {
        do throws(RequestError) {
            _ = try head(text)
            return nil
        } catch {
            return error.status
        }
    }

    @Test func `a request is read`() throws {
        let head = try head(
            "POST /a%20b?x=1&y=a+b%26&z HTTP/1.1\nHost: h\nX-Long:  two words \t\nContent-Length: 5\n\n")
        #expect(head.method == "POST")
        #expect(head.target.path == "/a b")
        let query = head.target.query.map { "\($0.name)=\($0.value)" }
        #expect(query == ["x=1", "y=a b&", "z="])
        #expect(head.headers.map(\.0) == ["host", "x-long", "content-length"])
        #expect(head.headers[1].1 == "two words")
        #expect(head.framing == .length(5))
        #expect(head.minorVersion == 1)
    }

    @Test func `an absolute target is read as its path`() throws {
        #expect(try head("GET http://example.org/x/y HTTP/1.1\nHost: example.org\n\n").target.path == "/x/y")
        #expect(try head("GET http://example.org HTTP/1.1\nHost: Example.org:80\n\n").target.path == "/")
        let bare = try head("GET http://h?a=b HTTP/1.1\nHost: h\n\n").target
        #expect(bare.path == "/")
        #expect(bare.query == [RequestTarget.Pair(name: "a", value: "b")])
        #expect(try head("OPTIONS * HTTP/1.1\nHost: h\n\n").target.path == "*")
    }

    @Test func `an absolute target's host counts like a Host header`() throws {
        let old = try head("GET https://example.org/x HTTP/1.0\n\n")
        #expect(old.headers.first { $0.0 == "host" }?.1 == "example.org:443")
        #expect(try head("GET http://[::1]:8/ HTTP/1.1\nHost: [::1]:8\n\n").target.authority?.port == "8")
        for (target, host) in [
            ("http://other/", "h"), ("http://h:81/", "h"), ("http://h:81/", "h:82"), ("http:///x", "h"),
            ("http://", ""),
            ("http://h@evil/", "evil"), ("http://a b/", "a"), ("http://h/", "h, evil"),
        ] {
            #expect(status("GET \(target) HTTP/1.1\nHost: \(host)\n\n") == 400)
        }
    }

    @Test(arguments: [
        "/..", "/../etc/passwd", "/a/../b", "/a/..", "/./a", "/%2e%2e/x", "/a/%2E%2e", "/..%2fx", "/a%2fb", "/a%5cb",
        "/a\\..\\b", "/a%00b", "/a%0d%0aSet-Cookie:x", "/%", "/%4", "/%zz", "/a%ff", "/%c0%ae%c0%ae/", "a", "",
        "ftp://x/y", "/?a=%", "/?a=%00", "/?a=%ff",
    ])
    func `a path that could leave its folder or mean two things is refused`(target: String) {
        #expect(status("GET \(target) HTTP/1.1\nHost: h\n\n") == 400)
    }

    @Test(arguments: ["/a+b;c&d", "/...", "/..a", "/.well-known", "/a%2eb", "/%c3%a9", "/a//b", "/~x"])
    func `an unusual path is let through`(target: String) {
        #expect(status("GET \(target) HTTP/1.1\nHost: h\n\n") == nil)
    }

    @Test func `signs in paths stand for themselves`() throws {
        #expect(try head("GET /a+b;c&d HTTP/1.1\nHost: h\n\n").target.path == "/a+b;c&d")
    }

    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\nHost: h\n\n", 414),
        ("GET / HTTP/2.0\nHost: h\n\n", 505), ("GET / HTTP/1.1\n\n", 400),
        ("GET / HTTP/1.1\nHost: a\nHost: b\n\n", 400),
        ("GET /\nHost: h\n\n", 400), ("GET  / HTTP/1.1\nHost: h\n\n", 400), ("G\u{7f}T / HTTP/1.1\nHost: h\n\n", 400),
        ("GET / HTTP/1.1\nHost: h\nName : v\n\n", 400), ("GET / HTTP/1.1\nHost: h\n folded\n\n", 400),
        ("GET / HTTP/1.1\nHost: h\nnocolon\n\n", 400), ("GET / HTTP/1.1\nHost: h\n: v\n\n", 400),
        ("GET / HTTP/1.1\nHost: h\u{1}\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nContent-Length: 1\nTransfer-Encoding: chunked\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nContent-Length: 1\nContent-Length: 2\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nContent-Length: -1\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nContent-Length: +1\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nContent-Length: 99999999999999999999\n\n", 400),
        ("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: gzip, chunked\n\n", 501),
        ("POST / HTTP/1.0\nHost: h\nTransfer-Encoding: chunked\n\n", 400),
        ("GET / HTTP/1.1\nHost: h\n" + String(repeating: "a: b\n", count: 101) + "\n", 431),
    ])
    func `a malformed request is refused with its status`(text: String, expected: Int) {
        #expect(status(text) == expected)
    }

    @Test func `HTTP 1,0 needs no host`() {
        #expect(status("GET / HTTP/1.0\n\n") == nil)
    }

    @Test func `a line feed alone ends no line`() {
        #expect(throws: RequestError.self) { try RequestHead(Array("GET / HTTP/1.1\nHost: h\r\n\r\n".utf8)[...]) }
    }

    @Test func `whatever is cut off or damaged is refused or read, and nothing traps`() {
        let request = Array("POST /a%20b/c?x=%41&y HTTP/1.1\r\nHost: h:1\r\nContent-Length: 12\r\nA: b\r\n\r\n".utf8)
        for length in 0...request.count { _ = try? RequestHead(request[..<length]) }
        mutate(request, rounds: 5000, seed: 7) { _ = try? RequestHead($0[...]) }
    }
}

@Suite struct BodyReaderTests {
    func read(_ text: String, _ framing: RequestHead.BodyFraming, pieceByteCount: Int = .max) throws -> (
        String, rest: String
    ) {
        var reader = BodyReader(framing)
        var budget = TurnBudget(unitCount: .max)
        var waiting = Array(text.utf8)[...]
        var input: ArraySlice<UInt8> = []
        var output: [UInt8] = []
        while !reader.isDone, !waiting.isEmpty {
            let piece = waiting.prefix(pieceByteCount)
            waiting = waiting.dropFirst(piece.count)
            input = ArraySlice(Array(input) + Array(piece))
            output += try reader.read(&input, &budget)
        }
        try #require(reader.isDone)
        return (String(decoding: output, as: UTF8.self), String(decoding: Array(input) + Array(waiting), as: UTF8.self))
    }

    let chunked = "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\nGET"

    @Test(arguments: [1, 2, 3, 7, .max])
    func `a chunked body is joined, in whatever pieces it comes`(pieceByteCount: Int) throws {
        let (body, rest) = try read(chunked, .chunked, pieceByteCount: pieceByteCount)
        #expect(body == "hello world")
        #expect(rest == "GET")
    }

    @Test func `a spent budget stops a body between two items, and nothing is lost`() throws {
        var reader = BodyReader(.chunked)
        var input = Array(chunked.utf8)[...]
        var output: [UInt8] = []
        var turnCount = 0
        while !reader.isDone {
            var budget = TurnBudget(unitCount: 2)
            output += try reader.read(&input, &budget)
            #expect(budget.unitCount == 0 || reader.isDone)
            turnCount += 1
        }
        #expect(String(decoding: output, as: UTF8.self) == "hello world")
        // Three lines of sizes, two of data with their ends, two of the trailer.
        #expect(turnCount == 5)
        #expect(Array(input) == Array("GET".utf8))
    }

    @Test func `a counted body ends at its count`() throws {
        let (body, rest) = try read("hello world", .length(5))
        #expect(body == "hello")
        #expect(rest == " world")
        #expect(BodyReader(.none).isDone)
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "-1\r\n", "5\nhello", "1\r\nab\r\n", "fffffffffffff\r\n", String(repeating: "0", count: 300),
        "0\r\n" + String(repeating: "a: b\r\n", count: 1000),
        "5\r\nhello\n", "5\r\nhello\r55", "5\r\nhello\r\r\n", "5;a\rb\r\n", "5\r\r\n", "5;a\u{0}\r\n", "0\r\n\n",
        "0\r\na: b\n\r\n", "0\r\na: b\rc: d\r\n\r\n", "0\r\n\r\r\n", "0\r\nno colon\r\n\r\n", "0\r\n folded\r\n\r\n",
        "0\n\r\n", "\n5\r\n",
    ])
    func `a malformed chunk is refused`(text: String) {
        // However it is split.
        for cut in 0...min(text.utf8.count, 40) {
            var (parts, budget) = (BodyReader(.chunked), TurnBudget(unitCount: .max))
            #expect(throws: RequestError.self) {
                for piece in [Array(text.utf8)[..<cut], Array(text.utf8)[cut...]] {
                    var input = piece
                    _ = try parts.read(&input, &budget)
                }
            }
        }
        var reader = BodyReader(.chunked)
        var budget = TurnBudget(unitCount: .max)
        var input = Array(text.utf8)[...]
        #expect(throws: RequestError.self) { try reader.read(&input, &budget) }
    }

    @Test func `damaged chunks never give more than came`() {
        var excessCount = 0
        mutate(Array(chunked.utf8), rounds: 5000, seed: 9) { bytes in
            var reader = BodyReader(.chunked)
            var budget = TurnBudget(unitCount: .max)
            var input = bytes[...]
            let output = (try? reader.read(&input, &budget)) ?? []
            if output.count > bytes.count { excessCount += 1 }
        }
        #expect(excessCount == 0)
    }
}
