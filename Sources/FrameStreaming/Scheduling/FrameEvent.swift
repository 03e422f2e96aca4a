// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What happened to one viewer. Numbers of frames that were never ordered change nothing.
package enum FrameEvent: Equatable, Sendable {
    /// It connected. Its id must never have been used before.
    case entered(ViewerLimits)
    /// It is gone: nothing is sent to it any more.
    case left
    case view(CameraUpdate)
    /// What it sees has changed, apart from the camera: visibility, selection, a replaced model.
    case sceneChanged
    /// The device works again that had failed: what failed with it says nothing, and what it sees is drawn anew.
    case deviceReturned
    /// Finer data can be drawn than before.
    case dataImproved
    /// It can be seen; it is visible until this says otherwise.
    case visibility(Bool)
    /// Which frames it wants; all until this says otherwise.
    case delivery(FrameDelivery)
    /// The largest error of its frames, pixels; nil: what each view says.
    case threshold(Float?)
    /// A place of a frame is to be looked up: of the view's newest frame if `frame` is 0 or too old.
    case pick(request: UInt32, frame: UInt32)

    // From the viewer, as in the protocol.
    case received(frame: UInt32, gap: Duration)
    case shown(frame: UInt32, isSkipped: Bool, decode: Duration, latency: Duration)

    // From the render thread and the encoders; each order, also each part of a frame, gets exactly one `drawn` or
    // `failed`.
    /// The pixels can be read: device time of drawing, and time of reading back.
    /// - isComplete: nothing that the view needs at its threshold was missing.
    case drawn(frame: UInt32, drawing: Duration, readback: Duration, isComplete: Bool)
    /// The bytes are there; `encoding`: since the pixels could be read. 0 bytes: nothing but background.
    /// - isWhole: they are all of the picture, not what has changed of it.
    case encoded(frame: UInt32, byteCount: Int, encoding: Duration, isWhole: Bool = true)
    /// The viewer shows it already: there is nothing to send.
    case unchanged(frame: UInt32)
    /// It was not drawn or not encoded: it failed, or was abandoned. Frame 0: the pick that was ordered.
    case failed(frame: UInt32)
    /// Other bytes were handed to the same connection, which frames will have to wait for: identity maps, chunks.
    case sentBeside(byteCount: Int)
}

/// Which frames a viewer wants.
package enum FrameDelivery: Equatable, Sendable {
    case all
    /// Those at rest: it draws for itself while the camera moves.
    case stills
    /// None for now.
    case none
}

/// What to do, in this order.
package enum FrameAction: Equatable, Sendable {
    /// Send these bytes of a frame's payload as a part; with `isFirst`, its header before them.
    case send(viewer: Int, frame: UInt32, offset: Int, byteCount: Int, isFirst: Bool, isLast: Bool)
    /// Drop what there is of a frame: its drawing (as soon as that can stop), encoding and bytes. If a part was sent,
    /// `isAnnounced`, the viewer is told with `FrameCancelled`.
    case abandon(viewer: Int, frame: UInt32, isAnnounced: Bool)
    /// Something that a person or the negotiation of the path may want to know. At most once every ten seconds.
    case notice(viewer: Int, FrameNotice)
}

package enum FrameNotice: Equatable, Sendable {
    /// The viewer acknowledges nothing: nothing more is sent until it does.
    case silent
    /// The worst pictures at the lowest rate are still too much: the other path would be better.
    case switchPath(Shortage)
}

/// The answer to "what now?".
package struct FrameTurn: Equatable, Sendable {
    package var actions: [FrameAction] = []
    /// Draw this, then ask again at once.
    package var order: FrameOrder?
    /// Without an order: when to ask again, if no event comes before; nil: only after an event.
    package var askAgainAt: ContinuousClock.Instant?
}
