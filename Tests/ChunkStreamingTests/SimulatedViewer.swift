// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

@testable import ChunkStreaming

/// A viewer behind a link of a given rate, delay and buffer, on hand-moved time. It acknowledges as the browser does:
/// every 16 KiB, or 20 ms after the first chunk that it has not acknowledged.
struct SimulatedViewer {
    let plan: StreamPlan
    /// Bytes per second.
    let rate: Double
    /// Seconds each way.
    let delay: Double
    var stream: ViewerStream
    private(set) var scratch = RankingScratch()

    /// Seconds.
    private(set) var now = 0.0
    private let epoch = ContinuousClock.now
    private var linkFreeAt = 0.0
    private var arriving: [(time: Double, message: Sent)] = []
    private var acknowledging: [(time: Double, sequence: UInt32, hold: Double)] = []
    private var unacknowledged: (bytes: Int, firstAt: Double, last: UInt32, lastAt: Double)?
    private var upward: [(time: Double, event: ViewerStream.Event)] = []

    struct Sent: Equatable {
        var sequence: UInt32
        var chunk: Int
        var byteCount: Int
        var sentAt: Double
        var isRecall = false
    }

    /// All chunk messages, in order of sending, and when each has arrived.
    private(set) var sent: [Sent] = []
    private(set) var arrivals: [Double] = []
    private(set) var settled: [(view: UInt32, time: Double)] = []
    private(set) var actions: [ViewerStream.Action] = []
    var losesAcknowledgement: (UInt32) -> Bool = { _ in false }
    var isSilent = false
    /// Bytes per second that the viewer decodes; 0: no limit.
    var decodeRate = 0.0
    private var decodedAt = 0.0

    init(_ plan: StreamPlan, megabits: Double, roundTrip: Double, limits: StreamLimits = StreamLimits()) {
        self.plan = plan
        rate = megabits * 125_000
        delay = roundTrip / 2
        stream = ViewerStream(plan: plan, limits: limits)
    }

    var receivedByteCount: Int { arriving.isEmpty ? sent.reduce(0) { $0 + $1.byteCount } : deliveredBytes }
    private var deliveredBytes: Int { zip(sent, arrivals).reduce(0) { $0 + ($1.1 <= now ? $1.0.byteCount : 0) } }

    /// Says something; the server hears it half a round trip later.
    mutating func say(_ event: ViewerStream.Event) { upward.append((now + delay, event)) }

    mutating func look(_ view: ViewState, _ sequence: UInt32, threshold: Float = 1, isMoving: Bool = false) {
        say(.view(ViewUpdate(sequence: sequence, view: view, thresholdPixels: threshold, isMoving: isMoving)))
    }

    /// Lets time pass until `end`, or until `condition`.
    mutating func run(until end: Double, while condition: (SimulatedViewer) -> Bool = { _ in true }) {
        while condition(self) {
            let next = nextEvent()
            guard next <= end else {
                now = max(now, end)
                return
            }
            now = max(now, next)
            step()
        }
    }

    private func nextEvent() -> Double {
        var times = [Double.infinity]
        if let first = arriving.first { times.append(first.time) }
        if let first = acknowledging.first { times.append(first.time) }
        if let first = upward.first { times.append(first.time) }
        if let unacknowledged { times.append(unacknowledged.firstAt + 0.02) }
        if let deadline = stream.nextDeadline { times.append(epoch.duration(to: deadline).seconds) }
        return times.min() ?? .infinity
    }

    private mutating func step() {
        while let first = arriving.first, first.time <= now {
            arriving.removeFirst()
            receive(first.message)
        }
        if let waiting = unacknowledged, waiting.firstAt + 0.02 <= now { acknowledge() }
        var events: [ViewerStream.Event] = []
        while let first = upward.first, first.time <= now {
            events.append(first.event)
            upward.removeFirst()
        }
        while let first = acknowledging.first, first.time <= now {
            acknowledging.removeFirst()
            let backlog = decodeRate > 0 ? Int(max(0, decodedAt - now) * decodeRate) : 0
            events.append(
                .acknowledge(
                    sequence: first.sequence, hold: .seconds(first.hold), backlogByteCount: backlog,
                    decodeRate: Int(decodeRate)))
        }
        if let deadline = stream.nextDeadline, epoch.duration(to: deadline).seconds <= now { events.append(.tick) }
        for event in events { handle(event) }
    }

    private mutating func receive(_ message: Sent) {
        if decodeRate > 0 { decodedAt = max(decodedAt, now) + Double(message.byteCount) / decodeRate }
        if isSilent { return }
        var waiting = unacknowledged ?? (0, now, message.sequence, now)
        waiting.bytes += message.byteCount
        (waiting.last, waiting.lastAt) = (message.sequence, now)
        unacknowledged = waiting
        if waiting.bytes >= 16_384 { acknowledge() }
    }

    private mutating func acknowledge() {
        guard let waiting = unacknowledged else { return }
        unacknowledged = nil
        if losesAcknowledgement(waiting.last) { return }
        acknowledging.append((now + delay, waiting.last, now - waiting.lastAt))
    }

    /// Gives the stream an event now and puts what it sends on the link.
    mutating func handle(_ event: ViewerStream.Event) {
        for action in stream.handle(event, at: epoch.advanced(by: .seconds(now)), using: &scratch) {
            actions.append(action)
            switch action {
            case .sendChunk(let sequence, let chunk):
                put(
                    Sent(
                        sequence: sequence, chunk: chunk, byteCount: Int(plan.chunks[chunk].byteCount) + 10, sentAt: now
                    ))
            case .recall(let sequence, let chunk):
                put(Sent(sequence: sequence, chunk: chunk, byteCount: 9, sentAt: now, isRecall: true))
            case .settled(let view, _): settled.append((view, now))
            case .sendGeometry, .sendMaterial: break
            }
        }
    }

    private mutating func put(_ message: Sent) {
        linkFreeAt = max(linkFreeAt, now) + Double(message.byteCount) / rate
        sent.append(message)
        arrivals.append(linkFreeAt + delay)
        arriving.append((linkFreeAt + delay, message))
    }

    /// Bytes that left the server's hands before `time` and reach the viewer after it hears of `time`.
    func bytesInFlight(at time: Double) -> Int {
        zip(sent, arrivals).reduce(0) { sum, item in
            item.0.sentAt <= time && item.1 - delay > time ? sum + item.0.byteCount : sum
        }
    }

    /// Share of the time between two moments in which the link was sending.
    func utilisation(from start: Double, to end: Double) -> Double {
        let bytes = zip(sent, arrivals).reduce(0.0) { sum, item in
            let done = item.1 - delay
            let began = done - Double(item.0.byteCount) / rate
            return sum + max(0, min(done, end) - max(began, start)) * rate
        }
        return bytes / (rate * (end - start))
    }

    func queue(limit: Int) -> [RankedChunk] {
        var scratch = RankingScratch()
        return stream.queue(limit: limit, at: epoch.advanced(by: .seconds(now)), using: &scratch)
    }
}
