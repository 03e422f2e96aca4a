// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import StreamCore
import StreamService
import Synchronization
import Transport

/// A viewer's connection without a socket: what is sent is decoded and kept.
final class InMemoryConnection: ViewerConnection {
    private struct State {
        var messages: [ServerMessage] = []
        var closed: (code: UInt16, reason: String)?
        var isFull = false
    }

    private let state = Mutex(State())

    let peer = "memory:1"
    var isOpen: Bool { state.withLock { $0.closed == nil } }
    let queuedByteCount = 0
    var messages: [ServerMessage] { state.withLock { $0.messages } }
    var closed: (code: UInt16, reason: String)? { state.withLock { $0.closed } }

    func send(_ payload: Payload, priority: Priority) -> Bool {
        var bytes: [UInt8]
        switch payload {
        case .bytes(let all): bytes = all
        case .slice(let header, let source, let range): bytes = header + source.withBytes(range) { Array($0) }
        }
        guard let message = try? ServerMessage(decoding: bytes.rawSpan) else { return false }
        return state.withLock {
            if $0.closed != nil { return false }
            $0.messages.append(message)
            return true
        }
    }

    func close(code: UInt16, reason: String) {
        state.withLock { if $0.closed == nil { $0.closed = (code, reason) } }
    }

    var chunks: [Wire.Chunk] {
        messages.compactMap { if case .chunk(let chunk) = $0 { chunk } else { nil } }
    }

    var welcome: JSONValue? {
        guard case .welcome(let welcome)? = messages.first else { return nil }
        return try? JSONValue(decoding: welcome.json)
    }

    var notices: [JSONValue] {
        messages.compactMap { if case .notice(let notice) = $0 { try? JSONValue(decoding: notice.json) } else { nil } }
    }
}

extension Wire.View {
    /// A usable view from `eye` towards the origin's side.
    static func test(_ sequence: UInt32, eye: Double3 = Double3(50, 60, 200), scale: Float = 0.4) -> Wire.View {
        Wire.View(
            sequence: sequence, eye: eye, orientation: Float4(0, 0, 0, 1), projection: .perspective, scale: scale,
            width: 1280, height: 720, thresholdPixels: 1, velocity: .zero, angularVelocity: .zero, focus: .zero,
            isMoving: false)
    }
}
