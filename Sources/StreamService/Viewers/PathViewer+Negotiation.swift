// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import JSONCoding
import Logging
import ModelStorage
import PathNegotiation
import StreamCore
import Transport

/// Who draws: what the controller is told, and what it decides.
extension PathViewer {
    /// Errors up to this are what costs are estimated for, pixels.
    private static let estimatedThreshold: Float = 2
    /// Bytes of chunks that tell a link's rate.
    private static let measuringByteCount = 131_072
    /// Seconds between two estimates of what views cost.
    private static let estimateInterval = 1.0

    mutating func beginNegotiation() {
        guard negotiation != nil else { return }
        estimateModel(home.view)
        negotiate(.server(services.frames.pathFacts))
        guard let device = negotiation?.device else { return }
        if device.hasWebGL2 == false || !device.canShowFrames { negotiate(.device(device)) }
    }

    /// Tells the controller something and does what it says.
    mutating func negotiate(_ event: PathEvent) {
        let now = services.clock.now
        guard let actions = negotiation?.handle(event, at: now) else { return }
        for action in actions { perform(action) }
        if !actions.isEmpty {
            serve()
            services.hub.changed(number, path: path)
        }
    }

    private mutating func perform(_ action: PathAction) {
        switch action {
        case .begin(let decision):
            log.info(
                "path decided",
                metadata: [
                    "path": "\(decision.path.rawValue)", "code": "\(decision.code.rawValue)",
                    "reason": "\(decision.reason)", "emergency": "\(decision.isEmergency)",
                ])
            services.metrics.decided(decision)
            tell(decision, path: decision.path)
        case .cancel(_, _, let newNumber): tellToStay(newNumber)
        case .finish(let old):
            log.info("path changed", metadata: ["from": "\(old.rawValue)", "to": "\(path.rawValue)"])
        case .forget(.server):
            frames?.end()
            frames = nil
        case .forget: break
        case .refuse(let refusal):
            services.metrics.update { $0.refusedWishCount += 1 }
            let notice = ViewerNotice(code: .pathRefused, message: refusal.reason)
            _ = connection.send(notice.payload, priority: .control)
        case .fail(let refusal):
            let maySendPictures = negotiation?.controller.report.policy.allows(.server) ?? false
            negotiation?.failure = ServiceError(refusal.serviceCode(maySendPictures), refusal.reason)
        }
    }

    private func tellToStay(_ number: Int) {
        let report = negotiation?.controller.report
        guard let shown = report?.shown else { return }
        var decision =
            report?.standing
            ?? PathDecision(
                number: number, path: shown, previous: nil, code: .undecided,
                reason: "The change is not wanted any more.", decidedAt: services.clock.now)
        decision.number = number
        tell(decision, path: shown)
    }

    private func tell(_ decision: PathDecision, path: ViewerPath) {
        guard let controller = negotiation?.controller else { return }
        let report = controller.report
        let facts: JSONValue = [
            "reason": .string(decision.reason), "code": .string(decision.code.rawValue),
            "wish": .string(report.wish.rawValue), "allowed": .array(allowedPaths.map { .string($0.rawValue) }),
        ]
        let message = Wire.Path(
            number: UInt32(decision.number), path: Wire.RenderPath(path), isEmergency: decision.isEmergency,
            readyErrorPixels: Float(min(decision.readyErrorPixels, 1e6)), json: facts.encoded())
        _ = connection.send(.bytes(message.encode()), priority: .control)
    }

    /// What the policy leaves, in a fixed order.
    var allowedPaths: [ViewerPath] {
        guard let policy = negotiation?.controller.report.policy else { return [path] }
        return ViewerPath.allCases.filter { policy.allows($0) }
    }

    // MARK: Facts

    /// Takes in what a Hello says of the device.
    mutating func takeDevice(_ hello: JSONValue) {
        guard var device = negotiation?.device else { return }
        device.read(hello)
        if let view = (newestView ?? view)?.view {
            (device.pictureWidth, device.pictureHeight) = (view.width, view.height)
        } else {
            (device.pictureWidth, device.pictureHeight) = (Double(request.width), Double(request.height))
        }
        negotiation?.device = device
        negotiate(.device(device))
        tellLink(nil)
    }

    /// Takes in how a viewer fares, and what the server knows of itself by now.
    mutating func takeFacts(_ facts: JSONValue) {
        if let said = facts["contextLossCount"]?.number, var device = negotiation?.device {
            let count = Int(min(max(said, 0), 1e9))
            if count != device.contextLossCount {
                device.contextLossCount = count
                negotiation?.device = device
                negotiate(.device(device))
            }
        }
        tellLink(facts)
        negotiate(.server(services.frames.pathFacts(of: number)))
        if let view, !view.isMoving { estimateModel(view.view) }
        negotiate(.measured(ClientMeasures(facts)))
        if negotiation?.controller.target?.path.usesChunks == true, hasProgressed { negotiate(.progressed) }
    }

    mutating func takeShown(number: Int, isShown: Bool, reason: String) {
        if isShown {
            negotiate(.shown(number: number))
        } else {
            log.notice("a path cannot be shown", metadata: ["number": "\(number)", "reason": "\(reason)"])
            negotiate(.failed(number: number, reason: reason))
        }
        serve()
    }

    /// The server can draw, or cannot any more.
    mutating func rendererChanged() {
        guard negotiation != nil else { return }
        negotiate(.server(services.frames.pathFacts(of: number)))
    }

    /// The link as the parts measured it on the way; otherwise as the viewer did.
    private mutating func tellLink(_ facts: JSONValue?) {
        guard negotiation != nil else { return }
        var link = LinkFacts()
        let frameStatistics = services.frames.statistics(of: number)
        link.bytesPerSecond = frameStatistics?.linkRate
        link.roundTripSeconds = frameStatistics?.roundTripMilliseconds.map { $0 / 1000 }
        if let statistics = chunks?.statistics, statistics.rate > 0 {
            // Chunks fill the link, and measure it better than a few frames do.
            let isMeasured = statistics.sentByteCount > PathViewer.measuringByteCount
            if isMeasured || link.bytesPerSecond == nil { link.bytesPerSecond = statistics.rate }
            if statistics.roundTripSeconds.isFinite { link.roundTripSeconds = statistics.roundTripSeconds }
        }
        link.bytesPerSecond = link.bytesPerSecond ?? facts?["link"]?["bytesPerSecond"]?.number
        link.roundTripSeconds = link.roundTripSeconds ?? facts?["link"]?["roundTripSeconds"]?.number
        if link != LinkFacts() { negotiate(.link(link)) }
    }

    /// Estimates what a view costs, unless that was done just now or for this view.
    private mutating func estimateModel(_ view: ViewState) {
        guard let negotiation else { return }
        let now = services.clock.now
        if let estimated = negotiation.estimated {
            let isRecent = (now - estimated.at).inSeconds < PathViewer.estimateInterval
            if estimated.view == view || isRecent { return }
        }
        self.negotiation?.estimated = (view, now)
        let plan = model.plan
        let cut = services.scratches.with {
            plan.estimate(view, threshold: PathViewer.estimatedThreshold, using: &$0)
        }
        negotiate(.model(ModelFacts(plan.coarsest, cut, triangleCount: ModelSummary(model.archive).triangleCount)))
    }

    private var hasProgressed: Bool {
        guard let statistics = chunks?.statistics else { return false }
        return statistics.inFlightByteCount > 0 || statistics.missingChunkCount > 0
    }
}

extension PathRefusal {
    /// - Parameter maySendPictures: what the device cannot draw, the server would, if it could.
    fileprivate func serviceCode(_ maySendPictures: Bool) -> ServiceError.Code {
        switch code {
        case .full: .full
        case .noRenderer: .noRenderer
        case .noWebGL, .noWebAssembly, .contextLost: maySendPictures ? .noRenderer : .forbidden
        case .forbidden, .cannotShowFrames, .failed: .forbidden
        }
    }
}
