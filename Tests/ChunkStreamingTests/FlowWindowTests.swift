// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ChunkStreaming

@Suite struct FlowWindowTests {
    /// Sends as much as allowed and acknowledges each message after a round trip, `rounds` times.
    private func run(_ window: inout FlowWindow, rounds: Int, roundTrip: Double, rate: Double, message: Int = 8000) {
        var now = 0.0
        var linkFreeAt = 0.0
        var sequence: UInt32 = 0
        var arrivals: [(time: Double, sequence: UInt32)] = []
        let end = Double(rounds) * roundTrip
        while now < end {
            while window.allows(message, at: now) {
                sequence += 1
                window.sent(sequence: sequence, byteCount: message, at: now)
                linkFreeAt = max(linkFreeAt, now) + Double(message) / rate
                arrivals.append((linkFreeAt + roundTrip, sequence))
            }
            let first = arrivals.removeFirst()
            now = first.time
            window.acknowledged(sequence: first.sequence, hold: 0, backlogByteCount: 0, decodeRate: 0, at: now)
        }
    }

    @Test(arguments: [(0.02, 625_000.0), (0.08, 625_000), (0.02, 12_500_000), (0.08, 12_500_000)])
    func `the window settles at what the path holds`(roundTrip: Double, rate: Double) {
        var window = FlowWindow()
        run(&window, rounds: 60, roundTrip: roundTrip, rate: rate)
        #expect(window.phase == .steady)
        #expect(abs(window.rate / rate - 1) < 0.05)
        #expect(abs(window.shortestRoundTrip - roundTrip) < 0.2 * roundTrip)
        let path = rate * roundTrip
        #expect(window.limit < 1.3 * path + 16_384 + 8000, "slack, and what one acknowledgement covers")
        #expect(window.limit > 1.1 * path)
    }

    @Test func `one message may always leave an idle connection`() {
        let window = FlowWindow()
        #expect(window.allows(100_000_000, at: 0))
    }

    @Test func `a full window waits`() {
        var window = FlowWindow()
        var sequence: UInt32 = 0
        while window.allows(10_000, at: 0), sequence < 100 {
            sequence += 1
            window.sent(sequence: sequence, byteCount: 10_000, at: 0)
        }
        #expect(sequence == 6)
    }

    @Test func `slow samples count only while there was more to send`() {
        var window = FlowWindow()
        run(&window, rounds: 60, roundTrip: 0.04, rate: 2_500_000)
        let rate = window.rate
        var now = 10.0
        for sequence in UInt32(10_000)..<10_030 {
            window.noteNothingToSend()
            window.sent(sequence: sequence, byteCount: 1000, at: now)
            now += 0.5
            window.acknowledged(sequence: sequence, hold: 0.4, backlogByteCount: 0, decodeRate: 0, at: now)
        }
        #expect(window.rate == rate)
    }

    @Test func `acknowledgements of what is not in flight change nothing`() {
        var window = FlowWindow()
        window.sent(sequence: 1, byteCount: 1000, at: 0)
        let known = [0, 2, .max, 1, 1].map { sequence in
            window.acknowledged(sequence: sequence, hold: 0, backlogByteCount: 0, decodeRate: 0, at: 0.1)
        }
        #expect(known == [false, false, false, true, false])
        #expect(window.inFlightByteCount == 0)
    }

    @Test func `a decoder that is behind holds sending until it has caught up`() {
        var window = FlowWindow()
        window.sent(sequence: 1, byteCount: 1000, at: 0)
        window.acknowledged(sequence: 1, hold: 0, backlogByteCount: 200_000, decodeRate: 100_000, at: 0.1)
        #expect(!window.allows(1000, at: 0.1))
        let chance = window.nextChance(at: 0.1)
        #expect(chance.map { $0 > 1 && $0 < 2.1 } == true)
        #expect(window.allows(1000, at: chance ?? 0))
    }

    @Test func `the maximum forgets what is older than its window`() {
        var maximum = WindowedMaximum()
        maximum.add(100, at: 0, window: 1)
        for step in 1...30 { maximum.add(10, at: Double(step) * 0.1, window: 1) }
        #expect(maximum.value == 10)
    }
}
