// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
        /// A listener whose only handler is `log`, and a client that has connected.
        func open(
            _ log: EventLog, _ connection: Box<WebSocketConnection> = Box(),
            _ change: (inout ListenerConfiguration) -> Void = { _ in }
        ) async throws -> (Listener, TestClient) {
            let service = TestService(connect: { _, made in
                connection.set(made)
                return log
            })
            let listener = try makeListener(service, change)
            let client = try TestClient(listener)
            try await client.upgrade("/ws")
            return (listener, client)
        }

        @Test func `messages are echoed, whatever their size`() async throws {
            let listener = try makeListener { $0.limits.allowsText = true }
            let client = try TestClient(listener)
            let answer = try await client.upgrade("/echo")
            #expect(answer.status == 101)
            #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            for count in [0, 1, 125, 126, 65_535, 65_536, 200_000] {
                let message = ArraySource(count: count).bytes
                try await client.send(TestClient.frame(2, message))
                #expect(try await client.readMessage() == message)
            }
            try await client.send(TestClient.frame(1, Array("text".utf8)))
            #expect(
                try await client.readFrame() == TestClient.Frame(opcode: 1, isFinal: true, payload: Array("text".utf8)))
            #expect(listener.statistics.receivedMessageCount == 8)
            #expect(listener.statistics.webSocketCount == 1)
        }

        @Test func `a message may follow its upgrade request at once, and come in fragments`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            let fragments =
                TestClient.frame(2, Array("one ".utf8), isFinal: false) + TestClient.frame(9, [1])
                + TestClient.frame(0, Array("two".utf8))
            try await client.send(Array(TestClient.upgradeRequest("/", port: listener.port).utf8) + fragments)
            #expect(try await client.readHead().status == 101)
            #expect(try await client.readFrame() == TestClient.Frame(opcode: 10, isFinal: true, payload: [1]))
            #expect(try await client.readFrame().text == "one two")
        }

        @Test func `the peer's close reaches the handler, and is answered`() async throws {
            let log = EventLog()
            let (listener, client) = try await open(log)
            try await client.send(TestClient.closeFrame(4321, "enough"))
            #expect(try await client.readFrame().closeCode == 4321)
            try await client.waitForEnd()
            #expect(await log.nextClosed() == .closed(4321, "enough"))
            #expect(listener.statistics.webSocketCount == 0)
        }

        @Test func `our close reaches the peer, after control messages and without the rest`() async throws {
            let (log, connection) = (EventLog(), Box<WebSocketConnection>())
            let service = TestService(connect: { _, made in
                connection.set(made)
                made.send(.bytes([1]), priority: .chunk)
                made.send(.bytes([2]), priority: .control)
                made.close(code: 4404, reason: "there is no such model")
                made.close(code: 4500, reason: "too late")
                made.send(.bytes([3]), priority: .control)
                return log
            })
            let listener = try makeListener(service)
            let client = try TestClient(listener)
            try await client.upgrade("/")
            #expect(try await client.readFrame().payload == [2])
            let close = try await client.readFrame()
            #expect(close.closeCode == 4404)
            #expect(close.closeReason == "there is no such model")
            try await client.send(TestClient.closeFrame(4404))
            try await client.waitForEnd()
            #expect(await log.nextClosed() == .closed(4404, "there is no such model"))
            #expect(connection.current?.isOpen == false)
        }

        @Test func `a peer that does not answer a close is cut off`() async throws {
            let (log, connection) = (EventLog(), Box<WebSocketConnection>())
            let (listener, client) = try await open(log, connection) { $0.limits.closeDuration = .milliseconds(100) }
            connection.current?.close(code: 1000, reason: "")
            #expect(try await client.readClose().closeCode == 1000)
            try await client.waitForEnd()
            #expect(await log.nextClosed() == .closed(1000, ""))
            try await eventually { listener.statistics.connectionCount == 0 }
        }

        @Test func `a lost connection is closed with 1006`() async throws {
            let log = EventLog()
            var opened: (Listener, TestClient)? = try await open(log)
            let listener = try #require(opened).0
            opened = nil
            #expect(await log.nextClosed() == .closed(1006, "the connection was lost"))
            #expect(listener.statistics.connectionCount == 0)
        }

        @Test func `what is queued before the first write goes out by priority`() async throws {
            let service = TestService(connect: { _, connection in
                connection.send(.bytes([0]), priority: .prefetch)
                connection.send(.bytes([1]), priority: .chunk)
                connection.send(.bytes([2]), priority: .frame, replacing: 9)
                connection.send(.bytes([3]), priority: .control)
                connection.send(.bytes([4]), priority: .chunk, replacing: 7)
                connection.send(.bytes([5]), priority: .frame, replacing: 9)
                #expect(connection.withdraw(key: 7, priority: .chunk))
                #expect(connection.queuedByteCount == 4)
                return EventLog()
            })
            let listener = try makeListener(service)
            let client = try TestClient(listener)
            try await client.upgrade("/")
            for expected: UInt8 in [3, 5, 1, 0] { #expect(try await client.readMessage() == [expected]) }
        }

        @Test(
            arguments: [
                (TestClient.frame(1, [65]), 1003), (TestClient.frame(2, [UInt8](repeating: 0, count: 11)), 4413),
                ([0x82, 0x01, 0x61], 1002), (TestClient.frame(0, [1]), 1002), (TestClient.frame(3, [1]), 1002),
                (TestClient.frame(2, [1], isFinal: false) + TestClient.frame(2, [1]), 1002),
            ] as [([UInt8], Int)])
        func `a message that breaks a rule closes with the rule's code`(bytes: [UInt8], code: Int) async throws {
            let log = EventLog()
            let (_, client) = try await open(log) { $0.limits.messageByteCount = 10 }
            try await client.send(bytes)
            #expect(try await client.readClose().closeCode == code)
            try await client.waitForEnd()
            guard case .closed(let told, _) = await log.nextClosed() else { return }
            #expect(Int(told) == code)
        }

        @Test func `too many messages close with 4429`() async throws {
            let (listener, client) = try await open(EventLog()) { $0.limits.messagesPerSecond = 50 }
            await client.trySend((0..<2000).flatMap { _ in TestClient.frame(2, [1]) })
            let close = try await client.readClose()
            #expect(close.closeCode == 4429)
            #expect(close.closeReason == "flooding: more than 50 messages per second")
            #expect(listener.statistics.refusals[.flooding] == 1)
        }

        @Test func `too many bytes close with 4429`() async throws {
            let (_, client) = try await open(EventLog()) {
                $0.limits.bytesPerSecond = 1000
                $0.limits.messageByteCount = 1000
            }
            await client.trySend((0..<50).flatMap { _ in TestClient.frame(2, [UInt8](repeating: 0, count: 900)) })
            #expect(try await client.readClose().closeCode == 4429)
        }

        @Test func `a peer that answers pings lives, one that falls silent is closed`() async throws {
            let log = EventLog()
            let (listener, client) = try await open(log) {
                $0.limits.pingDuration = .milliseconds(100)
                $0.limits.silentDuration = .milliseconds(600)
            }
            for _ in 0..<10 {
                let ping = try await client.readFrame()
                #expect(ping.opcode == 9)
                try await client.send(TestClient.frame(10, ping.payload))
            }
            #expect(try await client.readClose().closeCode == 4408)
            try await client.waitForEnd()
            guard case .closed(4408, _) = await log.nextClosed() else {
                Issue.record("the handler was not told")
                return
            }
            #expect(listener.statistics.refusals[.silent] == 1)
        }

        @Test func `an upgrade that is wrong is refused as HTTP`() async throws {
            let listener = try makeListener { $0.allowedOrigins = ["https://friend.example"] }
            func status(_ replace: String, with: String) async throws -> Int {
                let client = try TestClient(listener)
                let request = TestClient.upgradeRequest(
                    "/", port: listener.port, ["Origin: http://localhost:\(listener.port)"])
                #expect(replace.isEmpty || request.contains(replace))
                try await client.send(request.replacing(replace, with: with))
                return try await client.readHead().status
            }
            #expect(try await status("Origin: http://localhost", with: "Origin: http://localhost") == 101)
            #expect(
                try await status("Origin: http://localhost:\(listener.port)", with: "Origin: https://friend.example")
                    == 101)
            #expect(try await status("Origin: http://localhost", with: "Origin: http://evil.example") == 403)
            #expect(try await status("Version: 13", with: "Version: 8") == 426)
            #expect(try await status(TestClient.key, with: "short") == 400)
            #expect(try await status("Connection: keep-alive, Upgrade", with: "Connection: keep-alive") == 400)
            #expect(try await status("GET", with: "POST") == 400)
            #expect(listener.statistics.refusals[.origin] == 1)
        }
    }
}
