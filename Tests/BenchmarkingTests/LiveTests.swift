// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import StreamService
import Testing
import Transport

@testable import Benchmarking

/// Against the real server, over real sockets. How long things take is not tested.
@Suite(.serialized) struct LiveTests {
    func value(_ name: String, _ run: Run) -> Double? { run.figures.first { $0.name == name }?.value }

    @Test func `the client path is measured from the first picture to the last view`() throws {
        let live = try LiveServer()
        let run = ClientBench(try live.plan()).run { _, _ in }
        #expect(run.failure == nil)
        let first = try #require(value("firstPictureBytes", run))
        let settled = try #require(value("settledBytes", run))
        #expect(first > 0 && first <= settled)
        let share = try #require(value("bytes95", run))
        #expect(share <= settled)
        #expect(try #require(value("limit", run)) > 0)
        #expect(value("movingRight", run) != nil && value("waste", run) != nil && value("decodeTime", run) != nil)
        #expect(run.series.contains { $0.chart == "Error over bytes" && $0.points.last?[1] == 0 })
    }

    @Test func `behind a link everything still arrives`() throws {
        let live = try LiveServer()
        var plan = try live.plan()
        plan.link = try LinkProfile.parse("rate=20,rtt=20")
        let run = ClientBench(plan).run { _, _ in }
        #expect(run.failure == nil)
        let trip = try #require(value("roundTrip", run))
        #expect(trip >= 20)
        #expect(try #require(value("firstPictureTime", run)) >= 20)
        #expect(value("timeEfficiency", run) != nil)
    }

    @Test func `the hybrid path is negotiated, and its pictures come at rest`() throws {
        let live = try LiveServer(draws: true)
        var plan = try live.plan(.orbit)
        (plan.requestedPath, plan.seconds, plan.width, plan.height) = (.hybrid, 1, 320, 180)
        let run = ClientBench(plan).run { _, _ in }
        #expect(run.failure == nil)
        #expect(try #require(value("bytes95", run)) > 0)
        #expect(value("bytes.still", run) != nil && value("bytes.lossless", run) != nil)
    }

    @Test func `a load's steps find that a few viewers are no load`() throws {
        let live = try LiveServer()
        var options = LoadBench.Options()
        (options.first, options.most, options.stepSeconds) = (2, 4, 1)
        options.limits.latencyMilliseconds = 60_000
        let run = LoadBench(try live.plan(.orbit), options).run { _, _ in }
        #expect(run.failure == nil)
        #expect(value("knee", run) == 4)
    }

    @Test func `a model that is not there is said to be missing`() throws {
        let live = try LiveServer()
        var plan = try live.plan()
        plan.model = "nothing"
        let run = ClientBench(plan).run { _, _ in }
        #expect(run.failure?.contains("the server closed the connection") == true, "\(run.failure ?? "")")
    }

    @Test func `the server path without a renderer says so`() throws {
        let live = try LiveServer()
        let run = ServerBench(try live.plan()).run { _, _ in }
        #expect(run.failure?.contains("the server closed the connection") == true, "\(run.failure ?? "")")
    }

    @Test func `nobody at the address is said`() throws {
        var plan = BenchPlan(server: ServerURL(port: 1), model: "m", path: try StandardPath.orbit.load())
        plan.seconds = 0.5
        let run = ClientBench(plan).run { _, _ in }
        #expect(run.failure?.contains("connect: Connection refused") == true, "\(run.failure ?? "")")
        #expect(throws: BenchmarkError.self) { try ServedModels(of: ServerURL(port: 1)) }
    }

    @Test func `a server that dies leaves what was measured`() throws {
        let live = try LiveServer()
        var plan = try live.plan()
        plan.seconds = 20
        let listener = live.server.listener
        nonisolated(unsafe) var isMoving = false
        let run = ClientBench(plan).run { what, share in
            if what == "moving", share > 0.05, !isMoving {
                isMoving = true
                listener.stop()
            }
        }
        #expect(run.failure != nil)
        #expect(value("firstPictureBytes", run) != nil)
    }

    @Test func `models are listed and found by their content`() throws {
        let live = try LiveServer()
        #expect(try ServedModels(of: live.url).id(of: live.archive) == "m")
        let counters = try ServerCounters(of: live.url)
        #expect(counters.privateByteCount > 0 && counters.privateByteCount < counters.residentByteCount)
        #expect(throws: BenchmarkError.self) { try live.url.get("/api/v1/nothing") }
    }

    @Test func `an interruption ends a run at once`() throws {
        let live = try LiveServer()
        var plan = try live.plan()
        plan.isInterrupted = { true }
        #expect(ClientBench(plan).run { _, _ in }.failure == "interrupted")
    }
}

@Suite struct SpeedTests {
    @Test func `a turn and a step are measured as speeds`() {
        let a = OrbitPose(focus: .zero, azimuth: 0.5, elevation: 0, distance: 0.001).view(width: 64, height: 64)
        let b = OrbitPose(focus: Double3(0.1, 0, 0), azimuth: 0.6, elevation: 0, distance: 0.001).view(
            width: 64, height: 64)
        let speeds = PathDriver.speeds(from: a, to: b, seconds: 0.1)
        #expect(abs(speeds.angular.y - 1) < 0.01)
        #expect(abs(speeds.linear.x - 1) < 0.01)
    }

    @Test func `a jump has no speed`() {
        let a = OrbitPose(focus: .zero, azimuth: 0, elevation: 0, distance: 1).view(width: 64, height: 64)
        let b = OrbitPose(focus: .zero, azimuth: 3, elevation: 0, distance: 1).view(width: 64, height: 64)
        #expect(PathDriver.speeds(from: a, to: b, seconds: 0.03).linear == .zero)
    }
}
