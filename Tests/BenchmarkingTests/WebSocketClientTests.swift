// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Benchmarking

@Suite struct WebSocketClientTests {
    static let head = Array("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n".utf8)

    /// All events, whatever the pieces that bytes come in.
    func events(_ bytes: [UInt8], pieces: Int) -> [WebSocketClient.Event] {
        var client = WebSocketClient()
        var result: [WebSocketClient.Event] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            result += client.receive(Array(bytes[start..<min(bytes.count, start + pieces)]))
        }
        return result
    }

    @Test(arguments: [1, 2, 3, 7, 100_000]) func `messages are joined from any pieces`(pieces: Int) {
        let large = [UInt8](repeating: 7, count: 70_000)
        let bytes =
            Self.head + [0x82, 3, 1, 2, 3] + [0x89, 1, 9] + [0x02, 2, 4, 5] + [0x80, 1, 6]
            + [0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70] + large + [0x88, 6, 0x11, 0x30] + Array("bye!".utf8)
        #expect(
            events(bytes, pieces: pieces) == [
                .opened, .message([1, 2, 3]), .ping([9]), .message([4, 5, 6]), .message(large),
                .closed(code: 4400, reason: "bye!"),
            ])
    }

    @Test func `another server is recognised`() {
        #expect(
            events(Array("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nNone".utf8), pieces: 1000)
                == [.refused(status: 404, text: "None")])
        #expect(events(Array("220 mail.example ESMTP\r\n\r\n".utf8), pieces: 1000) == [.broken("no HTTP answer")])
    }

    @Test func `nothing huge, masked or extended is believed`() {
        let huge = Self.head + [0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0]
        #expect(events(huge, pieces: 1000).last == .broken("a frame is huge"))
        #expect(
            events(Self.head + [0x82, 0x81, 0, 0, 0, 0, 1], pieces: 1000).last
                == .broken("a frame is masked or extended"))
        #expect(events(Self.head + [0xc2, 1, 1], pieces: 1000).last == .broken("a frame is masked or extended"))
    }

    @Test(arguments: [0, 125, 126, 65_535, 65_536]) func `lengths are written as RFC 6455 says`(count: Int) {
        let frame = WebSocketClient.frame([UInt8](repeating: 1, count: count))
        let header = count < 126 ? 2 : count < 65536 ? 4 : 10
        #expect(frame.count == header + 4 + count)
        #expect(frame[1] == UInt8(0x80 | (count < 126 ? count : count < 65536 ? 126 : 127)))
    }
}

@Suite struct ServerURLTests {
    @Test func `addresses are read as people copy them`() throws {
        #expect(try ServerURL("http://127.0.0.1:8090/?model=m") == ServerURL(port: 8090))
        #expect(try ServerURL("localhost:80") == ServerURL(host: "localhost", port: 80))
        #expect(try ServerURL("http://[::1]:8090") == ServerURL(host: "::1", port: 8090))
        #expect(try ServerURL("http://h:1/?token=abc").token == "abc")
    }

    @Test(arguments: ["https://127.0.0.1", "ftp://h", "", "http://"]) func `others are refused`(text: String) {
        #expect(throws: BenchmarkError.self) { try ServerURL(text) }
    }

    @Test func `queries are escaped`() {
        let target = ServerURL(port: 1, token: "t&1").target("/p", [("model", "a b&c")])
        #expect(target == "/p?model=a%20b%26c&token=t%261")
    }
}

@Suite struct LoadRampTests {
    /// Runs a ramp against a server that takes so many viewers.
    func steps(capacity: Int, most: Int = 1000, limit: Int = 30, first: Int = 10) -> (counts: [Int], good: Int) {
        var ramp = LoadRamp(most: most, stepLimit: limit)
        var counts: [Int] = []
        while let count = ramp.next(first: first) {
            counts.append(count)
            ramp.note(count, isGood: count <= capacity)
        }
        return (counts, ramp.good)
    }

    @Test func `it doubles, then halves the gap`() {
        let (counts, good) = steps(capacity: 100)
        #expect(counts.prefix(5) == [10, 20, 40, 80, 160])
        #expect(good <= 100 && good >= 90)
    }

    @Test func `it ends at the most, at nothing, and after its steps`() {
        #expect(steps(capacity: 5000).counts == [10, 20, 40, 80, 160, 320, 640, 1000])
        #expect(steps(capacity: 0).good == 0)
        #expect(steps(capacity: 0).counts == [10, 5, 2, 1])
        #expect(steps(capacity: 100, limit: 3).counts.count == 3)
    }
}
