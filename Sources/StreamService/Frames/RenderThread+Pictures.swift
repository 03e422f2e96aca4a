// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import GPU
import ModelStorage
import Rendering
import StreamCore

/// Single pictures: drawn when all that they need is loaded, and nobody who moves needs the device.
extension RenderThread {
    /// A picture whose data is being loaded.
    struct WaitingPicture {
        /// After so long it is drawn with what is there.
        static let patience = Duration.seconds(20)
        /// That may wait.
        static let limit = 64

        let task: PictureTask
        let scene: Scene
        /// Negative: no viewer has such a number.
        let viewer: Int
        let view: ViewState
        let deadline: ContinuousClock.Instant

        var sceneView: SceneView {
            SceneView(viewer: viewer, view: view, thresholdPixels: task.request.thresholdPixels)
        }
    }

    func begin(_ task: PictureTask) {
        guard let renderer else {
            return task.answer(.failure(ServiceError(.noRenderer, state.value.objection)))
        }
        guard pictures.count < WaitingPicture.limit else {
            return task.answer(.failure(ServiceError(.full, "too many pictures wait to be drawn", retrySeconds: 2)))
        }
        let (request, scene) = (task.request, scene(of: task.model))
        let picture = WaitingPicture(
            task: task, scene: scene, viewer: -nextDrawingNumber(),
            view: request.camera.view(of: task.model.archive.bounds, width: request.width, height: request.height),
            deadline: clock.now.advanced(by: WaitingPicture.patience))
        pictures.append(picture)
        scene.opened(by: renderer, decoders).look(picture.sceneView)
        load(scene)
    }

    /// Draws the first picture that is ready.
    func drawPicture() {
        guard let renderer, drawings.isEmpty, !pictures.isEmpty else { return }
        let now = clock.now
        let ready = pictures.firstIndex { $0.scene.isSettled || now >= $0.deadline }
        guard let ready else { return }
        let picture = pictures.remove(at: ready)
        do throws(RenderingError) {
            let pending = try renderer.begin(
                FrameRequest(
                    picture.task.request, view: picture.view, viewer: picture.viewer,
                    isCPU: renderer.device.kind == .cpu),
                of: picture.scene.opened(by: renderer, decoders))
            drawings.append(
                Drawing(
                    number: nextDrawingNumber(), purpose: .picture(picture.task), scene: picture.scene,
                    pending: pending, renderer: renderer, begunAt: now))
        } catch {
            picture.task.answer(.failure(ServiceError(.failed, "the picture was not drawn: \(error)")))
            failed(error)
        }
        picture.scene.onDevice?.remove(viewer: picture.viewer)
    }
}
