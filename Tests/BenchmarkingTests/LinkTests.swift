// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Benchmarking

@Suite struct LinkProfileTests {
    @Test func `profiles, keys and both together are read`() throws {
        let plain = try #require(try LinkProfile.parse("4g"))
        #expect(plain.downRate == 20e6 && plain.upRate == 10e6 && plain.roundTrip == 0.05)
        let own = try #require(try LinkProfile.parse("rate=5,rtt=80,jitter=10,buffer=200,loss=1,drop=1@3"))
        #expect(own.downRate == 5e6 && own.upRate == 5e6 && own.roundTrip == 0.08)
        #expect(own.jitter == 0.01 && own.buffer == 0.2 && own.loss == 0.01)
        #expect(own.drop == LinkProfile.Drop(rate: 1e6, at: 3))
        let both = try #require(try LinkProfile.parse("3g,rtt=300,up=0.5"))
        #expect(both.downRate == 2e6 && both.upRate == 0.5e6 && both.roundTrip == 0.3)
        #expect(try LinkProfile.parse("none") == nil)
    }

    @Test(arguments: [
        ("5g", "no link is called"), ("rtt=40", "rate=MBIT is missing"), ("rate=-1,rtt=40", "rate goes from"),
        ("rate=20,rtt=x", "rtt goes from"), ("rate=20,loss=90", "loss goes from"), ("rate=20,speed=3", "no key"),
        ("rate=20,drop=4", "drop needs"), ("rate=20,rtt", "not key=value"), ("", "no link is called"),
        ("rate=nan,rtt=1", "rate goes from"),
    ])
    func `impossible links are refused with a reason`(text: String, part: String) {
        let error = #expect(throws: BenchmarkError.self) { try LinkProfile.parse(text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}

@Suite struct ShapedDirectionTests {
    func link(_ text: String) throws -> LinkProfile { try #require(try LinkProfile.parse(text)) }

    /// Offers bytes as fast as they are taken, and returns what arrives when.
    func saturate(_ direction: inout ShapedDirection, seconds: Double) -> [(at: Double, byteCount: Int)] {
        var arrivals: [(at: Double, byteCount: Int)] = []
        var now = 0.0
        while now < seconds {
            arrivals.append((direction.take(byteCount: 4096, at: now), 4096))
            now = direction.roomAt(now)
        }
        return arrivals
    }

    @Test(arguments: ["rate=20,rtt=40", "rate=2,rtt=150", "rate=100,rtt=20,jitter=2"])
    func `rate and delay are right within a tenth`(text: String) throws {
        let profile = try link(text)
        var direction = ShapedDirection(profile, isDown: true, seed: 1)
        let arrivals = saturate(&direction, seconds: 5)
        let span = arrivals[arrivals.count - 1].at - arrivals[0].at
        let bytes = arrivals.dropFirst().reduce(0) { $0 + $1.byteCount }
        #expect(abs(Double(bytes) * 8 / span / profile.downRate - 1) < 0.1)
        var idle = ShapedDirection(profile, isDown: true, seed: 2)
        let delay = idle.take(byteCount: 1, at: 10) - 10
        #expect(delay >= profile.roundTrip / 2 && delay <= profile.roundTrip / 2 + profile.jitter + 0.001)
    }

    @Test func `bytes arrive in order whatever the jitter and the loss`() throws {
        var direction = ShapedDirection(try link("rate=10,rtt=60,jitter=50,loss=5"), isDown: true, seed: 3)
        let arrivals = saturate(&direction, seconds: 3).map(\.at)
        #expect(arrivals == arrivals.sorted())
    }

    @Test func `the buffer is as deep as it says`() throws {
        var direction = ShapedDirection(try link("rate=8,rtt=0,buffer=100"), isDown: true, seed: 1)
        // 8 Mbit/s are 1000 bytes a millisecond.
        for _ in 0..<50 { _ = direction.take(byteCount: 2000, at: 0) }
        #expect(abs(direction.roomAt(0) - 0) < 1e-9)
        _ = direction.take(byteCount: 2000, at: 0)
        #expect(abs(direction.roomAt(0) - 0.002) < 1e-9)
    }

    @Test func `a lost packet holds up what follows for a round trip`() throws {
        var sound = ShapedDirection(try link("rate=100,rtt=100"), isDown: true, seed: 1)
        var lossy = ShapedDirection(try link("rate=100,rtt=100,loss=50"), isDown: true, seed: 1)
        let late = (0..<20).map { _ in lossy.take(byteCount: 4096, at: 0) - sound.take(byteCount: 4096, at: 0) }
        #expect(late.allSatisfy { $0 > -1e-9 && $0 < 0.1 + 1e-9 })
        #expect(late.contains { $0 > 0.09 })
    }

    @Test func `the rate drops when its time has come`() throws {
        var direction = ShapedDirection(try link("rate=80,rtt=0,drop=8@2"), isDown: true, seed: 1)
        direction.start(at: 100)
        #expect(abs(direction.take(byteCount: 10_000, at: 101) - 101.001) < 1e-9)
        #expect(abs(direction.take(byteCount: 10_000, at: 103) - 103.01) < 1e-9)
    }

    @Test func `the same seed gives the same link`() throws {
        let profile = try link("rate=10,rtt=60,jitter=50,loss=2")
        var (a, b) = (ShapedDirection(profile, isDown: true, seed: 9), ShapedDirection(profile, isDown: true, seed: 9))
        #expect(saturate(&a, seconds: 1).map(\.at) == saturate(&b, seconds: 1).map(\.at))
    }
}
