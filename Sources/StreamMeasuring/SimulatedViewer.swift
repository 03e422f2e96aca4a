// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkStreaming
package import ModelStorage
import StreamCore

/// A link in virtual time: bytes are served in order at a rate and arrive half a round trip later.
package struct SimulatedLink: Equatable, Sendable {
    /// Bits per second.
    package var rate: Double
    /// Seconds.
    package var roundTrip: Double

    package init(rate: Double, roundTrip: Double) {
        self.rate = rate
        self.roundTrip = roundTrip
    }

    var bytesPerSecond: Double { rate / 8 }
}

/// One viewer of an archive at the far end of a simulated link, in virtual time: the same state machine that serves real
/// viewers decides what is sent; the viewer acknowledges as the browser does and keeps everything.
package struct SimulatedViewer {
    package struct Arrival: Sendable {
        /// Seconds since the connection was made.
        package var time: Double
        /// Received so far, this message included.
        package var byteCount: Int
        package var chunk: UInt32
        /// When the server handed it to the link.
        package var sentAt: Double
    }

    package private(set) var arrivals: [Arrival] = []
    /// When the server said that everything was sent, if it has.
    package private(set) var settledAt: Double?
    /// Of all messages so far.
    package private(set) var byteCount = 0
    /// Seconds in which the link served bytes, out of those while something was missing.
    package private(set) var busySeconds = 0.0

    private let archive: Archive
    private let link: SimulatedLink
    private var stream: ViewerStream
    private var scratch = RankingScratch()
    private let start = ContinuousClock.now
    private var now = 0.0
    private var freeAt = 0.0
    /// Ascending by time.
    private var underway: [(at: Double, event: Underway)] = []
    private var first = 0
    private var unacknowledged = 0
    private var lastAcknowledgedAt = 0.0
    private var isSettled = false

    private enum Underway {
        case chunk(sequence: UInt32, chunk: UInt32, byteCount: Int, sentAt: Double)
        case acknowledgement(sequence: UInt32)
    }

    /// Of a WebSocket frame and of the message in it.
    private static let chunkOverhead = 4 + 10
    private static let geometryByteCount = 64
    private static let materialByteCount = 600
    private static let acknowledgedByteCount = 16_384
    private static let acknowledgedSeconds = 0.02

    /// Connects: what is sent without being asked is on its way.
    package init(_ archive: Archive, plan: StreamPlan, link: SimulatedLink) {
        self.archive = archive
        self.link = link
        stream = ViewerStream(plan: plan)
    }

    package var statistics: StreamStatistics { stream.statistics }
    package var time: Double { now }

    /// The viewer looks somewhere; the server hears of it half a round trip later.
    package mutating func look(_ update: ViewUpdate) {
        isSettled = false
        settledAt = nil
        run(until: now + link.roundTrip / 2)
        handle(.view(update))
    }

    /// Lets time pass until everything that the view needs has arrived, or until `limit` seconds have passed.
    package mutating func settle(limit: Double) {
        let end = now + limit
        while now < end, !(isSettled && isEmpty) {
            guard let next = nextTime, next <= end else { return }
            step(to: next)
        }
    }

    package mutating func run(until end: Double) {
        while let next = nextTime, next <= end { step(to: next) }
        now = max(now, end)
    }

    private var isEmpty: Bool { !underway[first...].contains { if case .chunk = $0.event { true } else { false } } }

    private var nextTime: Double? {
        let arrival = first < underway.count ? underway[first].at : .infinity
        let tick = stream.nextDeadline.map { start.duration(to: $0).inSeconds } ?? .infinity
        let time = min(arrival, max(tick, now))
        return time.isFinite ? time : nil
    }

    private mutating func step(to time: Double) {
        now = max(now, time)
        guard first < underway.count, underway[first].at <= now else { return handle(.tick) }
        let event = underway[first].event
        first += 1
        if first > 4096 {
            underway.removeFirst(first)
            first = 0
        }
        switch event {
        case .chunk(let sequence, let chunk, let bytes, let sentAt): receive(sequence, chunk, bytes, sentAt)
        case .acknowledgement(let sequence):
            handle(.acknowledge(sequence: sequence, hold: .zero, backlogByteCount: 0, decodeRate: 0))
        }
    }

    private mutating func receive(_ sequence: UInt32, _ chunk: UInt32, _ bytes: Int, _ sentAt: Double) {
        byteCount += bytes
        arrivals.append(Arrival(time: now, byteCount: byteCount, chunk: chunk, sentAt: sentAt))
        unacknowledged += bytes
        guard
            unacknowledged >= SimulatedViewer.acknowledgedByteCount || isEmpty
                || now - lastAcknowledgedAt >= SimulatedViewer.acknowledgedSeconds
        else { return }
        unacknowledged = 0
        lastAcknowledgedAt = now
        insert(.acknowledgement(sequence: sequence), at: now + link.roundTrip / 2)
    }

    private mutating func handle(_ event: ViewerStream.Event) {
        let actions = stream.handle(event, at: start.advanced(by: .seconds(now)), using: &scratch)
        for action in actions {
            switch action {
            case .sendMaterial: serve(SimulatedViewer.materialByteCount)
            case .sendGeometry: serve(SimulatedViewer.geometryByteCount)
            case .sendChunk(let sequence, let chunk):
                let bytes = Int(archive.index.chunks[chunk].byteCount) + SimulatedViewer.chunkOverhead
                byteCount -= bytes
                serve(bytes)
                insert(
                    .chunk(sequence: sequence, chunk: UInt32(chunk), byteCount: bytes, sentAt: now),
                    at: freeAt + link.roundTrip / 2)
            case .recall: break
            case .settled:
                isSettled = true
                settledAt = freeAt + link.roundTrip / 2
            }
        }
    }

    /// The link takes a message; its bytes count as received, which a chunk's caller takes back until it arrives.
    private mutating func serve(_ bytes: Int) {
        freeAt = max(freeAt, now) + Double(bytes) / link.bytesPerSecond
        busySeconds += Double(bytes) / link.bytesPerSecond
        byteCount += bytes
    }

    private mutating func insert(_ event: Underway, at time: Double) {
        var position = underway.count
        while position > first, underway[position - 1].at > time { position -= 1 }
        underway.insert((time, event), at: position)
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
