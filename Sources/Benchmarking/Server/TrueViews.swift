// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import StreamCore

/// Compares shown frames with what the model truly looks like: the server draws the same camera again, exactly, after the
/// run. And their bytes with those of whole pictures, as they are sent by who does not crop them.
struct TrueViews {
    private struct Figure {
        var record: FrameIntake.Record
        /// Against the view that was wanted when the frame was shown.
        var now: Likeness
        /// Against the camera that the frame says it shows.
        var own: Likeness
        /// Of the same pixels as one JPEG of the whole picture, of the same quality; nil: it was none.
        var wholeByteCount: Int?
    }

    private struct Likeness {
        var psnr: Double
        var ssim: Double
    }

    private let plan: BenchPlan

    init(_ plan: BenchPlan) { self.plan = plan }

    /// - Throws: `BenchmarkError`: the server draws no pictures.
    func report(
        _ records: [FrameIntake.Record], from: Double, _ run: inout Run, _ progress: BenchProgress
    ) throws(BenchmarkError) {
        let sampled = records.filter { $0.sample != nil && !$0.isSkipped }
        guard let first = sampled.first?.sample else { return }
        let background = try background(behind: first.wanted)
        var figures: [Figure] = []
        for (number, record) in sampled.enumerated() {
            progress("true views", Double(number) / Double(sampled.count))
            if plan.isInterrupted() { throw BenchmarkError("interrupted") }
            guard let sample = record.sample else { continue }
            let header = record.header
            let shown = ImageComparison.shown(
                sample.image, left: Int(header.left), top: Int(header.top), width: Int(header.width),
                height: Int(header.height), on: background)
            let own = header.view(width: Double(plan.width), height: Double(plan.height))
            figures.append(
                Figure(
                    record: record, now: try likeness(shown, sample.wanted), own: try likeness(shown, own),
                    wholeByteCount: wholeByteCount(shown, header)))
        }
        add(figures, from: from, &run)
    }

    private func add(_ figures: [Figure], from: Double, _ run: inout Run) {
        let moving = figures.filter { $0.record.header.kind == .moving }
        let title = "shown, against the view of that moment"
        run.add("psnrNow", title, "dB PSNR", Samples.mean(moving.map(\.now.psnr)), better: .higher)
        run.add("ssimNow", title, "SSIM", Samples.mean(moving.map(\.now.ssim)), better: .higher)
        run.add(
            "psnr", "shown, against its own camera", "dB PSNR", Samples.mean(moving.map(\.own.psnr)), better: .higher)
        run.add("ssim", "shown, against its own camera", "SSIM", Samples.mean(moving.map(\.own.ssim)), better: .higher)
        if let last = figures.last(where: { $0.record.header.kind != .moving }) {
            run.add("psnrStill", "the last still", "dB PSNR", last.own.psnr, better: .higher)
            run.add("ssimStill", "the last still", "SSIM", last.own.ssim, better: .higher)
        }
        addByteCounts(moving, "the same frames whole", "wholeFrame", &run)
        addByteCounts(figures.filter { $0.record.header.kind == .still }, "the same still whole", "wholeStill", &run)
        for (title, likeness) in [("view of that moment", \Figure.now), ("its own camera", \Figure.own)] {
            run.series.append(
                Report.Series(
                    chart: "Shown against the true view", title: title, x: "s", y: "SSIM",
                    points: moving.map { [$0.record.shownAt - from, $0[keyPath: likeness].ssim] }))
        }
    }

    private func addByteCounts(_ figures: [Figure], _ title: String, _ metric: String, _ run: inout Run) {
        let whole = figures.compactMap { figure in figure.wholeByteCount.map { (figure.record.header.byteCount, $0) } }
        guard !whole.isEmpty else { return }
        let sent = whole.reduce(0.0) { $0 + Double($1.0) }
        let total = whole.reduce(0.0) { $0 + Double($1.1) }
        run.add("\(metric)Bytes", title, "KB", total / 1000 / Double(whole.count))
        run.add("\(metric)Share", "\(title): sent of that", "%", 100 * sent / total, better: .lower)
    }

    private func wholeByteCount(_ shown: Image, _ header: Wire.Frame) -> Int? {
        guard header.codec == .jpeg, header.isWhole else { return nil }
        return try? ImageEncoding.jpeg(
            shown, quality: Int(header.quality), subsampling: header.kind == .moving ? .s420 : .s444
        ).count
    }

    private func likeness(_ shown: Image, _ view: ViewState) throws(BenchmarkError) -> Likeness {
        let truth = try picture(OrbitPose(view, distance: 1))
        return Likeness(psnr: ImageComparison.psnr(shown, truth), ssim: ImageComparison.ssim(shown, truth))
    }

    /// Nothing but background: the camera turned away, from far away.
    private func background(behind view: ViewState) throws(BenchmarkError) -> Image {
        var pose = OrbitPose(view, distance: 1)
        let back = view.axes.z
        // As far behind the camera as a million metres and the model's place allow; it looks on, away from the model.
        pose.focus = view.eye + back * (1e6 + 1e3 * length(view.eye))
        pose.azimuth += .pi
        pose.elevation = -pose.elevation
        return try picture(pose)
    }

    private func picture(_ pose: OrbitPose) throws(BenchmarkError) -> Image {
        let bytes = try plan.server.get(
            "/api/v1/render",
            [
                ("model", plan.model), ("camera", pose.code), ("width", "\(plan.width)"), ("height", "\(plan.height)"),
                ("format", "png"), ("error", "1"),
            ], seconds: 60)
        do {
            return try ImageDecoding.decode(
                bytes.rawSpan, maximumPixels: plan.width * plan.height, channelCount: 3)
        } catch {
            throw BenchmarkError("a true view cannot be read: \(error)")
        }
    }
}
