// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Transport

extension SocketTests {
    /// What many small things in few bytes may cost: never more than a turn before others are served. Each test holds the loop
    /// thread at the first of them until the other peer's request has been sent, so order and not time decides.
    @Suite(.timeLimit(.minutes(1))) struct FloodTests {
        /// Counts what a flood was let to do, and how much of it came before the other peer's request.
        final class Tally: Sendable {
            private let counts = Mutex((own: 0, atGreeting: -1))
            private let isHeld = Box<Bool>()
            private let mayGoOn = Box<Bool>()

            /// On the loop thread.
            func count() {
                let isFirst = counts.withLock { counts in
                    counts.own += 1
                    return counts.own == 1
                }
                guard isFirst else { return }
                isHeld.set(true)
                while mayGoOn.current == nil { usleep(200) }
            }

            func greeted() { counts.withLock { $0.atGreeting = $0.own } }

            var own: Int { counts.withLock { $0.own } }
            var atGreeting: Int { counts.withLock { $0.atGreeting } }

            /// Sends a greeting while the loop is held, and lets it go on.
            func greet(_ client: TestClient) async throws {
                _ = try await isHeld.wait()
                try await client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
                mayGoOn.set(true)
                #expect(try await client.readResponse().text == "hello")
            }
        }

        /// Tells the tally of each piece.
        final class TallySink: UploadSink {
            let tally: Tally
            private let upload = Box<Upload>()
            init(_ tally: Tally) { self.tally = tally }
            func begin(_ upload: Upload) { self.upload.set(upload) }
            func write(_ bytes: [UInt8]) { for _ in bytes { tally.count() } }
            func finish() { upload.current?.reply(HTTPResponse(status: 204)) }
            func cancelled() {}
        }

        struct TallyHandler: WebSocketHandler {
            let tally: Tally
            func received(_ bytes: [UInt8], isText: Bool) { tally.count() }
            func closed(code: UInt16, reason: String) {}
        }

        func listener(_ tally: Tally) throws -> Listener {
            let service = TestService(
                respond: { request in
                    switch request.path {
                    case "/hello":
                        tally.greeted()
                        return TestService.greeting.respond(request)
                    case "/upload": return .upload(TallySink(tally), maximum: 1 << 30)
                    default:
                        tally.count()
                        return .response(HTTPResponse(status: 204))
                    }
                }, connect: { _, _ in TallyHandler(tally: tally) })
            return try makeListener(service) {
                $0.limits.messagesPerSecond = 1_000_000
                $0.limits.collectedBodyByteCount = 0
            }
        }

        @Test func `requests sent together leave others their turn`() async throws {
            let tally = Tally()
            let listener = try listener(tally)
            let (flooder, other) = (try TestClient(listener), try TestClient(listener))
            let requests = [UInt8](String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 2000).utf8)
            try await flooder.send(requests)
            try await tally.greet(other)
            #expect(tally.atGreeting < 100)
            for _ in 0..<2000 { #expect(try await flooder.readResponse(hasBody: false).status == 204) }
        }

        @Test func `chunks of one byte leave others their turn, and all arrive`() async throws {
            let tally = Tally()
            let listener = try listener(tally)
            let (flooder, other) = (try TestClient(listener), try TestClient(listener))
            let chunks = [UInt8](String(repeating: "1\r\nx\r\n", count: 10_000).utf8)
            let head = [UInt8]("POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            let answer = Task.detached {
                try await flooder.send(head + chunks + [UInt8]("0\r\n\r\n".utf8))
                return try await flooder.readResponse(hasBody: false).status
            }
            try await tally.greet(other)
            #expect(tally.atGreeting <= 2 * TurnBudget.unitsPerTurn)
            #expect(try await answer.value == 204)
            #expect(tally.own == 10_000)
        }

        @Test func `small messages leave others their turn, and all arrive`() async throws {
            let tally = Tally()
            let listener = try listener(tally)
            let (flooder, other) = (try TestClient(listener), try TestClient(listener))
            try await flooder.upgrade("/")
            let frames = (0..<5000).flatMap { _ in TestClient.frame(2, []) }
            let answer = Task.detached {
                try await flooder.send(frames + TestClient.closeFrame(1000))
                return try await flooder.readClose().closeCode
            }
            try await tally.greet(other)
            #expect(tally.atGreeting <= 2 * TurnBudget.unitsPerTurn)
            #expect(try await answer.value == 1000)
            #expect(tally.own == 5000)
        }

        @Test func `fragments of one byte become one message`() async throws {
            let listener = try makeListener { $0.limits.messagesPerSecond = 1_000_000 }
            let client = try TestClient(listener)
            try await client.upgrade("/")
            var frames = TestClient.frame(2, [0], isFinal: false)
            for index in 1..<5000 { frames += TestClient.frame(0, [UInt8(index & 0xff)], isFinal: false) }
            try await client.send(frames + TestClient.frame(0, []))
            #expect(try await client.readMessage() == (0..<5000).map { UInt8($0 & 0xff) })
        }

        @Test func `a few empty lines before a request are skipped, many are refused`() async throws {
            let listener = try makeListener()
            let client = try TestClient(listener)
            try await client.send("\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n\r\n")
            #expect(try await client.readResponse().text == "hello")
            #expect(try await client.get("/hello").text == "hello")
            await client.trySend([UInt8](String(repeating: "\r\n", count: 10_000).utf8))
            #expect(try await client.readResponse().status == 400)
            try await client.waitForEnd()
        }

        @Test func `a stall of the loop makes nobody silent`() async throws {
            let log = EventLog()
            let mayGoOn = Box<Bool>()
            let service = TestService(
                respond: { _ in
                    while mayGoOn.current == nil { usleep(200) }
                    return .response(HTTPResponse(status: 204))
                }, connect: { _, _ in log })
            let listener = try makeListener(service) {
                $0.limits.pingDuration = .milliseconds(100)
                $0.limits.silentDuration = .milliseconds(300)
            }
            let (viewer, other) = (try TestClient(listener), try TestClient(listener))
            try await viewer.upgrade("/")
            let ping = try await viewer.readFrame()
            try await viewer.send(TestClient.frame(10, ping.payload))
            try await other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            // Several times as long as a peer may be silent.
            let end = ContinuousClock.now + .milliseconds(1500)
            while ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
            mayGoOn.set(true)
            #expect(try await other.readResponse(hasBody: false).status == 204)
            // The next that comes is a ping, not the end.
            #expect(try await viewer.readFrame().opcode == 9)
            #expect(listener.statistics.refusals[.silent] == nil)
        }
    }
}
