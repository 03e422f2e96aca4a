// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

/// Links, decoders and people that are not ideal.
@Suite struct LinkBehaviourTests {
    private func run(_ person: SimulatedPerson, until end: Double, _ decider: some FrameDecider) -> SimulatedRecord {
        var simulation = FrameSimulation(decider, people: [person])
        simulation.run(until: end)
        return simulation.record(0)
    }

    private func scheduled(
        _ person: SimulatedPerson, until end: Double
    ) -> (SimulatedRecord, FrameStatistics) {
        var simulation = FrameSimulation(FrameScheduler(), people: [person])
        simulation.run(until: end)
        let statistics = simulation.decider.statistics(of: 0, at: simulation.instant) ?? FrameStatistics()
        return (simulation.record(0), statistics)
    }

    @Test(arguments: [0, 0.007, 0.014, 0.021, 0.028])
    func `When the link drops to a fifth, latency peaks once and is back within a second`(phase: Double) {
        let path = SimulatedPath(
            segments: [.init(from: 0, rate: 20e6), .init(from: 10 + phase, rate: 4e6)], roundTrip: 0.04)
        let record = run(PacingTableTests.person(path), until: 32, FrameScheduler())
        #expect(record.worstLatency(in: 5...10) < 0.11)
        #expect(record.worstLatency(in: 10...31) < 0.48)
        #expect(record.worstLatency(in: 11...31) < 0.15)
        #expect(record.latency(0.5, in: 12...30) < 0.11)
        #expect(record.framesPerSecond(in: 12...30) > 28)
    }

    @Test func `When the link recovers, quality does too, one rung at a time`() {
        let path = SimulatedPath(
            segments: [.init(from: 0, rate: 20e6), .init(from: 5, rate: 2e6), .init(from: 10, rate: 40e6)],
            roundTrip: 0.04)
        var person = PacingTableTests.person(path)
        person.drags = stride(from: 1.0, to: 60, by: 2).map { $0...($0 + 1.5) }
        let (record, statistics) = scheduled(person, until: 62)
        let low = record.moving(in: 8...9.9)
        #expect(low.allSatisfy { $0.scale < 0.6 })
        #expect(statistics.rung <= 1)
        #expect(record.moving(in: 40...60).allSatisfy { $0.scale == 1 && $0.quality >= 78 })
        // During one drag: at most one rung.
        for drag in person.drags where drag.lowerBound > 12 {
            let qualities = Set(
                record.orders.filter { drag.contains($0.at) && $0.order.purpose == .moving }
                    .map { [Double($0.order.quality), $0.order.view.width] })
            #expect(qualities.count <= 2)
        }
    }

    @Test func `A slow decoder is not sent more than it presents`() {
        var person = PacingTableTests.person(SimulatedPath(megabits: 50, roundTrip: 0.03))
        person.decodeSeconds = 0.06
        let record = run(person, until: 32, FrameScheduler())
        #expect(record.latency(0.5, in: 5...30) < 0.26)
        #expect(record.worstLatency(in: 5...30) < 0.3)
        #expect(record.framesPerSecond(in: 5...30) > 14)
    }

    @Test func `Acknowledging on receipt would hide a decoder's queue`() {
        var person = PacingTableTests.person(SimulatedPath(megabits: 50, roundTrip: 0.03))
        person.decodeSeconds = 0.06
        person.manner = .hasty
        let record = run(person, until: 32, FrameScheduler())
        #expect(record.latency(0.5, in: 20...30) > 3)
    }

    @Test func `A link that is not used to its limit keeps its quality`() {
        // 100 Mbit/s and a round trip that would make an estimate by acknowledged bytes say 4 Mbit/s.
        var person = PacingTableTests.person(SimulatedPath(megabits: 100, roundTrip: 0.15))
        person.byteCount = 66_000
        let (record, statistics) = scheduled(person, until: 32)
        #expect(record.moving(in: 3...30).allSatisfy { $0.quality == 85 && $0.scale == 1 })
        #expect(abs((statistics.linkRate ?? 0) / (100e6 / 8) - 1) < 0.1)
        #expect(statistics.shortage == .nothing)
    }

    @Test func `The rate is measured within a twentieth`() {
        for megabits in [2.0, 5, 10, 20, 50] {
            let person = PacingTableTests.person(SimulatedPath(megabits: megabits, roundTrip: 0.05))
            let (_, statistics) = scheduled(person, until: 20)
            #expect(abs((statistics.linkRate ?? 0) / (megabits * 1e6 / 8) - 1) < 0.08)
        }
    }

    @Test func `On loopback the device is the limit`() {
        var person = PacingTableTests.person(SimulatedPath(megabits: 8000, roundTrip: 0.0002))
        person.limits.framesPerSecond = 60
        person.limits.lowestFramesPerSecond = 60
        person.refreshSeconds = 1.0 / 240
        var device = SimulatedDevice()
        device.drawSeconds = 0.02
        device.pixelShare = 0
        device.encodeSeconds = 0.008
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: [person])
        simulation.run(until: 21)
        #expect(simulation.record(0).framesPerSecond(in: 5...20) >= 0.9 * 50)
    }

    @Test(arguments: [true, false]) func `Without a rate to hold, the device draws all the time`(holdsRate: Bool) {
        var person = PacingTableTests.person(SimulatedPath(megabits: 8000, roundTrip: 0.0002))
        person.limits.framesPerSecond = 22
        person.limits.holdsRate = holdsRate
        person.refreshSeconds = 1.0 / 240
        var device = SimulatedDevice()
        device.drawSeconds = 0.02
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: [person])
        simulation.run(until: 21)
        let record = simulation.record(0)
        let rate = record.framesPerSecond(in: 5...20)
        #expect(holdsRate ? abs(rate - 22) < 0.5 : rate > 0.98 * 50)
        // What a picture may take, and its quality, are those of the rate that is aimed at.
        for (at, order) in record.orders where order.purpose == .moving && at > 5 {
            #expect(order.quality == 85 && order.view.width == 1280)
            #expect(abs((order.targetMilliseconds ?? 0) - 800 / 22) < 0.01)
        }
        #expect(record.latency(0.5, in: 5...20) < 0.06)
    }

    @Test func `A viewer that says nothing gets a few frames and is told about`() {
        var person = PacingTableTests.person(SimulatedPath(megabits: 20, roundTrip: 0.04))
        person.manner = .silent
        let (record, statistics) = scheduled(person, until: 31)
        #expect(record.sent.count >= 2)
        #expect(record.sent.count <= 1 + FramePacer.largestTrickle)
        #expect(record.notices.map(\.notice) == [.silent])
        #expect(record.notices.allSatisfy { $0.at < 5 })
        #expect(statistics.isSilent)
    }

    @Test func `A lying viewer gets no more than an honest one could show`() {
        var person = PacingTableTests.person(SimulatedPath(megabits: 5, roundTrip: 0.04))
        person.manner = .lying
        let (record, statistics) = scheduled(person, until: 31)
        #expect(statistics.ignoredCount > 100)
        #expect(statistics.unshownCount <= FramePacer.largestWindow)
        #expect(record.sent.count < 31 * 31)
        #expect((statistics.linkRate ?? 0).isFinite)
    }

    @Test(arguments: 1...12) func `Quality does not swing on a link that does`(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        var segments: [SimulatedPath.Segment] = []
        for number in 0..<60 {
            segments.append(.init(from: Double(number), rate: (4 + 12 * random.unit()) * 1e6))
        }
        var person = PacingTableTests.person(SimulatedPath(segments: segments, roundTrip: 0.05))
        person.limits.lowestFramesPerSecond = 12
        person.drags = stride(from: 1.0, to: 58, by: 4).map { $0...($0 + 3.5) }
        let (record, statistics) = scheduled(person, until: 60)
        // The link changes 60 times; quality follows its falls, and rises slowly.
        #expect(statistics.rungsDown <= 40)
        var turns = 0
        var last = 0
        let moving = record.moving(in: 2...60)
        for (before, after) in zip(moving, moving.dropFirst()) {
            let change = Double(after.quality) * after.scale - Double(before.quality) * before.scale
            guard change != 0 else { continue }
            if last != 0, (change > 0) != (last > 0) { turns += 1 }
            last = change > 0 ? 1 : -1
        }
        #expect(turns <= 30)
        #expect(record.latency(0.95, in: 2...58) < 0.3)
    }
}

/// A generator whose numbers are the same everywhere.
struct TestRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }

    mutating func unit() -> Double { Double(next() & 0xFFFF_FFFF) / 4_294_967_296 }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}
