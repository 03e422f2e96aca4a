// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import Logging
import ModelStorage
import Rendering
import StreamCore

extension RenderThread {
    /// A model that is drawn, for all its viewers; of the render thread.
    final class Scene {
        /// Scenes nobody looks at keep what they loaded for so long.
        static let idleSeconds = 60.0

        let model: ServedModel
        let picking: PickingService
        var viewers: Set<Int> = []
        var unusedSince: ContinuousClock.Instant?
        /// On the device; nil before it is first drawn, and after the device was lost.
        private(set) var onDevice: RenderScene?
        var isSettled = true

        init(model: ServedModel) {
            self.model = model
            picking = PickingService(model.archive)
        }

        func opened(by renderer: FrameRenderer, _ decoders: DecodePool) -> RenderScene {
            if let onDevice { return onDevice }
            let scene = renderer.open(model.archive, plan: model.plan, decoders: decoders)
            onDevice = scene
            isSettled = false
            return scene
        }

        func forget(viewer: Int, at now: ContinuousClock.Instant) {
            onDevice?.remove(viewer: viewer)
            if viewers.isEmpty { unusedSince = now }
        }

        func loseDevice() {
            onDevice = nil
            isSettled = true
        }
    }

    func scene(of model: ServedModel) -> Scene {
        // Two openings of one file are one scene; a replaced file is another.
        let key = "\(model.id) \(model.contentHash)"
        if let scene = scenes[key] {
            scene.unusedSince = nil
            return scene
        }
        let scene = Scene(model: model)
        scenes[key] = scene
        return scene
    }

    /// When a scene is to be closed.
    var sceneDeadline: ContinuousClock.Instant? {
        scenes.values.compactMap { $0.unusedSince?.advanced(by: .seconds(Scene.idleSeconds)) }.min()
    }

    /// Loads what the views need, and closes what nobody has looked at for a while.
    func updateScenes() {
        let now = clock.now
        for (key, scene) in scenes {
            if let since = scene.unusedSince, (now - since).inSeconds > Scene.idleSeconds {
                scenes[key] = nil
                continue
            }
            update(scene)
        }
        facts.gpuByteCount = renderer?.allocatedByteCount ?? 0
    }

    private func update(_ scene: Scene) {
        guard let renderer else { return }
        var views = scene.viewers.sorted().compactMap { viewer -> SceneView? in
            guard let member = members[viewer] else { return nil }
            return SceneView(
                viewer: viewer, view: member.camera.view, thresholdPixels: Double(member.camera.thresholdPixels))
        }
        views += pictures.filter { $0.scene === scene }.map(\.sceneView)
        if views.isEmpty { return }
        let onDevice = scene.opened(by: renderer, decoders)
        for view in views { onDevice.look(view) }
        do throws(RenderingError) {
            try renderer.load(onDevice)
            tellChanges(of: scene)
        } catch {
            scene.isSettled = true
            failed(error)
        }
    }

    /// Takes in what loading has changed.
    ///
    /// - Parameter viewer: whose picture shows it already.
    func tellChanges(of scene: Scene, except viewer: Int? = nil) {
        guard let status = scene.onDevice?.status else { return }
        scene.isSettled = status.isSettled
        for damage in status.damages {
            log.error("a chunk is damaged", metadata: ["model": "\(scene.model.id)", "damage": "\(damage)"])
        }
        guard status.isChanged else { return }
        for other in scene.viewers where other != viewer {
            perform(scheduler.handle(.dataImproved, of: other, at: clock.now))
        }
    }
}
