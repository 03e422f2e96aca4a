// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import GPU
package import ModelStorage
import Rendering
import Sockets
import StreamCore

/// Draws pictures that a viewer was shown again, as fast as the device can, without encoder, link or viewer: what the
/// server path's frame rate is measured against. In this process.
package struct FreeRunning {
    private let archive: Archive
    private let device: String?
    private static let loadSeconds = 20.0
    private static let shortest = 4.0

    private struct Alone {
        /// Pictures a second.
        var rate = 0.0
        /// Of one picture.
        var triangles = 0.0
        var milliseconds = 0.0
    }

    /// - Parameter device: as of `vantage serve --vulkan-device`; nil: the best.
    package init(_ archive: Archive, device: String?) { (self.archive, self.device) = (archive, device) }

    /// Adds how many of a run's pictures the device draws a second: the same views, as large, with as many triangles.
    func add(_ pictures: [Wire.Frame], to run: inout Run, isInterrupted: () -> Bool, _ progress: BenchProgress) {
        guard !pictures.isEmpty else { return }
        do {
            progress("drawing alone", 0)
            let alone = try draw(pictures, isInterrupted, progress)
            run.add("freeRate", "drawing alone", "per s", alone.rate, better: .higher)
            run.add("freeTriangles", "· triangles", "thousand", alone.triangles / 1000, better: .neither)
            run.add("freeDraw", "· draw and read back", "ms", alone.milliseconds)
            if let shown = run.figures.first(where: { $0.name == "shownRate" })?.value {
                run.add("freeShare", "shown, of what drawing alone allows", "", shown / alone.rate, better: .higher)
            }
        } catch {
            run.failure = "drawing alone failed: \(error)"
        }
    }

    private func draw(
        _ pictures: [Wire.Frame], _ isInterrupted: () -> Bool, _ progress: BenchProgress
    ) throws -> Alone {
        var options = RendererOptions()
        options.device = DeviceChoice(device ?? "")
        let renderer = try FrameRenderer(options)
        let decoders = DecodePool(threadCount: 2)
        // No thread works any more when the program goes on to its end.
        defer {
            decoders.shutDown()
            decoders.waitUntilIdle()
        }
        let scene = renderer.open(archive, plan: try StreamPlan(archive: archive), decoders: decoders)
        let requests = pictures.map { FrameRequest($0, isCPU: renderer.device.kind == .cpu) }
        // Once through as a viewer asks for them, so that as much is loaded as the server has, and all is compiled.
        for var request in requests {
            request.thresholdPixels = HeadlessViewer.Options().thresholdPixels
            let start = SocketLoop.now
            repeat {
                renderer.release(try renderer.finish(try renderer.begin(request, of: scene)))
            } while !scene.status.isSettled && SocketLoop.now - start < FreeRunning.loadSeconds
        }
        // Some devices are faster when they always have the next one, some when they have one alone.
        var best = Alone()
        for inFlight in 1...FrameRenderer.framesInFlight {
            let timed = try time(requests, inFlight: inFlight, renderer, scene, isInterrupted, progress)
            if timed.rate > best.rate { best = timed }
        }
        return best
    }

    /// Draws the pictures in their order, from the beginning again when there are few.
    private func time(
        _ requests: [FrameRequest], inFlight: Int, _ renderer: FrameRenderer, _ scene: RenderScene,
        _ isInterrupted: () -> Bool, _ progress: BenchProgress
    ) throws -> Alone {
        var pending: [PendingFrame] = []
        var count = 0.0
        var alone = Alone()
        func finishFirst() throws {
            let frame = try renderer.finish(pending.removeFirst())
            alone.triangles += Double(frame.triangleCount)
            alone.milliseconds += frame.drawMilliseconds + frame.readbackMilliseconds
            count += 1
            renderer.release(frame)
        }
        let start = SocketLoop.now
        repeat {
            for request in requests where !isInterrupted() {
                pending.append(try renderer.begin(request, of: scene))
                if pending.count == inFlight { try finishFirst() }
                progress("drawing alone", min(1, (SocketLoop.now - start) / FreeRunning.shortest))
            }
        } while SocketLoop.now - start < FreeRunning.shortest && !isInterrupted()
        while !pending.isEmpty { try finishFirst() }
        alone.rate = count / (SocketLoop.now - start)
        alone.triangles /= max(count, 1)
        alone.milliseconds /= max(count, 1)
        return alone
    }
}

extension FrameRequest {
    /// What the server was asked for when it drew a moving frame.
    fileprivate init(_ frame: Wire.Frame, isCPU: Bool) {
        self.init(view: frame.view(width: Double(frame.width), height: Double(frame.height)))
        thresholdPixels = Double(frame.thresholdPixels)
        sampleCount = isCPU ? 1 : 4
        needsPlanes = !isCPU
        depthGrid = GridSize(columns: 32, rows: 18)
    }
}
