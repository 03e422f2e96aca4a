// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a viewer's measures teach for longer than they are true. Times in seconds.
struct PathMeasuring: Sendable {
    /// Measures older than this say nothing about now.
    static let freshSeconds = 5.0
    static let latencySeconds = 30.0
    static let speedSeconds = 300.0
    static let memorySeconds = 60.0
    static let lossSeconds = 600.0
    /// Evidence of an emergency.
    static let emergencyLatencyMilliseconds = 700.0
    static let emergencySeconds = 2.0

    private(set) var measures = ClientMeasures()
    private var measuredAt = -Double.infinity
    private var latency = (seconds: 0.0, at: -Double.infinity)
    private var speed = (factor: 1.0, at: -Double.infinity)
    private var memoryShortAt = -Double.infinity
    private var losses: [Double] = []
    /// Since when the latency has been an emergency.
    private var lateSince: Double?

    // MARK: Taking in

    mutating func take(_ new: ClientMeasures, on path: ViewerPath?, _ inputs: PathInputs, at now: Double) {
        if new.isContextLost, !measures.isContextLost { losses = losses.suffix(7) + [now] }
        if new.hasMemoryPressure { memoryShortAt = now }
        if path == .server, let milliseconds = new.latencyMilliseconds { latency = (milliseconds / 1000, now) }
        if let rate = new.framesPerSecond { learnSpeed(rate, on: path, inputs, at: now) }
        let isLate =
            path == .server && (new.latencyMilliseconds ?? 0) > PathMeasuring.emergencyLatencyMilliseconds
        let wasFresh = now - measuredAt < PathMeasuring.freshSeconds
        lateSince = isLate ? (wasFresh ? lateSince ?? now : now) : nil
        measures = new
        measuredAt = now
    }

    /// A display shows 60 frames at most: at that rate the device is at least as fast as needed.
    private mutating func learnSpeed(_ rate: Double, on path: ViewerPath?, _ inputs: PathInputs, at now: Double) {
        guard let model = inputs.model, let path, path.usesChunks else { return }
        let triangles = path == .client ? model.cutTriangleCount : model.coarsestTriangleCount
        let predicted = PathCostModel.benchmarkRate(inputs.device, triangles: triangles)
        let isCapped = rate >= 0.9 * PathCostModel.displayRate
        let factor = isCapped ? max(1, PathCostModel.displayRate / predicted) : rate / predicted
        speed = (min(max(factor, 1e-4), 1e4), now)
    }

    /// Another path is shown: what was measured on the old one is over.
    mutating func pathChanged() {
        measures.framesPerSecond = nil
        measures.latencyMilliseconds = nil
        measures.errorPixels = nil
        lateSince = nil
    }

    // MARK: At a time

    func isFresh(at now: Double) -> Bool { now < measuredAt + PathMeasuring.freshSeconds }

    func isInteracting(at now: Double) -> Bool { measures.isInteracting && isFresh(at: now) }

    /// Pictures have come far too late for two seconds.
    func isLate(at now: Double) -> Bool {
        guard let lateSince, isFresh(at: now) else { return false }
        return now >= lateSince + PathMeasuring.emergencySeconds
    }

    func apply(to inputs: inout PathInputs, at now: Double) {
        inputs.measures = isFresh(at: now) ? measures : nil
        inputs.latencySeconds = now < latency.at + PathMeasuring.latencySeconds ? latency.seconds : nil
        inputs.speedFactor = now < speed.at + PathMeasuring.speedSeconds ? speed.factor : 1
        inputs.isMemoryShort = now < memoryShortAt + PathMeasuring.memorySeconds
        // A driver that is lost stays so until the viewer says otherwise.
        inputs.isContextLost = measures.isContextLost
        inputs.contextLossCount = losses.count { now < $0 + PathMeasuring.lossSeconds }
    }

    /// When something changes by itself.
    var times: [Double] {
        losses.map { $0 + PathMeasuring.lossSeconds }
            + [
                measuredAt + PathMeasuring.freshSeconds, latency.at + PathMeasuring.latencySeconds,
                speed.at + PathMeasuring.speedSeconds, memoryShortAt + PathMeasuring.memorySeconds,
                (lateSince ?? .infinity) + PathMeasuring.emergencySeconds,
            ]
    }
}
