// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

/// What happens when the camera comes to rest.
@Suite struct StillTests {
    private func person(_ megabits: Double, drags: [ClosedRange<Double>]) -> SimulatedPerson {
        SimulatedPerson(path: SimulatedPath(megabits: megabits, roundTrip: 0.04), drags: drags)
    }

    @Test func `At rest the picture is antialiased, accumulated, then lossless`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(20, drags: [1...2])])
        simulation.run(until: 5)
        let orders = simulation.record(0).orders.filter { $0.at > 2 && !$0.order.continues }
        #expect(orders.map(\.order.purpose).suffix(3) == [.still, .refined, .lossless])
        let stages = orders.suffix(3).map(\.order)
        #expect(stages.map(\.quality) == [88, 95, 100])
        #expect(stages.allSatisfy { $0.chroma == .full && $0.view.width == 1280 })
        #expect(stages[0].needsIdentities && !stages[1].needsIdentities)
        #expect(stages[1].accumulation == 16)
        // Two passes of 3 ms are as much as others are made to wait for.
        #expect(stages[1].passes == 0..<2)
        #expect(stages[2].repeats == stages[1].frame)
        #expect(stages[2].isLossless)
        let times = orders.suffix(3).map(\.at)
        #expect(times[1] >= 2.2)
        #expect(times[2] >= 2.6)
        #expect(simulation.record(0).shown.suffix(3).map(\.purpose) == [.still, .refined, .lossless])
    }

    @Test func `A pointer that is held still counts as rest after 120 milliseconds`() {
        var person = person(50, drags: [])
        person.drags = [1...1.5]
        var simulation = FrameSimulation(FrameScheduler(), people: [person])
        simulation.run(until: 1.4)
        simulation.hold(0)
        simulation.run(until: 1.5)
        #expect(!simulation.record(0).orders.contains { $0.at > 1 && $0.order.purpose == .still })
        simulation.run(until: 1.6)
        #expect(simulation.record(0).orders.last?.order.purpose == .still)
    }

    @Test func `Nothing lossless is begun that takes longer than two seconds`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(1, drags: [1...2])])
        simulation.run(until: 12)
        let purposes = simulation.record(0).orders.map(\.order.purpose)
        #expect(purposes.contains(.refined))
        #expect(!purposes.contains(.lossless))
    }

    @Test func `Stills go in pieces of 20 milliseconds when the link is free`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(5, drags: [1...2])])
        simulation.run(until: 8)
        let record = simulation.record(0)
        let stills = Set(record.orders.filter { $0.order.purpose != .moving }.map(\.order.frame))
        let pieces = record.sent.filter { stills.contains($0.frame) }
        #expect(pieces.count > 20)
        let longest = Int(5e6 / 8 * 0.02 * 1.15)
        #expect(pieces.allSatisfy { $0.byteCount <= longest })
        // The link never holds much more than one piece.
        for (piece, next) in zip(pieces, pieces.dropFirst()) where piece.frame == next.frame {
            #expect(next.at - piece.at >= Double(piece.byteCount) / (5e6 / 8) * 0.6)
        }
    }

    @Test func `New input ends a still at once, and waits for one piece at most`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(5, drags: [1...2, 3.3...4])])
        simulation.run(until: 5)
        let record = simulation.record(0)
        let cancelled = record.cancelled.filter { $0.at > 3 }
        #expect(cancelled.count == 1)
        #expect(abs((cancelled.first?.at ?? 0) - 3.32) < 0.001)
        #expect(!record.sent.contains { $0.frame == cancelled.first?.frame && $0.at > 3.32 })
        let first = record.moving(in: 3.3...4).first
        #expect((first?.latency ?? 1) < 0.14)
    }

    @Test func `Somebody who interacts stops the refinement of others`() {
        var device = SimulatedDevice()
        device.drawSeconds = 0.02
        var options = SchedulerOptions.cpu
        options.accumulationSeconds = 0.4
        let people = [person(100, drags: [1...2]), person(100, drags: [2.22...4])]
        var simulation = FrameSimulation(FrameScheduler(options: options), device: device, people: people)
        simulation.run(until: 6)
        let record = simulation.record(0)
        let refined = record.orders.filter { $0.order.purpose == .refined }
        #expect(!refined.isEmpty)
        // It is finished in the end, when the other rests.
        #expect(record.shown.contains { $0.purpose == .lossless })
        #expect(simulation.record(1).latency(0.95, in: 2.5...4) < 0.15)
    }

    /// A device that is the processor: 28 ms for a moving frame, 56 for a pass of a still.
    private var processor: SimulatedDevice {
        var device = SimulatedDevice()
        device.drawSeconds = 0.028
        device.stillFactor = 2
        return device
    }

    @Test func `Where the processor draws, a refined still is drawn pass by pass and lossless within 1.5 s`() {
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: processor, people: [person(100, drags: [1...2])])
        simulation.run(until: 5)
        let record = simulation.record(0)
        let parts = record.orders.map(\.order).filter { $0.purpose == .refined && $0.viewSequence > 1 }
        #expect(parts.compactMap(\.passes) == (0..<8).map { $0..<$0 + 1 })
        #expect(Set(parts.map(\.frame)).count == 1)
        #expect(parts.map(\.isLastPart) == (0..<8).map { $0 == 7 })
        #expect(record.shown.suffix(3).map(\.purpose) == [.still, .refined, .lossless])
        #expect((record.shown.last?.at ?? 9) - 2 < 1.5)
        #expect(record.orders.last?.order.repeats == parts.first?.frame)
    }

    @Test(arguments: [(0.05, 8), (0.12, 4), (0.25, 0), (0.6, 0)])
    func `There are as many passes as fit in 0.9 s, or none`(seconds: Double, count: Int) {
        var device = processor
        device.drawSeconds = seconds / 2
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: device, people: [person(100, drags: [3...4])])
        simulation.run(until: 8)
        let orders = simulation.record(0).orders.map(\.order)
        #expect(orders.filter { $0.purpose == .refined && $0.viewSequence > 1 }.count == count)
        // What a pass takes is only known after some.
        let first = orders.filter { $0.purpose == .refined && $0.viewSequence == 1 }
        #expect(first.isEmpty == (seconds > 0.5))
        // The dearest pass that is drawn ends in time, too.
        device.drawSeconds = 0.11
        simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: device, people: [person(100, drags: [3...4])])
        simulation.run(until: 8)
        #expect(simulation.record(0).shown.contains { $0.purpose == .refined && $0.at > 4 })
        #expect((simulation.record(0).shown.last?.at ?? 9) - 4 < 1.5)
        #expect(simulation.record(0).shown.last?.purpose == .lossless)
    }

    @Test func `Who moves again waits for one pass at most, and the rest is not drawn`() throws {
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: processor, people: [person(100, drags: [1...2, 2.5...3])])
        simulation.run(until: 5)
        let record = simulation.record(0)
        let parts = record.orders.filter { $0.order.purpose == .refined && (2...2.6).contains($0.at) }
        #expect((2...7).contains(parts.count))
        let next = try #require(record.orders.first { $0.order.purpose == .moving && $0.at > 2.5 })
        #expect(next.at < 2.5 + 0.02 + 0.057)
        #expect(!record.shown.contains { $0.purpose == .refined && (2...3).contains($0.at) })
        #expect(record.shown.last?.purpose == .lossless)
    }

    @Test func `Others' moving frames go between the passes`() throws {
        var device = processor
        device.drawSeconds = 0.01
        let people = [person(100, drags: [1...2]), person(100, drags: [2.1...6])]
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: people)
        simulation.run(until: 8)
        let alone = FrameSimulation(
            FrameScheduler(options: .cpu), device: device, people: [person(100, drags: [2.1...6])])
        var reference = alone
        reference.run(until: 8)
        let refined = simulation.record(0).orders.filter { $0.order.purpose == .refined && $0.at > 2 }
        let (first, last) = try (#require(refined.first), #require(refined.last))
        #expect(last.order.isLastPart)
        let between = simulation.record(1).orders.filter { (first.at...last.at).contains($0.at) }
        #expect(between.count >= 3)
        #expect(simulation.record(0).shown.contains { $0.purpose == .refined && $0.at > 2 })
        let moving = 2.5...6.0
        #expect(
            simulation.record(1).framesPerSecond(in: moving) > 0.95 * reference.record(0).framesPerSecond(in: moving))
        #expect(
            simulation.record(1).latency(0.95, in: moving) < reference.record(0).latency(0.95, in: moving) + 0.017)
    }

    @Test func `Long passes wait while somebody moves, but not without end`() {
        let people = [person(100, drags: [1...2]), person(100, drags: [1...20])]
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: processor, people: people)
        simulation.run(until: 19)
        let parts = simulation.record(0).orders.filter { $0.order.purpose == .refined && $0.at > 2.5 }
        #expect((4...16).contains(parts.count))
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(next.at - part.at > 0.9) }
        #expect(simulation.record(0).shown.last?.purpose == .lossless)
        #expect(simulation.record(1).framesPerSecond(in: 4...19) > 27)
    }

    @Test func `Better data ends the passes of the old picture`() {
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: processor, people: [person(100, drags: [1...2])])
        simulation.run(until: 2.5)
        #expect(simulation.record(0).orders.last?.order.purpose == .refined)
        simulation.say(.dataImproved, of: 0)
        simulation.run(until: 5)
        let purposes = simulation.record(0).orders.filter { $0.at > 2.5 && !$0.order.continues }.map(\.order.purpose)
        #expect(purposes == [.still, .refined, .lossless])
        let shown = simulation.record(0).shown.filter { $0.at > 2 }.map(\.purpose)
        #expect(shown.filter { $0 == .refined }.count == 1)
    }

    @Test func `A part that fails begins the refined still anew`() {
        var scheduler = FrameScheduler(options: .cpu)
        let start = ContinuousClock.now
        var time = 0.0
        var instant: ContinuousClock.Instant { start.advanced(by: .seconds(time)) }
        _ = scheduler.handle(.entered(ViewerLimits()), of: 1, at: start)
        _ = scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 1, at: start)
        var refined: [FrameOrder] = []
        while time < 5 {
            time += 0.002
            guard let order = scheduler.next(at: instant).order else { continue }
            if order.purpose == .refined {
                refined.append(order)
                if refined.count == 3 {
                    _ = scheduler.handle(.failed(frame: order.frame), of: 1, at: instant)
                    continue
                }
            }
            _ = scheduler.handle(
                .drawn(frame: order.frame, drawing: .milliseconds(30), readback: .zero, isComplete: true), of: 1,
                at: instant)
            guard order.isLastPart || order.repeats != nil else { continue }
            _ = scheduler.handle(
                .encoded(frame: order.frame, byteCount: 1000, encoding: .milliseconds(1)), of: 1, at: instant)
            _ = scheduler.handle(
                .received(frame: order.frame, gap: .microseconds(300)), of: 1, at: instant)
            _ = scheduler.handle(
                .shown(frame: order.frame, isSkipped: false, decode: .milliseconds(1), latency: .zero), of: 1,
                at: instant)
        }
        #expect(refined.count == 3 + 8)
        #expect(refined[3].frame > refined[2].frame && refined[3].passes == 0..<1)
        #expect(refined.last?.isLastPart == true)
    }

    @Test func `Better data makes a new still of the same view, not faster than four a second`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(50, drags: [])])
        simulation.run(until: 3)
        let before = simulation.record(0).orders.count
        for step in 0..<50 {
            simulation.say(.dataImproved, of: 0)
            simulation.run(until: 3 + Double(step) * 0.02)
        }
        let stills = simulation.record(0).orders.dropFirst(before).filter { $0.order.purpose == .still }
        #expect(stills.count >= 3)
        #expect(stills.count <= 5)
    }

    @Test func `The schedule says what is due and forgets it on input`() {
        var stills = StillSchedule()
        #expect(stills.next(linkRate: 1e6) == nil)
        stills.changed(isMoving: true, at: 1)
        #expect(stills.next(linkRate: 1e6)?.stage == .still)
        #expect(stills.next(linkRate: 1e6)?.at == 1 + StillSchedule.quiet)
        stills.changed(isMoving: false, at: 2)
        #expect(stills.next(linkRate: 1e6)?.at == 2)
        stills.began(.still, frame: 7, at: 2)
        #expect(stills.next(linkRate: 1e6) == nil)
        stills.drew(frame: 7, isComplete: true)
        let isWanted1 = stills.encoded(frame: 7, byteCount: 50_000, linkRate: 1e6, at: 2.01)
        #expect(isWanted1)
        var offset = 0
        while let piece = stills.takePiece(linkRate: 1e6, at: 2.02) {
            #expect(piece.offset == offset)
            #expect(piece.byteCount <= 20_000)
            offset += piece.byteCount
            #expect(piece.isLast == (offset == 50_000))
        }
        #expect(offset == 50_000)
        #expect(stills.next(linkRate: 1e6)?.stage == .refined)
        #expect(stills.next(linkRate: 1e6)?.at == 2.2)
        stills.changed(isMoving: true, at: 2.1)
        #expect(stills.next(linkRate: 1e6)?.stage == .still)
        let isWanted2 = stills.encoded(frame: 7, byteCount: 1, linkRate: 1e6, at: 3)
        #expect(!isWanted2)
    }

    @Test func `Incomplete pictures are not refined`() {
        var stills = StillSchedule()
        stills.changed(isMoving: false, at: 0)
        stills.began(.still, frame: 1, at: 0)
        stills.drew(frame: 1, isComplete: false)
        let isWanted3 = stills.encoded(frame: 1, byteCount: 10, linkRate: 1e6, at: 0)
        #expect(isWanted3)
        _ = stills.takePiece(linkRate: 1e6, at: 0)
        #expect(stills.next(linkRate: 1e6) == nil)
        stills.dataImproved(isFinal: false, at: 1)
        #expect(stills.next(linkRate: 1e6)?.stage == .still)
        #expect(stills.next(linkRate: 1e6)?.at == 1.25)
        stills.dataCompleted(at: 1.1)
        #expect(stills.next(linkRate: 1e6)?.at == 1.1)
    }

    @Test func `While data is missing, a resting picture is drawn again ten times a second, then refined`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(50, drags: [])])
        simulation.setComplete(false, of: 0)
        simulation.run(until: 1)
        let before = simulation.record(0).orders.count
        for step in 1...50 {
            simulation.say(.dataImproved, of: 0)
            simulation.run(until: 1 + Double(step) * 0.02)
        }
        let partial = simulation.record(0).orders.dropFirst(before).map(\.order.purpose)
        #expect(partial.allSatisfy { $0 == .moving })
        #expect(partial.count >= 8 && partial.count <= 11)
        simulation.setComplete(true, of: 0)
        simulation.say(.dataImproved, of: 0)
        simulation.run(until: 4)
        let last = simulation.record(0).orders.filter { !$0.order.continues }.suffix(3)
        #expect(last.map(\.order.purpose) == [.still, .refined, .lossless])
    }

    @Test func `Who draws for themselves while they move get stills only`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(20, drags: [1...2, 4...5])])
        simulation.run(until: 0.5)
        let before = simulation.record(0).orders.count
        simulation.say(.delivery(.stills), of: 0)
        simulation.run(until: 8)
        let orders = simulation.record(0).orders.dropFirst(before)
        #expect(!orders.contains { $0.order.purpose == .moving })
        #expect(!orders.contains { (1.1...2).contains($0.at) || (4.1...5).contains($0.at) })
        let purposes = orders.map(\.order.purpose)
        #expect(purposes.contains(.still) && purposes.contains(.refined) && purposes.last == .lossless)
        // Better data makes a better still.
        simulation.setComplete(false, of: 0)
        simulation.say(.dataImproved, of: 0)
        simulation.run(until: 9)
        #expect(simulation.record(0).orders.last?.order.purpose == .still)
    }

    @Test func `Who wants no frames gets none, and at once a new one when that is over`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(20, drags: [1...2, 4...5])])
        simulation.run(until: 1.5)
        simulation.say(.delivery(.none), of: 0)
        let before = simulation.record(0).orders.count
        simulation.run(until: 6)
        #expect(simulation.record(0).orders.count == before)
        simulation.say(.delivery(.all), of: 0)
        simulation.run(until: 6.1)
        #expect(simulation.record(0).orders.count > before)
    }

    @Test func `An error of its own takes the place of the views'`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(20, drags: [])])
        simulation.run(until: 2)
        let before = simulation.record(0).orders.count
        simulation.say(.threshold(4), of: 0)
        simulation.run(until: 4)
        let orders = simulation.record(0).orders.dropFirst(before)
        #expect(!orders.isEmpty && orders.allSatisfy { $0.order.thresholdPixels == 4 })
        simulation.say(.threshold(nil), of: 0)
        simulation.run(until: 6)
        #expect(simulation.record(0).orders.last?.order.thresholdPixels == 1)
    }

    @Test func `A good picture at rest does not become coarse when the scene changes`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(20, drags: [1...2])])
        simulation.run(until: 4)
        let before = simulation.record(0).orders.count
        simulation.say(.sceneChanged, of: 0)
        simulation.run(until: 6)
        let orders = simulation.record(0).orders.dropFirst(before).filter { !$0.order.continues }
        #expect(orders.map(\.order.purpose) == [.still, .refined, .lossless])
        #expect((orders.first?.at ?? 9) < 4.1)
    }
}
