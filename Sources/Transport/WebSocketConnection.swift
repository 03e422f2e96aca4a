// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The sending side of a WebSocket. Safe from any thread, also after the connection is gone; then nothing happens.
package final class WebSocketConnection: Sendable {
    package let id: UInt64
    /// `address:port` of the other end.
    package let peer: String
    private let limit: Int
    private let mailbox: Mailbox
    private let counters: Counters
    private let state = Mutex(State())

    private struct State {
        var queue = SendQueue()
        var isOpen = true
        var closing: Closing?
        /// The loop was told and has not looked yet.
        var isAnnounced = false
    }

    struct Closing {
        var code: UInt16
        var reason: String
    }

    init(id: UInt64, peer: String, limit: Int, mailbox: Mailbox, counters: Counters) {
        self.id = id
        self.peer = peer
        self.limit = limit
        self.mailbox = mailbox
        self.counters = counters
    }

    /// Payload bytes that wait or are being written; what the kernel has is not counted.
    package var queuedByteCount: Int { state.withLock { $0.queue.byteCount } }

    /// False as soon as either side began to close.
    package var isOpen: Bool { state.withLock { $0.isOpen && $0.closing == nil } }

    /// Queues a message.
    ///
    /// - Parameter key: If given, a message of the same priority with the same key that was not begun yet is replaced, at
    ///   its place in the queue.
    /// - Returns: False if the message was not taken, because the connection is closed or its queue is full (control
    ///   messages are always taken); after a full queue comes `drained()`.
    @discardableResult
    package func send(
        _ payload: Payload, priority: Priority, replacing key: UInt64? = nil, isText: Bool = false
    ) -> Bool {
        let message = OutgoingMessage(payload, isText: isText, key: key)
        let (growth, isNews) = state.withLock { state -> (Int?, Bool) in
            guard state.isOpen, state.closing == nil else { return (nil, false) }
            let isRoom = priority == .control || state.queue.byteCount + message.byteCount <= limit
            guard isRoom else { return (nil, false) }
            let growth = state.queue.append(message, priority: priority)
            defer { state.isAnnounced = true }
            return (growth, !state.isAnnounced)
        }
        guard let growth else { return false }
        counters.update { $0.queuedByteCount += growth }
        if isNews { mailbox.post(.pump(connection: id)) }
        return true
    }

    /// Takes a message back.
    ///
    /// - Returns: False if there is none with this key and priority, or it has begun to be written.
    package func withdraw(key: UInt64, priority: Priority) -> Bool {
        guard let byteCount = state.withLock({ $0.queue.withdraw(key: key, priority: priority) }) else { return false }
        counters.update { $0.queuedByteCount -= byteCount }
        return true
    }

    /// Closes after the message being written and all queued control messages; drops other messages. The peer has
    /// `TransportLimits.closeDuration` to answer. Only the first call counts.
    ///
    /// - Parameter reason: At most 123 bytes are sent.
    package func close(code: UInt16, reason: String) { close(code: code, reason: reason, dropsQueue: true) }

    /// - Parameter dropsQueue: False: everything queued is sent first.
    func close(code: UInt16, reason: String, dropsQueue: Bool) {
        let dropped = state.withLock { state -> Int? in
            guard state.isOpen, state.closing == nil else { return nil }
            state.closing = Closing(code: code, reason: reason)
            return dropsQueue ? state.queue.dropAllButControl() : 0
        }
        guard let dropped else { return }
        counters.update { $0.queuedByteCount -= dropped }
        mailbox.post(.pump(connection: id))
    }
}

/// The loop's side.
extension WebSocketConnection {
    /// How to end, once the queue is empty.
    var closing: Closing? { state.withLock { $0.closing } }

    var hasQueuedMessages: Bool { state.withLock { $0.queue.messageCount > 0 } }

    /// The next message sent will be announced again.
    func acknowledge() { state.withLock { $0.isAnnounced = false } }

    func nextMessage() -> OutgoingMessage? { state.withLock { $0.queue.popFirst() } }

    /// - Returns: The bytes that are left.
    func wrote(byteCount: Int) -> Int {
        let left = state.withLock { state -> Int? in
            // After the end the rest of a frame is still written, but no longer counted.
            guard state.isOpen else { return nil }
            state.queue.wrote(byteCount: byteCount)
            return state.queue.byteCount
        }
        guard let left else { return 0 }
        counters.update { $0.queuedByteCount -= byteCount }
        return left
    }

    /// Nothing more is sent or taken.
    func end() {
        let dropped = state.withLock { state in
            state.isOpen = false
            return state.queue.dropAll()
        }
        counters.update { $0.queuedByteCount -= dropped }
    }
}
