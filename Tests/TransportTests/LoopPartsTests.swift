// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Transport

@Suite struct LoopClockTests {
    let start = ContinuousClock.now

    @Test func `looks that come in time leave the clock alone`() {
        var clock = LoopClock()
        for second in 1...3 {
            clock.planned(for: start + .seconds(second))
            clock.looked(at: start + .seconds(second))
        }
        #expect(clock.time(at: start + .seconds(3)) == start + .seconds(3))
    }

    @Test func `a stall does not count`() {
        var clock = LoopClock()
        clock.planned(for: start + .seconds(1))
        clock.looked(at: start + .seconds(71))
        #expect(clock.lag == .seconds(70))
        #expect(clock.time(at: start + .seconds(72)) == start + .seconds(2))
        // The time without anything to look at does.
        clock.planned(for: start + .seconds(1000))
        clock.looked(at: start + .seconds(1000))
        #expect(clock.lag == .seconds(70))
    }
}

@Suite struct BodyPaceTests {
    let start = ContinuousClock.now

    func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `each window needs its bytes`() {
        var pace = BodyPace(bytesPerSecond: 10, window: .seconds(30), now: start)
        let early = pace.holds(now: at(29))
        pace.received(300)
        let first = pace.holds(now: at(30))
        pace.received(299)
        let beforeEnd = pace.holds(now: at(59))
        let second = pace.holds(now: at(60))
        #expect([early, first, beforeEnd, second] == [true, true, true, false])
    }

    @Test func `time in which the peer is held does not count`() {
        var pace = BodyPace(bytesPerSecond: 10, window: .seconds(30), now: start)
        pace.hold()
        let whileHeld = pace.holds(now: at(1000))
        pace.resume(now: at(1000))
        let after = pace.holds(now: at(1029))
        let late = pace.holds(now: at(1030))
        #expect([whileHeld, after, late] == [true, true, false])
    }

    @Test func `a rate of zero lets any pace pass`() {
        var pace = BodyPace(bytesPerSecond: 0, window: .seconds(30), now: start)
        #expect(pace.windowEnd == nil)
        let holds = pace.holds(now: at(100_000))
        #expect(holds)
    }
}

@Suite struct DescriptorBudgetTests {
    @Test func `where there are enough descriptors, connections are as configured`() {
        let budget = DescriptorBudget(descriptorCount: 20_000, wanted: 2048, reserved: 256)
        #expect(budget.connectionCount == 2048)
        #expect(budget.refusedCount == DescriptorBudget.refusedConnectionCount)
        #expect(budget.firstReservedNumber == 19_744)
    }

    @Test func `connections, those that are refused, and files fit together`() {
        for count in [2, 16, 100, 256, 1024, 2048, 4096] {
            let budget = DescriptorBudget(descriptorCount: count, wanted: 2048, reserved: 256)
            #expect(budget.connectionCount >= 1)
            #expect(budget.connectionCount + budget.refusedCount + budget.reservedCount <= count)
        }
        #expect(DescriptorBudget(descriptorCount: 1024, wanted: 2048, reserved: 256).connectionCount == 704)
        // Files leave connections half of few.
        #expect(DescriptorBudget(descriptorCount: 256, wanted: 2048, reserved: 256).connectionCount == 96)
    }

    @Test func `a cut says all numbers and what to do`() {
        let notice = ListenerNotice.connectionsCut(
            configured: 2048, allowed: 704, descriptorCount: 1024, reservedCount: 256)
        for part in ["2048", "704", "1024", "256", "ulimit -n"] { #expect("\(notice)".contains(part)) }
    }
}

@Suite struct InboxTests {
    @Test func `what is read is gone, whatever the pieces`() {
        var random = SeededGenerator(seed: 5)
        var (inbox, expected) = (Inbox(), [UInt8]())
        for round in 0..<2000 {
            let piece = (0..<random.index(below: 50)).map { UInt8(truncatingIfNeeded: $0 + round) }
            piece.withUnsafeBytes { inbox.append($0) }
            expected += piece
            let count = random.index(below: expected.count + 1)
            inbox.skip(count)
            expected.removeFirst(count)
            if Array(inbox.unread) != expected { Issue.record("round \(round) differs") }
            #expect(inbox.count == expected.count)
        }
        #expect(inbox.takeAll() == expected)
        #expect(inbox.isEmpty)
    }
}
