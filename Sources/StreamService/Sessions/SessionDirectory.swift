// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which sessions and viewers there are, when they end, and how many there may be. A pure state machine: time goes in,
/// what has ended comes out; whoever owns it tells the connections.
package struct SessionDirectory {
    package typealias Instant = ContinuousClock.Instant

    package struct Session: Equatable, Sendable {
        package let id: String
        package let model: String
        package let startedAt: Instant
        /// Grows with each change of what the viewers share.
        package fileprivate(set) var version = 1
        /// Ascending.
        package fileprivate(set) var viewers: [Int] = []
        fileprivate var emptySince: Instant?
        fileprivate var heardAt: Instant
    }

    /// A session that is no more, and the viewers that have to be told.
    package struct Ending: Equatable, Sendable {
        package enum Reason: String, Sendable { case asked, empty, idle, modelDeleted }

        package let session: String
        package let viewers: [Int]
        package let reason: Reason

        package init(session: String, viewers: [Int], reason: Reason) {
            self.session = session
            self.viewers = viewers
            self.reason = reason
        }
    }

    private let configuration: SessionConfiguration
    private var sessions: [String: Session] = [:]
    private var sessionOfViewer: [Int: String] = [:]
    private var nextViewer = 1
    /// Sessions ended on purpose, newest last: who comes back to one is told so.
    private var ended: [String] = []
    private static let endedLimit = 1000

    package init(configuration: SessionConfiguration) { self.configuration = configuration }

    package var sessionCount: Int { sessions.count }
    package var viewerCount: Int { sessionOfViewer.count }

    /// Oldest first.
    package var all: [Session] { sessions.values.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) } }

    package subscript(id: String) -> Session? { sessions[id] }

    package func session(ofViewer viewer: Int) -> Session? { sessionOfViewer[viewer].flatMap { sessions[$0] } }

    /// - Parameter id: a new name, or the one a session had before the server forgot it.
    /// - Throws: `full`.
    package mutating func start(model: String, id: String, at now: Instant) throws(ServiceError) -> Session {
        if sessions[id] == nil, sessions.count >= configuration.sessionLimit { try makeRoom() }
        let session = Session(id: id, model: model, startedAt: now, emptySince: now, heardAt: now)
        sessions[id] = session
        return session
    }

    /// A session that nobody is in gives way to a new one.
    private mutating func makeRoom() throws(ServiceError) {
        let empty = sessions.values.filter { $0.viewers.isEmpty }
        guard let oldest = empty.min(by: { $0.heardAt < $1.heardAt }) else {
            throw full("all \(configuration.sessionLimit) sessions of this server are in use")
        }
        sessions[oldest.id] = nil
    }

    /// The newest session of a model that has room for one more viewer.
    package func joinable(model: String) -> Session? {
        all.last { $0.model == model && $0.viewers.count < configuration.viewerLimitPerSession }
    }

    /// - Throws: `ended` or `sessionNotFound`.
    package func find(_ id: String) throws(ServiceError) -> Session {
        if let session = sessions[id] { return session }
        if ended.contains(id) {
            throw ServiceError(.ended, "the session \"\(id.prefix(40))\" was ended; open the model to start another")
        }
        throw ServiceError(.sessionNotFound, "there is no session \"\(id.prefix(40))\"; open the model to start one")
    }

    /// A viewer enters a session.
    ///
    /// - Returns: the viewer's number, never used again.
    /// - Throws: `full`, `ended` or `sessionNotFound`.
    package mutating func enter(_ id: String, at now: Instant) throws(ServiceError) -> Int {
        var session = try find(id)
        guard sessionOfViewer.count < configuration.viewerLimit else {
            throw full("all \(configuration.viewerLimit) places for viewers are taken")
        }
        guard session.viewers.count < configuration.viewerLimitPerSession else {
            throw full("the session has its \(configuration.viewerLimitPerSession) viewers")
        }
        let viewer = nextViewer
        nextViewer += 1
        session.viewers.append(viewer)
        session.version += 1
        session.emptySince = nil
        session.heardAt = now
        sessions[id] = session
        sessionOfViewer[viewer] = id
        return viewer
    }

    package mutating func leave(_ viewer: Int, at now: Instant) {
        guard let id = sessionOfViewer.removeValue(forKey: viewer), var session = sessions[id] else { return }
        session.viewers.removeAll { $0 == viewer }
        session.version += 1
        if session.viewers.isEmpty { session.emptySince = now }
        sessions[id] = session
    }

    /// Any message of a viewer.
    package mutating func heard(_ viewer: Int, at now: Instant) {
        guard let id = sessionOfViewer[viewer] else { return }
        sessions[id]?.heardAt = now
    }

    /// - Throws: `ended` or `sessionNotFound`.
    package mutating func end(_ id: String, reason: Ending.Reason = .asked) throws(ServiceError) -> Ending {
        _ = try find(id)
        return remove(id, reason)
    }

    /// Ends all sessions of a model.
    package mutating func end(model: String) -> [Ending] {
        all.filter { $0.model == model }.map { remove($0.id, .modelDeleted) }
    }

    /// Ends what has been empty or idle for too long.
    package mutating func expire(at now: Instant) -> [Ending] {
        all.compactMap { session in
            guard let (deadline, reason) = deadline(session), deadline <= now else { return nil }
            return remove(session.id, reason)
        }
    }

    /// When `expire` has something to do.
    package var nextDeadline: Instant? { sessions.values.compactMap { deadline($0)?.0 }.min() }

    private func deadline(_ session: Session) -> (Instant, Ending.Reason)? {
        let idle = session.heardAt + .seconds(configuration.idleSeconds)
        guard let empty = session.emptySince.map({ $0 + .seconds(configuration.emptySeconds) }) else {
            return (idle, .idle)
        }
        return empty < idle ? (empty, .empty) : (idle, .idle)
    }

    private mutating func remove(_ id: String, _ reason: Ending.Reason) -> Ending {
        let viewers = sessions.removeValue(forKey: id)?.viewers ?? []
        for viewer in viewers { sessionOfViewer[viewer] = nil }
        // One that was only empty may be started again by a viewer that comes back late.
        if reason != .empty {
            ended.append(id)
            if ended.count > SessionDirectory.endedLimit { ended.removeFirst() }
        }
        return Ending(session: id, viewers: viewers, reason: reason)
    }

    private func full(_ what: String) -> ServiceError {
        ServiceError(
            .full, "\(what); try again in \(configuration.retrySeconds) seconds",
            retrySeconds: configuration.retrySeconds)
    }
}
