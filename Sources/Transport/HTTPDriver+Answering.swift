// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension HTTPDriver {
    /// A request's head is complete.
    func begin(_ head: RequestHead) throws(RequestError) {
        exchange += 1
        connection.loop.counters.update { $0.requestCount += 1 }
        var request = HTTPRequest(
            method: head.method, path: head.target.path, query: head.target.query.map { ($0.name, $0.value) },
            headers: head.headers, peer: connection.peerText)
        if case .length(let count) = head.framing { request.contentByteCount = count }
        current = (head, request)
        keepsAlive = head.keepsAlive(request)
        if WebSocketHandshake.isRequested(request) { return try open(head, request) }
        try checkRefusals(request)
        try checkExpectation(request)
        switch head.framing {
        case .none:
            answer(request)
        case .length(let count) where count > limits.collectedBodyByteCount:
            _ = try dispatch(body: [], reader: BodyReader(head.framing))
        case .length, .chunked:
            sendContinue(request, head)
            deadline = now + limits.requestDuration
            state = .collecting(BodyReader(head.framing), [])
        }
    }

    private func checkRefusals(_ request: HTTPRequest) throws(RequestError) {
        guard connection.refusal == nil else {
            throw RequestError(
                status: 503, code: "tooManyConnections", message: "the server has no room for another connection")
        }
        guard !isDraining else {
            throw RequestError(status: 503, code: "shuttingDown", message: "the server is shutting down")
        }
        guard Self.methods.contains(request.method) else {
            throw RequestError(
                status: 405, code: "methodNotAllowed", message: "methods are \(Self.methods.joined(separator: ", "))")
        }
    }

    private func checkExpectation(_ request: HTTPRequest) throws(RequestError) {
        guard let expectation = request.header("expect"), expectation.lowercased() != "100-continue" else { return }
        throw RequestError(status: 417, code: "expectationFailed", message: "Expect may be 100-continue, nothing else")
    }

    /// The body is collected, or too large for that.
    func dispatch(body: [UInt8], reader: BodyReader) throws(RequestError) -> Bool {
        guard case (let head, var request)? = current else { return false }
        if reader.isDone {
            request.body = body
            answer(request)
            return true
        }
        request.isBodyComplete = false
        switch connection.loop.service.respond(to: request) {
        case .upload(let sink, let maximum):
            if (request.contentByteCount ?? 0) > maximum { throw tooLarge(maximum) }
            if body.isEmpty { sendContinue(request, head) }
            begin(sink, request, maximum: maximum)
            let pace = BodyPace(
                bytesPerSecond: limits.uploadBytesPerSecond, window: limits.uploadWindowDuration, now: now)
            let progress = UploadProgress(sink: sink, maximum: maximum, byteCount: body.count, pace: pace)
            state = .uploading(reader, progress)
            return try upload(body, reader, progress)
        case .response(let response) where response.status >= 400:
            leaveInput()
            send(response)
            return false
        default:
            throw tooLarge(limits.collectedBodyByteCount)
        }
    }

    private func answer(_ request: HTTPRequest) {
        deadline = nil
        state = .waiting
        switch connection.loop.service.respond(to: request) {
        case .response(let response): send(response)
        case .later(let body): body(responder())
        case .events(let stream): begin(stream)
        case .upload(let sink, let maximum):
            guard request.body.count <= maximum else { return fail(tooLarge(maximum)) }
            begin(sink, request, maximum: maximum)
            if !request.body.isEmpty { sink.write(request.body) }
            sink.finish()
        }
    }

    private func responder() -> HTTPResponder {
        let made = HTTPResponder(mailbox: connection.loop.mailbox, connection: connection.id, exchange: exchange)
        awaited = made
        return made
    }

    private func begin(_ stream: EventStream) {
        let headers = [
            ("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no"),
            ("connection", "close"),
        ]
        output.append(Segment(ResponsePlan.head(status: 200, headers: headers, defaultHeaders: defaultHeaders)))
        keepsAlive = false
        guard current?.request.method != "HEAD" else {
            stream.close()
            state = .responding
            return
        }
        state = .events(stream)
        deadline = now + limits.eventKeepAliveDuration
        let (mailbox, id) = (connection.loop.mailbox, connection.id)
        stream.attach(limit: limits.eventQueueByteCount) { mailbox.post(.pump(connection: id)) }
    }

    // MARK: Uploads

    private func begin(_ sink: any UploadSink, _ request: HTTPRequest, maximum: Int) {
        let (mailbox, id, exchange) = (connection.loop.mailbox, connection.id, exchange)
        let upload = Upload(contentByteCount: request.contentByteCount, responder: responder()) { isHeld in
            mailbox.post(.hold(connection: id, exchange: exchange, isHeld))
        }
        sink.begin(upload)
    }

    /// The next bytes of an upload's body have arrived.
    func upload(_ bytes: [UInt8], _ reader: BodyReader, _ progress: UploadProgress) throws(RequestError) -> Bool {
        if !isSinkHeld { deadline = now + limits.requestDuration }
        guard progress.byteCount <= progress.maximum else { throw tooLarge(progress.maximum) }
        if !bytes.isEmpty { progress.sink.write(bytes) }
        guard reader.isDone else { return false }
        deadline = nil
        state = .waiting
        progress.sink.finish()
        return true
    }

    private func tooLarge(_ maximum: Int) -> RequestError {
        RequestError(status: 413, code: "tooLarge", message: "the body may have at most \(maximum) bytes")
    }

    private func sendContinue(_ request: HTTPRequest, _ head: RequestHead) {
        guard head.minorVersion == 1, request.header("expect")?.lowercased() == "100-continue" else { return }
        output.append(Segment(ResponsePlan.head(status: 100, headers: [])))
    }

    func hold(exchange: UInt64, _ isHeld: Bool) {
        guard exchange == self.exchange, case .uploading(let reader, var progress) = state, isHeld != isSinkHeld
        else { return }
        isSinkHeld = isHeld
        deadline = isHeld ? nil : now + limits.requestDuration
        if isHeld { progress.pace.hold() } else { progress.pace.resume(now: now) }
        state = .uploading(reader, progress)
    }

    // MARK: Answers

    func respond(exchange: UInt64, _ response: HTTPResponse) {
        guard exchange == self.exchange else { return }
        switch state {
        case .waiting: send(response)
        case .uploading:
            // The sink has said all it wants: the rest of the body is not read.
            leaveInput()
            isSinkHeld = false
            send(response)
        default: break
        }
    }

    private var defaultHeaders: [(String, String)] {
        let loop = connection.loop
        return (current.map { loop.service.headers(for: $0.request) } ?? []) + loop.configuration.responseHeaders
    }

    private func leaveInput() { (keepsAlive, leavesInput) = (false, true) }

    private func send(_ response: HTTPResponse) {
        let plan = ResponsePlan(
            response, to: current?.request, keepsAlive: keepsAlive && !isDraining,
            defaultHeaders: defaultHeaders)
        output.append(Segment(plan.head))
        if let body = plan.body { output.append(body) }
        deadline = nil
        state = .responding
    }

    /// Answers with an error and closes.
    func fail(_ error: RequestError) {
        if case .uploading(_, let progress) = state { progress.sink.cancelled() }
        count(error)
        leaveInput()
        var response = error.response
        switch error.status {
        case 405: response.headers.append(("allow", Self.methods.joined(separator: ", ")))
        case 426: response.headers.append(("sec-websocket-version", "13"))
        case 503: response.headers.append(("retry-after", "5"))
        default: break
        }
        send(response)
    }

    private func count(_ error: RequestError) {
        let counters = connection.loop.counters
        switch error.status {
        case 403: counters.refuse(.origin)
        case 413, 414, 431: counters.refuse(.tooLarge)
        case 408: break
        case 503: if let refusal = connection.refusal { counters.refuse(refusal) }
        default: counters.refuse(.malformedRequest)
        }
    }

    private func open(_ head: RequestHead, _ request: HTTPRequest) throws(RequestError) {
        do throws(RequestError) {
            try checkRefusals(request)
            try checkExpectation(request)
            try upgrade(head, request)
        } catch {
            connection.loop.service.refusedHandshake(request, error.message)
            throw error
        }
    }

    private func upgrade(_ head: RequestHead, _ request: HTTPRequest) throws(RequestError) {
        let loop = connection.loop
        let answer = try WebSocketHandshake.accept(
            request, head: head, isSecure: loop.isSecure, configuration: loop.configuration)
        state = .ended
        let driver = WebSocketDriver(connection, preamble: answer, input: takeInbox())
        connection.driver = driver
        driver.open(request)
    }
}
