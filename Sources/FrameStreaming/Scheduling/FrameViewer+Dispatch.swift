// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension FrameViewer {
    mutating func take(_ event: FrameEvent, at now: Double, _ actions: inout [FrameAction]) {
        switch event {
        case .entered, .left: break
        case .view(let update): take(update, at: now, &actions)
        case .sceneChanged: sceneChanged(at: now, &actions)
        case .deviceReturned:
            (failureCount, hasStillFailed, retryAt) = (0, false, -.infinity)
            if camera != nil { pictureChanged(isMoving: true, at: now, &actions) }
        case .dataImproved: takeBetterData(at: now, &actions)
        case .visibility(let isVisible): take(isVisible: isVisible, at: now, &actions)
        case .delivery(let delivery): take(delivery, at: now, &actions)
        case .threshold(let threshold): take(threshold: threshold, at: now, &actions)
        case .pick(let request, let frame): take(pick: request, of: frame)
        case .received(let frame, let gap): received(frame, gap: gap.inSeconds, at: now)
        case .shown(let frame, let isSkipped, let decode, let latency):
            shown(frame, isSkipped: isSkipped, decode: decode.inSeconds, latency: latency.inSeconds, at: now)
        case .drawn(let frame, let drawing, let readback, let isComplete):
            drawn(frame, seconds: (drawing + readback).inSeconds, isComplete: isComplete, at: now)
        case .encoded(let frame, let byteCount, let encoding, let isWhole):
            encoded(
                frame, byteCount: byteCount, seconds: encoding.inSeconds, isWhole: isWhole, at: now, &actions)
        case .unchanged(let frame): unchanged(frame)
        case .failed(let frame): failed(frame, at: now)
        case .sentBeside(let byteCount): pacer.sentBeside(byteCount: byteCount, at: now)
        }
    }

    /// When the next piece of a still is due; nil: there is none.
    var nextPieceAt: Double? { stills.nextPieceAt(linkFreeAt: pacer.link.freeAt) }
}
