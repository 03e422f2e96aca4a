// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import FrameStreaming
import Logging
import ModelStorage
import Rendering
import StreamCore
import Transport

extension RenderThread {
    /// A model that is drawn, for all its viewers; of the render thread.
    final class Scene {
        /// Scenes nobody looks at keep what they loaded for so long.
        static let idleSeconds = 60.0
        /// Those that only pictures wanted keep it for so long, and only the latest of them.
        static let pictureIdleSeconds = 10.0

        let model: ServedModel
        let picking: PickingService
        var viewers: Set<Int> = [] {
            didSet { if !viewers.isEmpty { wasWatched = true } }
        }
        /// It has had viewers.
        private(set) var wasWatched = false
        /// When somebody last wanted it.
        var usedAt: ContinuousClock.Instant
        /// On the device; nil before it is first drawn, and after the device was lost.
        private(set) var onDevice: RenderScene?
        /// Frames of it that failed in a row, and what was said of the last of them when they became too many.
        private var failureCount = 0
        private(set) var refusal: String?
        private static let failureLimit = 5
        /// Nothing that its viewers need is on its way.
        var isSettled = true

        init(model: ServedModel, at now: ContinuousClock.Instant) {
            self.model = model
            usedAt = now
            picking = PickingService(model.archive)
        }

        var idleSeconds: Double { wasWatched ? Scene.idleSeconds : Scene.pictureIdleSeconds }

        func opened(by renderer: FrameRenderer, _ decoders: DecodePool) -> RenderScene {
            if let onDevice { return onDevice }
            let scene = renderer.open(
                model.archive, plan: model.plan, decoders: decoders, isSecondary: !wasWatched)
            onDevice = scene
            isSettled = false
            return scene
        }

        /// - Returns: whether it counts as impossible to draw from now on.
        func failed(_ reason: String) -> Bool {
            failureCount += 1
            guard failureCount == Scene.failureLimit else { return false }
            refusal = reason
            return true
        }

        /// - Returns: whether it counted as impossible to draw.
        func succeeded() -> Bool {
            defer { (failureCount, refusal) = (0, nil) }
            return refusal != nil
        }

        func loseDevice() {
            onDevice = nil
            isSettled = true
        }
    }

    func scene(of model: ServedModel) -> Scene {
        // Two openings of one file are one scene; a replaced file is another, and so is one that was written over.
        let key = "\(model.id) \(model.contentHash) \(model.stamp.modified.timeIntervalSince1970)"
        if let scene = scenes[key] { return scene }
        let scene = Scene(model: model, at: clock.now)
        scenes[key] = scene
        return scene
    }

    /// A frame failed, and not for want of a device: a model that fails again and again loses the server's path, and others go
    /// on.
    func failed(_ error: RenderingError, of scene: Scene) {
        if error.isDeviceLost || scene.refusal == nil { failed(error) }
        guard !error.isDeviceLost, scene.failed("this server cannot draw the model: \(error)") else { return }
        log.error("a model cannot be drawn", metadata: ["model": "\(scene.model.id)", "reason": "\(error)"])
        for viewer in scene.viewers {
            guard let member = members[viewer]?.member, member.takesAdvice else { continue }
            _ = member.connection.send(
                ViewerNotice(code: .limit, message: scene.refusal ?? "").payload, priority: .control)
        }
        publishRefusals()
    }

    func publishRefusals() {
        var refusals: [Int: String] = [:]
        for scene in scenes.values {
            guard let reason = scene.refusal else { continue }
            for viewer in scene.viewers { refusals[viewer] = reason }
        }
        state.set(refusals: refusals)
    }

    private func isUsed(_ scene: Scene) -> Bool {
        !scene.viewers.isEmpty || picture?.scene === scene
    }

    /// Pictures of many models do not fill the device: of the models that only pictures show, one stays.
    func closeOthers(than kept: Scene) {
        scenes = scenes.filter { $0.value === kept || $0.value.wasWatched || isUsed($0.value) }
    }

    /// When a scene is to be closed.
    var sceneDeadline: ContinuousClock.Instant? {
        scenes.values.compactMap { isUsed($0) ? nil : $0.usedAt.advanced(by: .seconds($0.idleSeconds)) }.min()
    }

    /// Brings to the device what was decoded, and closes what nobody has looked at for a while. What frames show is loaded
    /// as they are begun.
    func updateScenes() {
        let now = clock.now
        for (key, scene) in scenes {
            if isUsed(scene) {
                scene.usedAt = now
            } else if (now - scene.usedAt).inSeconds > scene.idleSeconds {
                scenes[key] = nil
                continue
            }
            if hasDecoded, !scene.isSettled { load(scene) }
        }
        hasDecoded = false
        facts.gpuByteCount = renderer?.allocatedByteCount ?? 0
    }

    /// Brings to the device what was decoded of a scene, and asks for more.
    func load(_ scene: Scene) {
        guard let renderer, let onDevice = scene.onDevice else { return }
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
