// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation

extension ServerParts {
    /// Whether a viewer that came now would be let in, as far as that is known without opening anything.
    ///
    /// - Throws: what `ViewerTask` would close its connection with.
    func checkRoom(for wanted: ViewerRequest, _ grant: Grant) throws(ServiceError) {
        if wanted.path == .fixed(.server) { try frames.admit() }
        var model = wanted.model
        if let id = wanted.session, !wanted.isResumed { model = try hub.session(id).model }
        if let model, case .damaged(let reason) = try store.entry(model).state {
            throw ServedModel.damaged(model, reason)
        }
        let policy = configuration.paths.policy(model: model ?? "").intersection(grant.paths)
        if case .fixed(let path) = wanted.path { try policy.require(path) }
        guard hub.viewerCount < configuration.sessions.viewerLimit else {
            throw ServiceError(
                .full, "all \(configuration.sessions.viewerLimit) places for viewers are taken",
                retrySeconds: configuration.sessions.retrySeconds)
        }
    }
}
