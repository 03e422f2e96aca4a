// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import JSONCoding
import Logging
import ModelStorage
import StreamCore
import Transport

/// The part of a viewer that draws for itself: what its messages do to its stream, and what the stream then sends.
struct ChunkViewer {
    private enum Phase {
        case streaming
        /// A returning viewer says what it holds first; what else it says has to wait.
        case holdings(until: ContinuousClock.Instant, waiting: [ViewerStream.Event])
    }

    let model: ServedModel
    let connection: any ViewerConnection
    let services: ViewerServices
    let log: Logger
    private let home: ViewUpdate
    private var stream: ViewerStream
    private var phase = Phase.streaming
    private var lastView: UInt32 = 0
    private var isPaused = false
    private var describedTextures: Set<Int> = []
    private var accounts = SequenceAccounts()

    /// - Parameter home: what is shown before the first view.
    init(
        model: ServedModel, home: ViewUpdate, connection: any ViewerConnection, services: ViewerServices, log: Logger
    ) {
        self.model = model
        self.home = home
        self.connection = connection
        self.services = services
        self.log = log
        var limits = StreamLimits()
        limits.viewInterval = .milliseconds(services.configuration.rankingMilliseconds)
        stream = ViewerStream(plan: model.plan, limits: limits)
    }

    /// Sends the first picture, for the newest view if there is one; a viewer that comes back says first what it holds.
    mutating func begin(_ view: ViewUpdate?, isResumed: Bool) {
        if isResumed {
            let deadline = services.clock.now + .seconds(services.configuration.resumeSeconds)
            phase = .holdings(until: deadline, waiting: [])
        } else {
            lastView = view?.sequence ?? 0
            apply(.view(view ?? home))
        }
    }

    /// Whether nothing is sent for now. What the viewer says meanwhile counts.
    mutating func pause(_ isPaused: Bool) {
        guard isPaused != self.isPaused else { return }
        self.isPaused = isPaused
        apply(.pause(isPaused))
    }

    /// When to `wake` it if nothing else happens.
    var nextDeadline: ContinuousClock.Instant? {
        if case .holdings(let deadline, _) = phase { return deadline }
        return stream.nextDeadline
    }

    mutating func wake() {
        if case .holdings(let deadline, _) = phase {
            // It said nothing in time: as if it had nothing.
            if services.clock.now >= deadline { startStreaming() }
        } else {
            apply(.tick)
        }
    }

    var statistics: StreamStatistics { stream.statistics }

    /// For the log, when it has left.
    var summary: Logger.Metadata {
        let statistics = stream.statistics
        return [
            "sent": "\(statistics.sentByteCount)", "chunks": "\(statistics.sentChunkCount)",
            "rankings": "\(statistics.rankingCount)",
        ]
    }

    // MARK: Messages

    /// The viewer's camera; of several that came at once, the newest.
    mutating func take(_ view: ViewUpdate) {
        lastView = view.sequence
        startStreaming(with: view)
    }

    mutating func take(_ holdings: Wire.Holdings) throws(ServiceError) {
        guard holdings.ranges.count.isMultiple(of: 2) else {
            throw ServiceError(.malformed, "Holdings.ranges: pairs are needed")
        }
        apply(.holdings(holdings.kind == .resident ? .resident : .stored, holdings.ranges))
    }

    mutating func take(_ evicted: Wire.Evicted) throws(ServiceError) { try queue(.evicted(evicted.chunks)) }

    mutating func take(_ lost: Wire.Lost) throws(ServiceError) { try queue(.lost(lost.chunks)) }

    mutating func take(_ budget: Wire.Budget) throws(ServiceError) {
        try queue(.budget(gpuByteLimit: budget.gpuByteLimit, gpuByteCount: budget.gpuByteCount))
    }

    mutating func take(_ hint: Wire.Hint) throws(ServiceError) {
        guard hint.treeNodes.isEmpty || (hint.weight >= 1 && hint.weight <= 10) else {
            throw ServiceError(.malformed, "Hint.weight: 1 to 10")
        }
        try queue(.hint(weight: hint.weight, treeNodes: hint.treeNodes))
    }

    /// What a Hello says of limits.
    mutating func take(_ hello: JSONValue) throws(ServiceError) {
        if case .integer(let limit)? = hello["limits"]?["gpuByteCount"], limit > 0 {
            try queue(.budget(gpuByteLimit: UInt64(limit), gpuByteCount: 0))
        }
    }

    mutating func take(_ message: Wire.Acknowledge) throws(ServiceError) {
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

    private mutating func startStreaming(with view: ViewUpdate? = nil) {
        var waiting: [ViewerStream.Event] = []
        if case .holdings(_, let events) = phase {
            waiting = events
            phase = .streaming
        }
        apply(.view(view ?? home))
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
        do throws(ChunkError) {
            let source = try model.chunks.bytes(of: chunk)
            accounts.sent(sequence)
            let kind = model.archive.index.chunks[chunk].kind
            let header = Wire.Chunk.header(sequence: sequence, chunk: UInt32(chunk), kind: kind.rawValue)
            send(.slice(header: header, source: source, range: 0..<source.bytes.count), kind.content)
        } catch {
            send(
                ViewerNotice(
                    code: .damagedChunk, message: "A part of the model is damaged on the server and is not shown.",
                    chunk: chunk))
            if let sequence = accounts.skipped(sequence) {
                apply(.acknowledge(sequence: sequence, hold: .zero, backlogByteCount: 0, decodeRate: 0))
            }
        }
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

    func report() -> ViewerReport {
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
