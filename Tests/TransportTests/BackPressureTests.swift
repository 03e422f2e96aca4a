// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
        /// Sends numbered messages of a slice whenever there is room.
        final class Producer: WebSocketHandler {
            let connection: WebSocketConnection
            let source: ArraySource
            let messageCount: Int
            let next = Mutex(0)
            let largestQueue = Mutex(0)

            init(_ connection: WebSocketConnection, source: ArraySource, messageCount: Int) {
                (self.connection, self.source, self.messageCount) = (connection, source, messageCount)
                produce()
            }

            func produce() {
                next.withLock { next in
                    while next < messageCount {
                        let header = withUnsafeBytes(of: UInt32(next)) { Array($0) }
                        let payload = Payload.slice(header: header, source: source, range: 0..<source.bytes.count)
                        guard connection.send(payload, priority: .chunk) else { break }
                        next += 1
                    }
                    largestQueue.withLock { $0 = max($0, connection.queuedByteCount) }
                }
            }

            func received(_ bytes: [UInt8], isText: Bool) {}
            func drained() { produce() }
            func closed(code: UInt16, reason: String) {}
        }

        @Test func `a slow reader holds the sender back, and gets everything in order`() async throws {
            let producer = Box<Producer>()
            let (source, messageCount, limit) = (ArraySource(count: 100_000), 400, 1 << 20)
            let service = TestService(connect: { _, connection in
                let made = Producer(connection, source: source, messageCount: messageCount)
                producer.set(made)
                return made
            })
            let listener = try makeListener(service) { $0.limits.queueByteCount = limit }
            let client = try TestClient(listener, receiveByteCount: 16 << 10)
            try await client.upgrade("/")
            let made = try await producer.wait()
            try await eventually { listener.statistics.queuedByteCount > limit / 2 }
            // Nothing is read: what has left the queue is in the kernel, and that is little.
            #expect(listener.statistics.sentByteCount < 2 << 20)
            #expect(made.next.withLock { $0 } < 40)
            for index in 0..<messageCount {
                let message = try await client.readMessage()
                #expect(message.prefix(4).elementsEqual(withUnsafeBytes(of: UInt32(index)) { Array($0) }))
                #expect(message.count == source.bytes.count + 4)
            }
            #expect(made.largestQueue.withLock { $0 } <= limit)
            try await eventually { listener.statistics.queuedByteCount == 0 }
            #expect(listener.statistics.sentMessageCount == messageCount)
        }

        @Test func `the handler is told when its queue is empty`() async throws {
            let (log, connection) = (EventLog(), Box<WebSocketConnection>())
            let service = TestService(connect: { _, made in
                connection.set(made)
                return log
            })
            let listener = try makeListener(service)
            let client = try TestClient(listener)
            try await client.upgrade("/")
            try await connection.wait().send(.bytes([1, 2, 3]), priority: .chunk)
            #expect(try await client.readMessage() == [1, 2, 3])
            #expect(await log.next() == .drained)
            #expect(connection.current?.queuedByteCount == 0)
        }

        @Test func `a peer that reads nothing for too long is disconnected`() async throws {
            let log = EventLog()
            let service = TestService(connect: { _, connection in
                connection.send(.bytes([UInt8](repeating: 0, count: 16 << 20)), priority: .chunk)
                return log
            })
            let listener = try makeListener(service) { $0.limits.stuckDuration = .milliseconds(200) }
            let client = try TestClient(listener, receiveByteCount: 4096)
            try await client.upgrade("/")
            #expect(await log.nextClosed() == .closed(1006, "the connection was lost"))
            #expect(listener.statistics.refusals[.stuck] == 1)
            #expect(listener.statistics.queuedByteCount == 0)
        }

        @Test func `a peer that reads an answer slowly does not cost its memory twice`() async throws {
            let source = ArraySource(count: 8 << 20)
            let listener = try makeListener(
                TestService(respond: { _ in
                    .response(HTTPResponse(status: 200, body: .slice(source, 0..<source.bytes.count)))
                }))
            let client = try TestClient(listener, receiveByteCount: 16 << 10)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await eventually { listener.statistics.sentByteCount > 0 }
            #expect(listener.statistics.sentByteCount < 6 << 20)
            #expect(try await client.readResponse().body == source.bytes)
        }

        @Test func `a peer that writes while its own reading is stuck is still heard`() async throws {
            let log = EventLog()
            let service = TestService(connect: { _, connection in
                connection.send(.bytes([UInt8](repeating: 0, count: 4 << 20)), priority: .chunk)
                return log
            })
            let listener = try makeListener(service)
            let client = try TestClient(listener, receiveByteCount: 4096)
            try await client.upgrade("/")
            try await eventually { listener.statistics.sentByteCount > 4096 }
            try await client.sendMessage("recall")
            _ = try await client.readFrame()
            #expect(await log.next { $0 != .drained } == .received(Array("recall".utf8), isText: false))
        }

        /// The connections of a test, and whether it is over.
        final class Crowd: Sendable {
            let connections = Mutex<[WebSocketConnection]>([])
            let isDone = Atomic(false)
            let source = ArraySource(count: 50_000)

            /// Sends to, withdraws from and closes the newest connections until the test is over.
            func disturb(sender: UInt64) async {
                var round = 0
                while !isDone.load(ordering: .relaxed) {
                    for connection in connections.withLock({ Array($0.suffix(8)) }) {
                        let payload = Payload.slice(header: [UInt8(sender)], source: source, range: 0..<round % 50_000)
                        connection.send(payload, priority: .chunk, replacing: round % 3 == 0 ? sender : nil)
                        if round % 97 == 0 { connection.close(code: 4000, reason: "round") }
                        _ = connection.withdraw(key: sender, priority: .chunk)
                        round += 1
                    }
                    await Task.yield()
                }
            }
        }

        @Test func `many threads may send while connections die`() async throws {
            let crowd = Crowd()
            let service = TestService(connect: { _, connection in
                crowd.connections.withLock { $0.append(connection) }
                return EchoHandler(connection: connection)
            })
            let listener = try makeListener(service)
            let senders = (0..<4).map { sender in Task.detached { await crowd.disturb(sender: sender) } }
            for round in 0..<150 {
                let client = try TestClient(listener)
                try await client.upgrade("/")
                if round % 2 == 0 { _ = try? await client.readFrame() }
                if round % 5 == 0 { await client.trySend(TestClient.closeFrame(1000)) }
            }
            crowd.isDone.store(true, ordering: .relaxed)
            for sender in senders { await sender.value }
            try await eventually { listener.statistics.connectionCount == 0 }
            #expect(listener.statistics.webSocketCount == 0)
            #expect(listener.statistics.queuedByteCount == 0)
        }
    }
}
