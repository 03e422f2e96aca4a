// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import StreamCore

/// One viewer's path: the controller that decides, and what it was told last.
struct Negotiation {
    typealias Instant = ContinuousClock.Instant

    var controller: PathController
    var device = DeviceFacts()
    /// For which the model's costs were estimated, and when.
    var estimated: (view: ViewState, at: Instant)?
    /// The last path that was shown.
    private(set) var path: ViewerPath
    /// Why this viewer has to be turned away.
    var failure: ServiceError?

    /// - Parameters:
    ///   - policy: what the server allows this viewer.
    ///   - server: what it can draw now.
    init(_ offer: ViewerRequest.Offer, policy: PathPolicy, server: ServerFacts, at now: Instant) {
        if !offer.drawsChunks { (device.hasWebGL2, device.hasWebAssembly) = (false, false) }
        device.canShowFrames = offer.showsFrames
        let first = Negotiation.firstPath(offer, policy: policy, server: server)
        path = first ?? (offer.drawsChunks ? .client : .server)
        controller = PathController(policy: policy, wish: offer.wish, firstPath: first, at: now)
    }

    /// The server's picture is there first, unless somebody wants nothing of it; a returning viewer goes on as it was.
    private static func firstPath(
        _ offer: ViewerRequest.Offer, policy: PathPolicy, server: ServerFacts
    ) -> ViewerPath? {
        let isDrawing = [.ready, .starting].contains(server.state) && server.hasRoom && offer.showsFrames
        func isPossible(_ path: ViewerPath) -> Bool {
            policy.allows(path) && (!path.usesChunks || offer.drawsChunks) && (!path.usesPictures || isDrawing)
        }
        if let shown = offer.shown, isPossible(shown) { return shown }
        let preferred: [ViewerPath] = offer.wish == .client ? [.client, .server] : [.server, .client]
        return preferred.first(where: isPossible)
    }

    var nextDeadline: Instant? { controller.nextDeadline }

    /// Paths that have to be served: what is shown, and what is to be shown next.
    var served: [ViewerPath] { [controller.shown, controller.target?.path].compactMap(\.self) }

    mutating func handle(_ event: PathEvent, at now: Instant) -> [PathAction] {
        let actions = controller.handle(event, at: now)
        if let shown = controller.shown { path = shown }
        return actions
    }
}
