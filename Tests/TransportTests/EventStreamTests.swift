// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
        func listener(_ stream: EventStream, _ change: (inout ListenerConfiguration) -> Void = { _ in }) throws
            -> Listener
        {
            try makeListener(TestService(respond: { _ in .events(stream) }), change)
        }

        func open(_ listener: Listener) async throws -> TestClient {
            let client = try TestClient(listener)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let head = try await client.readHead()
            #expect(head.status == 200)
            #expect(head.headers["content-type"] == "text/event-stream")
            return client
        }

        @Test func `events arrive in order, also those sent before the peer came`() async throws {
            let stream = EventStream()
            stream.send(data: "early")
            let listener = try listener(stream)
            let client = try await open(listener)
            #expect(try await client.readLine() == "data: early")
            #expect(try await client.readLine() == "")
            stream.send(data: "two\nlines", event: "news")
            #expect(try await client.readLine() == "event: news")
            #expect(try await client.readLine() == "data: two")
            #expect(try await client.readLine() == "data: lines")
        }

        @Test func `the service may close`() async throws {
            let stream = EventStream()
            let listener = try listener(stream)
            let client = try await open(listener)
            stream.send(data: "last")
            stream.close()
            #expect(String(decoding: try await client.readToEnd(), as: UTF8.self) == "data: last\n\n")
            #expect(!stream.send(data: "late"))
        }

        @Test func `the service learns that the peer closed`() async throws {
            let closings = Atomic(0)
            let stream = EventStream { closings.add(1, ordering: .relaxed) }
            let listener = try listener(stream)
            var client: TestClient? = try await open(listener)
            #expect(stream.isOpen)
            client = nil
            _ = client
            try await eventually { !stream.isOpen }
            #expect(closings.load(ordering: .relaxed) == 1)
        }

        @Test func `a quiet stream is kept alive by comments`() async throws {
            let stream = EventStream()
            let listener = try listener(stream) { $0.limits.eventKeepAliveDuration = .milliseconds(50) }
            let client = try await open(listener)
            for _ in 0..<3 {
                #expect(try await client.readLine() == ":")
                #expect(try await client.readLine() == "")
            }
        }

        @Test func `a peer that reads nothing is closed when too much waits for it`() async throws {
            let stream = EventStream()
            let listener = try listener(stream) { $0.limits.eventQueueByteCount = 100_000 }
            let client = try TestClient(listener, receiveByteCount: 4096)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.readHead()
            let text = String(repeating: "x", count: 10_000)
            try await eventually { !stream.send(data: text) }
            #expect(!stream.isOpen)
        }
    }
}
