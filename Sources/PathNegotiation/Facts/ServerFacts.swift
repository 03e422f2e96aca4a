// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the server can draw, for one viewer.
package struct ServerFacts: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case ready
        case starting
        /// It is expected back: the device was lost, or could not be opened.
        case unavailable(reason: String, retrySeconds: Double?)
        /// It is not expected.
        case off(reason: String)
    }

    package var state: State
    /// One more viewer may have pictures. Those who have them keep them.
    package var hasRoom: Bool
    /// Share of the device that is asked for; above 1 it is not enough for all.
    package var load: Double
    /// It draws with the processor.
    package var isCPU: Bool
    package var drawSeconds: Double?
    package var encodeSeconds: Double?
    /// Of a frame in motion.
    package var frameByteCount: Double?
    /// What is aimed at.
    package var framesPerSecond: Double

    package init(
        state: State, hasRoom: Bool = true, load: Double = 0, isCPU: Bool = false, drawSeconds: Double? = nil,
        encodeSeconds: Double? = nil, frameByteCount: Double? = nil, framesPerSecond: Double = 30
    ) {
        self.state = state
        self.hasRoom = hasRoom
        self.load = load
        self.isCPU = isCPU
        self.drawSeconds = drawSeconds
        self.encodeSeconds = encodeSeconds
        self.frameByteCount = frameByteCount
        self.framesPerSecond = framesPerSecond
    }

    /// With numbers that can be, and reasons that fit into a sentence.
    package var checked: ServerFacts {
        var facts = self
        switch state {
        case .unavailable(let reason, let retry):
            facts.state = .unavailable(reason: PathSentences.quoted(reason), retrySeconds: retry)
        case .off(let reason): facts.state = .off(reason: PathSentences.quoted(reason))
        case .ready, .starting: break
        }
        facts.load = load.isFinite ? min(max(load, 0), 1000) : 0
        facts.drawSeconds = drawSeconds.flatMap { (0...60).contains($0) ? $0 : nil }
        facts.encodeSeconds = encodeSeconds.flatMap { (0...60).contains($0) ? $0 : nil }
        facts.frameByteCount = frameByteCount.flatMap { (1...1e9).contains($0) ? $0 : nil }
        facts.framesPerSecond = (1...240).contains(framesPerSecond) ? framesPerSecond : 30
        return facts
    }
}
