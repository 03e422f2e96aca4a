// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import Logging
import Rendering
import StreamCore
import Transport

/// From an order to its bytes on their way.
extension RenderThread {
    /// Something that the device works on.
    struct Drawing {
        enum Purpose {
            case frame(FrameOrder)
            /// A piece of a single picture.
            case piece(TiledPicture)
        }

        let number: Int
        let purpose: Purpose
        let scene: Scene
        let pending: PendingFrame
        let renderer: FrameRenderer
        let begunAt: ContinuousClock.Instant

        var isPiece: Bool { if case .piece = purpose { true } else { false } }

        func isPiece(of picture: TiledPicture) -> Bool {
            if case .piece(let tiled) = purpose { tiled === picture } else { false }
        }
    }

    func draw(_ order: FrameOrder) {
        let now = clock.now
        guard let member = members[order.viewer], let renderer else {
            fail(order)
            return
        }
        let part = takePart(of: order.viewer)
        if order.continues {
            // It was given up, or the device was lost with it.
            guard part?.number == order.frame else {
                fail(order)
                return
            }
        } else {
            part.map { $0.renderer.release($0.frame) }
            members[order.viewer]?.begin(order.frame, order.view)
        }
        if let repeats = order.repeats, let kept = member.kept, kept.frame == repeats {
            perform(
                scheduler.handle(
                    .drawn(frame: order.frame, drawing: .zero, readback: .zero, isComplete: true), of: order.viewer,
                    at: now))
            let previous = members[order.viewer]?.previousPicture(of: order)
            encoders.start(isUrgent: false) { [mailbox, pixels = kept.pixels] encoder in
                mailbox.post(.encoded(FrameEncoding.encode(order, pixels, after: previous, encoder)))
            }
            return
        }
        let scene = scene(of: member.member.model)
        do throws(RenderingError) {
            let pending = try renderer.begin(
                FrameRequest(order, background: Background(member.hello), usesPlanes: usesPlanes),
                of: scene.opened(by: renderer, decoders),
                continuing: order.continues ? part?.frame : nil)
            drawings.append(
                Drawing(
                    number: nextDrawingNumber(), purpose: .frame(order), scene: scene, pending: pending,
                    renderer: renderer, begunAt: now))
            // What changed since the first part is in this one only.
            tellChanges(of: scene, except: order.continues ? nil : order.viewer)
        } catch {
            fail(order)
            failed(error, of: scene)
        }
    }

    /// Hands over what the device has finished.
    func finishDrawings() {
        guard let renderer else { return }
        var position = 0
        while position < drawings.count {
            // One that takes too long is finished all the same: that waits a last time, and gives the device up.
            let isOverdue = clock.now - drawings[position].begunAt > renderer.patience
            guard isOverdue || renderer.isFinished(drawings[position].pending) else {
                position += 1
                continue
            }
            let drawing = drawings.remove(at: position)
            do throws(RenderingError) {
                switch drawing.purpose {
                case .frame(let order): finished(order, drawing, try renderer.finish(drawing.pending))
                case .piece(let tiled):
                    let before = tiled.drawMilliseconds
                    try renderer.finishPiece(drawing.pending, of: tiled)
                    finished(tiled, milliseconds: tiled.drawMilliseconds - before)
                }
            } catch {
                switch drawing.purpose {
                case .frame(let order):
                    fail(order)
                    failed(error)
                case .piece(let tiled): failPicture(tiled, error)
                }
                return
            }
        }
    }

    private func finished(_ order: FrameOrder, _ drawing: Drawing, _ frame: RenderedFrame) {
        facts.drawSeconds += frame.drawMilliseconds / 1000
        if drawing.scene.succeeded() { publishRefusals() }
        if frame.planes != nil { facts.planesFrameCount += 1 }
        plansSavingPipelines()
        if frame.isPartial { return finished(order, part: frame, drawing) }
        held[drawing.number] = (frame, drawing.renderer)
        guard members[order.viewer]?.isOpen(order.frame) == true else {
            // Nobody wants it any more.
            release(drawing.number)
            fail(order)
            return
        }
        facts.drawnFrameCount += 1
        perform(
            scheduler.handle(
                .drawn(
                    frame: order.frame, drawing: .seconds(frame.drawMilliseconds / 1000),
                    readback: .seconds(frame.readbackMilliseconds / 1000), isComplete: frame.isComplete),
                of: order.viewer, at: clock.now))
        let pixels = LentFrame(frame)
        let previous = members[order.viewer]?.previousPicture(of: order)
        encoders.start(isUrgent: order.purpose == .moving) { [mailbox, number = drawing.number] encoder in
            mailbox.post(.encoded(FrameEncoding.encode(order, pixels, number, after: previous, encoder)))
        }
    }

    /// Some passes of a picture are drawn: they are kept until the next are ordered.
    private func finished(_ order: FrameOrder, part: RenderedFrame, _ drawing: Drawing) {
        guard members[order.viewer]?.isOpen(order.frame) == true else {
            drawing.renderer.release(part)
            fail(order)
            return
        }
        members[order.viewer]?.part = (order.frame, part, drawing.renderer)
        // Never nothing, which would say that kept pixels were used.
        let seconds = max(part.drawMilliseconds / 1000, 1e-6)
        perform(
            scheduler.handle(
                .drawn(frame: order.frame, drawing: .seconds(seconds), readback: .zero, isComplete: part.isComplete),
                of: order.viewer, at: clock.now))
    }

    /// Lends the drawn passes of a viewer's picture to whoever goes on with them or lets go of them.
    private func takePart(of viewer: Int) -> Member.Part? {
        defer { members[viewer]?.part = nil }
        return members[viewer]?.part
    }

    /// Lets go of the drawn passes of a picture that is not wanted any more.
    func dropPart(of viewer: Int) {
        if let part = takePart(of: viewer) { part.renderer.release(part.frame) }
    }

    /// The pixels of a drawing are not needed any more.
    func release(_ number: Int) {
        guard let (frame, renderer) = held.removeValue(forKey: number) else { return }
        renderer.release(frame)
    }

    func take(_ frame: EncodedFrame) {
        if let number = frame.drawing { release(number) }
        let order = frame.order
        guard members[order.viewer]?.isOpen(order.frame) == true else { return }
        let now = clock.now
        if frame.isUnchanged {
            if order.purpose == .refined, let pixels = frame.pixels {
                members[order.viewer]?.kept = (order.frame, pixels)
            }
            members[order.viewer]?.end(order.frame)
            perform(scheduler.handle(.unchanged(frame: order.frame), of: order.viewer, at: now))
            return
        }
        guard let content = frame.content else {
            fail(order)
            return
        }
        members[order.viewer]?.outgoing[order.frame] = frame
        if let pixels = frame.pixels { members[order.viewer]?.kept = (order.frame, pixels) }
        perform(
            scheduler.handle(
                .encoded(
                    frame: order.frame, byteCount: content.payload.bytes.count, encoding: .seconds(frame.seconds),
                    isWhole: content.isWhole),
                of: order.viewer, at: now))
    }

    func perform(_ action: FrameAction) {
        switch action {
        case .send(let viewer, let frame, let offset, let byteCount, let isFirst, let isLast):
            send(frame, to: viewer, offset..<offset + byteCount, isFirst: isFirst, isLast: isLast)
        case .abandon(let viewer, let frame, let isAnnounced):
            members[viewer]?.end(frame)
            if members[viewer]?.part?.number == frame { dropPart(of: viewer) }
            if isAnnounced, let member = members[viewer] {
                let message = Wire.FrameCancelled(frame: frame).encode()
                _ = member.member.connection.send(.bytes(message), priority: .frame)
            }
        case .notice(let viewer, let notice): tell(notice, to: viewer)
        }
    }

    private func send(_ frame: UInt32, to viewer: Int, _ range: Range<Int>, isFirst: Bool, isLast: Bool) {
        guard let member = members[viewer], let encoded = member.outgoing[frame], var content = encoded.content else {
            return
        }
        let connection = member.member.connection
        var byteCount = 0
        if isFirst {
            content = member.rights.limited(content, of: encoded.order.view)
            let header = Wire.Frame(encoded.order, content, encodeSeconds: encoded.seconds, at: clock.now).encode()
            byteCount += header.count
            _ = connection.send(.bytes(header), priority: .frame)
            if let identities = content.identities {
                let map = Wire.IdentityMap(identities, of: frame).encode()
                byteCount += map.count
                _ = connection.send(.bytes(map), priority: .frame)
                perform(scheduler.handle(.sentBeside(byteCount: map.count), of: viewer, at: clock.now))
            }
        }
        if !range.isEmpty {
            let payload = Payload.slice(
                header: Wire.FramePart.header(frame: frame, offset: UInt32(range.lowerBound)), source: content.payload,
                range: range)
            byteCount += payload.byteCount
            if !connection.send(payload, priority: .frame), connection.isOpen {
                metrics.failed(.failed)
                connection.close(code: Wire.CloseCode.failed.rawValue, reason: "too much waits to be sent")
            }
        }
        facts.sentByteCount += byteCount
        metrics.sent(.frame, byteCount: byteCount)
        if isLast {
            facts.sentFrameCount += 1
            members[viewer]?.shownPicture.sent(frame: frame, view: encoded.order.view, picture: content.resting)
            members[viewer]?.end(frame)
        }
    }

    private func tell(_ notice: FrameNotice, to viewer: Int) {
        guard let member = members[viewer] else { return }
        switch notice {
        case .silent:
            // Nobody who looks at it could do anything.
            member.member.log.info("a viewer does not say what it shows; nothing more is sent until it does")
        case .switchPath(let shortage):
            let message = "\(shortage.sentence) Drawing on this device may be better."
            member.member.log.info("notice", metadata: ["message": "\(message)"])
            guard member.member.takesAdvice else { return }
            _ = member.member.connection.send(
                ViewerNotice(code: .limit, message: message).payload, priority: .control)
        }
    }

    /// What failed was the device, or one picture.
    func failed(_ error: RenderingError) {
        if error.isDeviceLost {
            loseDevice(error)
        } else {
            metrics.failed(.failed)
            log.error("a picture was not drawn", metadata: ["reason": "\(error)"])
        }
    }
}
