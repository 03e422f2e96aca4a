// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// HTTP/1.1 on one connection: one request after the other, each answered before the next is read.
final class HTTPDriver: ConnectionDriver {
    enum State {
        /// Between requests, or inside a request's head.
        case head
        /// Inside a body that is kept in memory.
        case collecting(BodyReader, [UInt8])
        case uploading(BodyReader, UploadProgress)
        /// The service will reply.
        case waiting
        /// The answer is on its way out.
        case responding
        case events(EventStream)
        /// Nothing more is read.
        case ended
    }

    struct UploadProgress {
        var sink: any UploadSink
        var maximum: Int
        var byteCount = 0
        var pace: BodyPace
    }

    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    /// What may wait while a request is being answered; then reading stops.
    private static let maximumInboxByteCount = 64 << 10
    /// Empty lines before a request. Some clients end a body with a line end too many.
    private static let maximumEmptyLineCount = 4

    unowned let connection: Connection
    var state = State.head
    /// Counts requests, so that a late reply finds only its own.
    var exchange: UInt64 = 0
    var current: (head: RequestHead, request: HTTPRequest)?
    /// Of the answer that the service owes; it is the service's.
    weak var awaited: HTTPResponder?
    var keepsAlive = true
    var isDraining = false
    /// Whether the peer may still be sending a request that is not read.
    var leavesInput = false
    var output: [Segment] = []
    var deadline: ContinuousClock.Instant?
    private var inbox = Inbox()
    private(set) var hasInput = false
    /// Whether the sink of the current upload wants no more for now.
    var isSinkHeld = false { didSet { setHold() } }
    /// Any byte, be it an empty line, starts the clock of the next request.
    private var hasRequestBegun = false
    private var emptyLineCount = 0
    /// How much of the inbox was searched for the end of a head, and whether its first line was found good.
    private var searchedByteCount = 0
    private var isRequestLineChecked = false

    var limits: TransportLimits { connection.loop.configuration.limits }
    var now: ContinuousClock.Instant { connection.loop.now }

    init(_ connection: Connection) {
        self.connection = connection
        deadline = connection.loop.now + connection.loop.configuration.limits.idleDuration
    }

    // MARK: Reading

    func received(_ bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget) {
        switch state {
        case .ended, .events: return
        default: break
        }
        if !hasRequestBegun, case .head = state {
            hasRequestBegun = true
            deadline = now + limits.requestDuration
        }
        inbox.append(bytes)
        resume(&budget)
    }

    /// Takes from the inbox what the state and the budget allow.
    func resume(_ budget: inout TurnBudget) {
        do throws(RequestError) {
            while !budget.isSpent, try step(&budget) {}
        } catch {
            fail(error)
        }
        hasInput = budget.isSpent && isReading && !inbox.isEmpty
        setHold()
    }

    /// Whether the state takes input.
    private var isReading: Bool {
        switch state {
        case .head, .collecting, .uploading: true
        case .waiting, .responding, .events, .ended: false
        }
    }

    private func setHold() { connection.hold(isSinkHeld || inbox.count > Self.maximumInboxByteCount) }

    /// - Returns: Whether another step may be possible.
    private func step(_ budget: inout TurnBudget) throws(RequestError) -> Bool {
        switch state {
        case .head:
            return try readHead(&budget)
        case .collecting(var reader, var body):
            body += try readBody(&reader, &budget)
            if reader.isDone || body.count > limits.collectedBodyByteCount {
                return try dispatch(body: body, reader: reader)
            }
            state = .collecting(reader, body)
            return false
        case .uploading(var reader, var progress):
            let bytes = try readBody(&reader, &budget)
            progress.byteCount += bytes.count
            progress.pace.received(bytes.count)
            state = .uploading(reader, progress)
            return try upload(bytes, reader, progress)
        case .waiting, .responding, .events, .ended:
            return false
        }
    }

    private func readBody(_ reader: inout BodyReader, _ budget: inout TurnBudget) throws(RequestError) -> [UInt8] {
        var rest = inbox.unread
        let bytes = try reader.read(&rest, &budget)
        inbox.skip(inbox.count - rest.count)
        return bytes
    }

    private func readHead(_ budget: inout TurnBudget) throws(RequestError) -> Bool {
        try skipEmptyLines(&budget)
        guard let first = inbox.unread.first else { return false }
        guard RequestHead.isTokenByte(first) || first == UInt8(ascii: "\r") else {
            throw .malformed("this is not HTTP")
        }
        try checkRequestLine()
        guard let end = endOfHead() else {
            guard inbox.count < limits.headerByteCount else { throw headTooLarge }
            return false
        }
        guard end <= limits.headerByteCount else { throw headTooLarge }
        budget.spend(TurnBudget.request)
        let head = try RequestHead(inbox.unread.prefix(end))
        inbox.skip(end)
        (searchedByteCount, isRequestLineChecked, emptyLineCount) = (0, false, 0)
        try begin(head)
        return true
    }

    private func skipEmptyLines(_ budget: inout TurnBudget) throws(RequestError) {
        while inbox.unread.starts(with: [UInt8(ascii: "\r"), UInt8(ascii: "\n")]) {
            budget.spend(TurnBudget.item)
            emptyLineCount += 1
            guard emptyLineCount <= Self.maximumEmptyLineCount else {
                throw .malformed("more than \(Self.maximumEmptyLineCount) empty lines come before a request")
            }
            inbox.skip(2)
        }
    }

    /// What is no request, or one of a protocol without headers, is answered when its first line has come: its author may
    /// never send an empty line.
    private func checkRequestLine() throws(RequestError) {
        guard !isRequestLineChecked else { return }
        let start = inbox.unread.prefix(limits.headerByteCount)
        guard let end = start.firstIndex(of: UInt8(ascii: "\n")) else { return }
        try RequestHead.checkRequestLine(start[...end])
        isRequestLineChecked = true
    }

    private var headTooLarge: RequestError {
        let message = "a request's head has at most \(limits.headerByteCount) bytes"
        return RequestError(status: 431, code: "headersTooLarge", message: message)
    }

    private func endOfHead() -> Int? {
        inbox.unread.withUnsafeBufferPointer { bytes in
            var index = max(3, searchedByteCount)
            while index < bytes.count {
                if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 {
                    return index + 1
                }
                index += 1
            }
            searchedByteCount = index
            return nil
        }
    }

    /// What arrived behind the request that asked for another protocol.
    func takeInbox() -> [UInt8] { inbox.takeAll() }

    // MARK: Writing

    var hasOutput: Bool {
        if !output.isEmpty { return true }
        if case .events(let stream) = state { return stream.hasPending }
        return false
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        if output.isEmpty, case .events(let stream) = state {
            output = [Segment(stream.takePending())]
            deadline = now + limits.eventKeepAliveDuration
        }
        var filled = 0
        while filled < target.count, !output.isEmpty {
            filled += output[0].read(into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
            if output[0].byteCount == 0 { output.removeFirst() }
        }
        return filled
    }

    func advance() -> Bool {
        switch state {
        case .responding where keepsAlive && !isDraining:
            state = .head
            current = nil
            hasRequestBegun = !inbox.isEmpty
            deadline = now + (hasRequestBegun ? limits.requestDuration : limits.idleDuration)
            // The next request gets a turn of its own.
            hasInput = hasRequestBegun
            isSinkHeld = false
            return false
        case .responding:
            end()
            return false
        case .events(let stream) where stream.isFinished:
            end()
            return false
        default:
            return false
        }
    }

    private func end() {
        state = .ended
        deadline = nil
        inbox.removeAll()
        hasInput = false
        connection.finish(isLingering: leavesInput)
    }

    // MARK: Ending

    func tick(now: ContinuousClock.Instant) {
        checkPace(now)
        guard let deadline, now >= deadline else { return }
        switch state {
        case .head where inbox.isEmpty:
            connection.kill()
        case .head, .collecting, .uploading:
            connection.loop.counters.refuse(.slowRequest)
            fail(RequestError(status: 408, code: "requestTimeout", message: "the request did not arrive in time"))
        case .events(let stream):
            stream.keepAlive()
            self.deadline = now + limits.eventKeepAliveDuration
        case .waiting, .responding, .ended:
            break
        }
    }

    private func checkPace(_ now: ContinuousClock.Instant) {
        guard case .uploading(let reader, var progress) = state else { return }
        let isFastEnough = progress.pace.holds(now: now)
        state = .uploading(reader, progress)
        guard !isFastEnough else { return }
        connection.loop.counters.refuse(.slowRequest)
        let message = "the body came slower than \(limits.uploadBytesPerSecond) bytes per second"
        fail(RequestError(status: 408, code: "uploadTooSlow", message: message))
    }

    func drain() {
        isDraining = true
        switch state {
        case .head where inbox.isEmpty: connection.kill()
        case .events(let stream): stream.close()
        default: break
        }
    }

    func lost() {
        switch state {
        case .uploading(_, let progress): progress.sink.cancelled()
        case .events(let stream): stream.detach()
        default: break
        }
        awaited?.peerLeft()
        state = .ended
    }
}
