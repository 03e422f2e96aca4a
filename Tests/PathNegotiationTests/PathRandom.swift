// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation

/// Facts, measures and policies at random, nonsense among them. The same seed gives the same.
struct PathRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }

    mutating func unit() -> Double { Double(next() & 0xFFFF_FFFF) / 4_294_967_296 }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func element<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Between these powers of ten; sometimes nothing that can be.
    private mutating func value(_ low: Double, _ high: Double, _ hasNonsense: Bool) -> Double {
        if hasNonsense, below(12) == 0 {
            return element([.nan, .infinity, -.infinity, -1, 0, 1e300, -1e300, .leastNonzeroMagnitude])
        }
        var result = 1.0
        let exponent = low + unit() * (high - low)
        for _ in 0..<Int(abs(exponent)) { result *= exponent < 0 ? 0.1 : 10 }
        return result * (1 + unit())
    }

    private mutating func perhaps(_ low: Double, _ high: Double, _ hasNonsense: Bool) -> Double? {
        below(4) == 0 ? nil : value(low, high, hasNonsense)
    }

    mutating func policy() -> PathPolicy {
        let allowed = below(12) == 0 ? [] : ViewerPath.allCases.filter { _ in below(3) > 0 }
        return PathPolicy(
            allowed: Set(allowed), source: "this token", fixed: below(6) == 0 ? element(ViewerPath.allCases) : nil)
    }

    mutating func device(hasNonsense: Bool) -> DeviceFacts {
        var facts = DeviceFacts()
        facts.hasWebGL2 = element([true, true, true, true, false, nil])
        facts.hasWebAssembly = element([true, true, true, true, true, false, nil])
        facts.isSoftwareRenderer = element([false, false, true, nil])
        facts.renderer = element(["", "llvmpipe", "Apple M1"])
        facts.trianglesPerSecond = perhaps(4, 9, hasNonsense)
        facts.pixelsPerSecond = perhaps(7, 10, hasNonsense)
        facts.memoryGiB = perhaps(-1, 1, hasNonsense)
        facts.gpuByteLimit = below(2) == 0 ? nil : value(5, 9, hasNonsense)
        facts.triangleLimit = below(2) == 0 ? nil : value(4, 8, hasNonsense)
        facts.pictureWidth = perhaps(2, 3, hasNonsense)
        facts.imagePixelsPerSecond = perhaps(6, 9, hasNonsense)
        facts.dracoBytesPerSecond = perhaps(5, 8, hasNonsense)
        facts.isMobile = below(3) == 0
        facts.savesData = below(5) == 0
        facts.canShowFrames = below(8) > 0
        facts.contextLossCount = hasNonsense ? element([0, 0, 0, 1, 2, -1, .max, .min]) : element([0, 0, 0, 1, 2])
        return facts
    }

    mutating func link(hasNonsense: Bool) -> LinkFacts {
        LinkFacts(bytesPerSecond: perhaps(4, 8, hasNonsense), roundTripSeconds: perhaps(-3, 0, hasNonsense))
    }

    mutating func server(hasNonsense: Bool) -> ServerFacts {
        let retry = perhaps(0, 2, hasNonsense)
        let state = element([
            ServerFacts.State.ready, .ready, .ready, .ready, .starting, .off(reason: "x"),
            .unavailable(reason: "lost", retrySeconds: retry),
        ])
        return ServerFacts(
            state: state, hasRoom: below(5) > 0, load: value(-2, 0.1, hasNonsense), isCPU: below(2) == 0,
            drawSeconds: perhaps(-3, 0, hasNonsense), encodeSeconds: perhaps(-3, -1, hasNonsense),
            frameByteCount: perhaps(3, 6, hasNonsense), framesPerSecond: value(0.5, 1.8, hasNonsense))
    }

    mutating func model(hasNonsense: Bool) -> ModelFacts {
        ModelFacts(
            firstByteCount: value(3, 5, hasNonsense), cutByteCount: value(4, 8, hasNonsense),
            cutTriangleCount: value(3, 8, hasNonsense), cutGPUByteCount: value(5, 9, hasNonsense),
            coarsestGPUByteCount: value(4, 6, hasNonsense), coarsestTriangleCount: value(2, 5, hasNonsense),
            triangleCount: value(3, 9, hasNonsense))
    }

    mutating func measures(hasNonsense: Bool) -> ClientMeasures {
        var measures = ClientMeasures()
        measures.framesPerSecond = perhaps(0.3, 1.8, hasNonsense)
        measures.latencyMilliseconds = perhaps(1.5, 3.3, hasNonsense)
        measures.errorPixels = perhaps(-1, 2, hasNonsense)
        measures.decodeBacklogByteCount = perhaps(0, 6, hasNonsense)
        measures.hasMemoryPressure = below(12) == 0
        measures.isContextLost = below(12) == 0
        measures.isInteracting = below(3) == 0
        return measures
    }
}
