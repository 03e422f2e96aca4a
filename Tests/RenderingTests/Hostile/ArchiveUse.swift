// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Inspection
import ModelStorage
import Rendering
import StreamCore
import TestSupport

@testable import StreamService

/// Everything that a server does with an archive, without a device: whatever the archive is, none of it may end the
/// process.
struct ArchiveUse {
    private let archive: Archive
    private let plan: StreamPlan
    private let model: ServedModel

    /// - Returns: nil when the archive is refused.
    init?(path: String) {
        guard let model = try? ServedModel(path: path) else { return nil }
        (self.model, archive, plan) = (model, model.archive, model.plan)
    }

    func run() {
        describe()
        stream()
        draw()
        pick()
        preview()
        verify()
    }

    private func describe() {
        _ = ModelSummary(archive)
        _ = ModelTree(archive).bytes
        var described = Set<Int>()
        for geometry in archive.index.geometries.indices { _ = model.records.geometry(geometry) }
        for material in archive.description.materials.indices {
            _ = model.records.material(material, described: &described)
        }
    }

    private var views: [ViewState] {
        let bounds = archive.bounds
        var flat = ViewState.home(of: bounds, width: 640, height: 480)
        flat.projection = .orthographic(halfHeight: max(1e-6, bounds.diagonal))
        return [
            .home(of: bounds, width: 1280, height: 720), .at(bounds.center, from: max(1e-3, bounds.diagonal * 0.05)),
            .at(bounds.minimum, from: 1e-3), .at(.zero, from: 2), flat,
        ].filter(\.isValid)
    }

    private func stream() {
        var scratch = RankingScratch()
        var viewer = ViewerStream(plan: plan)
        var now = ContinuousClock.now
        func take(_ event: ViewerStream.Event) {
            now += .milliseconds(300)
            for action in viewer.handle(event, at: now, using: &scratch) {
                guard case .sendChunk(let sequence, let chunk) = action else { continue }
                _ = try? archive.chunkBytes(chunk)
                now += .milliseconds(1)
                _ = viewer.handle(
                    .acknowledge(sequence: sequence, hold: .zero, backlogByteCount: 0, decodeRate: 1 << 24), at: now,
                    using: &scratch)
            }
        }
        take(.budget(gpuByteLimit: 1 << 24, gpuByteCount: 0))
        take(.hint(weight: 5, treeNodes: [0, 1, .max]))
        for (number, view) in views.enumerated() {
            take(.view(ViewUpdate(sequence: UInt32(number + 1), view: view, thresholdPixels: 0.5)))
            take(.tick)
        }
        take(.evicted((0..<UInt32(plan.chunkCount)).map { $0 }))
        take(.tick)
    }

    private func draw() {
        let pool = DecodePool(threadCount: 1)
        let loader = SceneLoader(archive: archive, plan: plan, decoders: pool, budgetByteCount: 1 << 26)
        var list = DrawList()
        for (number, view) in views.enumerated() {
            for _ in 0..<3 {
                let views = [SceneView(viewer: number, view: view, thresholdPixels: 1)]
                _ = loader.update(views: views)
                for _ in 0..<50 where !loader.update(views: views).isSettled { pauseBriefly() }
                loader.select(view, viewer: number, thresholdPixels: 1, triangleLimit: 100_000, into: &list)
            }
        }
        loader.setBudget(byteCount: 1 << 16)
        for view in views { _ = loader.update(views: [SceneView(viewer: 0, view: view, thresholdPixels: 0.1)]) }
        pool.shutDown()
    }

    private func pick() {
        let picking = ScenePicking(archive: archive)
        for view in views {
            for place in [SIMD2(0.0, 0), SIMD2(0.3, -0.2)] { _ = try? picking.pick(PickRay(in: view, place: place)) }
        }
    }

    private func preview() {
        for view in [PreviewCamera.View.iso, .top] {
            var preview = ArchivePreview(
                archive, camera: PreviewCamera(fitting: archive.bounds, view: view, zoom: 1, aspectRatio: 1),
                options: ArchivePreview.Options(width: 24, height: 24, errorThreshold: 2, background: nil))
            _ = try? preview.render()
        }
    }

    private func verify() {
        var verification = ArchiveVerification(archive, threads: 1)
        _ = verification.run(cuts: 1, seed: 1)
        var again = ArchiveVerification(archive, threads: 1)
        _ = again.checkContents()
    }
}
