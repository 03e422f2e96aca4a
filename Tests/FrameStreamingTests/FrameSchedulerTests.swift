// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

/// Several viewers of one device.
@Suite struct FrameSchedulerTests {
    private func person(from start: Double = 1, until end: Double = 20) -> SimulatedPerson {
        SimulatedPerson(path: SimulatedPath(megabits: 100, roundTrip: 0.02), drags: [start...end])
    }

    /// A device that 30 ms frames of four viewers overload.
    private var slowDevice: SimulatedDevice {
        var device = SimulatedDevice()
        device.drawSeconds = 0.03
        device.pixelShare = 0.3
        return device
    }

    @Test func `Four viewers share a slow device within a quarter of equal`() {
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: slowDevice, people: (0..<4).map { _ in person() })
        simulation.run(until: 21)
        let rates = (0..<4).map { simulation.record($0).framesPerSecond(in: 3...19) }
        let mean = rates.reduce(0, +) / 4
        for rate in rates { #expect(abs(rate - mean) <= 0.25 * mean) }
        #expect(mean > 7)
    }

    @Test func `A fifth viewer sees its first picture at once`() {
        var people = (0..<4).map { _ in person() }
        var fifth = person(from: 30, until: 31)
        fifth.entersAt = 10
        people.append(fifth)
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: slowDevice, people: people)
        simulation.run(until: 20)
        let first = simulation.record(4).shown.first
        #expect((first?.at ?? .infinity) - 10 <= 0.3)
        #expect(first?.purpose == .moving)
    }

    @Test func `A crowd that connects does not stop those who work`() {
        var people = [person()]
        for number in 0..<40 {
            var other = person(from: 30, until: 31)
            other.entersAt = 10 + Double(number) * 0.01
            people.append(other)
        }
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: slowDevice, people: people)
        simulation.run(until: 20)
        let orders = (0...40).flatMap { simulation.record($0).orders }.sorted { $0.at < $1.at }
        // Where whoever works is ready, its frame goes between two first ones; while it is not, the device works on.
        let isFirst = orders.filter { $0.at > 10 && ($0.order.viewer == 0 || $0.order.frame == 1) }.map {
            $0.order.frame == 1
        }
        #expect(isFirst.split(separator: false).map(\.count).max() ?? 0 <= 3)
        let crowd = isFirst[...(isFirst.lastIndex(of: true) ?? 0)]
        #expect(3 * crowd.count { !$0 } >= crowd.count, "a third of the turns at least")
        for id in 1...40 { #expect(!simulation.record(id).shown.isEmpty) }
    }

    @Test func `Many at rest leave most of the device to one who moves`() {
        func movingCount(besides restingCount: Int) -> Int {
            var people = [person()]
            for number in 0..<restingCount {
                var other = person(from: 30, until: 31)
                other.entersAt = 10 + Double(number) * 0.1
                people.append(other)
            }
            var device = slowDevice
            // As a large model's stills are on a processor.
            device.stillFactor = 8
            var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: people)
            simulation.run(until: 20)
            for id in people.indices {
                #expect(simulation.record(id).orders.contains { $0.order.purpose == .still || id == 0 })
            }
            return simulation.record(0).orders.count { $0.order.purpose == .moving && $0.at > 11 }
        }
        #expect(Double(movingCount(besides: 10)) > 0.6 * Double(movingCount(besides: 0)))
    }

    @Test func `Device time is shared, not frames`() {
        var people = [person(), person()]
        people[0].cost = 3
        var device = slowDevice
        device.drawSeconds = 0.02
        device.pixelShare = 0
        // Both always want more than there is.
        for index in people.indices {
            people[index].limits.framesPerSecond = 120
            people[index].limits.lowestFramesPerSecond = 120
        }
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: people)
        simulation.run(until: 21)
        let statistics = (0..<2).map {
            simulation.decider.statistics(of: $0, at: simulation.instant)?.deviceSeconds ?? 0
        }
        #expect(abs(statistics[0] / statistics[1] - 1) < 0.25)
        #expect(simulation.record(1).shown.count > 2 * simulation.record(0).shown.count)
    }

    @Test func `Weights give shares`() {
        var people = [person(), person()]
        people[0].limits.weight = 2
        var device = slowDevice
        device.drawSeconds = 0.05
        device.pixelShare = 0
        for index in people.indices { people[index].limits.lowestFramesPerSecond = 30 }
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: people)
        simulation.run(until: 21)
        let rates = (0..<2).map { simulation.record($0).framesPerSecond(in: 3...19) }
        #expect(rates[0] / rates[1] > 1.5)
        #expect(rates[0] / rates[1] < 2.5)
    }

    @Test func `An overloaded device lowers the rate of the heaviest, and gives it back`() {
        var people = [person(), person()]
        people[0].cost = 2.2
        people[1].drags = [1...10]
        var device = SimulatedDevice()
        device.drawSeconds = 0.012
        var simulation = FrameSimulation(FrameScheduler(), device: device, people: people)
        simulation.run(until: 9)
        let heavy = simulation.decider.statistics(of: 0, at: simulation.instant)
        let light = simulation.decider.statistics(of: 1, at: simulation.instant)
        #expect((heavy?.rate ?? 30) <= 20)
        #expect(light?.rate == 30)
        #expect(simulation.decider.utilization < 1)
        simulation.run(until: 19)
        #expect(simulation.decider.statistics(of: 0, at: simulation.instant)?.rate == 30)
    }

    @Test func `Size is not given up where that makes no frame cheaper`() {
        var device = slowDevice
        device.pixelShare = 0
        var simulation = FrameSimulation(
            FrameScheduler(options: .cpu), device: device, people: (0..<4).map { _ in person() })
        simulation.run(until: 19)
        for id in 0..<4 {
            let orders = simulation.record(id).orders.filter { $0.order.purpose == .moving && $0.at > 8 }
            #expect(orders.count > 60)
            #expect(orders.count { $0.order.view.width == 1280 } * 10 > orders.count * 8)
        }
    }

    @Test func `When nobody can give up more, the heaviest is advised to draw for itself`() {
        var device = slowDevice
        device.drawSeconds = 0.08
        device.pixelShare = 0
        var people = (0..<3).map { _ in person() }
        people[1].cost = 1.5
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: people)
        simulation.run(until: 19)
        let notices = simulation.record(1).notices
        #expect(!notices.isEmpty)
        #expect(notices.count <= 2)
        #expect(notices.allSatisfy { $0.notice == .switchPath(.renderer) })
    }

    @Test func `Bytes beside frames keep the link busy`() {
        var scheduler = FrameScheduler()
        let start = ContinuousClock.now
        _ = scheduler.handle(.entered(ViewerLimits()), of: 1, at: start)
        _ = scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 1, at: start)
        _ = scheduler.handle(.sentBeside(byteCount: 500_000), of: 1, at: start)
        let turn = scheduler.next(at: start)
        #expect(turn.order == nil)
        // Half a second at the rate that is assumed, less the time to make a frame.
        let wait = turn.askAgainAt.map { start.duration(to: $0).seconds } ?? 0
        #expect(wait > 0.4 && wait < 0.5)
    }

    @Test func `Hidden viewers cost nothing, and see the newest view when they come back`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(from: 1, until: 30)])
        simulation.run(until: 5)
        simulation.say(.visibility(false), of: 0)
        simulation.run(until: 5.2)
        let before = simulation.record(0).orders.count
        simulation.run(until: 10)
        #expect(simulation.record(0).orders.count == before)
        simulation.say(.visibility(true), of: 0)
        simulation.run(until: 11)
        #expect(simulation.record(0).orders.count > before + 20)
        #expect(simulation.record(0).latency(0.95, in: 10.2...11) < 0.1)
    }

    @Test func `Picks are drawn in the view of their frame`() {
        var simulation = FrameSimulation(FrameScheduler(), people: [person(from: 1, until: 3)])
        simulation.run(until: 2)
        let shown = simulation.record(0).shown.last?.frame ?? 0
        simulation.say(.pick(request: 9, frame: shown), of: 0)
        simulation.run(until: 2.5)
        let orders = simulation.record(0).orders.map(\.order)
        let pick = orders.first { $0.purpose == .pick(request: 9) }
        let source = orders.first { $0.frame == shown }
        #expect(pick?.view.orientation == source?.view.orientation)
        #expect(pick?.needsIdentities == true)
        #expect(pick?.frame == 0)
    }

    @Test func `What fails is tried again, but not without end`() {
        var scheduler = FrameScheduler()
        let start = ContinuousClock.now
        _ = scheduler.handle(.entered(ViewerLimits()), of: 1, at: start)
        _ = scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 1, at: start)
        var count = 0
        var time = 0.0
        while time < 10 {
            let instant = start.advanced(by: .seconds(time))
            if let order = scheduler.next(at: instant).order {
                count += 1
                _ = scheduler.handle(.failed(frame: order.frame), of: 1, at: instant)
            }
            time += 0.001
        }
        #expect(count > 3)
        #expect(count < 12)
    }

    @Test func `Where stills fail, a moving frame shows the view, and stills are tried ever more rarely`() {
        var scheduler = FrameScheduler()
        let start = ContinuousClock.now
        _ = scheduler.handle(.entered(ViewerLimits()), of: 1, at: start)
        _ = scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 1, at: start)
        var counts: [Bool: Int] = [:]
        for step in 0..<10_000 {
            let instant = start.advanced(by: .milliseconds(step))
            guard let order = scheduler.next(at: instant).order else { continue }
            counts[order.purpose == .moving, default: 0] += 1
            if order.purpose != .moving {
                _ = scheduler.handle(.failed(frame: order.frame), of: 1, at: instant)
                continue
            }
            _ = scheduler.handle(
                .drawn(frame: order.frame, drawing: .milliseconds(3), readback: .zero, isComplete: true), of: 1,
                at: instant)
            _ = scheduler.handle(
                .encoded(frame: order.frame, byteCount: 1000, encoding: .milliseconds(1)), of: 1, at: instant)
            _ = scheduler.handle(.received(frame: order.frame, gap: .microseconds(300)), of: 1, at: instant)
            _ = scheduler.handle(
                .shown(frame: order.frame, isSkipped: false, decode: .milliseconds(1), latency: .zero), of: 1,
                at: instant)
        }
        #expect((2...12).contains(counts[true] ?? 0))
        #expect((3...12).contains(counts[false] ?? 0))
    }

    @Test func `Old views, invalid views and unknown viewers change nothing`() {
        var scheduler = FrameScheduler()
        let now = ContinuousClock.now
        #expect(scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 5, at: now).isEmpty)
        #expect(scheduler.next(at: now).order == nil)
        _ = scheduler.handle(.entered(ViewerLimits()), of: 5, at: now)
        var broken = ViewState.test
        broken.eye.x = .nan
        _ = scheduler.handle(.view(CameraUpdate(sequence: 3, view: broken)), of: 5, at: now)
        #expect(scheduler.next(at: now).order == nil)
        var other = ViewState.test
        other.eye.x = 8
        _ = scheduler.handle(.view(CameraUpdate(sequence: 2, view: other)), of: 5, at: now)
        _ = scheduler.handle(.view(CameraUpdate(sequence: 1, view: .test)), of: 5, at: now)
        let order = scheduler.next(at: now).order
        #expect(order?.viewSequence == 2)
        #expect(order?.view.eye.x == 8)
        #expect(order?.frame == 1)
        #expect(scheduler.next(at: now).order == nil)
    }
}

extension ViewState {
    static let test = ViewState(
        eye: Double3(0, 0, 5), orientation: Double4(0, 0, 0, 1), projection: .perspective(tangent: 0.3), width: 1280,
        height: 720)
}
