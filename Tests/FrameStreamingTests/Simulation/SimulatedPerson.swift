// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore

/// What decides about frames: the scheduler, or a simpler rule that it is compared with.
protocol FrameDecider {
    mutating func handle(_ event: FrameEvent, of viewer: Int, at instant: ContinuousClock.Instant) -> [FrameAction]
    mutating func next(at instant: ContinuousClock.Instant) -> FrameTurn
}

extension FrameScheduler: FrameDecider {}

/// The device and the encoders.
struct SimulatedDevice: Sendable {
    /// Seconds for a moving frame of the viewer's full size, and the share of it that depends on pixels.
    var drawSeconds = 0.003
    var pixelShare = 0.5
    /// What a pass of a still costs of a moving frame.
    var stillFactor = 1.0
    var encodeSeconds = 0.0015
    var encoderCount = 2

    func seconds(_ order: FrameOrder, cost: Double) -> Double {
        // The service keeps the pixels of stills.
        if order.repeats != nil { return 0 }
        let share = order.view.width * order.view.height / (1280 * 720)
        let passes = Double(order.passes?.count ?? order.accumulation)
        return drawSeconds * cost * (1 - pixelShare + pixelShare * share) * passes
            * (order.purpose == .moving ? 1 : stillFactor)
    }

    func encodeSeconds(_ order: FrameOrder) -> Double {
        let share = order.view.width * order.view.height / (1280 * 720)
        return encodeSeconds * share * (order.isLossless ? 20 : 1)
    }
}

/// A person at the far end of a link: drags at some times, looks at the rest.
struct SimulatedPerson: Sendable {
    enum Manner: Sendable {
        case honest
        /// Says that a frame was presented as soon as it has arrived.
        case hasty
        /// Acknowledges nothing.
        case silent
        /// Reports gaps of nothing, and every frame twice, and frames that never were.
        case lying
    }

    var path: SimulatedPath
    var entersAt = 0.0
    var leavesAt = Double.infinity
    var drags: [ClosedRange<Double>] = []
    /// Seconds between views during a drag, as pointers report. Not in step with the display, so that latencies are
    /// means over all phases.
    var viewInterval = 0.0081
    var decodeSeconds = 0.006
    var refreshSeconds = 1.0 / 60
    /// Of a frame of 1280 × 720 at quality 80.
    var byteCount = 66_000.0
    /// Device time relative to others.
    var cost = 1.0
    var limits = ViewerLimits()
    var manner = Manner.honest
}

/// What a person saw.
struct SimulatedRecord: Sendable {
    struct Shown: Sendable {
        var frame: UInt32
        var purpose: FramePurpose
        var at: Double
        /// From the newest input in it, seconds.
        var latency: Double
        var quality: Int
        var scale: Double
    }

    var shown: [Shown] = []
    var orders: [(at: Double, order: FrameOrder)] = []
    var sent: [(at: Double, frame: UInt32, byteCount: Int)] = []
    var skippedCount = 0
    var cancelled: [(at: Double, frame: UInt32)] = []
    var notices: [(at: Double, notice: FrameNotice)] = []
    var mostUnshown = 0

    func moving(in range: ClosedRange<Double>) -> [Shown] {
        shown.filter { $0.purpose == .moving && range.contains($0.at) }
    }

    func framesPerSecond(in range: ClosedRange<Double>) -> Double {
        Double(moving(in: range).count) / (range.upperBound - range.lowerBound)
    }

    /// Seconds.
    func latency(_ share: Double, in range: ClosedRange<Double>) -> Double {
        let values = moving(in: range).map(\.latency).sorted()
        return values.isEmpty ? .infinity : values[Int((Double(values.count - 1) * share).rounded())]
    }

    func worstLatency(in range: ClosedRange<Double>) -> Double { latency(1, in: range) }
}
