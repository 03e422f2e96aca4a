// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import StreamMeasuring

/// How right the pictures were that a viewer could draw from what had arrived.
struct ArrivalQuality {
    private let archive: Archive
    private let arrivals: [MeshIntake.Arrival]
    private let connectedAt: Double
    /// A place on the screen counts as right with at most this error, in pixels.
    private static let threshold = 1.0

    init(_ archive: Archive, _ arrivals: [MeshIntake.Arrival], connectedAt: Double) {
        (self.archive, self.arrivals, self.connectedAt) = (archive, arrivals, connectedAt)
    }

    /// The first view: bytes and time until shares of its pixels were right, and the fewest bytes that could do it.
    ///
    /// - Parameter count: arrivals until everything was there.
    /// - Throws: as `ViewQuality`.
    func report(_ view: ViewState, count: Int, link: LinkProfile?, _ run: inout Run) throws {
        var quality = try ViewQuality(archive, view: view)
        let limit = try SurfaceLimit.byteCount(of: quality, archive: archive, threshold: ArrivalQuality.threshold)
        let order = arrivals.prefix(count).map(\.chunk)
        run.add("limit", "limit: the surface as one mesh", "KB", Double(limit) / 1000, better: .neither)
        for (share, name) in [(0.5, "50"), (0.95, "95"), (0.99, "99")] {
            guard let needed = try quality.chunksNeeded(of: order, share: share, threshold: ArrivalQuality.threshold)
            else { continue }
            let bytes = needed == 0 ? 0 : Double(arrivals[needed - 1].byteCount)
            let seconds = needed == 0 ? 0 : arrivals[needed - 1].time - connectedAt
            run.add("bytes\(name)", "until \(name) % of pixels are right", "KB", bytes / 1000)
            run.add("time\(name)", "\(name) % after", "ms", 1000 * seconds)
            guard name == "95", bytes > 0 else { continue }
            run.add("efficiency", "efficiency: limit over bytes for 95 %", "", Double(limit) / bytes, better: .higher)
            if let link, seconds > 0 {
                let ideal = link.roundTrip + Double(limit) * 8 / link.downRate
                run.add("timeEfficiency", "time efficiency", "", ideal / seconds, better: .higher)
            }
        }
        try addCurve(&quality, count: count, &run)
    }

    /// The share of wrong pixels over what was received, at counts that double.
    private func addCurve(_ quality: inout ViewQuality, count: Int, _ run: inout Run) throws {
        var counts: [Int] = []
        var next = 1.0
        while Int(next) < count {
            if counts.last != Int(next) { counts.append(Int(next)) }
            next *= 1.6
        }
        if count > 0 { counts.append(count) }
        var points: [[Double]] = []
        for count in counts {
            let held = Set(arrivals.prefix(count).map(\.chunk))
            let share = try quality.shareRight(threshold: ArrivalQuality.threshold, isHeld: { held.contains($0) })
            points.append([Double(arrivals[count - 1].byteCount) / 1000, 100 * (1 - share)])
        }
        run.series.append(
            Report.Series(chart: "Error over bytes", title: "pixels that are wrong", x: "KB", y: "%", points: points))
    }

    /// Along a path: how much of each picture was right with what was decoded then.
    ///
    /// - Parameter views: rising by time.
    func reportPath(
        _ views: [(at: Double, view: ViewState)], sampleCount: Int, _ run: inout Run, _ progress: (Double) -> Void
    ) throws {
        guard sampleCount > 0, !views.isEmpty else { return }
        var points: [[Double]] = []
        for sample in 0..<min(sampleCount, views.count) {
            let (at, view) = views[sample * (views.count - 1) / max(1, sampleCount - 1)]
            var quality = try ViewQuality(archive, view: view)
            progress(Double(sample + 1) / Double(sampleCount))
            guard quality.coveredCount > 0 else { continue }
            let held = Set(arrivals.filter { ($0.residentAt ?? .infinity) <= at }.map(\.chunk))
            let share = try quality.shareRight(threshold: ArrivalQuality.threshold, isHeld: { held.contains($0) })
            points.append([at - connectedAt, 100 * share])
        }
        let shares = points.map { $0[1] }
        run.add("movingRight", "pixels right while moving", "%", Samples.mean(shares), better: .higher)
        run.add("movingWorst", "the worst moment", "%", shares.min(), better: .higher)
        run.series.append(
            Report.Series(chart: "Right pixels along the path", title: "right", x: "s", y: "%", points: points))
    }
}
