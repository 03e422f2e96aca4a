// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

/// Keeps what it is given.
final class TestSink: UploadSink {
    struct State {
        var bytes: [UInt8] = []
        var upload: Upload?
        var isFinished = false
        var isCancelled = false
    }

    let state = Mutex(State())
    let pausesAfter: Int?

    init(pausesAfter: Int? = nil) { self.pausesAfter = pausesAfter }

    func begin(_ upload: Upload) { state.withLock { $0.upload = upload } }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            // First, so that who sees the bytes can be sure that a resume comes after it.
            if let pausesAfter, state.bytes.count + bytes.count >= pausesAfter { state.upload?.pause() }
            state.bytes += bytes
        }
    }

    func finish() {
        let (count, upload) = state.withLock { state in
            state.isFinished = true
            return (state.bytes.count, state.upload)
        }
        upload?.reply(HTTPResponse(status: 200, json: "{\"byteCount\":\(count)}"))
    }

    func cancelled() { state.withLock { $0.isCancelled = true } }

    var byteCount: Int { state.withLock { $0.bytes.count } }
}

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct UploadTests {
        func listener(_ sink: TestSink, maximum: Int = 1 << 30) throws -> Listener {
            try makeListener(TestService(respond: { _ in .upload(sink, maximum: maximum) }))
        }

        @Test(arguments: [1, 1000, 65_536, 65_537, 3_000_000])
        func `a body of any size reaches the sink`(byteCount: Int) async throws {
            let (sink, body) = (TestSink(), ArraySource(count: byteCount).bytes)
            let listener = try listener(sink)
            let client = try TestClient(listener)
            #expect(try await client.request("POST", "/", body: body).text == "{\"byteCount\":\(byteCount)}")
            #expect(sink.state.withLock { $0.bytes == body && $0.isFinished && !$0.isCancelled })
            // The connection goes on.
            #expect(try await client.request("POST", "/", body: [1]).status == 200)
        }

        @Test func `a chunked body reaches the sink`() async throws {
            let (sink, body) = (TestSink(), ArraySource(count: 300_000).bytes)
            let listener = try listener(sink)
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in stride(from: 0, to: body.count, by: 10_000) {
                try await client.send(Array("2710\r\n".utf8) + body[start..<start + 10_000] + [13, 10])
            }
            try await client.send("0\r\n\r\n")
            #expect(try await client.readResponse().status == 200)
            #expect(sink.state.withLock { $0.bytes == body })
        }

        @Test func `a client that waits for leave to send gets it`() async throws {
            let sink = TestSink()
            let listener = try listener(sink)
            let client = try TestClient(listener)
            try await client.send(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.readHead().status == 100)
            try await client.send([UInt8](repeating: 7, count: 100_000))
            #expect(try await client.readResponse().text == #"{"byteCount":100000}"#)
        }

        @Test func `a body that says it is too large is refused before it comes`() async throws {
            let sink = TestSink()
            let listener = try listener(sink, maximum: 100_000)
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n")
            #expect(try await client.readResponse().status == 413)
            try await client.waitForEnd()
            #expect(sink.state.withLock { $0.upload == nil })
        }

        @Test func `a body that becomes too large is refused, and the sink told`() async throws {
            let sink = TestSink()
            let listener = try listener(sink, maximum: 200_000)
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            await client.trySend(Array("f4240\r\n".utf8) + [UInt8](repeating: 0, count: 1_000_000))
            #expect(try await client.readResponse().status == 413)
            try await eventually { sink.state.withLock(\.isCancelled) }
            #expect(sink.byteCount <= 200_000)
        }

        @Test func `a large body for a route that takes none is refused`() async throws {
            let listener = try makeListener(TestService(respond: { _ in .response(HTTPResponse(status: 200)) }))
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n")
            #expect(try await client.readResponse().status == 413)
        }

        @Test func `a sink is told when the peer leaves`() async throws {
            let sink = TestSink()
            let listener = try listener(sink)
            var client: TestClient? = try TestClient(listener)
            try await client?.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nabc")
            try await eventually { sink.byteCount == 3 }
            client = nil
            try await eventually { sink.state.withLock(\.isCancelled) }
            #expect(sink.state.withLock { !$0.isFinished })
        }

        @Test func `a sink that pauses holds the peer back`() async throws {
            let sink = TestSink(pausesAfter: 100_000)
            let listener = try listener(sink)
            let client = try TestClient(listener)
            let byteCount = 32 << 20
            let sending = Task.detached {
                try await client.request("POST", "/", body: [UInt8](repeating: 1, count: byteCount)).status
            }
            while !sink.state.withLock(\.isFinished) {
                let before = sink.byteCount
                // Each piece makes the sink pause; more than one read or two never comes until it resumes.
                sink.state.withLock(\.upload)?.resume()
                try await eventually { sink.byteCount > before || sink.state.withLock(\.isFinished) }
                #expect(sink.byteCount - before <= 1 << 20)
            }
            #expect(try await sending.value == 200)
            #expect(sink.byteCount == byteCount)
        }

        @Test func `an upload that trickles is answered with 408, and the sink told`() async throws {
            let sink = TestSink()
            let listener = try makeListener(TestService(respond: { _ in .upload(sink, maximum: 1 << 30) })) {
                $0.limits.uploadBytesPerSecond = 100_000
                $0.limits.uploadWindowDuration = .milliseconds(200)
            }
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
            while listener.statistics.refusals[.slowRequest] == nil {
                await client.trySend([1])
                try await Task.sleep(for: .milliseconds(5))
            }
            let response = try await client.readResponse()
            #expect(response.status == 408)
            #expect(response.text.contains("100000 bytes per second"))
            #expect(sink.state.withLock { $0.isCancelled && !$0.isFinished })
        }

        @Test func `an upload that the sink holds back is not called slow`() async throws {
            let sink = TestSink(pausesAfter: 1)
            let listener = try makeListener(TestService(respond: { _ in .upload(sink, maximum: 1 << 30) })) {
                $0.limits.uploadBytesPerSecond = 100_000
                $0.limits.uploadWindowDuration = .milliseconds(50)
            }
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
            try await client.send([UInt8](repeating: 1, count: 100))
            try await eventually { sink.byteCount == 100 }
            let end = ContinuousClock.now + .milliseconds(300)
            while ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
            #expect(listener.statistics.refusals[.slowRequest] == nil)
            let answer = Task.detached {
                try await client.send([UInt8](repeating: 1, count: 99_900))
                return try await client.readResponse().status
            }
            while !sink.state.withLock(\.isFinished) {
                sink.state.withLock(\.upload)?.resume()
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(try await answer.value == 200)
        }

        @Test func `a sink may answer before the end`() async throws {
            let sink = TestSink()
            let listener = try makeListener(
                TestService(respond: { _ in
                    .upload(sink, maximum: 1 << 30)
                }))
            let client = try TestClient(listener)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nabc")
            try await eventually { sink.state.withLock { $0.upload != nil } }
            sink.state.withLock(\.upload)?.reply(
                HTTPResponse(status: 507, errorCode: "full", message: "the disk is full"))
            #expect(try await client.readResponse().status == 507)
            try await client.waitForEnd()
            #expect(sink.state.withLock { !$0.isFinished })
        }
    }
}
