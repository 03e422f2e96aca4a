// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A WebSocket on one connection.
final class WebSocketDriver: ConnectionDriver {
    private enum Phase {
        case open
        /// Our close is queued or sent; the peer has until the deadline to answer.
        case closing(code: UInt16, reason: String, deadline: ContinuousClock.Instant)
        /// Both sides have closed, or the connection is lost.
        case closed
    }

    unowned let connection: Connection
    private let sender: WebSocketConnection
    private var handler: (any WebSocketHandler)?
    private var phase = Phase.open
    private var parser: WebSocketParser
    private var writer = WebSocketWriter()
    /// The head that accepts the upgrade.
    private var preamble: Segment
    /// Input that earlier turns did not suffice for.
    private var inbox = Inbox()
    private var messageBucket: TokenBucket
    private var byteBucket: TokenBucket
    private var excusedDuration: Duration
    private var heardAt: ContinuousClock.Instant
    private var pingedAt: ContinuousClock.Instant
    /// Whether the queue was over the mark since `drained` was last called.
    private var owesDrained = false
    private var sentMessageCount = 0

    private var loop: Loop { connection.loop }
    private var limits: TransportLimits { loop.configuration.limits }

    /// - Parameters:
    ///   - preamble: The head that accepts the upgrade.
    ///   - input: Bytes that came with the upgrade request.
    init(_ connection: Connection, preamble: [UInt8], input: [UInt8]) {
        self.connection = connection
        self.preamble = Segment(preamble)
        let (loop, limits) = (connection.loop, connection.loop.configuration.limits)
        sender = WebSocketConnection(
            id: connection.id, peer: connection.peerText, limit: limits.queueByteCount, mailbox: loop.mailbox,
            counters: loop.counters)
        parser = WebSocketParser(
            maximumByteCount: limits.messageByteCount, tooLargeCode: limits.tooLargeCode, allowsText: limits.allowsText)
        let now = ContinuousClock.now
        messageBucket = TokenBucket(rate: limits.messagesPerSecond, capacity: limits.messagesPerSecond * 2, now: now)
        byteBucket = TokenBucket(
            rate: limits.bytesPerSecond, capacity: max(limits.bytesPerSecond, limits.messageByteCount) * 2, now: now)
        (heardAt, pingedAt, excusedDuration) = (loop.now, loop.now, loop.stalledDuration)
        input.withUnsafeBytes { inbox.append($0) }
    }

    func open(_ request: HTTPRequest) {
        loop.counters.update { $0.webSocketCount += 1 }
        handler = loop.service.connect(request, sender)
    }

    // MARK: Reading

    var hasInput: Bool { !inbox.isEmpty }

    func received(_ bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget) {
        heardAt = loop.now
        excuseStalls()
        guard byteBucket.take(bytes.count, now: .now) else {
            return violated(flooding("more than \(limits.bytesPerSecond) bytes per second"))
        }
        var input = bytes
        read(&input, &budget)
        if !input.isEmpty { inbox.append(input) }
    }

    func resume(_ budget: inout TurnBudget) {
        heardAt = loop.now
        let unread = inbox.unread
        let leftCount = unread.withUnsafeBytes { bytes in
            var input = bytes
            read(&input, &budget)
            return input.count
        }
        inbox.skip(unread.count - leftCount)
    }

    /// Leaves in `input` what the budget does not reach.
    private func read(_ input: inout UnsafeRawBufferPointer, _ budget: inout TurnBudget) {
        do throws(WebSocketViolation) {
            while !isClosed, !budget.isSpent, let event = try parser.next(&input) {
                budget.spend(TurnBudget.item)
                try handle(event)
            }
        } catch {
            violated(error)
        }
        // Whatever follows the end is dropped.
        if isClosed { input = UnsafeRawBufferPointer(start: nil, count: 0) }
    }

    private var isClosed: Bool { if case .closed = phase { true } else { false } }

    private func excuseStalls() {
        let stall = loop.stalledDuration - excusedDuration
        guard stall > .zero else { return }
        excusedDuration = loop.stalledDuration
        messageBucket.excuse(stall)
        byteBucket.excuse(stall)
    }

    private func handle(_ event: WebSocketParser.Event) throws(WebSocketViolation) {
        switch event {
        case .frame:
            guard messageBucket.take(1, now: .now) else {
                throw flooding("more than \(limits.messagesPerSecond) messages per second")
            }
        case .message(let bytes, let isText):
            guard case .open = phase else { return }
            loop.counters.update { $0.receivedMessageCount += 1 }
            handler?.received(bytes, isText: isText)
        case .ping(let payload): writer.pong(payload)
        case .pong: break
        case .close(let code, let reason): peerClosed(code, reason)
        }
    }

    private func flooding(_ what: String) -> WebSocketViolation {
        WebSocketViolation(code: limits.floodingCode, reason: "flooding: \(what)")
    }

    private func violated(_ violation: WebSocketViolation) {
        switch violation.code {
        case limits.floodingCode: loop.counters.refuse(.flooding)
        case limits.tooLargeCode: loop.counters.refuse(.tooLarge)
        default: loop.counters.refuse(.protocolViolation)
        }
        end(code: violation.code, reason: violation.reason)
    }

    private func peerClosed(_ code: UInt16?, _ reason: String) {
        if case .closing(let ownCode, let ownReason, _) = phase {
            close(code: ownCode, reason: ownReason)
        } else {
            writer.close(code: code, reason: "")
            close(code: code ?? 1005, reason: reason)
        }
        connection.finish(isLingering: false)
    }

    // MARK: Writing

    var hasOutput: Bool {
        if preamble.byteCount > 0 || !writer.isIdle { return true }
        if writer.hasClosed { return false }
        return sender.hasQueuedMessages || isCloseDue
    }

    /// Whether all that goes before a requested close was written.
    private var isCloseDue: Bool { sender.closing != nil && !sender.hasQueuedMessages && !writer.hasClosed }

    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard preamble.byteCount == 0 else { return preamble.read(into: target) }
        sender.acknowledge()
        var filled = writer.fill(target) { sender.nextMessage() }
        if filled < target.count, writer.isIdle, isCloseDue, let closing = sender.closing {
            writer.close(code: closing.code, reason: closing.reason)
            filled += writer.fill(UnsafeMutableRawBufferPointer(rebasing: target[filled...])) { nil }
        }
        account()
        return filled
    }

    /// Counts what was written.
    private func account() {
        let left = sender.wrote(byteCount: writer.writtenPayloadByteCount)
        let finished = writer.finishedMessageCount - sentMessageCount
        if finished > 0 { loop.counters.update { $0.sentMessageCount += finished } }
        sentMessageCount = writer.finishedMessageCount
        if writer.writtenPayloadByteCount > 0, left == 0 { owesDrained = true }
        writer.writtenPayloadByteCount = 0
        if left >= limits.drainMarkByteCount { isOverMark = true }
        if isOverMark, left < limits.drainMarkByteCount { (isOverMark, owesDrained) = (false, true) }
    }

    private var isOverMark = false

    func advance() -> Bool {
        sender.acknowledge()
        if case .open = phase, let closing = sender.closing {
            phase = .closing(code: closing.code, reason: closing.reason, deadline: loop.now + limits.closeDuration)
        }
        return callDrained()
    }

    private func callDrained() -> Bool {
        guard owesDrained, case .open = phase else { return false }
        owesDrained = false
        handler?.drained()
        return hasOutput
    }

    // MARK: Ending

    /// Closes because of what the peer did: what waits is dropped.
    private func end(code: UInt16, reason: String) {
        guard case .open = phase else { return connection.finish(isLingering: true) }
        writer.close(code: code, reason: reason)
        close(code: code, reason: reason)
        connection.finish(isLingering: true)
    }

    private func close(code: UInt16, reason: String) {
        guard handler != nil else { return }
        phase = .closed
        sender.end()
        loop.counters.update { $0.webSocketCount -= 1 }
        handler?.closed(code: code, reason: reason)
        handler = nil
    }

    func tick(now: ContinuousClock.Instant) {
        switch phase {
        case .open:
            if heardAt.duration(to: now) > limits.silentDuration {
                loop.counters.refuse(.silent)
                end(code: limits.silentCode, reason: "nothing was heard for \(limits.silentDuration)")
            } else if pingedAt.duration(to: now) > limits.pingDuration {
                pingedAt = now
                writer.ping()
            }
        case .closing(_, _, let deadline):
            if now >= deadline { connection.kill() }
        case .closed: break
        }
    }

    func drain() {
        handler?.draining()
        sender.close(code: 1001, reason: "the server is shutting down", dropsQueue: false)
    }

    func lost() {
        if case .closing(let code, let reason, _) = phase {
            close(code: code, reason: reason)
        } else {
            close(code: 1006, reason: "the connection was lost")
        }
    }
}
