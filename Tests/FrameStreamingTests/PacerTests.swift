// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

@Suite struct LinkEstimateTests {
    /// Sends frames one by one over a link and acknowledges them honestly.
    private func feed(
        _ link: inout LinkEstimate, rate: Double, byteCount: Int, count: Int, from frame: UInt32 = 1,
        at start: Double = 0, interval: Double = 0.033
    ) -> Double {
        var now = start
        for number in 0..<UInt32(count) {
            link.sent(frame: frame + number, byteCount: byteCount, isFirst: true, at: now)
            let gap = Double(byteCount) / rate
            link.received(frame: frame + number, gap: gap, at: now + 0.04 + gap)
            now += max(interval, gap)
        }
        return now
    }

    @Test func `The rate is the harmonic mean of the last six gaps`() {
        var samples = RateSamples()
        for gap in [0.01, 0.011, 0.012, 0.013, 0.01, 0.011, 0.012] {
            samples.add(byteCount: 10_000, gap: gap, longestGap: 1, mayLower: true)
        }
        let mean: Double = 60_000 / 0.069
        #expect(abs((samples.rate ?? 0) - mean) < 1)
    }

    @Test func `It falls at once and rises with the mean`() {
        var samples = RateSamples()
        for _ in 0..<6 { samples.add(byteCount: 100_000, gap: 0.01, longestGap: 1, mayLower: true) }
        samples.add(byteCount: 100_000, gap: 0.1, longestGap: 1, mayLower: true)
        #expect(abs((samples.rate ?? 0) - 1e6) < 1)
        samples.add(byteCount: 100_000, gap: 0.01, longestGap: 1, mayLower: true)
        #expect((samples.rate ?? 0) < 2e6)
    }

    @Test func `Small frames, frames after a pause and stills in pieces do not lower it`() {
        var link = LinkEstimate()
        let now = feed(&link, rate: 2e6, byteCount: 50_000, count: 8)
        let before = link.rate
        link.sent(frame: 100, byteCount: 8000, isFirst: true, at: now)
        link.received(frame: 100, gap: 0.2, at: now + 0.3)
        link.sent(frame: 101, byteCount: 50_000, isFirst: true, at: now + 5)
        link.received(frame: 101, gap: 0.3, at: now + 5.4)
        link.sent(frame: 102, byteCount: 20_000, isFirst: true, at: now + 5.5)
        link.sent(frame: 102, byteCount: 20_000, isFirst: false, at: now + 5.7)
        link.received(frame: 102, gap: 0.25, at: now + 5.8)
        #expect(link.rate == before)
        link.sent(frame: 103, byteCount: 50_000, isFirst: true, at: now + 5.9)
        link.received(frame: 103, gap: 0.1, at: now + 6.04)
        #expect(link.rate < before)
    }

    @Test func `A still in pieces that is the first to be measured counts with all of them`() {
        var link = LinkEstimate()
        for piece in 0..<4 {
            link.sent(frame: 1, byteCount: 10_000, isFirst: piece == 0, at: 0.01 * Double(piece))
        }
        link.received(frame: 1, gap: 0.04, at: 0.07)
        #expect(abs(link.rate - 1e6) < 1)
    }

    @Test func `What was sent after an acknowledged frame keeps the link busy`() {
        var link = LinkEstimate()
        _ = feed(&link, rate: 1e6, byteCount: 20_000, count: 8)
        link.sent(frame: 20, byteCount: 20_000, isFirst: true, at: 10)
        link.sent(frame: 21, byteCount: 30_000, isFirst: true, at: 10.001)
        #expect(abs(link.freeAt - 10.05) < 0.001)
        // Half as fast as thought: the second frame is still all on its way.
        link.received(frame: 20, gap: 0.02, at: 10.08)
        #expect(abs(link.freeAt - (10.08 - 0.04 + 0.03)) < 0.003)
        link.received(frame: 21, gap: 0.03, at: 10.11)
        #expect(link.freeAt < 10.08)
        #expect(abs((link.roundTrip ?? 0) - 0.04) < 0.002)
    }

    @Test func `Hostile acknowledgements leave every number usable`() {
        var random = TestRandom(seed: 2)
        for _ in 0..<200 {
            var link = LinkEstimate()
            var now = 0.0
            for frame in 1...UInt32(40) {
                link.sent(frame: frame, byteCount: random.below(200_000), isFirst: random.below(5) > 0, at: now)
                let gaps = [0, 1e-12, -1, 1e9, .infinity, .nan, random.unit()]
                for _ in 0..<random.below(4) {
                    link.received(
                        frame: UInt32(random.below(60)), gap: gaps[random.below(gaps.count)],
                        at: now + random.unit() * 0.1)
                }
                now += 0.1 + random.unit() * 0.1
            }
            #expect(link.rate >= 1000 && link.rate <= 2e9)
            #expect(link.freeAt.isFinite && link.freeAt >= 0)
            #expect(link.queueDelay.isFinite && link.queueDelay >= 0)
            #expect((link.roundTrip ?? 1) > 0)
        }
    }

    @Test func `A gap cannot be longer than the frame was on its way`() {
        var link = LinkEstimate()
        _ = feed(&link, rate: 1e6, byteCount: 20_000, count: 8)
        link.sent(frame: 50, byteCount: 100_000, isFirst: true, at: 0.3)
        link.received(frame: 50, gap: 1000, at: 0.5)
        #expect(link.rate >= 400_000)
    }

    @Test func `The shortest round trip is forgotten after ten seconds`() {
        var minimum = SlidingMinimum(window: 10)
        minimum.add(0.02, at: 0)
        for second in 1...20 { minimum.add(0.05 + Double(second) * 0.001, at: Double(second)) }
        #expect((minimum.value ?? 0) >= 0.06)
        minimum.add(0.01, at: 20.5)
        #expect(minimum.value == 0.01)
    }
}

@Suite struct FramePacerTests {
    /// A pacer that knows its link: 10 Mbit/s, 40 ms; frames of 20 KB take 16 ms.
    private func pacer() -> FramePacer {
        var pacer = FramePacer(targetRate: 30)
        pacer.expectedByteCount = 20_000
        for number in 1...UInt32(8) { _ = exchange(&pacer, number, at: Double(number) * 0.1) }
        return pacer
    }

    private func exchange(_ pacer: inout FramePacer, _ frame: UInt32, at now: Double) -> FramePacer.Permit {
        let permit = pacer.permit(at: now)
        start(&pacer, frame, at: now)
        pacer.received(frame: frame, gap: 0.016, at: now + 0.064)
        pacer.presented(frame: frame, decodeSeconds: 0.005, at: now + 0.08)
        return permit
    }

    private func start(_ pacer: inout FramePacer, _ frame: UInt32, at now: Double, byteCount: Int = 20_000) {
        pacer.began(frame: frame, at: now)
        pacer.drew(seconds: 0.005)
        pacer.encoded(seconds: 0.003)
        pacer.sent(frame: frame, byteCount: byteCount, isFirst: true, isLast: true, at: now + 0.008)
    }

    @Test func `Before anything is known there is one frame`() {
        var pacer = FramePacer(targetRate: 30)
        #expect(pacer.permit(at: 0) == .now)
        pacer.began(frame: 1, at: 0)
        pacer.sent(frame: 1, byteCount: 9000, isFirst: true, isLast: true, at: 0.01)
        #expect(pacer.permit(at: 0.1) != .now)
        pacer.received(frame: 1, gap: 0.01, at: 0.1)
        #expect(pacer.permit(at: 0.1) == .now)
    }

    @Test func `A frame is begun so early that it is ready when the link is free`() {
        var pacer = pacer()
        pacer.targetRate = 120
        start(&pacer, 9, at: 1, byteCount: 60_000)
        // Sent at 1.008, gone at 1.056; the next takes 8 ms to make and may be ready 8 ms early.
        guard case .at(let time) = pacer.permit(at: 1.009) else {
            Issue.record("too early")
            return
        }
        #expect(abs(time - 1.04) < 0.001)
    }

    @Test func `The rate is kept on average although starts are late`() {
        var pacer = pacer()
        #expect(exchange(&pacer, 9, at: 2) == .now)
        #expect(pacer.permit(at: 2.081) == .now)
        _ = exchange(&pacer, 10, at: 2.081)
        guard case .at(let time) = pacer.permit(at: 2.082) else {
            Issue.record("two frames in a row")
            return
        }
        #expect(time > 2.09)
        #expect(time <= 2.081 + 1.0 / 30 + 1e-9)
    }

    @Test func `Two received frames that are not presented stop the next`() {
        var pacer = pacer()
        for frame in UInt32(9)...10 {
            start(&pacer, frame, at: 2 + Double(frame) * 0.03)
            pacer.received(frame: frame, gap: 0.016, at: 2.1 + Double(frame) * 0.03)
        }
        #expect(pacer.receivedCount == 2)
        #expect(pacer.permit(at: 2.5) != .now)
        pacer.presented(frame: 9, decodeSeconds: 0.06, at: 2.5)
        #expect(pacer.permit(at: 2.5) == .now)
    }

    @Test func `A frame that is late stops all others until it is heard of`() {
        var pacer = pacer()
        start(&pacer, 9, at: 2)
        #expect(pacer.permit(at: 2.1) == .now)
        #expect(pacer.permit(at: 2.13) != .now)
        pacer.received(frame: 9, gap: 0.016, at: 2.2)
        #expect(pacer.permit(at: 2.2) == .now)
    }

    @Test func `Silence is answered with three more frames, ever later, then none`() {
        var pacer = pacer()
        start(&pacer, 9, at: 2)
        var starts: [Double] = []
        var now = 2.2
        var frame: UInt32 = 10
        while now < 100 {
            if pacer.permit(at: now) == .now {
                starts.append(now)
                start(&pacer, frame, at: now)
                frame += 1
            }
            now += 0.01
        }
        #expect(starts.count == FramePacer.largestTrickle)
        #expect(pacer.permit(at: 1000) == .whenHeard)
        for (a, b, c) in zip3(starts) { #expect(c - b > (b - a) * 1.5) }
        pacer.presented(frame: 9, decodeSeconds: 0.01, at: 1000)
        pacer.presented(frame: frame - 1, decodeSeconds: 0.01, at: 1000)
        #expect(pacer.permit(at: 1000) == .now)
    }

    private func zip3(_ values: [Double]) -> [(Double, Double, Double)] {
        values.indices.dropLast(2).map { (values[$0], values[$0 + 1], values[$0 + 2]) }
    }

    @Test func `Acknowledgements of what was not sent are not believed`() {
        var pacer = pacer()
        pacer.began(frame: 9, at: 2)
        let isKnown = [
            pacer.received(frame: 9, gap: 0, at: 2), pacer.presented(frame: 9, decodeSeconds: 0, at: 2),
            pacer.received(frame: 77, gap: 0, at: 2), pacer.presented(frame: 1, decodeSeconds: 0, at: 2),
        ]
        #expect(isKnown == [false, false, false, false])
        #expect(pacer.unshownCount == 1)
    }
}
