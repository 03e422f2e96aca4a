// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
package import Logging
import ModelStorage
import StreamCore
import Transport

/// A viewer that draws for itself: what its messages do to its stream, and what the stream then sends.
package struct ChunkViewer: ServedViewer {
    private enum Phase {
        case streaming
        /// A returning viewer says what it holds first; what else it says has to wait.
        case holdings(until: ContinuousClock.Instant, waiting: [ViewerStream.Event])
    }

    let model: ServedModel
    let session: SessionDirectory.Session
    package let number: Int
    let connection: any ViewerConnection
    let services: ViewerServices
    package let log: Logger
    private let request: ViewerRequest
    var stream: ViewerStream
    private var phase = Phase.streaming
    private var newestView: ViewUpdate?
    private var lastView: UInt32 = 0
    private var describedTextures: Set<Int> = []
    private var accounts = SequenceAccounts()

    package init(
        _ request: ViewerRequest, model: ServedModel, session: SessionDirectory.Session, number: Int,
        connection: any ViewerConnection, services: ViewerServices
    ) {
        self.request = request
        self.model = model
        self.session = session
        self.number = number
        self.connection = connection
        self.services = services
        var log = services.log
        log[metadataKey: "session"] = "\(session.id)"
        log[metadataKey: "viewer"] = "\(number)"
        self.log = log
        var limits = StreamLimits()
        limits.viewInterval = .milliseconds(services.configuration.rankingMilliseconds)
        stream = ViewerStream(plan: model.plan, limits: limits)
    }

    /// Sends the welcome and, unless the viewer comes back with what it holds, the first picture.
    package mutating func begin() {
        let home = ViewState.home(
            of: model.archive.bounds, width: Double(request.width), height: Double(request.height))
        let welcome = Wire.Welcome(json: welcome(home: home).encoded()).encode()
        _ = connection.send(.bytes(welcome), priority: .control)
        if request.isResumed {
            let deadline = services.clock.now + .seconds(services.configuration.resumeSeconds)
            phase = .holdings(until: deadline, waiting: [])
        } else {
            apply(.view(ViewUpdate(sequence: 0, view: home)))
        }
    }

    /// When to post a `wake` if nothing else happens.
    package var nextDeadline: ContinuousClock.Instant? {
        if case .holdings(let deadline, _) = phase { return deadline }
        return stream.nextDeadline
    }

    /// Takes in everything that has come; of several views only the newest counts.
    ///
    /// - Returns: nil to go on.
    package mutating func handle(_ events: [ViewerEvent]) -> ViewerEnding? {
        for event in events {
            if let ending = handle(event) { return ending }
        }
        takeNewestView()
        return nil
    }

    package mutating func end() {}

    package var summary: Logger.Metadata {
        let statistics = stream.statistics
        return [
            "sent": "\(statistics.sentByteCount)", "chunks": "\(statistics.sentChunkCount)",
            "rankings": "\(statistics.rankingCount)",
        ]
    }

    private mutating func handle(_ event: ViewerEvent) -> ViewerEnding? {
        switch event {
        case .message(let bytes):
            do throws(ServiceError) { try take(bytes) } catch { return .close(error) }
        case .text: return .close(ServiceError(.malformed, "text message: the protocol is binary"))
        case .closed: return .gone
        case .notice(let notice): send(notice)
        case .end(let code, let reason): return .close(ServiceError(code, reason))
        case .inspect(let answer): answer(report().json)
        case .wake: wake()
        }
        return nil
    }

    private mutating func wake() {
        if case .holdings(let deadline, _) = phase {
            // It said nothing in time: as if it had nothing.
            if services.clock.now >= deadline { startStreaming() }
        } else {
            apply(.tick)
        }
    }

    // MARK: Messages

    private mutating func take(_ bytes: [UInt8]) throws(ServiceError) {
        let message: ClientMessage
        do throws(WireError) { message = try ClientMessage(decoding: bytes.rawSpan) } catch {
            throw ServiceError(.malformed, error.description)
        }
        switch message {
        case .view(let view): newestView = try view.update()
        case .hello(let hello): try take(hello)
        case .ping(let ping):
            _ = connection.send(.bytes(Wire.Pong(time: ping.time).encode()), priority: .control)
        case .holdings(let holdings):
            guard holdings.ranges.count.isMultiple(of: 2) else {
                throw ServiceError(.malformed, "Holdings.ranges: pairs are needed")
            }
            takeNewestView()
            apply(.holdings(holdings.kind == .resident ? .resident : .stored, holdings.ranges))
        case .acknowledge(let message): try take(message)
        case .evicted(let evicted): try queue(.evicted(evicted.chunks))
        case .lost(let lost): try queue(.lost(lost.chunks))
        case .budget(let budget):
            try queue(.budget(gpuByteLimit: budget.gpuByteLimit, gpuByteCount: budget.gpuByteCount))
        case .hint(let hint):
            guard hint.treeNodes.isEmpty || (hint.weight >= 1 && hint.weight <= 10) else {
                throw ServiceError(.malformed, "Hint.weight: 1 to 10")
            }
            try queue(.hint(weight: hint.weight, treeNodes: hint.treeNodes))
        case .frameReceived, .frameShown, .pick, .visibility:
            throw ServiceError(.malformed, "message of the server path on a connection of the client path")
        }
    }

    private mutating func take(_ hello: Wire.Hello) throws(ServiceError) {
        guard let json = try? JSONValue(decoding: hello.json), case .object = json else {
            throw ServiceError(.malformed, "Hello.json: not a JSON object")
        }
        log.debug("hello", metadata: ["client": "\(json["client"]?.text?.prefix(80) ?? "")"])
        if case .integer(let limit)? = json["limits"]?["gpuByteCount"], limit > 0 {
            try queue(.budget(gpuByteLimit: UInt64(limit), gpuByteCount: 0))
        }
    }

    private mutating func take(_ message: Wire.Acknowledge) throws(ServiceError) {
        guard let sequence = accounts.acknowledge(message.sequence) else {
            throw ServiceError(.malformed, "Acknowledge.sequence: \(message.sequence) was never sent")
        }
        try queue(
            .acknowledge(
                sequence: sequence, hold: .microseconds(Int(message.holdMicroseconds)),
                backlogByteCount: Int(message.backlogByteCount), decodeRate: Int(message.decodeBytesPerSecond)))
    }

    /// Applies an event, or keeps it until a returning viewer has said what it holds.
    private mutating func queue(_ event: ViewerStream.Event) throws(ServiceError) {
        guard case .holdings(let deadline, var waiting) = phase else { return apply(event) }
        guard waiting.count < 16 else {
            throw ServiceError(.malformed, "a resumed connection begins with Holdings and a View")
        }
        waiting.append(event)
        phase = .holdings(until: deadline, waiting: waiting)
    }

    private mutating func takeNewestView() {
        guard let view = newestView else { return }
        newestView = nil
        lastView = view.sequence
        startStreaming(with: view)
    }

    private mutating func startStreaming(with view: ViewUpdate? = nil) {
        var waiting: [ViewerStream.Event] = []
        if case .holdings(_, let events) = phase {
            waiting = events
            phase = .streaming
        }
        let home = ViewState.home(
            of: model.archive.bounds, width: Double(request.width), height: Double(request.height))
        if let view {
            apply(.view(view))
        } else {
            apply(.view(ViewUpdate(sequence: 0, view: home)))
        }
        for event in waiting { apply(event) }
    }

    // MARK: Sending

    /// Gives the stream an event and does what it says.
    private mutating func apply(_ event: ViewerStream.Event) {
        let start = services.clock.now
        let rankings = stream.statistics.rankingCount
        let actions = services.scratches.with { stream.handle(event, at: start, using: &$0) }
        if stream.statistics.rankingCount > rankings {
            let duration = (services.clock.now - start).inSeconds
            services.metrics.update { $0.rankings.add(duration) }
        }
        for action in actions { perform(action) }
    }

    private mutating func perform(_ action: ViewerStream.Action) {
        switch action {
        case .sendMaterial(let number):
            send(.bytes(model.records.material(number, described: &describedTextures)), .record)
        case .sendGeometry(let number): send(.bytes(model.records.geometry(number)), .record)
        case .sendChunk(let sequence, let chunk): send(chunk, sequence)
        case .recall(let sequence, let chunk):
            accounts.sent(sequence)
            send(.bytes(Wire.Recall(sequence: sequence, chunk: UInt32(chunk)).encode()), .recall)
        case .settled(let view, let threshold):
            send(.bytes(Wire.Settled(view: view, thresholdPixels: threshold).encode()), .record)
        }
    }

    private mutating func send(_ chunk: Int, _ sequence: UInt32) {
        switch model.integrity.check(chunk, of: model.archive) {
        case .intact:
            accounts.sent(sequence)
            let record = model.archive.index.chunks[chunk]
            let header = Wire.Chunk.header(sequence: sequence, chunk: UInt32(chunk), kind: record.kind.rawValue)
            let source = ChunkSource(model.archive, chunk: chunk)
            send(.slice(header: header, source: source, range: 0..<Int(record.byteCount)), record.kind.content)
        case .damaged(let isNew):
            if isNew { reportDamage(chunk) }
            send(
                ViewerNotice(
                    code: .damagedChunk, message: "A part of the model is damaged on the server and is not shown.",
                    chunk: chunk))
            if let sequence = accounts.skipped(sequence) {
                apply(.acknowledge(sequence: sequence, hold: .zero, backlogByteCount: 0, decodeRate: 0))
            }
        }
    }

    private func reportDamage(_ chunk: Int) {
        services.metrics.update { $0.damagedChunkCount += 1 }
        services.log.error(
            "a chunk is damaged; copy or import the model again",
            metadata: ["model": "\(model.id)", "chunk": "\(chunk)", "file": "\(model.archive.path)"])
    }

    private func send(_ payload: Payload, _ content: Metrics.Content) {
        // Everything of the stream has one priority, so that it arrives in the order in which it was decided.
        if connection.send(payload, priority: .chunk) {
            services.metrics.sent(content, byteCount: payload.byteCount)
        } else if connection.isOpen {
            services.metrics.failed(.failed)
            log.error("a viewer takes nothing", metadata: ["queued": "\(connection.queuedByteCount)"])
            connection.close(code: Wire.CloseCode.failed.rawValue, reason: "too much waits to be sent")
        }
    }

    private func send(_ notice: ViewerNotice) { _ = connection.send(notice.payload, priority: .control) }

    // MARK: Facts

    private func welcome(home: ViewState) -> JSONValue {
        ViewerWelcome(
            model: model, session: session.id, viewer: number, path: .client,
            reason: "The viewer asked for the model itself and draws it.", isResumed: request.isResumed, home: home
        ).json(services.configuration)
    }

    private func report() -> ViewerReport {
        let queue = services.scratches.with { stream.queue(limit: 200, at: services.clock.now, using: &$0) }
        return ViewerReport(
            statistics: stream.statistics, queue: queue, view: lastView, queuedByteCount: connection.queuedByteCount)
    }
}

extension ChunkKind {
    fileprivate var content: Metrics.Content {
        switch self {
        case .nodes: .nodes
        case .sector: .sector
        case .textureLevel: .texture
        }
    }
}
