// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import ModelStorage
import StreamCore

/// What a renderer has on one opened device; a new one after the device was lost.
final class RendererCore {
    let instance: VulkanInstance
    let device: Device
    let library: PipelineLibrary
    let targets: TargetPool
    private let usesGPUPaths: Bool

    init(_ options: RendererOptions) throws(RenderingError) {
        let shaders = try ShaderFiles()
        (instance, device, library) = try onGPU { () throws(GPUError) in
            let instance = try VulkanInstance(isValidated: options.isValidated, objects: options.objects)
            let device = try Device(
                instance, choice: options.device, budgetByteCount: options.budgetByteCount,
                needsStaging: options.usesGPUPaths ?? false, failures: options.failures)
            return (
                instance, device, try PipelineLibrary(device, shaders, cacheBytes: options.pipelineCacheBytes)
            )
        }
        targets = TargetPool(device)
        usesGPUPaths = options.usesGPUPaths ?? (device.description.kind != .cpu)
    }

    /// How long the device may take for what it was given.
    var patienceMilliseconds: Int { device.description.kind == .cpu ? 20_000 : 2_000 }

    func shutDown() { device.shutDown(timeoutMilliseconds: patienceMilliseconds) }

    func begin(
        _ request: FrameRequest, of scene: RenderScene, slot: FrameSlot, triangleLimit: Int
    ) throws(GPUError) -> PendingFrame {
        let objects = try select(request, of: scene, triangleLimit: triangleLimit)
        let facts = facts(request, scene)
        let commands = try Commands(device)
        objects.uploader.record(commands)
        let painter = FramePainter(
            commands: commands, library: library, objects: objects, slot: slot,
            shared: request.sampleCount > 1 ? try targets.multisampled(slot.bucket) : nil,
            plan: DrawPlan(scene.list, objects.meshes, objects.materials), facts: facts,
            reference: scene.list.reference, usesGPUPaths: usesGPUPaths)
        try painter.record()
        return PendingFrame(slot: slot, value: try submit(commands, with: objects), facts: facts)
    }

    /// Loads what a request shows and is there, and fills the scene's list with it.
    private func select(
        _ request: FrameRequest, of scene: RenderScene, triangleLimit: Int
    ) throws(GPUError) -> SceneObjects {
        scene.look(
            SceneView(
                viewer: request.viewer, view: request.view, thresholdPixels: request.thresholdPixels,
                isSecondary: request.isSecondary))
        let objects = try update(scene)
        scene.loader.select(
            request.view, viewer: request.viewer, thresholdPixels: request.thresholdPixels,
            triangleLimit: triangleLimit, into: &scene.list)
        return objects
    }

    /// Fixes what a picture shows that is drawn in pieces.
    func compose(_ request: FrameRequest, of scene: RenderScene) throws(GPUError) -> TiledPicture {
        let objects = try select(request, of: scene, triangleLimit: request.triangleLimit ?? Int.max)
        try upload(objects)
        let list = scene.list
        let plan = DrawPlan(list, objects.meshes, objects.materials)
        let depth = DepthMapping(request.view, bounds: scene.archive.bounds)
        // The first one stands behind what samples nothing.
        var textures: [Int: HeldTextures] = [:]
        for entry in [objects.materials.entries[0]] + (plan.batches + plan.blendedBatches).map(\.entry)
        where textures[entry.group] == nil {
            textures[entry.group] = try objects.textures(of: entry)
        }
        let source = TiledPicture.Source(
            objects: objects, plan: plan,
            bounds: PlanBounds(plan, request.view, reference: list.reference, depth: depth),
            reference: list.reference, depth: depth, textures: textures)
        return TiledPicture(request, source, list)
    }

    /// Draws a piece of a picture.
    func begin(_ piece: TiledPicture.Piece, of picture: TiledPicture, slot: FrameSlot) throws(GPUError) -> PendingFrame
    {
        let source = picture.source
        var request = picture.request
        request.passes = piece.passes
        let (width, height) = (piece.part.width, piece.part.height)
        let facts = FrameFacts(
            request: request, width: width, height: height, part: piece.part,
            triangleCount: piece.plan.triangleCount, thresholdPixels: picture.thresholdPixels,
            isComplete: picture.isComplete, isThresholdMoving: false, depth: source.depth,
            readback: readback(request, width: width, height: height))
        let commands = try Commands(device)
        source.objects.uploader.record(commands)
        let painter = FramePainter(
            commands: commands, library: library, objects: source.objects, slot: slot,
            shared: request.sampleCount > 1 ? try targets.multisampled(slot.bucket) : nil, plan: piece.plan,
            facts: facts, reference: source.reference, usesGPUPaths: usesGPUPaths, textures: source.textures)
        try painter.record()
        return PendingFrame(slot: slot, value: try submit(commands, with: source.objects), facts: facts)
    }

    /// Brings what has been decoded to the device.
    func load(_ scene: RenderScene) throws(GPUError) {
        try upload(try update(scene))
    }

    private func upload(_ objects: SceneObjects) throws(GPUError) {
        guard !objects.uploader.isEmpty else { return }
        let commands = try Commands(device)
        objects.uploader.record(commands)
        _ = try submit(commands, with: objects)
    }

    private func submit(_ commands: Commands, with objects: SceneObjects) throws(GPUError) -> UInt64 {
        let value = try commands.submit()
        objects.uploader.submitted()
        return value
    }

    /// Puts on the device what has been decoded. A scene of which a part is missing then begins anew.
    private func update(_ scene: RenderScene) throws(GPUError) -> SceneObjects {
        do throws(GPUError) {
            let objects = try objects(of: scene)
            let changes = scene.loader.update(views: scene.views)
            scene.status = RenderScene.Status(
                isChanged: changes.isSceneChanged, isSettled: changes.isSettled, damages: changes.damages)
            try objects.apply(changes, levelCounts: scene.levelCounts)
            return objects
        } catch {
            scene.reset()
            throw error
        }
    }

    func finish(_ frame: PendingFrame) throws(GPUError) -> RenderedFrame {
        try device.wait(for: frame.value, timeoutMilliseconds: patienceMilliseconds)
        let facts = frame.facts
        return RenderedFrame(
            width: facts.width, height: facts.height, triangleCount: facts.triangleCount,
            thresholdPixels: facts.thresholdPixels, isComplete: facts.isComplete,
            isThresholdMoving: facts.isThresholdMoving, drawnPasses: facts.request.drawnPasses,
            isPartial: facts.request.isPartial, results: try FrameResults(frame), slot: frame.slot)
    }

    private func objects(of scene: RenderScene) throws(GPUError) -> SceneObjects {
        if let objects = scene.objects { return objects }
        let description = scene.archive.description
        let objects = try SceneObjects(
            library, materials: description.materials, samplers: description.textures.map(\.sampler))
        scene.objects = objects
        return objects
    }

    private func facts(_ request: FrameRequest, _ scene: RenderScene) -> FrameFacts {
        let list = scene.list
        let (width, height) = (Int(request.view.width), Int(request.view.height))
        return FrameFacts(
            request: request, width: width, height: height, triangleCount: list.triangleCount,
            thresholdPixels: list.thresholdPixels, isComplete: list.isComplete,
            isThresholdMoving: list.isThresholdMoving,
            depth: DepthMapping(request.view, bounds: scene.archive.bounds),
            readback: readback(request, width: width, height: height))
    }

    private func readback(_ request: FrameRequest, width: Int, height: Int) -> ReadbackLayout {
        request.isPartial
            ? ReadbackLayout() : ReadbackLayout(request, width: width, height: height, hasSummary: usesGPUPaths)
    }
}
