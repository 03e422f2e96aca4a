// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct ListenerTests {
        @Test func `a port that is taken is refused with what to do`() async throws {
            let first = try makeListener()
            let error = #expect(throws: TransportError.self) { try makeListener { $0.port = first.port } }
            #expect(error == .portTaken(host: "127.0.0.1", port: first.port))
            #expect("\(try #require(error))".contains("choose another port"))
        }

        @Test func `a port is free again after the listener stopped`() async throws {
            let first = try makeListener()
            let client = try TestClient(first)
            #expect(try await client.get("/hello").status == 200)
            first.stop()
            first.stop()
            try await client.waitForEnd()
            let second = try makeListener { $0.port = first.port }
            #expect(try await TestClient(second).get("/hello").status == 200)
        }

        @Test(arguments: [
            ("example.org", 0, TransportError.notAnAddress(host: "example.org")), ("", 0, .notAnAddress(host: "")),
            ("127.0.0.1", 65_536, .invalidPort(65_536)), ("127.0.0.1", -1, .invalidPort(-1)),
            ("192.0.2.1", 0, .addressNotHere(host: "192.0.2.1")),
        ])
        func `an address that cannot be is refused`(host: String, port: Int, expected: TransportError) {
            let error = #expect(throws: TransportError.self) {
                try makeListener {
                    $0.host = host
                    $0.port = port
                }
            }
            #expect(error == expected)
        }

        @Test func `localhost is both loopback addresses`() async throws {
            let listener = try makeListener { $0.host = "localhost" }
            #expect(try await TestClient(listener).get("/hello").status == 200)
            guard let client = try? TestClient(listener, isIPv6: true) else { return }
            #expect(try await client.get("/hello").status == 200)
        }

        @Test func `an IPv6 literal works`() async throws {
            let listener: Listener
            do {
                listener = try makeListener { $0.host = "::" }
            } catch TransportError.addressNotHere {
                return
            }
            #expect(try await TestClient(listener, isIPv6: true).get("/hello").status == 200)
            #expect(try await TestClient(listener).get("/hello").status == 200)
        }

        @Test func `connections over the limit are told so`() async throws {
            let listener = try makeListener { $0.limits.connectionCount = 3 }
            var clients = try (0..<3).map { _ in try TestClient(listener) }
            for client in clients { #expect(try await client.get("/hello").status == 200) }
            let extra = try TestClient(listener)
            let response = try await extra.get("/hello")
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] != nil)
            try await extra.waitForEnd()
            #expect(listener.statistics.refusals[.tooManyConnections] == 1)
            clients.removeAll()
            try await eventually { listener.statistics.connectionCount == 0 }
            #expect(try await TestClient(listener).get("/hello").status == 200)
        }

        @Test func `a stop in the middle of everything leaves nothing behind`() async throws {
            let log = EventLog()
            let stream = EventStream()
            let service = TestService(
                respond: { $0.path == "/events" ? .events(stream) : .later { _ in } },
                connect: { _, connection in
                    connection.send(.bytes([UInt8](repeating: 0, count: 1 << 20)), priority: .chunk)
                    return log
                })
            let listener = try makeListener(service)
            let clients = try (0..<3).map { _ in try TestClient(listener) }
            try await clients[0].upgrade("/")
            try await clients[1].send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await clients[1].readHead()
            try await clients[2].send("GET / HT")
            listener.stop()
            for client in clients { try await client.waitForEnd() }
            #expect(await log.nextClosed() == .closed(1006, "the connection was lost"))
            #expect(!stream.isOpen)
            #expect(listener.statistics.connectionCount == 0)
            #expect(listener.statistics.queuedByteCount == 0)
        }

        @Test func `draining sends what is queued, then closes with 1001`() async throws {
            let log = EventLog()
            let connection = Box<WebSocketConnection>()
            let service = TestService(
                respond: TestService.greeting.respond,
                connect: { _, made in
                    connection.set(made)
                    return log
                })
            let listener = try makeListener(service)
            let (viewer, idle) = (try TestClient(listener), try TestClient(listener))
            try await viewer.upgrade("/")
            _ = try await idle.get("/hello")
            try await connection.wait().send(.bytes([UInt8](repeating: 5, count: 3 << 20)), priority: .chunk)
            async let drained: Void = listener.drain(within: .seconds(10))
            #expect(try await viewer.readMessage().count == 3 << 20)
            #expect(try await viewer.readClose().closeCode == 1001)
            try await viewer.send(TestClient.closeFrame(1001))
            try await idle.waitForEnd()
            await drained
            #expect(await log.next { $0 != .drained } == .draining)
            #expect(await log.nextClosed() == .closed(1001, "the server is shutting down"))
            #expect(throws: ClientError.self) { try TestClient(listener) }
        }

        @Test func `draining finishes answers that have begun, and refuses new requests`() async throws {
            let kept = Box<HTTPResponder>()
            let listener = try makeListener(TestService(respond: { _ in .later { kept.set($0) } }))
            let client = try TestClient(listener)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let responder = try await kept.wait()
            async let drained: Void = listener.drain(within: .seconds(10))
            try await eventually { (try? TestClient(listener)) == nil }
            responder.reply(HTTPResponse(status: 200, body: .bytes([1])))
            let response = try await client.readResponse()
            #expect(response.status == 200)
            #expect(response.headers["connection"] == "close")
            try await client.waitForEnd()
            await drained
        }

        @Test func `draining ends at its deadline`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            try await client.upgrade("/")
            await listener.drain(within: .milliseconds(100))
            #expect(listener.statistics.connectionCount == 0)
            await listener.drain(within: .seconds(10))
        }
    }
}
