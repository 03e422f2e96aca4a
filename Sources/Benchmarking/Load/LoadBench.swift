// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Sockets
import StreamCore

/// Connects more and more viewers until the server's limits break: where the knee is, and what a viewer costs before it.
package struct LoadBench {
    package struct Options {
        package var path = RequestedPath.client
        /// Share of the viewers that move.
        package var movingShare = 0.2
        package var first = 10
        package var most = 1000
        package var stepSeconds = 6.0
        package var stepLimit = 14
        package var limits = LoadLimits()
        package init() {}
    }

    /// One step of the ramp.
    private struct Step {
        var viewers = 0
        var processorShare = 0.0
        /// While nobody moves.
        var idleProcessorShare = 0.0
        var residentByteCount = 0.0
        /// Beside mapped archives, while nobody moves.
        var idlePrivateByteCount = 0.0
        var latency: Double?
        var queueGrowth = 0.0
        var byteRate = 0.0
        var frameRate: Double?
        var objection: String?
    }

    private let plan: BenchPlan
    private let options: Options
    private static let idleSeconds = 1.5
    /// Of the path's: a viewer who turns fast is sent little, which would not be much of a load.
    private static let speed = 0.3

    package init(_ plan: BenchPlan, _ options: Options) { (self.plan, self.options) = (plan, options) }

    /// Before a server is started, which takes the limit over: thousands of viewers are thousands of sockets.
    package static func prepareProcess() { SocketLoop.raiseSocketLimit() }

    /// Never throws for what happens in between: the run then says why it is not complete.
    package func run(_ progress: BenchProgress) -> Run {
        var run = Run()
        var steps: [Step] = []
        var base: ServerCounters?
        do throws(BenchmarkError) {
            base = try ServerCounters(of: plan.server)
            let stage = try ViewerStage(
                plan.server, model: plan.model, link: plan.link, isInterrupted: plan.isInterrupted)
            defer { stage.close() }
            stage.pingedCount = 32
            var ramp = LoadRamp(most: options.most, stepLimit: options.stepLimit)
            while let count = ramp.next(first: options.first) {
                progress("\(count) viewers", 0)
                var step = try step(stage, count) { progress("\(count) viewers", $0) }
                // One bad moment of a busy machine is no limit: what breaks, breaks twice.
                if step.objection != nil {
                    step = try self.step(stage, count) { progress("\(count) viewers again", $0) }
                }
                steps.append(step)
                ramp.note(count, isGood: step.objection == nil)
            }
            run.add("knee", "viewers within the limits", "", Double(ramp.good), better: .higher)
        } catch {
            run.failure = error.description
        }
        report(steps, base, &run)
        return run
    }

    // MARK: A step

    private func step(
        _ stage: ViewerStage, _ count: Int, _ progress: (Double) -> Void
    ) throws(BenchmarkError) -> Step {
        var viewer = HeadlessViewer.Options()
        (viewer.path, viewer.width, viewer.height) = (options.path, plan.width, plan.height)
        viewer.decodesChunks = false
        stage.removeLast(max(0, stage.viewers.count - count))
        while stage.viewers.count < count {
            // Not all at once: that would measure the kernel's queue of connections.
            for _ in 0..<min(20, count - stage.viewers.count) { try stage.add(viewer) }
            try stage.wait(seconds: 0.02)
        }
        try stage.waitForWelcome()
        guard let bounds = stage.viewers.first?.welcome?.bounds else { return Step() }
        let driver = PathDriver(path: plan.path, bounds: bounds)
        for viewer in stage.viewers where viewer.view == nil { driver.move(viewer, at: 0, isMoving: false) }
        try settle(stage)
        return try measure(stage, count, bounds, progress)
    }

    /// Until nothing new arrives, so that what is measured is moving and idling, not beginning.
    private func settle(_ stage: ViewerStage) throws(BenchmarkError) {
        var last = -1
        for _ in 0..<40 {
            try stage.wait(seconds: 0.25)
            let received = stage.viewers.reduce(0) { $0 + $1.connection.receivedByteCount }
            if options.path == .server || received - last < 1000 * stage.viewers.count { break }
            last = received
        }
    }

    private func measure(
        _ stage: ViewerStage, _ count: Int, _ bounds: Bounds, _ progress: (Double) -> Void
    ) throws(BenchmarkError) -> Step {
        var step = Step()
        step.viewers = count
        let idleFrom = try ServerCounters(of: plan.server)
        try stage.wait(seconds: LoadBench.idleSeconds)
        let idleUntil = try ServerCounters(of: plan.server)
        step.idleProcessorShare = (idleUntil.processorSeconds - idleFrom.processorSeconds) / LoadBench.idleSeconds
        step.idlePrivateByteCount = idleUntil.privateByteCount
        let moving = Array(stage.viewers.prefix(max(1, Int((Double(count) * options.movingShare).rounded()))))
        let before = try ServerCounters(of: plan.server)
        let receivedBefore = stage.viewers.reduce(0) { $0 + $1.connection.receivedByteCount }
        let start = SocketLoop.now
        try stage.drive(
            moving, along: plan.path, bounds: bounds, seconds: options.stepSeconds, hertz: plan.hertz,
            phase: plan.path.seconds / LoadBench.speed / Double(max(1, moving.count)), speed: LoadBench.speed,
            progress: progress)
        let seconds = SocketLoop.now - start
        let after = try ServerCounters(of: plan.server)
        let received = stage.viewers.reduce(0) { $0 + $1.connection.receivedByteCount }
        step.processorShare = (after.processorSeconds - before.processorSeconds) / seconds
        step.residentByteCount = after.residentByteCount
        step.queueGrowth = (after.queuedByteCount - before.queuedByteCount) / seconds
        step.byteRate = Double(received - receivedBefore) / seconds
        if options.path == .server {
            let shown = moving.flatMap { $0.frames.records }.filter { $0.shownAt > start && !$0.isSkipped }
            step.latency = Samples.percentile(shown.filter { $0.header.kind == .moving }.compactMap(\.latency), 0.95)
            step.frameRate = Double(shown.count) / seconds / Double(moving.count)
        } else {
            let trips = stage.viewers.flatMap(\.roundTrips).filter { $0.at > start }.map(\.seconds)
            step.latency = Samples.percentile(trips, 0.95)
        }
        step.objection = objection(to: step)
        return step
    }

    private func objection(to step: Step) -> String? {
        guard let latency = step.latency else { return "no answers" }
        if 1000 * latency > options.limits.latencyMilliseconds { return "late answers" }
        return step.queueGrowth > options.limits.queueGrowth ? "growing queues" : nil
    }

    // MARK: Figures

    private func report(_ steps: [Step], _ base: ServerCounters?, _ run: inout Run) {
        guard let base else { return }
        let good = steps.filter { $0.objection == nil }.max { $0.viewers < $1.viewers }
        if let good {
            run.add("processor", "processor there", "% of a core", 100 * good.processorShare)
            let moving = max(1, (Double(good.viewers) * options.movingShare).rounded())
            run.add("processorIdle", "· while nobody moves", "% of a core", 100 * good.idleProcessorShare)
            run.add("processorPerMoving", "· for each moving viewer", "% of a core", 100 * good.processorShare / moving)
            run.add("memory", "memory there", "MB", good.residentByteCount / 1e6)
            run.add(
                "memoryPerViewer", "· for each idle viewer, beside archives", "KB",
                max(0, good.idlePrivateByteCount - base.privateByteCount) / 1000 / Double(good.viewers))
            run.add("latency", "p95 there", "ms", good.latency.map { 1000 * $0 })
            run.add("byteRate", "sent there", "KB/s", good.byteRate / 1000, better: .neither)
            run.add("frameRate", "frames for each moving viewer", "per s", good.frameRate, better: .higher)
        }
        if let bad = steps.filter({ $0.objection != nil }).min(by: { $0.viewers < $1.viewers }) {
            run.add("broken", "viewers at which a limit breaks", "", Double(bad.viewers), better: .higher)
            run.add("brokenLatency", "p95 then", "ms", bad.latency.map { 1000 * $0 }, better: .neither)
        }
        let sorted = steps.sorted { $0.viewers < $1.viewers }
        func series(_ chart: String, _ y: String, _ value: (Step) -> Double?) {
            let points = sorted.compactMap { step in value(step).map { [Double(step.viewers), $0] } }
            if points.isEmpty { return }
            run.series.append(Report.Series(chart: chart, title: chart, x: "viewers", y: y, points: points))
        }
        series("p95 latency", "ms") { step in step.latency.map { 1000 * $0 } }
        series("Server processor", "% of a core") { 100 * $0.processorShare }
        series("Server memory", "MB") { $0.residentByteCount / 1e6 }
        series("Frames for each moving viewer", "per s") { $0.frameRate }
    }
}
