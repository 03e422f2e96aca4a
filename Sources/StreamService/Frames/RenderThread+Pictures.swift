// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import FrameStreaming
import GPU
import Logging
import ModelStorage
import Rendering
import StreamCore

/// Single pictures, one at a time: loaded behind what viewers look at, and drawn in pieces so short that whoever moves
/// does not notice.
extension RenderThread {
    /// The picture that is being loaded and drawn.
    struct OpenPicture {
        let task: PictureTask
        let scene: Scene
        /// Negative: no viewer has such a number.
        let viewer: Int
        let view: ViewState
        let begunAt: ContinuousClock.Instant
        /// Nil while it is loaded.
        var tiled: TiledPicture?
        /// Times that memory ran out for it.
        var shortageCount = 0

        /// Then it is drawn with what is there.
        var deadline: ContinuousClock.Instant { begunAt.advanced(by: PictureTimes.loading) }

        var sceneView: SceneView {
            SceneView(
                viewer: viewer, view: view, thresholdPixels: task.request.thresholdPixels, isSecondary: true)
        }
    }

    /// How pictures share the device.
    enum PictureTimes {
        /// For loading.
        static let loading = Duration.seconds(20)
        /// A piece that would hold up somebody who moves waits for so long at most.
        static let patience = Duration.milliseconds(500)
        /// What a piece takes where nobody is sent pictures, milliseconds.
        static let aloneMilliseconds = 200.0
        /// A picture for which memory runs out is begun anew so often.
        static let attempts = 8
        /// What pictures were drawn into is given back after so long without any.
        static let rest = Duration.seconds(2)
    }

    func begin(_ task: PictureTask) {
        guard renderer != nil else { return task.answer(.failure(unavailable(state.value.objection))) }
        if let refused = pictures.add(task, number: task.number, of: task.caller) {
            refused.answer(
                .failure(
                    ServiceError(
                        .full, "\(pictures.limit) pictures wait to be drawn (renderer.pictureLimit)",
                        retrySeconds: pictures.retrySeconds)))
        }
        openPicture()
    }

    /// Nobody waits for a picture any more.
    func cancelPicture(_ number: Int) {
        let reason = ServiceError(.ended, "nobody waits for the picture any more")
        if let task = pictures.remove(number: number) { return task.answer(.failure(reason)) }
        guard let open = picture, open.task.number == number else { return }
        closePicture()
        open.task.answer(.failure(reason))
    }

    /// Begins to load the next picture, when the one before is drawn and encoded.
    private func openPicture() {
        guard picture == nil, !isPictureEncoding, let renderer, let task = pictures.next() else { return }
        let (request, scene) = (task.request, scene(of: task.model))
        let open = OpenPicture(
            task: task, scene: scene, viewer: -nextDrawingNumber(),
            view: request.camera.view(of: task.model.archive.bounds, width: request.width, height: request.height),
            begunAt: clock.now)
        picture = open
        pictureRestAt = nil
        scene.opened(by: renderer, decoders).look(open.sceneView)
        load(scene)
    }

    /// Draws the next piece, if one may be drawn now.
    func drawPicture() {
        pictureAskAt = nil
        openPicture()
        guard let renderer, let open = picture, !drawings.contains(where: \.isPiece) else { return }
        let now = clock.now
        guard open.tiled != nil || open.scene.isSettled || now >= open.deadline else { return }
        guard mayDrawPiece(at: now) else { return }
        do throws(RenderingError) {
            let tiled: TiledPicture
            if let known = open.tiled { tiled = known } else { tiled = try compose(open, renderer) }
            picture?.tiled = tiled
            let pending = try renderer.beginPiece(of: tiled, milliseconds: pieceMilliseconds)
            drawings.append(
                Drawing(
                    number: nextDrawingNumber(), purpose: .piece(tiled), scene: open.scene, pending: pending,
                    renderer: renderer, begunAt: now))
        } catch {
            if error.isOutOfMemory, open.shortageCount < PictureTimes.attempts { return beginAnew(renderer) }
            failPicture(error)
        }
    }

    /// Memory ran out, and the renderer has made room.
    private func beginAnew(_ renderer: FrameRenderer) {
        if let tiled = picture?.tiled { renderer.discard(tiled) }
        picture?.tiled = nil
        picture?.shortageCount += 1
        pictureAskAt = clock.now
    }

    /// Whether nobody who moves is held up, or pieces have waited long; else says when to ask again.
    private func mayDrawPiece(at now: ContinuousClock.Instant) -> Bool {
        let overdueAt = max(pieceOverdueAt ?? now, picture?.begunAt ?? now)
        // Behind one frame at most: a device works on what it was given in order.
        if now >= overdueAt { return drawings.count <= 1 }
        pictureAskAt = overdueAt
        guard drawings.isEmpty else { return false }
        guard let soon = scheduler.earliestInteraction(at: now) else { return true }
        return now.advanced(by: .milliseconds(pieceMilliseconds)) <= soon
    }

    /// What a piece may take: as much as passes of stills where somebody looks at frames.
    private var pieceMilliseconds: Double {
        members.isEmpty ? PictureTimes.aloneMilliseconds : scheduler.options.accumulationPartSeconds * 1000
    }

    private func compose(_ open: OpenPicture, _ renderer: FrameRenderer) throws(RenderingError) -> TiledPicture {
        let isCPU = renderer.device.kind == .cpu
        return try renderer.compose(
            FrameRequest(open.task.request, view: open.view, viewer: open.viewer, isCPU: isCPU),
            of: open.scene.opened(by: renderer, decoders))
    }

    /// A piece is drawn; after the last one, the picture is encoded.
    ///
    /// - Parameter milliseconds: that the device took for it.
    func finished(_ tiled: TiledPicture, milliseconds: Double) {
        plansSavingPipelines()
        // Pictures get as much of the device as those who rest.
        let rest = Duration.milliseconds(scheduler.options.refinementRest * milliseconds)
        pieceOverdueAt = clock.now.advanced(by: min(rest, PictureTimes.patience))
        guard let open = picture, open.tiled === tiled else {
            // Nobody wants it any more.
            renderer?.discard(tiled)
            return
        }
        guard tiled.isFinished else { return }
        let task = open.task
        pictures.took(seconds: (clock.now - open.begunAt).inSeconds)
        facts.pictureCount += 1
        facts.drawSeconds += tiled.drawMilliseconds / 1000
        let drawn = DrawnPicture(tiled)
        closePicture()
        isPictureEncoding = true
        pictureEncoding.start { [mailbox] in
            task.answer(FrameEncoding.encode(task.request, drawn))
            mailbox.post(.pictureEncoded)
        }
    }

    func pictureWasEncoded() {
        isPictureEncoding = false
        if pictures.isEmpty { pictureRestAt = clock.now.advanced(by: PictureTimes.rest) }
    }

    /// Gives memory back after the last picture.
    func restPictures() {
        pictureRestAt = nil
        renderer?.rest()
        files.start { ProcessMemory.giveBack() }
    }

    /// Ends the open picture; the device may still work on a piece of it.
    private func closePicture() {
        guard let open = picture else { return }
        picture = nil
        open.scene.onDevice?.remove(viewer: open.viewer)
        // A piece on its way gives its target back when it is finished.
        if let tiled = open.tiled, !drawings.contains(where: { $0.isPiece(of: tiled) }) { renderer?.discard(tiled) }
        if open.scene.viewers.isEmpty { closeOthers(than: open.scene) }
        if pictures.isEmpty { pictureRestAt = clock.now.advanced(by: PictureTimes.rest) }
    }

    /// A picture cannot be drawn: who waits hears why, and whether to ask again.
    private func failPicture(_ error: RenderingError) {
        guard let task = picture?.task else { return }
        closePicture()
        switch error {
        case .gpu(let reason) where reason.isDeviceLost: task.answer(.failure(unavailable("\(error)")))
        case .gpu: task.answer(.failure(ServiceError(.full, "\(error)", retrySeconds: pictures.retrySeconds)))
        case .invalidRequest: task.answer(.failure(ServiceError(.badRequest, "\(error)")))
        case .damagedInstallation: task.answer(.failure(ServiceError(.failed, "\(error)")))
        }
        failed(error)
    }

    /// A piece came to nothing.
    func failPicture(_ tiled: TiledPicture, _ error: RenderingError) {
        if picture?.tiled === tiled { return failPicture(error) }
        renderer?.discard(tiled)
        failed(error)
    }

    func failPictures(_ reason: String) {
        var waiting = pictures.removeAll()
        if let task = picture?.task { waiting.insert(task, at: 0) }
        closePicture()
        for task in waiting { task.answer(.failure(unavailable(reason))) }
    }

    private func unavailable(_ reason: String) -> ServiceError {
        var retrySeconds: Int?
        if case .unavailable(_, let seconds) = state.value { retrySeconds = seconds }
        return ServiceError(.noRenderer, "this server cannot draw now: \(reason)", retrySeconds: retrySeconds ?? 1)
    }
}
