// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

/// Pictures that are drawn in pieces, between others.
extension FrameRenderer {
    /// Fixes what a picture shows, and draws nothing yet. Loads and selects as `begin` does.
    ///
    /// - Parameter request: for pixels alone; its passes and its time do not count.
    /// - Throws: as `begin`.
    package func compose(_ request: FrameRequest, of scene: RenderScene) throws(RenderingError) -> TiledPicture {
        guard let core else { throw .gpu(.deviceLost(call: "the device was not opened again")) }
        var request = request
        (request.passes, request.targetMilliseconds) = (nil, nil)
        if let objection = request.objection(largestImageSize: core.device.largestImageSize) {
            throw .invalidRequest(objection)
        }
        guard !request.needsPlanes, !request.needsIdentities, request.depthGrid == nil else {
            throw .invalidRequest("a picture in pieces has pixels and nothing else")
        }
        core.device.collect()
        do throws(GPUError) {
            return try core.compose(request, of: scene)
        } catch {
            if error.isOutOfMemory { scene.shrink() } else { scene.reset() }
            throw .gpu(error)
        }
    }

    /// Hands the next piece of a picture to the device; never waits for it. One piece may be on its way beside
    /// `framesInFlight` pictures. Finish it with `finishPiece`.
    ///
    /// - Parameter milliseconds: that the piece may take, as far as that can be foreseen.
    /// - Throws: `RenderingError` as `begin`, after which the picture comes to nothing: `discard` it.
    package func beginPiece(
        of picture: TiledPicture, milliseconds: Double
    ) throws(RenderingError) -> PendingFrame {
        guard let core, core.device === picture.source.objects.uploader.device else {
            throw .gpu(.deviceLost(call: "the picture was begun before the device was lost"))
        }
        let samples = picture.request.sampleCount
        let piece = picture.nextPiece(milliseconds: milliseconds) { pixels, triangles in
            budget.milliseconds(pixels: pixels, triangles: triangles, sampleCount: samples)
        }
        guard let piece else { throw .invalidRequest("all of the picture is drawn") }
        core.device.collect()
        let bucket = picture.bucket(limit: core.device.largestImageSize)
        let slot = try withRoom(core) { () throws(GPUError) in
            if let slot = piece.slot { return slot }
            return try core.targets.take(bucket)
        }
        do throws(GPUError) {
            return try core.begin(piece, of: picture, slot: slot)
        } catch {
            core.targets.removeIdle(except: bucket)
            if piece.slot == nil { core.targets.give(slot) }
            throw .gpu(error)
        }
    }

    /// Waits for a piece as `finish` does, and takes its pixels into the picture.
    ///
    /// - Throws: `RenderingError` `.gpu(.deviceLost)`; the picture comes to nothing then.
    package func finishPiece(_ pending: PendingFrame, of picture: TiledPicture) throws(RenderingError) {
        let frame = try finish(pending)
        if let slot = picture.take(frame) { give(slot) }
    }

    /// Gives back what an unfinished picture draws into; none of its pieces is on its way.
    package func discard(_ picture: TiledPicture) {
        if let slot = picture.takeSlot() { give(slot) }
    }

    /// Gives the driver back the memory that finished pictures were drawn into, after a while without any.
    package func rest() {
        guard let core else { return }
        core.targets.removeIdle()
        core.device.collect()
    }

    private func give(_ slot: FrameSlot) {
        // After a recovery the slot is of a device that is gone.
        if let core, slot.device === core.device { core.targets.give(slot) }
    }
}
