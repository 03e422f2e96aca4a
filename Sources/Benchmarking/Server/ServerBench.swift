// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Sockets
import StreamCore

/// Measures the server path: viewers that are sent pictures move along a path and rest.
package struct ServerBench {
    private let plan: BenchPlan
    private let freeRunning: FreeRunning?
    private static let firstFrameSeconds = 30.0
    private static let warmUpSeconds = 6.0
    private static let restSeconds = 5.0

    /// - Parameter freeRunning: what draws the same pictures again without all the rest, after the run.
    package init(_ plan: BenchPlan, freeRunning: FreeRunning? = nil) {
        (self.plan, self.freeRunning) = (plan, freeRunning)
    }

    /// Never throws for what happens in between: the run then says why it is not complete.
    package func run(_ progress: BenchProgress) -> Run {
        var run = Run()
        do throws(BenchmarkError) {
            let stage = try ViewerStage(
                plan.server, model: plan.model, link: plan.link, isInterrupted: plan.isInterrupted)
            defer { stage.close() }
            try measure(stage, &run, progress)
        } catch {
            run.failure = error.description
        }
        return run
    }

    private func measure(_ stage: ViewerStage, _ run: inout Run, _ progress: BenchProgress) throws(BenchmarkError) {
        var options = HeadlessViewer.Options()
        (options.path, options.width, options.height) = (.server, plan.width, plan.height)
        let connectedAt = SocketLoop.now
        for _ in 0..<plan.viewerCount { try stage.add(options) }
        let viewers = stage.viewers
        try stage.waitForWelcome()
        guard let bounds = viewers[0].welcome?.bounds else { return }
        progress("first frame", 0)
        let driver = PathDriver(path: plan.path, bounds: bounds)
        for viewer in viewers { driver.move(viewer, at: 0, isMoving: false) }
        guard
            try stage.wait(
                seconds: ServerBench.firstFrameSeconds,
                until: {
                    viewers.allSatisfy { $0.frames.firstShownAt != nil }
                })
        else { throw BenchmarkError("no frame came within \(ServerBench.firstFrameSeconds.short) s") }
        if let first = viewers[0].frames.firstShownAt {
            run.add("firstFrameTime", "first frame after", "ms", 1000 * (first - connectedAt))
        }
        // What is measured begins at rest: with everything loaded, and no still on its way.
        try stage.wait(seconds: ServerBench.warmUpSeconds) {
            viewers.allSatisfy { $0.frames.hasShownLossless(since: connectedAt) }
        }

        let sampled = viewers[0].frames
        sampled.sampleInterval = max(1, Int(plan.seconds * 15) / max(1, plan.sampleCount))
        sampled.sampleRoom = plan.sampleCount
        let before = try? ServerCounters(of: plan.server)
        stage.relay?.startClock()
        let movedFrom = SocketLoop.now
        var failure: BenchmarkError?
        do throws(BenchmarkError) {
            try stage.drive(
                viewers, along: plan.path, bounds: bounds, seconds: plan.seconds, hertz: plan.hertz, phase: 1,
                progress: { progress("moving", $0) })
        } catch { failure = error }
        let movedUntil = SocketLoop.now
        if let before, let after = try? ServerCounters(of: plan.server) {
            let share = (after.processorSeconds - before.processorSeconds) / (movedUntil - movedFrom)
            run.add("serverProcessor", "server processor", "% of a core", 100 * share, better: .neither)
            run.add("serverMemory", "server memory", "MB", after.residentByteCount / 1e6)
        }
        let figures = FrameFigures(viewers.map(\.frames.records), from: movedFrom, until: movedUntil)
        figures.report(smallestRoundTrip: viewers[0].roundTrips.map(\.seconds).min(), &run)
        if let failure { throw failure }

        progress("rest", 0)
        sampled.sampleRoom = 4
        let viewer = viewers[0]
        try stage.wait(seconds: ServerBench.restSeconds) { viewer.frames.hasShownLossless(since: movedUntil) }
        figures.reportStills(viewer.frames.records, since: viewer.lastInputAt ?? movedUntil, &run)
        if !sampled.damages.isEmpty { run.failure = sampled.damages[0] }
        freeRunning?.add(figures.pictures, to: &run, isInterrupted: plan.isInterrupted, progress)
        try TrueViews(plan).report(viewer.frames.records, from: movedFrom, &run, progress)
    }
}
