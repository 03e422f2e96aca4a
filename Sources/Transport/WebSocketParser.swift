// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why a WebSocket is closed because of what the peer sent.
struct WebSocketViolation: Error, Equatable {
    var code: UInt16
    var reason: String

    static func protocolError(_ reason: String) -> WebSocketViolation {
        WebSocketViolation(code: 1002, reason: reason)
    }
}

enum WebSocketOpcode: UInt8 {
    case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// Turns a client's bytes into messages (RFC 6455, section 5): frames are unmasked, fragments joined, sizes bounded.
/// Nothing is allocated for bytes that were only announced.
struct WebSocketParser {
    enum Event: Equatable {
        /// A frame begins; what floods are counted by.
        case frame
        case message([UInt8], isText: Bool)
        case ping([UInt8])
        case pong
        /// `code` is nil if the peer gave none.
        case close(code: UInt16?, reason: String)
    }

    private let maximumByteCount: Int
    private let tooLargeCode: UInt16
    private let allowsText: Bool

    /// The header of the current frame as far as it was read; its payload is being read when `frame` is set.
    private var header: [UInt8] = []
    private var frame: Frame?
    private var control: [UInt8] = []
    private var message: [UInt8] = []
    /// The kind of the message whose fragments are being joined.
    private var messageOpcode: WebSocketOpcode?

    private struct Frame {
        var opcode: WebSocketOpcode
        var isFinal: Bool
        var byteCount: Int
        var mask: (UInt8, UInt8, UInt8, UInt8)
        var readByteCount = 0
    }

    init(maximumByteCount: Int, tooLargeCode: UInt16, allowsText: Bool) {
        self.maximumByteCount = maximumByteCount
        self.tooLargeCode = tooLargeCode
        self.allowsText = allowsText
    }

    /// Takes one event out of the front of `input`.
    ///
    /// - Returns: Nil if `input` is used up and no event is complete.
    mutating func next(_ input: inout UnsafeRawBufferPointer) throws(WebSocketViolation) -> Event? {
        while true {
            if frame == nil {
                guard try readHeader(&input) else { return nil }
                return .frame
            }
            readPayload(&input)
            guard let frame, frame.readByteCount == frame.byteCount else { return nil }
            self.frame = nil
            if let event = try finish(frame) { return event }
        }
    }

    private mutating func readHeader(_ input: inout UnsafeRawBufferPointer) throws(WebSocketViolation) -> Bool {
        while !input.isEmpty {
            header.append(input[0])
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
            if header.count == 2 { try check(header[0], header[1]) }
            if header.count >= 2, header.count == headerByteCount {
                frame = try parsedFrame()
                header.removeAll(keepingCapacity: true)
                return true
            }
        }
        return false
    }

    /// Of the whole header, known from its second byte on.
    private var headerByteCount: Int {
        switch header[1] & 0x7f {
        case 126: 8
        case 127: 14
        default: 6
        }
    }

    /// What the first two bytes already tell.
    private func check(_ first: UInt8, _ second: UInt8) throws(WebSocketViolation) {
        guard first & 0x70 == 0 else { throw .protocolError("a reserved bit is set") }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0f) else { throw .protocolError("unknown opcode") }
        guard second & 0x80 != 0 else { throw .protocolError("a frame is not masked") }
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw .protocolError("a control frame is fragmented") }
            guard second & 0x7f <= 125 else { throw .protocolError("a control frame is too long") }
        } else if opcode == .continuation {
            guard messageOpcode != nil else { throw .protocolError("a continuation without a beginning") }
        } else {
            guard messageOpcode == nil else { throw .protocolError("a message begins inside another") }
            guard opcode == .binary || allowsText else {
                throw WebSocketViolation(code: 1003, reason: "messages must be binary")
            }
        }
    }

    private mutating func parsedFrame() throws(WebSocketViolation) -> Frame {
        let opcode = WebSocketOpcode(rawValue: header[0] & 0x0f) ?? .close
        var byteCount = UInt64(header[1] & 0x7f)
        if byteCount >= 126 { byteCount = header[2..<(header.count - 4)].reduce(0) { $0 << 8 | UInt64($1) } }
        if !opcode.isControl {
            guard byteCount <= UInt64(maximumByteCount), message.count + Int(byteCount) <= maximumByteCount else {
                throw WebSocketViolation(
                    code: tooLargeCode, reason: "a message has more than \(maximumByteCount) bytes")
            }
            if opcode != .continuation { messageOpcode = opcode }
        }
        let mask = header.suffix(4)
        let first = mask.startIndex
        return Frame(
            opcode: opcode, isFinal: header[0] & 0x80 != 0, byteCount: Int(byteCount),
            mask: (mask[first], mask[first + 1], mask[first + 2], mask[first + 3]))
    }

    private mutating func readPayload(_ input: inout UnsafeRawBufferPointer) {
        guard var frame else { return }
        let count = min(input.count, frame.byteCount - frame.readByteCount)
        let bytes = UnsafeRawBufferPointer(rebasing: input.prefix(count))
        if frame.opcode.isControl {
            appendUnmasked(bytes, to: &control, frame)
        } else {
            appendUnmasked(bytes, to: &message, frame)
        }
        frame.readByteCount += count
        self.frame = frame
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(count))
    }

    private func appendUnmasked(_ bytes: UnsafeRawBufferPointer, to target: inout [UInt8], _ frame: Frame) {
        let start = target.count
        target.append(contentsOf: bytes)
        let mask = [frame.mask.0, frame.mask.1, frame.mask.2, frame.mask.3]
        let turned = (0..<8).map { mask[(frame.readByteCount + $0) & 3] }
        let word = turned.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        target.withUnsafeMutableBytes { buffer in
            var index = start
            while index + 8 <= buffer.count {
                let value = buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                buffer.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            for rest in index..<buffer.count { buffer[rest] ^= turned[rest - index] }
        }
    }

    /// - Returns: Nil if the frame is a fragment and more follow.
    private mutating func finish(_ frame: Frame) throws(WebSocketViolation) -> Event? {
        if frame.opcode.isControl {
            defer { control = [] }
            switch frame.opcode {
            case .ping: return .ping(control)
            case .close: return try Self.close(control)
            default: return .pong
            }
        }
        guard frame.isFinal else { return nil }
        let isText = messageOpcode == .text
        messageOpcode = nil
        let whole = message
        message = []
        guard !isText || String(validating: whole, as: UTF8.self) != nil else {
            throw WebSocketViolation(code: 1007, reason: "a text message is not UTF-8")
        }
        return .message(whole, isText: isText)
    }

    private static func close(_ payload: [UInt8]) throws(WebSocketViolation) -> Event {
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2, let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw .protocolError("a close frame is malformed")
        }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: return .close(code: code, reason: reason)
        default: throw .protocolError("a close code is not one that peers may send")
        }
    }
}
