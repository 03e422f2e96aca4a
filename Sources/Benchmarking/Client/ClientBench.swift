// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
package import ModelStorage
import Sockets
import StreamCore
import StreamMeasuring

/// What to measure, on both paths.
package struct BenchPlan {
    package var server: ServerURL
    /// As the server knows it.
    package var model: String
    /// The same model's archive, where this program can read it: without it nobody knows what a picture lacks.
    package var archive: Archive?
    package var path: CameraPath
    package var link: LinkProfile?
    package var width = 1280
    package var height = 720
    /// Of movement.
    package var seconds = 6.0
    /// Views a second.
    package var hertz = 30.0
    package var viewerCount = 1
    /// Of viewers that draw for themselves: client or hybrid.
    package var requestedPath = RequestedPath.client
    /// Pictures that are compared with the truth, and moments at which errors are measured.
    package var sampleCount = 6
    package var isInterrupted: () -> Bool = { false }

    package init(server: ServerURL, model: String, path: CameraPath) {
        (self.server, self.model, self.path) = (server, model, path)
    }
}

/// Measures the client path: a viewer connects, looks from the path's first pose until nothing is missing, moves along
/// the path, and rests.
package struct ClientBench {
    private let plan: BenchPlan
    private static let settleSeconds = 30.0
    private static let restSeconds = 10.0

    package init(_ plan: BenchPlan) { self.plan = plan }

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

    private final class Moments {
        var connectedAt = 0.0
        var settledAt: Double?
        var settledArrivals = 0
        var movedFrom = 0.0
        var movedUntil = 0.0
        var views: [(at: Double, view: ViewState)] = []
        /// Of the link until everything for the first view was there.
        var linkBusySeconds: Double?
    }

    private func measure(_ stage: ViewerStage, _ run: inout Run, _ progress: BenchProgress) throws(BenchmarkError) {
        let moments = Moments()
        moments.connectedAt = SocketLoop.now
        stage.relay?.startClock()
        var options = HeadlessViewer.Options()
        (options.path, options.width, options.height) = (plan.requestedPath, plan.width, plan.height)
        let viewer = try stage.add(options)
        var failure: BenchmarkError?
        do throws(BenchmarkError) { try play(stage, viewer, moments, progress, &run) } catch { failure = error }
        if plan.requestedPath == .hybrid { reportHybrid(viewer, moments, &run, &failure) }
        report(viewer, moments, &run)
        if let welcome = viewer.welcome {
            try reportQuality(viewer, moments, welcome, &run, progress)
        }
        if let failure { throw failure }
    }

    private func play(
        _ stage: ViewerStage, _ viewer: HeadlessViewer, _ moments: Moments, _ progress: BenchProgress,
        _ run: inout Run
    ) throws(BenchmarkError) {
        try stage.waitForWelcome()
        guard let bounds = viewer.welcome?.bounds else { return }
        progress("first view", 0)
        let driver = PathDriver(path: plan.path, bounds: bounds)
        driver.move(viewer, at: 0, isMoving: false)
        let isSettled = try stage.wait(seconds: ClientBench.settleSeconds) { viewer.isSettled }
        moments.settledAt = isSettled ? viewer.mesh.settledAt : nil
        moments.settledArrivals = viewer.mesh.arrivals.count
        moments.linkBusySeconds = stage.relay?.down.busySeconds

        let before = try? ServerCounters(of: plan.server)
        moments.movedFrom = SocketLoop.now
        stage.onTick = { now in if let view = viewer.view { moments.views.append((now, view)) } }
        try stage.drive(
            [viewer], along: plan.path, bounds: bounds, seconds: plan.seconds, hertz: plan.hertz,
            progress: { progress("moving", $0) })
        moments.movedUntil = SocketLoop.now
        stage.onTick = { _ in }
        if let before, let after = try? ServerCounters(of: plan.server) {
            let seconds = moments.movedUntil - moments.movedFrom
            let share = (after.processorSeconds - before.processorSeconds) / seconds
            run.add("serverProcessor", "server, one moving viewer", "% of a core", 100 * share)
            run.add("serverMemory", "server memory", "MB", after.residentByteCount / 1e6, better: .lower)
        }
        progress("rest", 0)
        let expectsStills = plan.requestedPath == .hybrid
        try stage.wait(seconds: ClientBench.restSeconds) {
            viewer.isSettled && (!expectsStills || viewer.frames.hasShownLossless(since: moments.movedUntil))
        }
    }

    // MARK: Figures

    private func report(_ viewer: HeadlessViewer, _ moments: Moments, _ run: inout Run) {
        let mesh = viewer.mesh
        if let first = mesh.firstPicture {
            run.add("firstPictureBytes", "first picture", "KB", Double(mesh.arrivals[first.arrival].byteCount) / 1000)
            run.add("firstPictureTime", "first picture after", "ms", 1000 * (first.time - moments.connectedAt))
        }
        if let settledAt = moments.settledAt {
            run.add("settledBytes", "everything for the first view", "KB", settledKilobytes(mesh, moments))
            run.add("settledTime", "everything after", "ms", 1000 * (settledAt - moments.connectedAt))
            if let busy = moments.linkBusySeconds, let first = mesh.arrivals.first?.time, settledAt > first {
                run.add(
                    "linkUse", "link used until then", "%", min(100, 100 * busy / (settledAt - first)), better: .higher)
            }
        }
        let waste = mesh.waste
        if waste.ofByteCount > 0 {
            run.add("waste", "sent and never drawn", "%", 100 * Double(waste.byteCount) / Double(waste.ofByteCount))
        }
        run.add("bytes", "received in all", "KB", Double(viewer.connection.receivedByteCount) / 1000)
        let decoded = mesh.decodeSeconds.reduce(0, +)
        run.add("decodeTime", "decoding a chunk", "ms", Samples.median(mesh.decodeSeconds).map { $0 * 1000 })
        if decoded > 0 {
            run.add(
                "decodeRate", "decoding", "MB/s", Double(mesh.decodedByteCount) / decoded / 1e6, better: .higher)
        }
        run.add("roundTrip", "round trip, smallest", "ms", viewer.roundTrips.map(\.seconds).min().map { $0 * 1000 })
        if !mesh.damages.isEmpty { run.failure = "could not use: \(mesh.damages[0])" }
        addStale(viewer, moments, &run)
        let kilobytes = mesh.arrivals.map { [$0.time - moments.connectedAt, Double($0.byteCount) / 1000] }
        run.series.append(
            Report.Series(
                chart: "Received", title: "received", x: "s", y: "KB", points: ChartPoints.thinned(kilobytes, to: 300)))
        let errors = mesh.selections.filter { $0.largestErrorPixels.isFinite && $0.largestErrorPixels > 0 }
            .map { [$0.time - moments.connectedAt, $0.largestErrorPixels] }
        run.series.append(
            Report.Series(
                chart: "Largest error that more data would reduce", title: "bound", x: "s", y: "px",
                points: ChartPoints.thinned(errors, to: 300)))
    }

    /// What the server's pictures add, or that there are none.
    private func reportHybrid(
        _ viewer: HeadlessViewer, _ moments: Moments, _ run: inout Run, _ failure: inout BenchmarkError?
    ) {
        if viewer.welcome == nil, let reason = failure {
            failure = BenchmarkError("the server refuses the hybrid path (protocol 1.2 has it): \(reason)")
        }
        guard let lastInputAt = viewer.lastInputAt, moments.movedUntil > 0 else { return }
        FrameFigures([viewer.frames.records], from: moments.movedFrom, until: moments.movedUntil)
            .reportStills(viewer.frames.records, since: lastInputAt, &run)
    }

    private func settledKilobytes(_ mesh: MeshIntake, _ moments: Moments) -> Double {
        let count = min(moments.settledArrivals, mesh.arrivals.count)
        return count == 0 ? 0 : Double(mesh.arrivals[count - 1].byteCount) / 1000
    }

    /// What was on the link when the camera jumped: it arrives after the server heard of the jump, and before what the
    /// server says next. A ping that follows the view at once tells when that is.
    private func addStale(_ viewer: HeadlessViewer, _ moments: Moments, _ run: inout Run) {
        guard let smallest = viewer.roundTrips.map(\.seconds).min() else { return }
        var largest: Double?
        for jump in plan.path.jumps where jump < plan.seconds {
            let at = moments.movedFrom + jump
            guard let pong = viewer.roundTrips.first(where: { $0.at - $0.seconds >= at }) else { continue }
            let heardAt = pong.at - pong.seconds + smallest / 2
            let stale = viewer.mesh.arrivals.filter { $0.time > heardAt && $0.time < pong.at }
            largest = max(largest ?? 0, stale.reduce(0) { $0 + Double($1.chunkByteCount) })
        }
        guard let largest else { return }
        run.add("stale", "stale after a jump", "KB", largest / 1000)
        if let link = plan.link {
            let allowed = 1.25 * link.downRate / 8 * link.roundTrip + 16_384
            run.add("staleShare", "stale, of what is allowed", "", largest / allowed)
        }
    }

    /// What needs the archive: how right pictures were, and how few bytes could have shown as much.
    private func reportQuality(
        _ viewer: HeadlessViewer, _ moments: Moments, _ welcome: Welcome, _ run: inout Run, _ progress: BenchProgress
    ) throws(BenchmarkError) {
        guard let archive = plan.archive, !viewer.mesh.arrivals.isEmpty else { return }
        let driver = PathDriver(path: plan.path, bounds: welcome.bounds)
        let first = driver.pose(at: 0).view(width: Double(plan.width), height: Double(plan.height))
        do {
            progress("errors", 0)
            let measured = ArrivalQuality(archive, viewer.mesh.arrivals, connectedAt: moments.connectedAt)
            try measured.report(first, count: moments.settledArrivals, link: plan.link, &run)
            try measured.reportPath(moments.views, sampleCount: plan.sampleCount, &run) { progress("errors", $0) }
        } catch {
            throw BenchmarkError("the archive cannot be measured: \(error)")
        }
    }
}

/// Fewer points of a curve.
enum ChartPoints {
    static func thinned(_ points: [[Double]], to count: Int) -> [[Double]] {
        guard points.count > count, count > 1 else { return points }
        return (0..<count).map { points[$0 * (points.count - 1) / (count - 1)] }
    }
}
