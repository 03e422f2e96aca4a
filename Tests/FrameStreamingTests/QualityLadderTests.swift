// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

@Suite struct QualityLadderTests {
    private let pixelCount = 1280.0 * 720

    private func conditions(
        _ megabits: Double, draw: Double? = nil, decode: Double? = nil, isStale: Bool = false
    ) -> QualityLadder.Conditions {
        QualityLadder.Conditions(
            linkRate: megabits * 1e6 / 8, isRateKnown: true, isRateStale: isStale, queueDelay: 0, drawSeconds: draw,
            decodeSeconds: decode, pixelCount: pixelCount)
    }

    /// A ladder that has seen frames of an assembly and a link.
    private func ladder(_ megabits: Double, limits: ClosedRange<Double> = 12...30) -> QualityLadder {
        var ladder = QualityLadder(limits: limits)
        ladder.encoded(byteCount: 66_000, pixelCount: Int(pixelCount), quality: 80)
        ladder.adjust(conditions(megabits), at: 0)
        return ladder
    }

    @Test func `The rungs give up quality, then rate above 30, then size, then rate, and end at the floor`() {
        let rungs = QualityLadder.rungs
        for (upper, lower) in zip(rungs, rungs.dropFirst()) {
            #expect(lower.scale <= upper.scale)
            #expect(lower.rate <= upper.rate)
            #expect(lower.quality < upper.quality || lower.scale < upper.scale || lower.rate < upper.rate)
        }
        #expect(rungs.allSatisfy { $0.quality >= 25 && $0.rate >= 12 && $0.scale >= 0.35 })
        #expect(rungs.filter { $0.scale == 0.75 }.allSatisfy { $0.quality >= 50 })
        #expect(rungs.filter { $0.scale == 0.5 }.allSatisfy { $0.quality >= 45 })
        #expect(rungs.last == QualityLadder.Rung(quality: 25, scale: 0.35, rate: 12))
    }

    @Test func `The first measurement says where to begin`() {
        #expect(ladder(100).current == FrameQuality(quality: 85, scale: 1, rate: 30))
        #expect(ladder(10).current.scale == 0.75)
        #expect(ladder(3).current.scale == 0.5)
        #expect(ladder(0.5).current == FrameQuality(quality: 25, scale: 0.35, rate: 12))
    }

    @Test func `Better links never give worse pictures`() {
        var last = QualityLadder.rungs.count
        for megabits in stride(from: 0.3, to: 40, by: 0.3) {
            let rung = ladder(megabits).rung
            #expect(rung <= last)
            last = rung
        }
    }

    @Test func `Down at once and as far as needed, up slowly`() {
        var ladder = ladder(30)
        #expect(ladder.rung == 0)
        ladder.adjust(conditions(4), at: 1)
        let low = ladder.rung
        #expect(low >= 9)
        for frame in 0...33 { ladder.adjust(conditions(4), at: 1 + Double(frame) / 30) }
        var now = 2.2
        for _ in 0..<9 { ladder.adjust(conditions(30), at: now) }
        #expect(ladder.rung == low)
        ladder.adjust(conditions(30), at: now)
        #expect(ladder.rung == low - 1)
        for _ in 0..<200 {
            now += 0.033
            ladder.adjust(conditions(30), at: now)
        }
        #expect(ladder.rung == 0)
    }

    @Test func `During a drag quality rises by one rung at most and small overdrafts are borne`() {
        var ladder = ladder(4)
        let first = ladder.rung
        ladder.dragBegan(at: 2, conditions(4))
        for frame in 0..<300 { ladder.adjust(conditions(60), at: 2 + Double(frame) / 30) }
        #expect(ladder.rung == first - 1)
        ladder.dragEnded()
        ladder.dragBegan(at: 13, conditions(60))
        #expect(ladder.rung == 0)
    }

    @Test func `A hiccup of the viewer does not cost a whole drag its quality, once in a while`() {
        var ladder = ladder(60)
        ladder.dragBegan(at: 1, conditions(60))
        ladder.adjust(conditions(3), at: 1.1)
        let low = ladder.rung
        #expect(low > 8)
        for frame in 0..<6 { ladder.adjust(conditions(60), at: 1.3 + Double(frame) / 30) }
        #expect(ladder.rung == 0)
        // Again at once: then it is the link.
        ladder.adjust(conditions(3), at: 2)
        for frame in 0..<30 { ladder.adjust(conditions(60), at: 2.1 + Double(frame) / 30) }
        #expect(ladder.rung >= low - 1)
    }

    @Test func `A slow renderer or decoder costs size, not quality`() {
        for shortage in [Shortage.renderer, .decoder] {
            var ladder = ladder(100)
            for frame in 0..<40 {
                let scale = ladder.current.scale
                let seconds = 0.05 * scale * scale
                let isDecoder = shortage == .decoder
                ladder.adjust(
                    conditions(100, draw: isDecoder ? 0.001 : seconds, decode: isDecoder ? seconds : 0.001),
                    at: Double(frame) / 30)
            }
            #expect(ladder.current.scale == 0.75)
            #expect(ladder.current.quality == 85)
            #expect(ladder.shortage == shortage)
        }
    }

    @Test func `After a moment of load the size comes back, although triangles fill the time there is`() {
        var ladder = ladder(100)
        for frame in 0..<7 { ladder.adjust(conditions(100, draw: 0.05), at: Double(frame) / 20) }
        #expect(ladder.current.scale < 1)
        for frame in 0..<200 { ladder.adjust(conditions(100, draw: 0.024), at: 1 + Double(frame) / 30) }
        #expect(ladder.current.scale == 1)
    }

    @Test func `A size that proves too large is tried less and less often`() {
        var ladder = ladder(100)
        var tries: [Double] = []
        for frame in 0..<3600 {
            let (now, before) = (Double(frame) / 30, ladder.current.scale)
            ladder.adjust(conditions(100, draw: before == 1 ? 0.05 : 0.025), at: now)
            if ladder.current.scale > before { tries.append(now) }
        }
        #expect((3...8).contains(tries.count))
        let pauses = zip(tries, tries.dropFirst()).map { $1 - $0 }
        #expect(pauses == pauses.sorted() && (pauses.last ?? 0) > 30)
        #expect(ladder.current.quality == 85)
    }

    @Test func `Where a smaller picture is not cheaper, the rate is lowered instead`() {
        var ladder = ladder(100)
        for frame in 0..<100 { ladder.adjust(conditions(100, draw: 0.05), at: Double(frame) / 20) }
        #expect(ladder.current.scale == 1)
        #expect(abs(ladder.current.rate - 20) < 0.5)
        for frame in 0..<200 { ladder.adjust(conditions(100, draw: 0.005), at: 20 + Double(frame) / 20) }
        #expect(ladder.current.rate == 30)
    }

    @Test func `Below the floor the other path is advised, after a while`() {
        var ladder = ladder(0.2)
        #expect(ladder.hopeless(at: 0) == nil)
        for frame in 0..<30 { ladder.adjust(conditions(0.2), at: Double(frame) / 10) }
        #expect(ladder.hopeless(at: 3) == .link)
        ladder.adjust(conditions(5), at: 3)
        #expect(ladder.hopeless(at: 3) == nil)
    }

    @Test func `Without measurements an empty queue lets quality rise again`() {
        var ladder = ladder(1)
        let first = ladder.rung
        for frame in 0..<40 { ladder.adjust(conditions(1, isStale: true), at: 5 + Double(frame) / 10) }
        #expect(ladder.rung < first)
    }

    @Test func `The size model learns what a picture takes`() {
        var sizes = SizeModel()
        for _ in 0..<30 { sizes.add(byteCount: 20_000, pixelCount: pixelCount, quality: 50, chroma: .half) }
        #expect(abs(sizes.byteCount(pixelCount: pixelCount, quality: 50, chroma: .half) - 20_000) < 1)
        let smaller = sizes.byteCount(pixelCount: pixelCount / 4, quality: 50, chroma: .half)
        // 4^0.85 is 3.25.
        #expect(abs(20_000 / smaller - 3.25) < 0.06)
        #expect(sizes.byteCount(pixelCount: pixelCount, quality: 90, chroma: .half) > 35_000)
        #expect(sizes.byteCount(pixelCount: pixelCount, quality: 50, chroma: .full) > 26_000)
    }
}

extension QualityLadder {
    fileprivate mutating func encoded(byteCount: Int, pixelCount: Int, quality: Int) {
        encoded(byteCount: byteCount, pixelCount: Double(pixelCount), quality: quality, chroma: .half)
    }
}
