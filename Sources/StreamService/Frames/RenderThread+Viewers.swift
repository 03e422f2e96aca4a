// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import GPU
import JSONCoding
import ModelStorage
import Rendering
import StreamCore
import Transport

extension RenderThread {
    /// A viewer and what it has been sent.
    struct Member {
        /// Frames that are remembered for picks.
        static let rememberedCount = 32

        let member: FrameMember
        var hello: FrameHello
        var camera: CameraUpdate
        /// Encoded frames whose parts go out when the scheduler says so.
        var outgoing: [UInt32: EncodedFrame] = [:]
        /// Frames that were ordered, and neither sent whole nor given up.
        private var open: Set<UInt32> = []
        /// Cameras of the latest frames, oldest first.
        private var shown: [(frame: UInt32, view: ViewState)] = []
        /// What it shows at rest, so that only what changes is sent.
        var shownPicture = ShownPicture()
        /// The pixels of the latest still of this view, which its lossless version shows too.
        var kept: (frame: UInt32, pixels: KeptPixels)?
        typealias Part = (number: UInt32, frame: RenderedFrame, renderer: FrameRenderer)
        /// The passes that are drawn of a refined still.
        var part: Part?
        /// Picks that are being looked up.
        var pickCount = 0
        let rights: FrameRights
        /// Of viewers whose picks are not exact.
        private var pickBucket: TokenBucket

        init(member: FrameMember, camera: CameraUpdate, at now: ContinuousClock.Instant) {
            self.member = member
            rights = FrameRights(member.rights, bounds: member.model.archive.bounds)
            let rate = FrameRights.picksPerSecond
            pickBucket = TokenBucket(rate: rate, capacity: rate, now: now)
            hello = member.hello
            self.camera = camera
        }

        var openCount: Int { max(open.count, outgoing.count) }

        func isOpen(_ frame: UInt32) -> Bool { open.contains(frame) }

        /// What is shown before a still; nil: something else, or another frame is still on its way to be sent before it.
        func previousPicture(of order: FrameOrder) -> PreviousPicture? {
            guard order.purpose != .moving, open == [order.frame], let known = shownPicture.previous(of: order.view)
            else { return nil }
            return PreviousPicture(picture: known.picture, isShown: known.isShown)
        }

        /// Whether a pick may be looked up now; counts it then.
        mutating func beginsPick(at now: ContinuousClock.Instant) -> Bool {
            guard pickCount < 16, rights.isExact || pickBucket.take(1, now: now) else { return false }
            pickCount += 1
            return true
        }

        mutating func end(_ frame: UInt32) {
            open.remove(frame)
            outgoing[frame] = nil
        }

        mutating func begin(_ frame: UInt32, _ view: ViewState) {
            open.insert(frame)
            shown.append((frame, view))
            if shown.count > Member.rememberedCount { shown.removeFirst() }
        }

        /// The view in which the viewer pointed at something.
        func view(ofFrame frame: UInt32) -> ViewState { shown.last { $0.frame == frame }?.view ?? camera.view }
    }

    func enter(_ member: FrameMember, _ view: ViewUpdate) {
        let camera = CameraUpdate(view)
        members[member.viewer] = Member(member: member, camera: camera, at: clock.now)
        let scene = scene(of: member.model)
        scene.viewers.insert(member.viewer)
        if let onDevice = scene.onDevice { renderer?.watch(onDevice) }
        if scene.refusal != nil { publishRefusals() }
        var limits = ViewerLimits()
        limits.pixelLimit = configuration.pixelLimit
        limits.framesPerSecond = 1000 / frameMilliseconds
        limits.holdsRate = configuration.holdsRate
        let now = clock.now
        perform(scheduler.handle(.entered(limits), of: member.viewer, at: now))
        perform(scheduler.handle(.view(camera), of: member.viewer, at: now))
    }

    /// What a picture of a moving camera may take.
    var frameMilliseconds: Double {
        if configuration.frameMilliseconds > 0 { return configuration.frameMilliseconds }
        return renderer?.device.kind == .cpu ? 45 : 33
    }

    func leave(_ viewer: Int) {
        dropPart(of: viewer)
        guard let member = members.removeValue(forKey: viewer) else { return }
        perform(scheduler.handle(.left, of: viewer, at: clock.now))
        let scene = scene(of: member.member.model)
        scene.viewers.remove(viewer)
        if scene.refusal != nil { publishRefusals() }
        scene.onDevice?.remove(viewer: viewer)
    }

    func take(_ input: FrameInput, of viewer: Int) {
        guard members[viewer] != nil else { return }
        let event: FrameEvent
        switch input {
        case .hello(let hello):
            // Most of what a viewer says of itself again does not change its picture.
            guard hello != members[viewer]?.hello else { return }
            members[viewer]?.hello = hello
            members[viewer]?.kept = nil
            members[viewer]?.shownPicture.forget()
            // The background has changed, so all pixels have.
            event = .sceneChanged
        case .view(let update):
            let camera = CameraUpdate(update)
            if camera.view != members[viewer]?.camera.view { members[viewer]?.kept = nil }
            members[viewer]?.camera = camera
            event = .view(camera)
        case .event(let said):
            event = said
            switch said {
            case .shown(let frame, let isSkipped, _, _):
                members[viewer]?.shownPicture.acknowledged(frame: frame, isSkipped: isSkipped)
            // What a hidden page keeps of its pictures is not known.
            case .visibility: members[viewer]?.shownPicture.forget()
            default: break
            }
        case .pick(let asked):
            pick(asked, of: viewer)
            return
        }
        perform(scheduler.handle(event, of: viewer, at: clock.now))
    }

    func report(of viewer: Int) -> JSONValue {
        guard let member = members[viewer], let statistics = scheduler.statistics(of: viewer, at: clock.now) else {
            return [:]
        }
        return [
            "view": .integer(Int(member.camera.sequence)),
            "queuedByteCount": .integer(member.member.connection.queuedByteCount),
            "openFrameCount": .integer(member.openCount), "statistics": statistics.json,
        ]
    }

    /// Looks up what a viewer pointed at, on a thread of its own.
    private func pick(_ pick: Wire.Pick, of viewer: Int) {
        guard let isTaken = members[viewer]?.beginsPick(at: clock.now), let member = members[viewer] else { return }
        guard isTaken else {
            // It asks faster than anyone can point, or than it may.
            send(Wire.Picked.nothing(request: pick.request), to: member)
            return
        }
        let (scene, view) = (scene(of: member.member.model), member.view(ofFrame: pick.frame))
        picks.start { [picking = scene.picking, mailbox] in
            mailbox.post(.picked(viewer, picking.pick(pick.request, in: view, at: pick.place)))
        }
    }

    func answer(_ message: Wire.Picked, to viewer: Int) {
        guard let member = members[viewer] else { return }
        members[viewer]?.pickCount -= 1
        send(message, to: member)
    }

    private func send(_ message: Wire.Picked, to member: Member) {
        _ = member.member.connection.send(.bytes(member.rights.limited(message).encode()), priority: .control)
    }
}

extension CameraUpdate {
    init(_ update: ViewUpdate) {
        self.init(
            sequence: update.sequence, view: update.view, thresholdPixels: update.thresholdPixels,
            velocity: update.velocity, angularVelocity: update.angularVelocity, isMoving: update.isMoving)
    }
}
