// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import Testing

/// What the just-in-time rule promises over links of five kinds, and what simpler rules do there: an assembly of 66 KB
/// at quality 80, 1280 × 720, wanted 30 times a second; latency from the newest input to presentation.
@Suite struct PacingTableTests {
    struct Link: Sendable, CustomTestStringConvertible {
        var megabits: Double
        var roundTrip: Double
        /// Frames per second and milliseconds to reach.
        var rate: Double
        var latency: Double

        var testDescription: String { "\(megabits) Mbit/s, \(roundTrip * 1000) ms" }
    }

    static let links = [
        Link(megabits: 50, roundTrip: 0.03, rate: 30, latency: 69),
        Link(megabits: 20, roundTrip: 0.04, rate: 30, latency: 93),
        Link(megabits: 10, roundTrip: 0.06, rate: 30, latency: 106),
        Link(megabits: 5, roundTrip: 0.15, rate: 28, latency: 201),
        Link(megabits: 2, roundTrip: 0.1, rate: 27, latency: 154),
    ]
    static let settled = 6.0...30.0

    static func person(_ path: SimulatedPath) -> SimulatedPerson {
        var person = SimulatedPerson(path: path, drags: [1...31])
        // All rules aim at the same rate.
        person.limits.lowestFramesPerSecond = 30
        return person
    }

    static func run(_ decider: some FrameDecider, _ path: SimulatedPath) -> SimulatedRecord {
        var simulation = FrameSimulation(decider, people: [person(path)])
        simulation.run(until: 32)
        return simulation.record(0)
    }

    @Test(arguments: links) func `Just in time, the rate is whole and the latency what the link allows`(link: Link) {
        let path = SimulatedPath(megabits: link.megabits, roundTrip: link.roundTrip)
        let record = PacingTableTests.run(FrameScheduler(), path)
        let rate = record.framesPerSecond(in: PacingTableTests.settled)
        let latency = record.latency(0.5, in: PacingTableTests.settled) * 1000
        #expect(rate >= link.rate * 0.9)
        #expect(latency <= link.latency * 1.1)
        #expect(record.latency(0.95, in: PacingTableTests.settled) * 1000 <= link.latency * 1.3)
        #expect(record.skippedCount <= record.shown.count / 100)
    }

    /// The same rule where the processor draws, as `vantage bench server` measures it: an assembly of 28 KB, of which one
    /// picture takes 28 ms, shown as soon as it is decoded.
    static func processorRun(_ link: Link, drawSeconds: Double) -> SimulatedRecord {
        var device = SimulatedDevice()
        device.drawSeconds = drawSeconds
        device.encodeSeconds = 0.0017
        device.encoderCount = 1
        // Where the picture is smaller, it has more triangles.
        device.pixelShare = 0
        var person = SimulatedPerson(
            path: SimulatedPath(megabits: link.megabits, roundTrip: link.roundTrip), drags: [1...31])
        (person.byteCount, person.decodeSeconds) = (28_000, 0.002)
        (person.viewInterval, person.refreshSeconds) = (1.0 / 60.3, 0.001)
        var simulation = FrameSimulation(FrameScheduler(options: .cpu), device: device, people: [person])
        simulation.run(until: 32)
        return simulation.record(0)
    }

    static let processorLinks = zip(links, [76.0, 94, 126, 213, 171]).map { link, latency in
        Link(megabits: link.megabits, roundTrip: link.roundTrip, rate: 30, latency: latency)
    }

    @Test(arguments: processorLinks)
    func `Where the processor draws, latency is longer by what drawing takes, and by no more`(link: Link) {
        let record = PacingTableTests.processorRun(link, drawSeconds: 0.028)
        let latency = record.latency(0.5, in: PacingTableTests.settled) * 1000
        #expect(record.framesPerSecond(in: PacingTableTests.settled) >= link.rate * 0.97)
        #expect(abs(latency - link.latency) < 1.5)
        let quick = PacingTableTests.processorRun(link, drawSeconds: 0.003)
        #expect(abs(latency - quick.latency(0.5, in: PacingTableTests.settled) * 1000 - 25) < 1)
    }

    @Test(arguments: links) func `A window of one or two frames halves the rate on long links`(link: Link) {
        let path = SimulatedPath(megabits: link.megabits, roundTrip: link.roundTrip)
        let paced = PacingTableTests.run(FrameScheduler(), path)
        for count in 1...2 {
            let record = PacingTableTests.run(WindowRule(.window(count)), path)
            let rate = record.framesPerSecond(in: PacingTableTests.settled)
            #expect(rate <= paced.framesPerSecond(in: PacingTableTests.settled) + 0.5)
            // One frame each latency, or two.
            let latency = record.latency(0.5, in: PacingTableTests.settled)
            #expect(rate <= Double(count) / latency * 1.35 + 1)
        }
    }

    @Test func `Pushing more than the link carries delays frames without bound`() {
        let path = SimulatedPath(megabits: 10, roundTrip: 0.06)
        let record = PacingTableTests.run(WindowRule(.push), path)
        #expect(record.latency(0.5, in: 5...10) > 1)
        #expect(record.latency(0.5, in: 25...30) > 2 * record.latency(0.5, in: 5...10))
    }
}
