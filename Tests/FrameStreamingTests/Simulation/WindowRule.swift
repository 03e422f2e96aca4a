// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

@testable import FrameStreaming

/// Simpler rules, for comparison: frames of one viewer at a fixed rate, with a bound of frames on their way.
struct WindowRule: FrameDecider {
    enum Rule: Sendable {
        /// As many as the rate gives, at quality 80.
        case push
        /// So many that are not presented, at the quality of the same ladder as the scheduler's.
        case window(Int)
    }

    let rule: Rule
    private var ladder = QualityLadder(limits: 30...30)
    private var link = LinkEstimate()
    private var camera: CameraUpdate?
    private var isDirty = false
    private var isDrawing = false
    private var unshown: [UInt32] = []
    private var frame: UInt32 = 0
    private var orders: [UInt32: FrameOrder] = [:]
    private var slot = -1.0
    private var epoch: ContinuousClock.Instant?

    init(_ rule: Rule) { self.rule = rule }

    mutating func handle(
        _ event: FrameEvent, of viewer: Int, at instant: ContinuousClock.Instant
    ) -> [FrameAction] {
        let now = time(instant)
        switch event {
        case .view(let update):
            camera = update
            isDirty = true
        case .drawn: isDrawing = false
        case .encoded(let frame, let byteCount, _, _):
            if let order = orders.removeValue(forKey: frame) {
                ladder.encoded(
                    byteCount: byteCount, pixelCount: order.view.width * order.view.height, quality: order.quality,
                    chroma: .half)
            }
            link.sent(frame: frame, byteCount: byteCount, isFirst: true, at: now)
            return [
                .send(viewer: viewer, frame: frame, offset: 0, byteCount: byteCount, isFirst: true, isLast: true)
            ]
        case .received(let frame, let gap): link.received(frame: frame, gap: gap.inSeconds, at: now)
        case .shown(let frame, _, let decode, _):
            unshown.removeAll { $0 <= frame }
            let conditions = QualityLadder.Conditions(
                linkRate: link.rate, isRateKnown: link.isRateKnown, isRateStale: now - link.measuredAt > 2,
                queueDelay: link.queueDelay, drawSeconds: nil, decodeSeconds: decode.inSeconds,
                pixelCount: 1280 * 720)
            ladder.adjust(conditions, at: now)
        default: break
        }
        return []
    }

    mutating func next(at instant: ContinuousClock.Instant) -> FrameTurn {
        let now = time(instant)
        var turn = FrameTurn()
        guard isDirty, !isDrawing, let camera, camera.isMoving else { return turn }
        if case .window(let count) = rule, unshown.count >= count { return turn }
        guard now >= slot + 1 / 30 - 1e-9 else {
            turn.askAgainAt = instant.advanced(by: .seconds(slot + 1 / 30 - now))
            return turn
        }
        slot = max(slot + 1 / 30, now - 1 / 60)
        isDirty = false
        isDrawing = true
        frame += 1
        unshown.append(frame)
        var quality = ladder.current
        if case .push = rule { quality = FrameQuality(quality: 80, scale: 1, rate: 30) }
        var view = camera.view
        view.width = (view.width * quality.scale).rounded()
        view.height = (view.height * quality.scale).rounded()
        let order = FrameOrder(
            viewer: 0, frame: frame, purpose: .moving, view: view, viewSequence: camera.sequence,
            viewArrivedAt: instant, thresholdPixels: 1, sampleCount: 4, accumulation: 1, targetMilliseconds: nil,
            quality: quality.quality, chroma: .half, depthColumns: 0, depthRows: 0, needsIdentities: false,
            repeats: nil)
        orders[frame] = order
        turn.order = order
        return turn
    }

    private mutating func time(_ instant: ContinuousClock.Instant) -> Double {
        guard let epoch else {
            epoch = instant
            return 0
        }
        return epoch.duration(to: instant).inSeconds
    }
}
