// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The client's side of a WebSocket (RFC 6455) as a pure state machine: bytes in, events out. Messages of servers only:
/// nothing is masked, and nothing larger than `maximumByteCount` is believed.
struct WebSocketClient {
    enum Event: Equatable {
        case opened
        case message([UInt8])
        case ping([UInt8])
        /// The server says good-bye; `code` is 1005 if it gives none.
        case closed(code: Int, reason: String)
        /// The server answers with something else than a WebSocket.
        case refused(status: Int, text: String)
        /// What came is no WebSocket frame.
        case broken(String)
    }

    static let maximumByteCount = 256 << 20

    private var isOpen = false
    private var isOver = false
    private var inbox: [UInt8] = []
    private var start = 0
    private var message: [UInt8] = []

    static func request(_ target: String, host: String) -> [UInt8] {
        let lines = [
            "GET \(target) HTTP/1.1", "host: \(host)", "connection: Upgrade", "upgrade: websocket",
            "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// A client's frames are masked; a mask of zeros leaves the bytes as they are.
    static func frame(_ bytes: [UInt8], opcode: UInt8 = 2) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        switch bytes.count {
        case ..<126: frame.append(0x80 | UInt8(bytes.count))
        case ..<65536: frame += [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
        }
        return frame + [0, 0, 0, 0] + bytes
    }

    /// Everything that is complete with these bytes.
    mutating func receive(_ bytes: [UInt8]) -> [Event] {
        if isOver { return [] }
        inbox += bytes
        var events: [Event] = []
        if !isOpen {
            guard let event = readHead() else { return [] }
            events.append(event)
        }
        while !isOver, let event = readFrame() {
            if let event { events.append(event) }
        }
        if start > 1 << 16 || start == inbox.count {
            inbox.removeFirst(start)
            start = 0
        }
        return events
    }

    private mutating func readHead() -> Event? {
        guard let (lines, bodyStart) = HTTPExchange.head(inbox) else {
            return inbox.count > 64 << 10 ? stop(.broken("no HTTP answer")) : nil
        }
        guard let status = HTTPExchange.status(lines) else { return stop(.broken("no HTTP answer")) }
        guard status == 101 else {
            return stop(
                .refused(status: status, text: String(decoding: inbox[bodyStart...].prefix(300), as: UTF8.self)))
        }
        (isOpen, start) = (true, bodyStart)
        return .opened
    }

    private mutating func stop(_ event: Event) -> Event {
        isOver = true
        return event
    }

    /// - Returns: nil: more bytes are needed; `.some(nil)`: a frame that says nothing by itself.
    private mutating func readFrame() -> Event?? {
        guard inbox.count - start >= 2 else { return nil }
        let (first, second) = (inbox[start], inbox[start + 1])
        guard second & 0x80 == 0, first & 0x70 == 0 else { return stop(.broken("a frame is masked or extended")) }
        var count = Int(second & 0x7f)
        var header = 2
        if count >= 126 {
            header = count == 126 ? 4 : 10
            guard inbox.count - start >= header else { return nil }
            let wide = inbox[start + 2..<start + header].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            count = Int(min(wide, UInt64(WebSocketClient.maximumByteCount) + 1))
        }
        guard count + message.count <= WebSocketClient.maximumByteCount else { return stop(.broken("a frame is huge")) }
        guard inbox.count - start >= header + count else { return nil }
        let payload = inbox[start + header..<start + header + count]
        start += header + count
        return finish(opcode: first & 15, isFinal: first & 0x80 != 0, payload)
    }

    private mutating func finish(opcode: UInt8, isFinal: Bool, _ payload: ArraySlice<UInt8>) -> Event? {
        switch opcode {
        case 0, 1, 2:
            message += payload
            guard isFinal else { return nil }
            defer { message = [] }
            return .message(message)
        case 8:
            let bytes = Array(payload)
            guard bytes.count >= 2 else { return stop(.closed(code: 1005, reason: "")) }
            let reason = String(decoding: bytes[2...], as: UTF8.self)
            return stop(.closed(code: Int(bytes[0]) << 8 | Int(bytes[1]), reason: reason))
        case 9: return .ping(Array(payload))
        default: return nil
        }
    }
}
