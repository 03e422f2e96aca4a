// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import FrameStreaming
import Synchronization

/// Whether the server draws.
package enum RendererAvailability: Equatable, Sendable {
    case off(String)
    /// The device is being opened.
    case starting
    case ready(RendererFacts)
    /// There is no device, or it was lost; it is looked for again.
    case unavailable(reason: String, retrySeconds: Int)

    /// One word, for programs.
    package var name: String {
        switch self {
        case .off: "off"
        case .starting: "starting"
        case .ready: "ready"
        case .unavailable: "unavailable"
        }
    }
}

extension RendererAvailability {
    /// Why nothing is drawn now, in a sentence.
    var objection: String {
        switch self {
        case .off(let reason): "this server does not draw: \(reason)"
        case .unavailable(let reason, _): "this server cannot draw now: \(reason)"
        case .starting, .ready: "this server cannot draw now"
        }
    }
}

/// The device in use, for people.
package struct RendererFacts: Equatable, Sendable {
    package var name: String
    package var kind: String
    package var driver: String
}

/// What the render thread lets others know.
final class RendererState: Sendable {
    private struct Values {
        var availability: RendererAvailability
        var viewerCount = 0
        var facts = RenderFacts()
        var statistics: [Int: FrameStatistics] = [:]
        var refusals: [Int: String] = [:]
        var whenChanged: @Sendable () -> Void = {}
    }

    private let values: Mutex<Values>
    private let started = DispatchSemaphore(value: 0)

    init(_ availability: RendererAvailability) {
        values = Mutex(Values(availability: availability))
        if availability != .starting { started.signal() }
    }

    var value: RendererAvailability { values.withLock { $0.availability } }
    var viewerCount: Int { values.withLock { $0.viewerCount } }
    var facts: RenderFacts { values.withLock { $0.facts } }

    func set(_ availability: RendererAvailability) {
        let (previous, tell) = values.withLock { values in
            defer { values.availability = availability }
            return (values.availability, values.whenChanged)
        }
        let wasStarting = previous == .starting
        if wasStarting, availability != .starting { started.signal() }
        if previous != availability { tell() }
    }

    /// Has `tell` called, on the render thread, whenever it becomes possible or impossible to draw.
    func whenChanged(_ tell: @escaping @Sendable () -> Void) { values.withLock { $0.whenChanged = tell } }

    /// Of each viewer's frames.
    func set(_ statistics: [Int: FrameStatistics]) { values.withLock { $0.statistics = statistics } }
    func statistics(of viewer: Int) -> FrameStatistics? { values.withLock { $0.statistics[viewer] } }

    /// By viewer: why the model that it looks at cannot be drawn. Tells whoever wants to know of changes.
    func set(refusals: [Int: String]) {
        let tell = values.withLock { values -> (@Sendable () -> Void)? in
            defer { values.refusals = refusals }
            return values.refusals == refusals ? nil : values.whenChanged
        }
        tell?()
    }

    func refusal(of viewer: Int) -> String? { values.withLock { $0.refusals[viewer] } }

    func set(_ facts: RenderFacts) { values.withLock { $0.facts = facts } }
    func viewerEntered() { values.withLock { $0.viewerCount += 1 } }
    func viewerLeft() { values.withLock { $0.viewerCount -= 1 } }

    func waitUntilStarted() {
        started.wait()
        started.signal()
    }
}

/// What the render thread has done and holds, for `/api/v1/status` and `/metrics`.
package struct RenderFacts: Equatable, Sendable {
    /// Share of the device that is asked for: frames per second times cost of all viewers.
    package var load = 0.0
    package var sceneCount = 0
    package var gpuByteCount = 0
    package var gpuByteLimit = 0
    package var drawnFrameCount = 0
    /// Of them, those that the device has converted for JPEG.
    package var planesFrameCount = 0
    package var sentFrameCount = 0
    package var sentByteCount = 0
    package var pictureCount = 0
    package var lossCount = 0
    package var drawSeconds = 0.0
    /// Of one picture of a moving camera, lately; 0: not known.
    package var frameSeconds = 0.0
    package var encodeSeconds = 0.0
    package var frameByteCount = 0.0
    /// Pictures a second that are aimed at.
    package var framesPerSecond = 30.0
    package var isCPU = false
}
