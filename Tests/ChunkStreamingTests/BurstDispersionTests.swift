// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ChunkStreaming

@Suite struct BurstDispersionTests {
    @Test func `a burst shows the link's rate, not the round trip`() throws {
        var dispersion = BurstDispersion()
        for number in 1...4 {
            dispersion.arrived(
                sentAt: 0, deliveredByteCount: 16_384 * number, at: 0.08 + Double(16_384 * number) / 2_500_000)
        }
        let rate = try #require(dispersion.rate)
        #expect(abs(rate / 2_500_000 - 1) < 0.01)
    }

    @Test func `too few bytes, or too short a time, say nothing`() {
        var small = BurstDispersion()
        small.arrived(sentAt: 0, deliveredByteCount: 1000, at: 0.02)
        small.arrived(sentAt: 0, deliveredByteCount: 20_000, at: 0.03)
        #expect(small.rate == nil)
        var together = BurstDispersion()
        together.arrived(sentAt: 0, deliveredByteCount: 16_384, at: 0.02)
        together.arrived(sentAt: 0, deliveredByteCount: 65_536, at: 0.02)
        #expect(together.rate == nil, "acknowledgements that were held up and came together")
    }

    @Test func `messages of two bursts are not compared`() {
        var dispersion = BurstDispersion()
        dispersion.arrived(sentAt: 0, deliveredByteCount: 16_384, at: 0.02)
        dispersion.arrived(sentAt: 0.02, deliveredByteCount: 81_920, at: 0.021)
        #expect(dispersion.rate == nil)
    }

    @Test func `the window opens after one round trip to what the path holds`() {
        var window = FlowWindow()
        for sequence in 1...8 { window.sent(sequence: UInt32(sequence), byteCount: 8000, at: 0) }
        for sequence in [2, 4, 6, 8] {
            window.acknowledged(
                sequence: UInt32(sequence), hold: 0, backlogByteCount: 0, decodeRate: 0,
                at: 0.08 + Double(sequence) * 8000 / 2_500_000)
        }
        #expect(window.limit > 2_500_000 * 0.08, "one round trip of 20 Mbit/s and 80 ms")
        #expect(window.limit < 2_500_000 * 0.2)
    }
}
