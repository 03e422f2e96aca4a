// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation

extension DeviceFacts {
    /// A desktop with a graphics card.
    static var fast: DeviceFacts {
        var facts = DeviceFacts()
        facts.hasWebGL2 = true
        facts.hasWebAssembly = true
        facts.isSoftwareRenderer = false
        facts.renderer = "NVIDIA GeForce RTX 3060"
        facts.trianglesPerSecond = 1e9
        facts.pixelsPerSecond = 1e10
        facts.memoryGiB = 8
        facts.pictureWidth = 1280
        facts.pictureHeight = 720
        return facts
    }

    /// One that draws this many triangles a second.
    static func drawing(_ trianglesPerSecond: Double) -> DeviceFacts {
        var facts = fast
        facts.trianglesPerSecond = trianglesPerSecond
        return facts
    }

    static var swiftShader: DeviceFacts {
        var facts = fast
        facts.isSoftwareRenderer = nil
        facts.renderer = "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)"
        facts.trianglesPerSecond = 4e6
        facts.pixelsPerSecond = 4e7
        return facts
    }

    static var noWebGL: DeviceFacts {
        var facts = DeviceFacts()
        facts.hasWebGL2 = false
        facts.hasWebAssembly = true
        return facts
    }
}

extension ModelFacts {
    static let small = ModelFacts(
        firstByteCount: 20_000, cutByteCount: 250_000, cutTriangleCount: 80_000, cutGPUByteCount: 4e6,
        coarsestGPUByteCount: 2e5, coarsestTriangleCount: 4000, triangleCount: 80_000)
    static let huge = ModelFacts(
        firstByteCount: 60_000, cutByteCount: 60e6, cutTriangleCount: 40e6, cutGPUByteCount: 9e8,
        coarsestGPUByteCount: 1e6, coarsestTriangleCount: 20_000, triangleCount: 500e6)
    /// Small enough for any card, and long to arrive.
    static let heavy = ModelFacts(
        firstByteCount: 40_000, cutByteCount: 8e6, cutTriangleCount: 2e6, cutGPUByteCount: 6e7,
        coarsestGPUByteCount: 1e6, coarsestTriangleCount: 20_000, triangleCount: 2e6)
}

extension ServerFacts {
    static let device = ServerFacts(state: .ready, drawSeconds: 0.006, encodeSeconds: 0.006, frameByteCount: 66_000)
    static let none = ServerFacts(state: .off(reason: "it was started with --no-renderer"))
    static let lost = ServerFacts(state: .unavailable(reason: "the device was lost", retrySeconds: 5))
    static let full = ServerFacts(state: .ready, hasRoom: false)
}

extension LinkFacts {
    static func megabits(_ rate: Double) -> LinkFacts {
        LinkFacts(bytesPerSecond: rate * 125_000, roundTripSeconds: 0.04)
    }
}

extension ClientMeasures {
    static func rate(_ framesPerSecond: Double?, errorPixels: Double? = 2) -> ClientMeasures {
        var measures = ClientMeasures()
        measures.framesPerSecond = framesPerSecond
        measures.errorPixels = errorPixels
        return measures
    }

    static func latency(_ milliseconds: Double?) -> ClientMeasures {
        var measures = ClientMeasures()
        measures.latencyMilliseconds = milliseconds
        return measures
    }

    static var contextLost: ClientMeasures {
        var measures = ClientMeasures()
        measures.isContextLost = true
        return measures
    }

    func dragging() -> ClientMeasures {
        var measures = self
        measures.isInteracting = true
        return measures
    }
}
