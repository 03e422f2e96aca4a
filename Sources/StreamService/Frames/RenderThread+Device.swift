// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import GPU
import Logging
import Rendering
import Transport

/// The device: found, lost, found again.
extension RenderThread {
    /// Opens the device; without one, `recovery` says when to try again.
    func openDevice() {
        do throws(RenderingError) {
            var options = RendererOptions()
            options.device = DeviceChoice(configuration.device)
            options.budgetByteCount = configuration.memoryLimit == 0 ? nil : configuration.memoryLimit
            options.failures = failures
            options.usesGPUPaths = usesGPUPaths
            options.pipelineCacheBytes = cacheFile?.load() ?? []
            savedCacheByteCount = options.pipelineCacheBytes.count
            // What a lost device had compiled and learned is true of the next one.
            if keptPipelines.count > savedCacheByteCount { options.pipelineCacheBytes = keptPipelines }
            let renderer = try FrameRenderer(options, learned: learned)
            self.renderer = renderer
            recovery.opened(at: clock.now)
            let device = renderer.device
            facts.gpuByteLimit = renderer.budgetByteCount
            state.set(facts)
            log.notice(
                "drawing",
                metadata: ["device": "\(device.name)", "kind": "\(device.kind)", "driver": "\(device.driver)"])
            scheduler.options = device.kind == .cpu ? .cpu : SchedulerOptions()
            state.set(.ready(RendererFacts(name: device.name, kind: "\(device.kind)", driver: device.driver)))
            deviceIsBack()
        } catch {
            scheduler.options.submissionLimit = 0
            let delay = recovery.failed(at: clock.now)
            // What was never there is news only once.
            if state.value == .starting {
                log.notice("the server cannot draw; viewers draw for themselves", metadata: ["reason": "\(error)"])
            }
            state.set(.unavailable(reason: "\(error)", retrySeconds: max(1, Int(delay.rounded(.up)))))
            failPictures("\(error)")
        }
    }

    /// Pictures come as the planes that JPEG stores: where the device is the processor, converting in the encoder is
    /// faster.
    var usesPlanes: Bool { usesGPUPaths ?? (renderer.map { $0.device.kind != .cpu } ?? false) }

    /// After the first pictures nearly everything is compiled.
    func plansSavingPipelines() {
        if cacheFile != nil, cacheSaveAt == nil { cacheSaveAt = clock.now.advanced(by: .seconds(5)) }
    }

    /// Keeps what the driver has compiled, if that is more than before.
    func savePipelines(waits: Bool) {
        cacheSaveAt = nil
        guard let cacheFile, let bytes = renderer?.pipelineCacheBytes, bytes.count > savedCacheByteCount else { return }
        savedCacheByteCount = bytes.count
        // Files may be slow; nobody waits for them but a program that ends.
        if waits { cacheFile.save(bytes) } else { files.start { cacheFile.save(bytes) } }
    }

    private func deviceIsBack() {
        guard facts.lossCount > 0 else { return }
        let notice = ViewerNotice(code: .rendererBack, message: "The server draws again.")
        for member in members.values {
            _ = member.member.connection.send(notice.payload, priority: .control)
            perform(scheduler.handle(.deviceReturned, of: member.member.viewer, at: clock.now))
        }
    }

    /// The device is gone with everything on it; what was ordered of it failed.
    func loseDevice(_ error: RenderingError) {
        facts.lossCount += 1
        metrics.failed(.noRenderer)
        let delay = recovery.failed(at: clock.now)
        log.error("the device was lost", metadata: ["reason": "\(error)", "retrySeconds": "\(delay)"])
        state.set(.unavailable(reason: "\(error)", retrySeconds: max(1, Int(delay.rounded(.up)))))
        let lost = drawings
        drawings = []
        for scene in scenes.values { scene.loseDevice() }
        for viewer in members.keys { dropPart(of: viewer) }
        failPictures("\(error)")
        keptPipelines = renderer?.pipelineCacheBytes ?? keptPipelines
        learned = renderer?.learned
        // Nothing is ordered until there is a device: what fails for want of one would only be tried again ever later.
        scheduler.options.submissionLimit = 0
        // Encoders may still read what it drew: `held` keeps it until they are done.
        renderer = nil
        let notice = ViewerNotice(
            code: .rendererLost, message: "The server's graphics device failed; it is being started again.",
            retrySeconds: max(1, Int(delay.rounded(.up))))
        for member in members.values { _ = member.member.connection.send(notice.payload, priority: .control) }
        for drawing in lost { if case .frame(let order) = drawing.purpose { fail(order) } }
    }

    /// A frame is neither drawn nor sent.
    func fail(_ order: FrameOrder) {
        members[order.viewer]?.end(order.frame)
        perform(scheduler.handle(.failed(frame: order.frame), of: order.viewer, at: clock.now))
    }

    func perform(_ actions: [FrameAction]) { for action in actions { perform(action) } }
}
