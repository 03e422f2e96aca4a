// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Transport

@Suite struct SendQueueTests {
    func message(_ text: String, key: UInt64? = nil) -> OutgoingMessage {
        OutgoingMessage(.bytes(Array(text.utf8)), key: key)
    }

    func texts(_ queue: inout SendQueue) -> [String] {
        var texts: [String] = []
        while let message = queue.popFirst() {
            guard case .bytes(let bytes) = message.segments[0].content else { continue }
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }

    @Test func `priorities decide, and within one the order of arrival`() {
        var queue = SendQueue()
        for (text, priority) in [
            ("p1", Priority.prefetch), ("c1", .chunk), ("f1", .frame), ("k1", .control), ("c2", .chunk),
            ("k2", .control),
        ] {
            _ = queue.append(message(text), priority: priority)
        }
        #expect(queue.byteCount == 12)
        #expect(queue.messageCount == 6)
        #expect(texts(&queue) == ["k1", "k2", "f1", "c1", "c2", "p1"])
        #expect(queue.messageCount == 0)
        queue.wrote(byteCount: 12)
        #expect(queue.byteCount == 0)
    }

    @Test func `a key replaces in place, and only in its own lane`() {
        var queue = SendQueue()
        _ = queue.append(message("old", key: 1), priority: .frame)
        _ = queue.append(message("other", key: 2), priority: .frame)
        #expect(queue.append(message("newer", key: 1), priority: .frame) == 2)
        _ = queue.append(message("chunk", key: 1), priority: .chunk)
        #expect(queue.byteCount == 15)
        #expect(texts(&queue) == ["newer", "other", "chunk"])
    }

    @Test func `a message can be withdrawn until it is taken`() {
        var queue = SendQueue()
        _ = queue.append(message("a", key: 1), priority: .chunk)
        _ = queue.append(message("bb", key: 2), priority: .chunk)
        #expect(queue.withdraw(key: 2, priority: .frame) == nil)
        #expect(queue.withdraw(key: 2, priority: .chunk) == 2)
        #expect(queue.withdraw(key: 2, priority: .chunk) == nil)
        #expect(queue.byteCount == 1)
        #expect(texts(&queue) == ["a"])
        #expect(queue.withdraw(key: 1, priority: .chunk) == nil)
    }

    @Test func `dropping spares control messages and what is being written`() {
        var queue = SendQueue()
        _ = queue.append(message("begun"), priority: .chunk)
        _ = queue.popFirst()
        _ = queue.append(message("kk"), priority: .control)
        _ = queue.append(message("ccc"), priority: .chunk)
        #expect(queue.dropAllButControl() == 3)
        #expect(queue.byteCount == 7)
        #expect(queue.messageCount == 1)
        #expect(queue.dropAll() == 7)
        #expect(queue.byteCount == 0)
        #expect(queue.messageCount == 0)
    }

    @Test func `counts hold through any sequence of operations`() {
        var random = SeededGenerator(seed: 3)
        var queue = SendQueue()
        var begun = 0
        for _ in 0..<5000 {
            let priority = Priority.allCases[random.index(below: 4)]
            let key: UInt64? = random.index(below: 2) == 0 ? UInt64(random.index(below: 5)) : nil
            switch random.index(below: 5) {
            case 0, 1:
                _ = queue.append(
                    message(String(repeating: "x", count: random.index(below: 9)), key: key), priority: priority)
            case 2: begun += queue.popFirst()?.byteCount ?? 0
            case 3: _ = queue.withdraw(key: key ?? 0, priority: priority)
            default:
                queue.wrote(byteCount: begun)
                begun = 0
            }
        }
        var left = 0
        while let message = queue.popFirst() { left += message.byteCount }
        #expect(queue.messageCount == 0)
        #expect(queue.byteCount == left + begun)
    }
}

@Suite struct WebSocketWriterTests {
    /// Fills pieces of `pieceByteCount` until nothing is left.
    func write(
        _ writer: inout WebSocketWriter, _ messages: [OutgoingMessage], pieceByteCount: Int,
        atPiece: (Int, inout WebSocketWriter) -> Void = { _, _ in }
    ) -> [UInt8] {
        var rest = messages[...]
        var output: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 1)
        defer { buffer.deallocate() }
        for piece in 0... {
            atPiece(piece, &writer)
            let count = writer.fill(buffer) { rest.popFirst() }
            output += buffer[..<count]
            if count < pieceByteCount { break }
        }
        return output
    }

    func frames(_ bytes: [UInt8]) -> [TestClient.Frame] {
        var frames: [TestClient.Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let head = rest.prefix(2).map { $0 }
            rest = rest.dropFirst(2)
            var count = Int(head[1])
            let extra = count == 126 ? 2 : count == 127 ? 8 : 0
            if extra > 0 { count = rest.prefix(extra).reduce(0) { $0 << 8 | Int($1) } }
            rest = rest.dropFirst(extra)
            let payload = Array(rest.prefix(count))
            frames.append(TestClient.Frame(opcode: head[0] & 15, isFinal: head[0] & 0x80 != 0, payload: payload))
            rest = rest.dropFirst(count)
        }
        return frames
    }

    @Test(arguments: [1, 7, 100, 1 << 20])
    func `messages come out whole, in whatever pieces they are taken`(pieceByteCount: Int) {
        var writer = WebSocketWriter()
        let source = ArraySource(count: 70_000)
        let messages = [
            OutgoingMessage(.bytes([1, 2, 3])), OutgoingMessage(.bytes([])),
            OutgoingMessage(.slice(header: [9, 8], source: source, range: 10..<200)),
            OutgoingMessage(.slice(header: [7], source: source, range: 0..<70_000)),
            OutgoingMessage(.bytes(Array("text".utf8)), isText: true),
        ]
        let frames = frames(write(&writer, messages, pieceByteCount: pieceByteCount))
        #expect(frames.map(\.opcode) == [2, 2, 2, 2, 0, 1])
        #expect(frames.map(\.isFinal) == [true, true, true, false, true, true])
        #expect(frames[2].payload == [9, 8] + source.bytes[10..<200])
        #expect(frames[3].payload + frames[4].payload == [7] + source.bytes)
        #expect(frames[5].text == "text")
        #expect(writer.isIdle)
        #expect(writer.writtenPayloadByteCount == 70_200)
    }

    @Test func `pings and pongs go between the fragments of a message, a second message does not`() {
        var writer = WebSocketWriter()
        let big = OutgoingMessage(.bytes([UInt8](repeating: 1, count: 200_000)))
        let small = OutgoingMessage(.bytes([2]))
        let bytes = write(&writer, [big, small], pieceByteCount: 16 << 10) { piece, writer in
            if piece == 1 {
                writer.pong([5])
                writer.pong([6])
                writer.ping()
                writer.ping()
            }
        }
        #expect(frames(bytes).map(\.opcode) == [2, 10, 9, 0, 0, 0, 2])
        #expect(frames(bytes)[1].payload == [6])
    }

    @Test func `a close is the last frame, and cuts a message after its fragment`() {
        var writer = WebSocketWriter()
        let big = OutgoingMessage(.bytes([UInt8](repeating: 1, count: 200_000)))
        let bytes = write(&writer, [big, big], pieceByteCount: 16 << 10) { piece, writer in
            if piece == 1 { writer.close(code: 4000, reason: String(repeating: "é", count: 100)) }
        }
        let frames = frames(bytes)
        #expect(frames.map(\.opcode) == [2, 8])
        #expect(frames[1].closeCode == 4000)
        #expect(frames[1].closeReason == String(repeating: "é", count: 60) + "…")
        #expect(writer.hasClosed)
    }

    @Test(arguments: [
        ("", ""), (String(repeating: "x", count: 123), String(repeating: "x", count: 123)),
        (String(repeating: "four ", count: 25), String(repeating: "four ", count: 23) + "four…"),
        ("one " + String(repeating: "x", count: 200), "one…"),
        ("e" + String(repeating: "\u{301}", count: 200), "…"),
    ])
    func `a long reason ends after a whole word`(reason: String, sent: String) {
        var writer = WebSocketWriter()
        let bytes = write(&writer, [], pieceByteCount: 1 << 10) { _, writer in writer.close(code: 4000, reason: reason)
        }
        #expect(frames(bytes).map(\.closeReason) == [sent])
    }
}
