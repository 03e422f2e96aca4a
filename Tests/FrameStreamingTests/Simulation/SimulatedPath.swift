// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// One direction of a link in virtual time: bytes leave in order at a rate that may change, behind a queue without end,
/// and arrive half a round trip after they have left.
struct SimulatedPath: Sendable {
    struct Segment: Sendable {
        /// Seconds; the first begins at 0.
        var from: Double
        /// Bits per second.
        var rate: Double
    }

    /// Ascending by time.
    let segments: [Segment]
    /// Seconds.
    let roundTrip: Double
    private(set) var freeAt = 0.0

    init(segments: [Segment], roundTrip: Double) {
        self.segments = segments
        self.roundTrip = roundTrip
    }

    init(megabits: Double, roundTrip: Double) {
        self.init(segments: [Segment(from: 0, rate: megabits * 1e6)], roundTrip: roundTrip)
    }

    /// When bytes that are handed over now arrive.
    mutating func send(_ byteCount: Int, at now: Double) -> Double {
        var time = max(freeAt, now)
        var bits = Double(byteCount) * 8
        var index = segments.lastIndex { $0.from <= time } ?? 0
        while index + 1 < segments.count {
            let carried = (segments[index + 1].from - time) * segments[index].rate
            guard carried < bits else { break }
            bits -= carried
            time = segments[index + 1].from
            index += 1
        }
        freeAt = time + bits / segments[index].rate
        return freeAt + roundTrip / 2
    }
}
