// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

@Suite struct ResponsePlanTests {
    let response = HTTPResponse(
        status: 200, headers: [("Content-Type", "text/plain"), ("ETag", "\"v1\"")],
        body: .bytes(Array("0123456789".utf8)))

    func plan(
        _ response: HTTPResponse, _ headers: [(String, String)] = [], method: String = "GET",
        defaults: [(String, String)] = []
    ) -> (head: [String], body: String?) {
        let request = HTTPRequest(method: method, path: "/", headers: headers)
        let plan = ResponsePlan(response, to: request, keepsAlive: true, defaultHeaders: defaults)
        let lines = String(decoding: plan.head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard var body = plan.body else { return (lines, nil) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { buffer.deallocate() }
        let count = body.read(into: buffer)
        return (lines, String(decoding: buffer[..<count], as: UTF8.self))
    }

    @Test func `a plain answer has its length and its entity tag`() {
        let (head, body) = plan(response)
        #expect(head[0] == "HTTP/1.1 200 OK")
        #expect(head.contains("content-length: 10"))
        #expect(head.contains("accept-ranges: bytes"))
        #expect(head.contains("connection: keep-alive"))
        #expect(body == "0123456789")
    }

    @Test func `HEAD gets the same headers and no body`() {
        let (head, body) = plan(response, method: "HEAD")
        #expect(head.contains("content-length: 10"))
        #expect(body == nil)
    }

    @Test(arguments: ["\"v1\"", "W/\"v1\"", "*", "\"v0\", \"v1\""])
    func `a known entity tag is answered with 304`(tags: String) {
        let (head, body) = plan(response, [("if-none-match", tags)])
        #expect(head[0] == "HTTP/1.1 304 Not Modified")
        #expect(head.contains("ETag: \"v1\""))
        #expect(!head.contains { $0.hasPrefix("content-length") })
        #expect(body == nil)
    }

    @Test func `another entity tag gets the body`() {
        #expect(plan(response, [("if-none-match", "\"v2\"")]).body == "0123456789")
    }

    @Test(arguments: [
        ("bytes=0-3", "0123", "bytes 0-3/10"), ("bytes=7-", "789", "bytes 7-9/10"), ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"), ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ])
    func `a range is cut out`(range: String, body: String, contentRange: String) {
        let answer = plan(response, [("range", range)])
        #expect(answer.head[0] == "HTTP/1.1 206 Partial Content")
        #expect(answer.head.contains("content-range: \(contentRange)"))
        #expect(answer.head.contains("content-length: \(body.count)"))
        #expect(answer.body == body)
    }

    @Test(arguments: ["bytes=10-", "bytes=-0", "bytes=99-100"])
    func `a range outside the body is answered with 416`(range: String) {
        let answer = plan(response, [("range", range)])
        #expect(answer.head[0] == "HTTP/1.1 416 Range Not Satisfiable")
        #expect(answer.head.contains("content-range: bytes */10"))
        #expect(answer.body == nil)
    }

    @Test(arguments: ["bytes=4-2", "bytes=a-b", "bytes=1-2,4-5", "lines=1-2", "bytes=", "bytes=-", "bytes=1-2-3"])
    func `a range that makes no sense means everything`(range: String) {
        #expect(plan(response, [("range", range)]).head[0] == "HTTP/1.1 200 OK")
    }

    @Test func `a range of another version means everything`() {
        #expect(plan(response, [("range", "bytes=0-1"), ("if-range", "\"v0\"")]).head[0] == "HTTP/1.1 200 OK")
        #expect(plan(response, [("range", "bytes=0-1"), ("if-range", "\"v1\"")]).body == "01")
    }

    @Test func `an answer without an entity tag has no ranges`() {
        let plain = HTTPResponse(status: 200, body: .bytes([1, 2, 3]))
        #expect(plan(plain, [("range", "bytes=0-1")]).head[0] == "HTTP/1.1 200 OK")
    }

    @Test func `an answer's own header wins over the default`() {
        let (head, _) = plan(response, defaults: [("content-type", "x/y"), ("X-Frame-Options", "DENY")])
        #expect(head.contains("Content-Type: text/plain"))
        #expect(!head.contains("content-type: x/y"))
        #expect(head.contains("X-Frame-Options: DENY"))
    }

    @Test func `a header with a line end is dropped`() {
        let (head, _) = plan(HTTPResponse(status: 200, headers: [("a", "b\r\nSet-Cookie: c"), ("d\n", "e")]))
        #expect(!head.contains { $0.contains("Set-Cookie") || $0.hasPrefix("d") })
    }

    @Test func `an error's message is escaped`() {
        let error = HTTPResponse(status: 400, errorCode: "x", message: "a \"b\" \\ \n\u{1}")
        #expect(plan(error).body == #"{"error":{"code":"x","message":"a \"b\" \\ \n\u0001"}}"#)
    }
}
