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
    }

    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    /// What may wait while a request is being answered; then reading stops.
    private static let maximumInboxByteCount = 64 << 10

    unowned let connection: Connection
    var state = State.head
    /// Counts requests, so that a late reply finds only its own.
    var exchange: UInt64 = 0
    var current: (head: RequestHead, request: HTTPRequest)?
    var keepsAlive = true
    var isDraining = false
    /// Whether the peer may still be sending a request that is not read.
    var leavesInput = false
    var output: [Segment] = []
    var deadline: ContinuousClock.Instant?
    private var inbox: [UInt8] = []
    /// Any byte, be it an empty line, starts the clock of the next request.
    private var hasRequestBegun = false
    /// How much of the inbox was searched for the end of a head.
    private var searchedByteCount = 0

    var limits: TransportLimits { connection.loop.configuration.limits }

    init(_ connection: Connection) {
        self.connection = connection
        deadline = .now + connection.loop.configuration.limits.idleDuration
    }

    // MARK: Reading

    func received(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .ended, .events: return
        default: break
        }
        if !hasRequestBegun, case .head = state {
            hasRequestBegun = true
            deadline = .now + limits.requestDuration
        }
        inbox.append(contentsOf: bytes)
        process()
        if inbox.count > Self.maximumInboxByteCount { connection.hold(true) }
    }

    /// Takes from the inbox what the state allows.
    func process() {
        do throws(RequestError) {
            while try step() {}
        } catch {
            fail(error)
        }
    }

    /// - Returns: Whether another step may be possible.
    private func step() throws(RequestError) -> Bool {
        switch state {
        case .head:
            return try readHead()
        case .collecting(var reader, var body):
            body += try readBody(&reader)
            if reader.isDone || body.count > limits.collectedBodyByteCount {
                return try dispatch(body: body, reader: reader)
            }
            state = .collecting(reader, body)
            return false
        case .uploading(var reader, var progress):
            let bytes = try readBody(&reader)
            progress.byteCount += bytes.count
            state = .uploading(reader, progress)
            return try upload(bytes, reader, progress)
        case .waiting, .responding, .events, .ended:
            return false
        }
    }

    private func readBody(_ reader: inout BodyReader) throws(RequestError) -> [UInt8] {
        var rest = inbox[...]
        let bytes = try reader.read(&rest)
        inbox.removeFirst(inbox.count - rest.count)
        return bytes
    }

    private func readHead() throws(RequestError) -> Bool {
        // Some clients end a body with a line end too many.
        while inbox.starts(with: [13, 10]) { inbox.removeFirst(2) }
        guard let first = inbox.first else { return false }
        guard RequestHead.isTokenByte(first) || first == 13 else { throw .malformed("this is not HTTP") }
        guard let end = endOfHead() else {
            guard inbox.count < limits.headerByteCount else { throw headTooLarge }
            return false
        }
        guard end <= limits.headerByteCount else { throw headTooLarge }
        let head = try RequestHead(inbox[..<end])
        inbox.removeFirst(end)
        searchedByteCount = 0
        try begin(head)
        return true
    }

    private var headTooLarge: RequestError {
        let message = "a request's head has at most \(limits.headerByteCount) bytes"
        return RequestError(status: 431, code: "headersTooLarge", message: message)
    }

    private func endOfHead() -> Int? {
        inbox.withUnsafeBufferPointer { bytes in
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
    func takeInbox() -> [UInt8] {
        defer { inbox = [] }
        return inbox
    }

    // MARK: Writing

    var hasOutput: Bool {
        if !output.isEmpty { return true }
        if case .events(let stream) = state { return stream.hasPending }
        return false
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        if output.isEmpty, case .events(let stream) = state {
            output = [Segment(stream.takePending())]
            deadline = .now + limits.eventKeepAliveDuration
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
            deadline = .now + (hasRequestBegun ? limits.requestDuration : limits.idleDuration)
            process()
            if inbox.count <= Self.maximumInboxByteCount { connection.hold(false) }
            return hasOutput
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
        inbox = []
        connection.finish(isLingering: leavesInput)
    }

    // MARK: Ending

    func tick(now: ContinuousClock.Instant) {
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
        state = .ended
    }
}
