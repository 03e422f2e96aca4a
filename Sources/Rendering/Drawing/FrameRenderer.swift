// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkStreaming
package import GPU
package import ModelStorage
import StreamCore

/// Draws pictures of archives on a graphics device. For one thread, the render thread, with its scenes and frames.
///
/// `begin` hands a picture to the device and returns; up to two may be on their way. After `.deviceLost` call
/// `recover`: the scenes stay open, and load what they show again from their archives.
package final class FrameRenderer {
    private let options: RendererOptions
    /// Nil only after a failed recovery.
    private(set) var core: RendererCore?
    private var scenes: [WeakScene] = []
    private(set) var budget: TriangleBudget
    private var inFlightCount = 0
    /// Two are enough to keep a device busy while the CPU works on the next.
    package static let framesInFlight = 2
    private static let leastSceneByteCount = 64 << 20

    private struct WeakScene { weak var scene: RenderScene? }

    /// Opens the device and makes what does not depend on scenes: some 30 milliseconds on a CPU.
    ///
    /// - Parameter learned: by a renderer of the same device before.
    /// - Throws: `RenderingError`: no library, driver or device, each with what to do; damaged shaders.
    package init(_ options: RendererOptions, learned: Learned? = nil) throws(RenderingError) {
        self.options = options
        let core = try RendererCore(options)
        self.core = core
        budget = TriangleBudget(isCPU: core.device.description.kind == .cpu)
        if let learned, learned.device == core.device.description { budget = learned.budget }
        device = core.device.description
        validation = core.instance.validationLog
        isValidated = core.instance.isValidated
    }

    deinit { core?.shutDown() }

    /// What pictures cost on a device.
    package struct Learned: Sendable {
        let device: DeviceDescription
        let budget: TriangleBudget
    }

    package var learned: Learned { Learned(device: device, budget: budget) }

    /// The devices of this machine, for people to choose from.
    ///
    /// - Throws: `RenderingError`: no library or no driver.
    package static func devices() throws(RenderingError) -> [DeviceDescription] {
        try onGPU { () throws(GPUError) in try VulkanInstance().devices }
    }

    package private(set) var device: DeviceDescription
    private var validation: ValidationLog
    /// Whether the validation layer was asked for and is there.
    package private(set) var isValidated: Bool
    /// What the validation layer said.
    package var validationMessages: [String] { validation.messages }
    package var isDeviceLost: Bool { core?.device.isLost ?? true }
    /// Bytes taken from the driver for everything.
    package var allocatedByteCount: Int { core?.device.allocatedByteCount ?? 0 }
    /// Of those, bytes of what is alive.
    package var usedByteCount: Int { core?.device.usedByteCount ?? 0 }
    /// To be kept in a file for the next start.
    package var pipelineCacheBytes: [UInt8] { core?.library.cache.bytes ?? [] }

    /// Opens an archive for drawing. Nothing is decoded yet.
    ///
    /// - Parameters:
    ///   - decoders: shared by all scenes.
    ///   - isSecondary: only single pictures want it, so it takes only what others leave of the device's memory; until
    ///     `watch`.
    package func open(
        _ archive: Archive, plan: StreamPlan, decoders: DecodePool, isSecondary: Bool = false
    ) -> RenderScene {
        var budget = sceneByteCount
        if isSecondary {
            let free = budgetByteCount - allocatedByteCount
            budget = min(budget, max(free / 2, FrameRenderer.leastSceneByteCount))
        }
        let scene = RenderScene(archive: archive, plan: plan, decoders: decoders, budgetByteCount: budget)
        scenes.removeAll { $0.scene == nil }
        scenes.append(WeakScene(scene: scene))
        return scene
    }

    /// A scene that was opened for pictures has a viewer now.
    package func watch(_ scene: RenderScene) { scene.grow(toByteCount: sceneByteCount) }

    private var sceneByteCount: Int {
        options.sceneByteCount ?? (core?.device.memoryBudgetByteCount ?? 1 << 30) / 2
    }

    /// Triangles that a picture of a size can have in a time, as learned so far.
    package func triangleLimit(milliseconds: Double, width: Int, height: Int, sampleCount: Int) -> Int {
        budget.triangleLimit(milliseconds: milliseconds, pixels: width * height, sampleCount: sampleCount)
    }

    /// How long a picture may take before the device counts as lost.
    package var patience: Duration { .milliseconds(core?.patienceMilliseconds ?? 0) }
    /// Bytes of the device's memory that may be used for everything.
    package var budgetByteCount: Int { core?.device.memoryBudgetByteCount ?? 0 }

    /// Loads what the scene's viewers look at (`RenderScene.look`) as far as it has been decoded, without drawing; never
    /// waits. `RenderScene.status` tells what there is still to load.
    ///
    /// - Throws: as `begin`.
    package func load(_ scene: RenderScene) throws(RenderingError) {
        guard let core else { throw .gpu(.deviceLost(call: "the device was not opened again")) }
        core.device.collect()
        do throws(GPUError) {
            try core.load(scene)
        } catch {
            if error.isOutOfMemory { scene.shrink() } else { scene.reset() }
            throw .gpu(error)
        }
    }

    /// Loads, selects, records and submits; never waits for the device.
    ///
    /// - Parameter continuing: a finished part of the same picture, whose passes end where those of `request` begin. It
    ///   is used up, also when this fails. Others' pictures may be drawn between two parts.
    /// - Throws: `RenderingError`: `.invalidRequest`; `.gpu(.outOfMemory)`, after which the scene uses less memory;
    ///   `.gpu(.deviceLost)`, after which `recover` is due.
    package func begin(
        _ request: FrameRequest, of scene: RenderScene, continuing: RenderedFrame? = nil
    ) throws(RenderingError) -> PendingFrame {
        guard let core else { throw .gpu(.deviceLost(call: "the device was not opened again")) }
        if let objection = request.objection(largestImageSize: core.device.largestImageSize) {
            throw .invalidRequest(objection)
        }
        guard inFlightCount < FrameRenderer.framesInFlight else {
            throw .invalidRequest("\(inFlightCount) pictures are on their way already")
        }
        core.device.collect()
        let (width, height) = (Int(request.view.width), Int(request.view.height))
        let bucket = SizeBucket(width: width, height: height, limit: core.device.largestImageSize)
        if let objection = continuationObjection(request, bucket, continuing) { throw .invalidRequest(objection) }
        let slot = try withRoom(core) { () throws(GPUError) in
            if let continuing { return continuing.slot }
            return try core.targets.take(bucket)
        }
        do throws(GPUError) {
            let pending = try core.begin(
                request, of: scene, slot: slot, triangleLimit: triangleLimit(request, width: width, height: height))
            inFlightCount += 1
            scene.sufficed()
            return pending
        } catch {
            // What the picture was to be drawn into stays: the next attempt has to allocate less.
            core.targets.removeIdle(except: bucket)
            core.targets.give(slot)
            if error.isOutOfMemory { scene.shrink() } else { scene.reset() }
            throw .gpu(error)
        }
    }

    /// Whether `finish` would not wait.
    package func isFinished(_ frame: PendingFrame) -> Bool {
        guard let core else { return true }
        return core.device.isLost || core.device.finishedValue >= frame.value
    }

    /// Waits for a picture, at most 20 seconds on a CPU and 2 on a GPU. A frame is finished once.
    ///
    /// - Throws: `RenderingError` `.gpu(.deviceLost)`; the frame is gone then.
    package func finish(_ frame: PendingFrame) throws(RenderingError) -> RenderedFrame {
        guard let core, frame.slot.device === core.device else {
            throw .gpu(.deviceLost(call: "the picture was begun before the device was lost"))
        }
        // Pieces of pictures are not counted.
        if frame.facts.part == nil { inFlightCount -= 1 }
        let finished = try onGPU { () throws(GPUError) in try core.finish(frame) }
        let request = frame.facts.request
        budget.note(
            milliseconds: finished.drawMilliseconds / Double(request.drawnPasses.count),
            pixels: finished.width * finished.height, triangles: finished.triangleCount,
            sampleCount: request.sampleCount)
        return finished
    }

    /// Gives a picture's memory to the next one.
    package func release(_ frame: RenderedFrame) {
        // After a recovery the slot is of a device that is gone.
        if let core, frame.slot.device === core.device { core.targets.give(frame.slot) }
    }

    /// Opens the device again after it was lost. Frames that were on their way are gone; scenes load again what they
    /// show.
    ///
    /// - Throws: `RenderingError`: the device cannot be opened; try again later.
    package func recover() throws(RenderingError) {
        for entry in scenes { entry.scene?.reset() }
        core?.shutDown()
        core = nil
        inFlightCount = 0
        let core = try RendererCore(options)
        self.core = core
        device = core.device.description
        validation = core.instance.validationLog
        isValidated = core.instance.isValidated
    }

    private func triangleLimit(_ request: FrameRequest, width: Int, height: Int) -> Int {
        if let limit = request.triangleLimit { return limit }
        guard let target = request.targetMilliseconds else { return Int.max }
        return budget.triangleLimit(
            milliseconds: target / Double(request.accumulation), pixels: width * height,
            sampleCount: request.sampleCount)
    }

    /// Why a request does not go on where a part ended; nil: it does.
    private func continuationObjection(
        _ request: FrameRequest, _ bucket: SizeBucket, _ part: RenderedFrame?
    ) -> String? {
        guard let part else {
            return request.drawnPasses.lowerBound == 0 ? nil : "passes \(request.drawnPasses) do not begin a picture"
        }
        guard part.slot.device === core?.device else { return "the device was lost since the part was drawn" }
        let isNext =
            part.isPartial && part.drawnPasses.upperBound == request.drawnPasses.lowerBound
            && part.slot.bucket == bucket
            && (part.width, part.height) == (Int(request.view.width), Int(request.view.height))
        return isNext ? nil : "passes \(request.drawnPasses) do not follow \(part.drawnPasses)"
    }

    /// Tries again without what is idle if memory runs out.
    func withRoom<Result>(
        _ core: RendererCore, _ body: () throws(GPUError) -> Result
    ) throws(RenderingError) -> Result {
        do throws(GPUError) {
            return try body()
        } catch {
            guard error.isOutOfMemory else { throw .gpu(error) }
            core.targets.removeIdle()
            core.device.collect()
            return try onGPU(body)
        }
    }
}
