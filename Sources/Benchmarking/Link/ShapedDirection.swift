// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// One direction of a link: a queue that serves bytes in order at a rate and delivers each some time later. A pure state
/// machine; times are seconds of any clock.
///
/// A lost packet holds up everything behind it for a round trip, as TCP's fast retransmission does: the byte stream that
/// a WebSocket is made of never loses anything, it stalls.
package struct ShapedDirection: Sendable {
    /// Bytes that are taken at once: smaller pieces mix connections and keep the rate even.
    package static let pieceByteCount = 4096
    private static let packetByteCount = 1460.0
    /// The kernel does not send a lost packet again sooner.
    private static let shortestStall = 0.01

    private let delay: Double
    private let jitter: Double
    private let loss: Double
    private let bufferSeconds: Double
    private let stall: Double
    private var bytesPerSecond: Double
    private var drop: LinkProfile.Drop?
    private var startedAt: Double?
    private var random: SeededRandom
    private var freeAt = -Double.infinity
    private var lastArrival = -Double.infinity
    package private(set) var servedByteCount = 0
    /// Seconds in which it served.
    package private(set) var busySeconds = 0.0

    package init(_ profile: LinkProfile, isDown: Bool, seed: UInt64) {
        bytesPerSecond = (isDown ? profile.downRate : profile.upRate) / 8
        delay = profile.roundTrip / 2
        jitter = profile.jitter
        loss = profile.loss
        bufferSeconds = profile.buffer
        stall = max(profile.roundTrip, ShapedDirection.shortestStall)
        drop = isDown ? profile.drop : nil
        random = SeededRandom(seed: seed)
    }

    /// The drop's time counts from here.
    package mutating func start(at now: Double) { startedAt = now }

    /// When another piece may be given to it: while the buffer is full, it takes none.
    package func roomAt(_ now: Double) -> Double { max(now, freeAt - bufferSeconds) }

    /// Takes bytes.
    ///
    /// - Returns: when they arrive at the other end, never before earlier ones.
    package mutating func take(byteCount: Int, at now: Double) -> Double {
        if let drop, let startedAt, now >= startedAt + drop.at {
            bytesPerSecond = drop.rate / 8
            self.drop = nil
        }
        let seconds = Double(byteCount) / bytesPerSecond
        freeAt = max(freeAt, now) + seconds
        servedByteCount += byteCount
        busySeconds += seconds
        var arrival = freeAt + delay
        if jitter > 0 { arrival += jitter * random.unit() }
        if loss > 0 {
            let packets = Double(byteCount) / ShapedDirection.packetByteCount
            if random.unit() < min(1, packets * loss) { arrival += stall }
        }
        lastArrival = max(lastArrival, arrival)
        return lastArrival
    }
}
