// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import JSONCoding
package import Logging
import ModelStorage
package import PathNegotiation
import StreamCore
import Transport

/// A connected viewer: the part that it draws itself, the part that the server draws, and who decides between them.
package struct PathViewer: ServedViewer {
    let model: ServedModel
    let session: SessionDirectory.Session
    package let number: Int
    let connection: any ViewerConnection
    let services: ViewerServices
    package let log: Logger
    let request: ViewerRequest
    /// What its token lets it do.
    let rights: Set<Right>
    /// What is shown before the first view.
    let home: ViewUpdate
    /// nil until chunks are first wanted; paused while they are not.
    var chunks: ChunkViewer?
    var hasBegunChunks = false
    /// nil until frames are first wanted, and again when what was loaded for them is given up.
    var frames: FrameViewer?
    /// nil: the path stays as it is.
    var negotiation: Negotiation?
    /// The newest.
    var hello: JSONValue?
    /// Messages whose body is JSON.
    var factsBucket: TokenBucket
    /// The viewer's page can be seen.
    var isVisible = true
    /// The last view that was taken, and one that came after it.
    var view: ViewUpdate?
    var newestView: ViewUpdate?
    /// Bytes of chunks that frames were told of.
    var toldChunkByteCount = 0

    /// - Parameters:
    ///   - policy: what this viewer may be served.
    ///   - rights: what its messages may ask for.
    package init(
        _ request: ViewerRequest, model: ServedModel, session: SessionDirectory.Session, number: Int,
        policy: PathPolicy = PathPolicy(), rights: Set<Right> = Grant.everything.rights,
        connection: any ViewerConnection, services: ViewerServices
    ) {
        self.request = request
        self.model = model
        self.session = session
        self.number = number
        self.rights = rights
        self.connection = connection
        self.services = services
        home = ViewUpdate(
            sequence: 0,
            view: .home(of: model.archive.bounds, width: Double(request.width), height: Double(request.height)))
        factsBucket = TokenBucket(rate: 30, capacity: 60, now: services.clock.now)
        var log = services.log
        log[metadataKey: "session"] = "\(session.id)"
        log[metadataKey: "viewer"] = "\(number)"
        self.log = log
        if case .negotiated(let offer) = request.path {
            negotiation = Negotiation(offer, policy: policy, server: services.frames.pathFacts, at: services.clock.now)
        }
    }

    /// The path that is served, or was last.
    package var path: ViewerPath {
        if case .fixed(let path) = request.path { return path }
        return negotiation?.path ?? .client
    }

    /// Sends the welcome and begins the first picture.
    package mutating func begin() {
        let welcome = ViewerWelcome(
            model: model, session: session.id, viewer: number, path: path, isNegotiated: negotiation != nil,
            reason: firstReason, isResumed: request.isResumed, home: home.view,
            namesParts: rights.contains(.tree))
        let message = Wire.Welcome(json: welcome.json(services.configuration).encoded()).encode()
        _ = connection.send(.bytes(message), priority: .control)
        serve()
        beginNegotiation()
    }

    private var firstReason: String {
        switch (request.path, path) {
        case (.fixed(.server), _): "The viewer asked for pictures; \(services.frames.description) draws them."
        case (.fixed, _): "The viewer asked for the model itself and draws it."
        case (.negotiated, _) where request.isResumed: "As before the connection was lost."
        case (.negotiated, .client): "The viewer gets the model itself while it is decided who draws."
        case (.negotiated, _): "The server draws while it is decided who does."
        }
    }

    package var nextDeadline: ContinuousClock.Instant? {
        [chunks?.nextDeadline, negotiation?.nextDeadline].compactMap(\.self).min()
    }

    package var summary: Logger.Metadata {
        var summary = chunks?.summary ?? [:]
        summary["path"] = "\(path.rawValue)"
        if let negotiation { summary["decisions"] = "\(negotiation.controller.report.decisions.count)" }
        return summary
    }

    package mutating func end() { frames?.end() }

    /// Takes in everything that has come; of several views only the newest counts.
    ///
    /// - Returns: nil to go on.
    package mutating func handle(_ events: [ViewerEvent]) -> ViewerEnding? {
        do throws(ServiceError) {
            for event in events {
                if let ending = try handle(event) { return ending }
            }
            try takeNewestView()
            tellFramesOfChunks()
            if let failure = negotiation?.failure { return .close(failure) }
        } catch {
            return .close(error)
        }
        return nil
    }

    private mutating func handle(_ event: ViewerEvent) throws(ServiceError) -> ViewerEnding? {
        switch event {
        case .message(let bytes): try take(bytes)
        case .text: throw ServiceError(.malformed, "text message: the protocol is binary")
        case .closed: return .gone
        case .notice(let notice): _ = connection.send(notice.payload, priority: .control)
        case .end(let code, let reason): return .close(ServiceError(code, reason))
        case .inspect(let answer): inspect(answer)
        case .inspectPath(let answer): answer(pathReport)
        case .wish(let wish): negotiate(.wish(wish))
        case .renderer: rendererChanged()
        case .wake:
            chunks?.wake()
            negotiate(.tick)
        }
        return nil
    }

    private func inspect(_ answer: @escaping @Sendable (JSONValue) -> Void) {
        if path == .server, let frames { return frames.inspect(answer) }
        answer(chunks?.report().json ?? [:])
    }

    // MARK: Parts

    /// Begins, pauses and resumes the parts as the paths that are shown and prepared need them.
    mutating func serve() {
        if servesChunks { beginChunks() }
        pauseChunks()
        let served = served
        serveFrames(served.contains(.server) ? .all : served.contains(.hybrid) ? .stills : .none)
    }

    private var served: [ViewerPath] { negotiation?.served ?? [path] }
    private var servesChunks: Bool { served.contains(where: \.usesChunks) }

    private mutating func beginChunks() {
        guard !hasBegunChunks else { return }
        hasBegunChunks = true
        makeChunks()
        let isReturning = request.isResumed && view == nil && path.usesChunks
        chunks?.begin(view, isResumed: isReturning)
    }

    /// Chunks exist; nothing is sent before they are served.
    mutating func makeChunks() {
        guard chunks == nil else { return }
        chunks = ChunkViewer(model: model, home: home, connection: connection, services: services, log: log)
        pauseChunks()
        if let hello { try? chunks?.take(hello) }
    }

    /// Chunks wait while no path needs them, and while the server's pictures follow a moving camera: those have the link
    /// for themselves.
    mutating func pauseChunks() {
        let isFollowed = negotiation?.controller.shown == .server && (newestView ?? view)?.isMoving == true
        let isPaused = !servesChunks || isFollowed
        chunks?.pause(isPaused)
    }

    private mutating func serveFrames(_ delivery: FrameDelivery) {
        if delivery == .none {
            frames?.set(.none)
            return
        }
        if frames == nil {
            let member = FrameMember(
                viewer: number, model: model, rights: rights, connection: connection, log: log, hello: frameHello,
                takesAdvice: negotiation == nil)
            frames = FrameViewer(member, view: view ?? home, services: services)
            if !isVisible { frames?.take(.visibility(false)) }
        }
        frames?.set(delivery)
        let threshold = frameThreshold
        frames?.set(threshold: threshold)
    }

    /// What Hello says, or the address before it has come.
    private var frameHello: FrameHello {
        if let hello { return FrameHello(hello) }
        var frameHello = FrameHello()
        if let background = request.background {
            (frameHello.backgroundTop, frameHello.backgroundBottom) = background
        }
        return frameHello
    }

    /// While the viewer shows what it draws itself, frames that are to take its place show the same level of detail: its
    /// views say which. Afterwards what the viewer asked for counts.
    private var frameThreshold: Float? {
        guard let controller = negotiation?.controller else { return nil }
        if controller.shown == .client, controller.target?.path == .server { return nil }
        guard let number = hello?["limits"]?["thresholdPixels"]?.number, number > 0, number <= 65_536 else {
            return nil
        }
        return Float(number)
    }

    /// Frames have to wait for chunks that are on the same link.
    private mutating func tellFramesOfChunks() {
        guard let frames, let sent = chunks?.statistics.sentByteCount, sent > toldChunkByteCount else { return }
        frames.take(.sentBeside(byteCount: sent - toldChunkByteCount))
        toldChunkByteCount = sent
    }
}
