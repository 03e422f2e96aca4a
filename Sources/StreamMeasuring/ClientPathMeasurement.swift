// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
package import ModelStorage
import StreamCore

/// What the client path does for one view behind one link, from connecting to a right picture.
package struct ClientPathMeasurement: Codable, Sendable {
    package var model: String
    package var view: String
    /// Megabits per second, and seconds.
    package var rate: Double
    package var roundTrip: Double
    /// Bytes of the smallest surface that could show the view.
    package var limitByteCount: Int
    /// Bytes of the fewest whole chunks that show 95 % of the view right, about.
    package var leastByteCount: Int
    /// Received when the first picture could be drawn, and seconds since connecting.
    package var firstPictureByteCount: Int
    package var firstPictureSeconds: Double
    /// Received until 50, 95, 99 % of the covered pixels are at most one pixel wrong; nil: never.
    package var byteCount50: Int?
    package var byteCount95: Int?
    package var byteCount99: Int?
    package var seconds95: Double?
    /// Until the server had nothing more to send.
    package var settledByteCount: Int
    package var settledSeconds: Double
    /// Share of the time until then in which the link was busy.
    package var linkUse: Double
    /// Bytes that were on the link when the camera jumped.
    package var staleByteCount: Int

    /// Byte efficiency: the limit over what it took.
    package var efficiency: Double? { byteCount95.map { Double(limitByteCount) / Double(max(1, $0)) } }
    /// Time efficiency: what a perfect transfer of the limit would take, over what it took.
    package var timeEfficiency: Double? {
        seconds95.map { (roundTrip + Double(limitByteCount) * 8 / (rate * 1e6)) / $0 }
    }
    /// What may be on the way at any time.
    package var allowedStaleByteCount: Int { Int(1.25 * rate * 1e6 / 8 * roundTrip) + 16_384 }
}

/// Measures an archive: views and links in, figures out. The limit and the pictures of a view are computed once for all
/// links.
package struct ClientPathBenchmark {
    private let archive: Archive
    private let plan: StreamPlan
    private let name: String

    /// - Throws: `ChunkError` when the archive is damaged.
    package init(_ archive: Archive, name: String) throws {
        self.archive = archive
        self.name = name
        plan = try StreamPlan(archive: archive)
    }

    /// - Throws: `ChunkError`, `NodeCodingError` or `DracoError` when a chunk is damaged.
    package func measure(_ standard: StandardView, links: [SimulatedLink]) throws -> [ClientPathMeasurement] {
        let view = try standard.view(of: archive)
        var quality = try ViewQuality(archive, view: view)
        let limit = try SurfaceLimit.byteCount(of: quality, archive: archive, threshold: 1)
        let least = try LeastChunks.byteCount(of: archive, view: view, share: 0.95, threshold: 1)
        return try links.map { link in
            try measure(standard, view, link: link, limit: limit, least: least, quality: &quality)
        }
    }

    private func measure(
        _ standard: StandardView, _ view: ViewState, link: SimulatedLink, limit: Int, least: Int,
        quality: inout ViewQuality
    ) throws -> ClientPathMeasurement {
        var viewer = SimulatedViewer(archive, plan: plan, link: link)
        viewer.look(ViewUpdate(sequence: 1, view: view))
        viewer.settle(limit: 600)
        let order = viewer.arrivals.map(\.chunk)
        func bytes(_ share: Double) throws -> Int? {
            try quality.chunksNeeded(of: order, share: share, threshold: 1)
        }
        let needed = (try bytes(0.5), try bytes(0.95), try bytes(0.99))
        func received(_ count: Int?) -> Int? { count.map { $0 == 0 ? 0 : viewer.arrivals[$0 - 1].byteCount } }
        let first = viewer.arrivals[min(plan.firstPicture.count, viewer.arrivals.count) - 1]
        let end = viewer.settledAt ?? viewer.time
        return ClientPathMeasurement(
            model: name, view: standard.rawValue, rate: link.rate / 1e6, roundTrip: link.roundTrip,
            limitByteCount: limit, leastByteCount: least, firstPictureByteCount: first.byteCount,
            firstPictureSeconds: first.time,
            byteCount50: received(needed.0), byteCount95: received(needed.1), byteCount99: received(needed.2),
            seconds95: needed.1.map { $0 == 0 ? 0 : viewer.arrivals[$0 - 1].time },
            settledByteCount: viewer.arrivals.last { $0.time <= end }?.byteCount ?? 0, settledSeconds: end,
            linkUse: linkUse(viewer, until: end, link), staleByteCount: staleByteCount(link))
    }

    /// Of the time between the first byte and the last that a view needed.
    private func linkUse(_ viewer: SimulatedViewer, until end: Double, _ link: SimulatedLink) -> Double {
        let needed = viewer.arrivals.filter { $0.time <= end }
        guard let first = needed.first, let last = needed.last, last.time > first.time else { return 1 }
        let bytes = last.byteCount - first.byteCount
        return min(1, Double(bytes) * 8 / link.rate / (last.time - first.time))
    }

    /// Jumps while a close view is being filled: what arrives later than the jump can have influenced.
    private func staleByteCount(_ link: SimulatedLink) -> Int {
        let home = ViewState.home(of: archive.bounds, width: 1280, height: 720)
        var near = home
        near.eye = archive.bounds.center + home.axes.z * (0.6 * archive.bounds.diagonal)
        var viewer = SimulatedViewer(archive, plan: plan, link: link)
        viewer.look(ViewUpdate(sequence: 1, view: near, thresholdPixels: 0.5))
        viewer.run(until: 40 * link.roundTrip)
        let known = viewer.arrivals.count
        let jumpedAt = viewer.time
        viewer.look(ViewUpdate(sequence: 2, view: home))
        let heardAt = jumpedAt + link.roundTrip / 2
        viewer.run(until: heardAt + 4 * link.roundTrip + 1)
        let stale = viewer.arrivals[known...].filter { $0.sentAt < heardAt && $0.time > heardAt }
        return stale.reduce(0) { $0 + Int(archive.index.chunks[Int($1.chunk)].byteCount) + 14 }
    }
}
