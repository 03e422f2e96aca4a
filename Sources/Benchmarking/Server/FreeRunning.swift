// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import GPU
import ModelStorage
import Rendering
import Sockets
import StreamCore

/// Draws along a path as fast as the device can, without encoder, link or viewer: what the server path's frame rate is
/// measured against. In this process, after the run.
package struct FreeRunning {
    private let plan: BenchPlan
    private let device: String?
    private static let loadSeconds = 20.0
    private static let longest = 6.0

    package init(_ plan: BenchPlan, device: String?) { (self.plan, self.device) = (plan, device) }

    /// Draws what the run's frames were: as many triangles, as wide.
    package func add(to run: inout Run, _ progress: BenchProgress) {
        guard let archive = plan.archive, run.failure == nil else { return }
        func figure(_ name: String) -> Double? { run.figures.first { $0.name == name }?.value }
        let triangles = figure("triangles").map { Int($0 * 1000) }
        let width = figure("width").map { Int($0) } ?? plan.width
        do {
            progress("drawing alone", 0)
            let rate = try rate(archive, triangleLimit: triangles, width: width, progress)
            run.add("freeRate", "drawing alone", "per s", rate, better: .higher)
            if let shown = figure("shownRate") {
                run.add("freeShare", "shown, of what drawing alone allows", "", shown / rate, better: .higher)
            }
        } catch {
            run.failure = "drawing alone failed: \(error)"
        }
    }

    private func rate(
        _ archive: Archive, triangleLimit: Int?, width: Int, _ progress: BenchProgress
    ) throws -> Double {
        var options = RendererOptions()
        options.device = DeviceChoice(device ?? "")
        let renderer = try FrameRenderer(options)
        let decoders = DecodePool(threadCount: 2)
        let scene = renderer.open(archive, plan: try StreamPlan(archive: archive), decoders: decoders)
        let isCPU = renderer.device.kind == .cpu
        let driver = PathDriver(path: plan.path, bounds: archive.bounds)
        let height = max(1, width * plan.height / plan.width)
        func request(_ time: Double) -> FrameRequest {
            var request = FrameRequest(view: driver.pose(at: time).view(width: Double(width), height: Double(height)))
            request.triangleLimit = triangleLimit
            request.sampleCount = isCPU ? 1 : 4
            request.depthGrid = GridSize(columns: 32, rows: 18)
            return request
        }
        let start = SocketLoop.now
        while !scene.status.isSettled, SocketLoop.now - start < FreeRunning.loadSeconds {
            renderer.release(try renderer.finish(try renderer.begin(request(0), of: scene)))
        }
        return try draw(renderer, scene, inFlight: isCPU ? 1 : 2, request, progress)
    }

    private func draw(
        _ renderer: FrameRenderer, _ scene: RenderScene, inFlight: Int, _ request: (Double) -> FrameRequest,
        _ progress: BenchProgress
    ) throws -> Double {
        let seconds = min(plan.seconds, FreeRunning.longest)
        let start = SocketLoop.now
        var (time, count) = (0.0, 0)
        var pending: [PendingFrame] = []
        while time < seconds, !plan.isInterrupted() {
            pending.append(try renderer.begin(request(time), of: scene))
            if pending.count >= inFlight {
                renderer.release(try renderer.finish(pending.removeFirst()))
                count += 1
            }
            time = SocketLoop.now - start
            progress("drawing alone", min(1, time / seconds))
        }
        for frame in pending { renderer.release(try renderer.finish(frame)) }
        return Double(count) / max(time, 1e-6)
    }
}
