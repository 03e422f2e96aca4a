// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What frames say about the server path, from their records.
struct FrameFigures {
    /// By viewer: moving frames that were shown.
    private let shown: [[FrameIntake.Record]]
    private let skippedCount: Int
    private let from: Double
    private let seconds: Double

    init(_ records: [[FrameIntake.Record]], from: Double, until: Double) {
        // What was on its way when the movement ended is of the movement.
        let moving = records.map {
            $0.filter { $0.header.kind == .moving && $0.shownAt > from && $0.shownAt < until + 0.5 }
        }
        shown = moving.map { $0.filter { !$0.isSkipped } }
        skippedCount = moving.first.map { $0.count { $0.isSkipped } } ?? 0
        self.from = from
        seconds = until - from
    }

    /// What the first viewer was shown.
    var pictures: [Wire.Frame] { shown.first?.map(\.header) ?? [] }

    func report(smallestRoundTrip: Double?, _ run: inout Run) {
        let first = shown.first ?? []
        run.add("shownRate", "frames shown", "per s", Double(first.count) / seconds, better: .higher)
        run.add(
            "sentRate", "frames received", "per s", Double(first.count + skippedCount) / seconds, better: .higher)
        run.add("skipped", "sent and not shown", "frames", Double(skippedCount))
        if shown.count > 1 {
            let rates = shown.map { Double($0.count) / seconds }
            run.add("fairness", "fairness over \(shown.count) viewers", "", Samples.fairness(rates), better: .higher)
            run.add("slowestRate", "slowest viewer", "per s", rates.min(), better: .higher)
            run.add("fastestRate", "fastest viewer", "per s", rates.max(), better: .higher)
        }
        reportLatency(first, smallestRoundTrip, &run)
        let bytes = first.map { Double($0.header.byteCount) }
        run.add("frameBytes", "a frame", "KB", Samples.median(bytes).map { $0 / 1000 })
        run.add("byteRate", "frames in all", "KB/s", bytes.reduce(0, +) / 1000 / seconds)
        run.add(
            "triangles", "triangles drawn", "thousand",
            Samples.median(first.map { Double($0.header.triangleCount) / 1000 }),
            better: .neither)
        run.add("quality", "JPEG quality", "", Samples.median(first.map { Double($0.header.quality) }), better: .higher)
        run.add("width", "drawn width", "px", Samples.median(first.map { Double($0.header.width) }), better: .higher)
        addSeries(first, &run)
    }

    private func reportLatency(_ frames: [FrameIntake.Record], _ roundTrip: Double?, _ run: inout Run) {
        let latencies = frames.compactMap(\.latency).map { 1000 * $0 }
        for share in [50, 95, 99] {
            run.add(
                "latency\(share)", "input to shown, p\(share)", "ms", Samples.percentile(latencies, Double(share) / 100)
            )
        }
        run.add("latencyWorst", "input to shown, worst", "ms", latencies.max())
        for stage in FrameStage.allCases {
            run.add(
                "stage.\(stage)", "· \(stage.title)", "ms",
                Samples.median(frames.map { 1000 * stage.seconds(of: $0, roundTrip ?? 0) }))
        }
        let rest = frames.map { record in
            1000
                * ([.encode, .queue, .transfer] as [FrameStage]).reduce(0) {
                    $0 + $1.seconds(of: record, roundTrip ?? 0)
                }
        }
        run.add("afterDrawing", "encode, queue and transfer", "ms", Samples.median(rest))
    }

    private func addSeries(_ frames: [FrameIntake.Record], _ run: inout Run) {
        let roundTrip = run.figures.first { $0.name == "stage.network" }?.value.map { $0 / 1000 } ?? 0
        for stage in FrameStage.allCases {
            var series = Report.Series(
                chart: "Input to shown, by stage", title: stage.title, x: "s", y: "ms",
                points: frames.map { [$0.shownAt - from, 1000 * stage.seconds(of: $0, roundTrip)] })
            series.isStacked = true
            series.points = ChartPoints.thinned(series.points, to: 150)
            run.series.append(series)
        }
        run.series.append(
            Report.Series(
                chart: "Quality", title: "JPEG quality", x: "s", y: "",
                points: ChartPoints.thinned(frames.map { [$0.shownAt - from, Double($0.header.quality)] }, to: 150)))
        run.series.append(
            Report.Series(
                chart: "Frame size", title: "frame", x: "s", y: "KB",
                points: ChartPoints.thinned(
                    frames.map { [$0.shownAt - from, Double($0.header.byteCount) / 1000] }, to: 150)))
    }

    /// After the last input: when stills of each kind were shown.
    func reportStills(_ records: [FrameIntake.Record], since lastInputAt: Double, _ run: inout Run) {
        let kinds: [(Wire.FrameKind, String)] = [
            (.still, "still"), (.refined, "refined still"), (.lossless, "lossless still"),
        ]
        for (kind, title) in kinds {
            guard let frame = records.first(where: { $0.header.kind == kind && $0.shownAt > lastInputAt }) else {
                continue
            }
            run.add("settle.\(kind)", "\(title) after", "ms", 1000 * (frame.shownAt - lastInputAt))
            run.add("bytes.\(kind)", title, "KB", Double(frame.header.byteCount) / 1000)
        }
    }
}

/// Where the time from an input to its frame goes.
enum FrameStage: CaseIterable {
    case network, wait, render, encode, queue, transfer, decode

    var title: String {
        switch self {
        case .network: "round trip"
        case .wait: "wait for the device"
        case .render: "draw and read back"
        case .encode: "encode"
        case .queue: "queues"
        case .transfer: "transfer"
        case .decode: "decode"
        }
    }

    /// - Parameter roundTrip: of the link without anything on it, seconds.
    func seconds(of record: FrameIntake.Record, _ roundTrip: Double) -> Double {
        let header = record.header
        switch self {
        case .network: return roundTrip
        case .wait: return Double(header.waitMicroseconds) * 1e-6
        case .render: return Double(header.renderMicroseconds) * 1e-6
        case .encode: return Double(header.encodeMicroseconds) * 1e-6
        case .transfer: return record.arrivedAt - record.headerAt
        case .decode: return record.shownAt - record.arrivedAt
        case .queue:
            guard let latency = record.latency else { return 0 }
            let known = FrameStage.allCases.filter { $0 != .queue }.reduce(0) { $0 + $1.seconds(of: record, roundTrip) }
            return max(0, latency - known)
        }
    }
}
