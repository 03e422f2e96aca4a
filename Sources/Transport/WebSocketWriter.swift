// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A message in a connection's queue.
struct OutgoingMessage {
    var segments: [Segment]
    var isText = false
    /// The message may be replaced or withdrawn by this, until it begins to be written.
    var key: UInt64?

    init(_ payload: Payload, isText: Bool = false, key: UInt64? = nil) {
        segments = payload.segments
        self.isText = isText
        self.key = key
    }

    var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }
}

/// Cuts messages into frames and fills a buffer with them. A message is one frame if it is small, otherwise fragments,
/// so that an answer to a ping waits for 64 KiB at most. Whole messages are never interleaved.
struct WebSocketWriter {
    static let fragmentByteCount = 64 << 10

    private var message: OutgoingMessage?
    private var hasBegun = false
    /// What is left of the current frame's header and payload.
    private var frameHeader = Segment([])
    private var framePayloadByteCount = 0
    /// Control frames to send at the next frame boundary.
    private var controls: [[UInt8]] = []
    private var pong: [UInt8]?
    private var close: [UInt8]?
    /// After its close frame a peer sends nothing.
    private(set) var hasClosed = false
    /// Payload bytes of messages that were written since this was last reset.
    var writtenPayloadByteCount = 0
    private(set) var finishedMessageCount = 0

    var isIdle: Bool {
        message == nil && controls.isEmpty && pong == nil && close == nil && frameHeader.byteCount == 0
    }

    mutating func ping() {
        // One is enough: the peer has not even taken the last.
        if controls.isEmpty { controls.append(Self.frame(.ping, [])) }
    }

    /// Only the newest ping is answered (RFC 6455, 5.5.3), so a flood of them costs nothing.
    mutating func pong(_ payload: [UInt8]) { pong = Self.frame(.pong, payload) }

    /// The last frame: a message that was begun is left unfinished after its current fragment.
    mutating func close(code: UInt16?, reason: String) {
        guard close == nil, !hasClosed else { return }
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(code >> 8), UInt8(code & 0xff)]
            payload += Self.shortened(reason, byteCount: 123)
        }
        close = Self.frame(.close, payload)
    }

    /// What is too long ends after a whole word, with an ellipsis.
    private static func shortened(_ text: String, byteCount: Int) -> [UInt8] {
        if text.utf8.count <= byteCount { return Array(text.utf8) }
        let ellipsis = "…"
        var end = text.startIndex
        while text[...end].utf8.count + ellipsis.utf8.count <= byteCount { end = text.index(after: end) }
        let start = text[..<end]
        let words = start.lastIndex(of: " ").map { start[..<$0] } ?? start
        return Array((words + ellipsis).utf8)
    }

    /// Fills `target` from the front.
    ///
    /// - Parameter next: The next message to begin; nil if there is none.
    /// - Returns: How many bytes were filled; less than `target.count` if there is nothing more to write.
    mutating func fill(
        _ target: UnsafeMutableRawBufferPointer, next: () -> OutgoingMessage?
    ) -> Int {
        var filled = 0
        while filled < target.count {
            let space = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
            if frameHeader.byteCount > 0 {
                filled += frameHeader.read(into: space)
            } else if framePayloadByteCount > 0 {
                filled += readPayload(into: space)
            } else if !beginFrame(next) {
                break
            }
        }
        return filled
    }

    private mutating func readPayload(into space: UnsafeMutableRawBufferPointer) -> Int {
        guard var current = message else { return 0 }
        let limited = UnsafeMutableRawBufferPointer(rebasing: space.prefix(framePayloadByteCount))
        let count = current.segments[0].read(into: limited)
        if current.segments[0].byteCount == 0 { current.segments.removeFirst() }
        message = current
        framePayloadByteCount -= count
        writtenPayloadByteCount += count
        return count
    }

    /// At a frame boundary: chooses what comes next.
    private mutating func beginFrame(_ next: () -> OutgoingMessage?) -> Bool {
        guard !hasClosed else { return false }
        if hasBegun, message?.byteCount == 0 { finishMessage() }
        if let control = takeControl() {
            frameHeader = Segment(control)
            return true
        }
        if message == nil {
            message = next()
            message?.segments.removeAll { $0.byteCount == 0 }
        }
        guard let current = message else { return false }
        let left = current.byteCount
        framePayloadByteCount = min(left, Self.fragmentByteCount)
        let opcode: WebSocketOpcode = hasBegun ? .continuation : current.isText ? .text : .binary
        frameHeader = Segment(
            Self.header(opcode, isFinal: framePayloadByteCount == left, byteCount: framePayloadByteCount))
        hasBegun = true
        return true
    }

    private mutating func takeControl() -> [UInt8]? {
        if let frame = pong {
            pong = nil
            return frame
        }
        if let frame = close {
            (close, message, hasClosed) = (nil, nil, true)
            return frame
        }
        return controls.isEmpty ? nil : controls.removeFirst()
    }

    private mutating func finishMessage() {
        (message, hasBegun) = (nil, false)
        finishedMessageCount += 1
    }

    private static func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> [UInt8] {
        header(opcode, isFinal: true, byteCount: payload.count) + payload
    }

    /// A server's frames are not masked.
    static func header(_ opcode: WebSocketOpcode, isFinal: Bool, byteCount: Int) -> [UInt8] {
        let first = (isFinal ? 0x80 : 0) | opcode.rawValue
        switch byteCount {
        case 0..<126: return [first, UInt8(byteCount)]
        case 126..<65536: return [first, 126, UInt8(byteCount >> 8), UInt8(byteCount & 0xff)]
        default: return [first, 127] + (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
        }
    }
}
