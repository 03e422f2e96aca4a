// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

/// Events in any order, true and false: nothing traps, and what is promised holds.
@Suite struct RandomEventTests {
    private struct Promise {
        var lastFrame: UInt32 = 0
        var drawing: Set<UInt32> = []
        var encoding: Set<UInt32> = []
        var sending: UInt32?
        var sendingOffset = 0
        var lastSent: UInt32 = 0
    }

    @Test(arguments: 1...8) func `Ten thousand random events break no promise`(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        let options = seed % 2 == 0 ? SchedulerOptions.cpu : SchedulerOptions()
        var scheduler = FrameScheduler(options: options)
        let start = ContinuousClock.now
        var now = 0.0
        var promises: [Int: Promise] = [:]
        var outstanding: [(viewer: Int, frame: UInt32)] = []
        var nextViewer = 0
        var orderCount = 0

        func check(_ actions: [FrameAction]) {
            for action in actions {
                switch action {
                case .send(let viewer, let frame, let offset, let byteCount, let isFirst, let isLast):
                    guard var promise = promises[viewer] else { break }
                    #expect(frame <= promise.lastFrame)
                    #expect(isFirst == (offset == 0))
                    #expect(byteCount >= 0)
                    if isFirst { #expect(frame > promise.lastSent) }
                    if !isFirst {
                        #expect(promise.sending == frame)
                        #expect(promise.sendingOffset == offset)
                    }
                    promise.sending = isLast ? nil : frame
                    promise.sendingOffset = offset + byteCount
                    promise.lastSent = frame
                    promises[viewer] = promise
                case .abandon(let viewer, let frame, let isAnnounced):
                    if isAnnounced { #expect(promises[viewer]?.sending == frame) }
                    if promises[viewer]?.sending == frame { promises[viewer]?.sending = nil }
                    promises[viewer]?.encoding.remove(frame)
                case .notice: break
                }
            }
        }

        for _ in 0..<10_000 {
            now += random.unit() * (random.below(50) == 0 ? 2 : 0.02)
            let instant = start.advanced(by: .seconds(now))
            let viewer = nextViewer == 0 ? 0 : random.below(nextViewer)
            let frame = UInt32(max(0, Int(promises[viewer]?.lastFrame ?? 0) - random.below(6) + 1))
            var event: FrameEvent
            switch random.below(14) {
            case 0:
                guard promises.count < 6 else { continue }
                event = .entered(ViewerLimits())
                check(scheduler.handle(event, of: nextViewer, at: instant))
                promises[nextViewer] = Promise()
                nextViewer += 1
                continue
            case 1:
                guard random.below(20) == 0 else { continue }
                event = .left
            case 2, 3, 4:
                var view = ViewState.test
                view.eye.x = random.below(10) == 0 ? .nan : random.unit()
                view.width = Double(1 + random.below(3000))
                event = .view(
                    CameraUpdate(
                        sequence: UInt32(truncatingIfNeeded: Int(now * 100) - random.below(3)), view: view,
                        angularVelocity: Double3(0, random.unit() * 9, 0), isMoving: random.below(3) > 0))
            case 5: event = random.below(2) == 0 ? .sceneChanged : .dataImproved
            case 6: event = .visibility(random.below(4) > 0)
            case 7: event = .pick(request: 1, frame: frame)
            case 8: event = .received(frame: frame, gap: .milliseconds(random.below(100) - 10))
            case 9:
                event = .shown(
                    frame: frame, isSkipped: random.below(5) == 0, decode: .milliseconds(random.below(60) - 5),
                    latency: .milliseconds(random.below(500)))
            case 10, 11:
                guard !outstanding.isEmpty else { continue }
                let done = outstanding.remove(at: random.below(outstanding.count))
                promises[done.viewer]?.drawing.remove(done.frame)
                if random.below(10) == 0 {
                    event = .failed(frame: done.frame)
                } else {
                    if done.frame > 0 { promises[done.viewer]?.encoding.insert(done.frame) }
                    event = .drawn(
                        frame: done.frame, drawing: .milliseconds(random.below(50)), readback: .milliseconds(1),
                        isComplete: random.below(3) > 0)
                }
                check(scheduler.handle(event, of: done.viewer, at: instant))
                continue
            default:
                let frames = promises[viewer]?.encoding.sorted() ?? []
                guard !frames.isEmpty else { continue }
                let done = frames[random.below(frames.count)]
                promises[viewer]?.encoding.remove(done)
                guard random.below(12) > 0 else {
                    check(scheduler.handle(.failed(frame: done), of: viewer, at: instant))
                    continue
                }
                event = .encoded(
                    frame: done, byteCount: random.below(300_000), encoding: .milliseconds(random.below(20)))
            }
            check(scheduler.handle(event, of: viewer, at: instant))
            if case .left = event { promises[viewer] = nil }
            for _ in 0..<8 {
                let turn = scheduler.next(at: instant)
                check(turn.actions)
                guard let order = turn.order else { break }
                orderCount += 1
                outstanding.append((order.viewer, order.frame))
                #expect(outstanding.count <= options.submissionLimit)
                #expect(promises[order.viewer]?.drawing.isEmpty ?? false)
                promises[order.viewer]?.drawing.insert(order.frame)
                if order.continues {
                    #expect(order.frame == promises[order.viewer]?.lastFrame)
                } else if order.frame > 0 {
                    #expect(order.frame == (promises[order.viewer]?.lastFrame ?? 0) + 1)
                    promises[order.viewer]?.lastFrame = order.frame
                }
                #expect(order.view.isValid)
                #expect((25...100).contains(order.quality))
                #expect(order.accumulation >= 1 && order.accumulation <= options.accumulationLimit)
            }
            for id in promises.keys {
                let count = scheduler.statistics(of: id, at: instant)?.unshownCount ?? 0
                #expect(count <= FramePacer.largestWindow)
            }
        }
        #expect(orderCount > 50)
    }

    @Test func `A permitted frame never exceeds the window`() {
        var random = TestRandom(seed: 3)
        var pacer = FramePacer(targetRate: 60)
        var now = 0.0
        var frame: UInt32 = 0
        var heardAt = 0.0
        for _ in 0..<20_000 {
            now += random.unit() * 0.02
            pacer.expectedByteCount = 1000 + random.below(100_000)
            if pacer.permit(at: now) == .now {
                let isQuiet = pacer.unshownCount >= pacer.window
                frame += 1
                pacer.began(frame: frame, at: now)
                // Beyond the window goes only what goes into silence.
                #expect(!isQuiet || now - heardAt >= 1)
                pacer.sent(
                    frame: frame, byteCount: 1000 + random.below(100_000), isFirst: true, isLast: true, at: now)
            }
            let other = UInt32(max(0, Int(frame) - random.below(4)))
            switch random.below(3) {
            case 0: if pacer.received(frame: other, gap: random.unit() * 0.1, at: now) { heardAt = now }
            case 1: if pacer.presented(frame: other, decodeSeconds: random.unit() * 0.05, at: now) { heardAt = now }
            default: break
            }
            #expect(pacer.unshownCount <= FramePacer.largestWindow)
            #expect((1...FramePacer.largestWindow).contains(pacer.window))
        }
        #expect(frame > 500)
    }
}
