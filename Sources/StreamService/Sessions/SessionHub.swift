// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Logging
package import PathNegotiation
import StreamCore
import Synchronization

/// The sessions with their live connections. Safe to use from any thread; nothing here waits.
package final class SessionHub: Sendable {
    /// What a live viewer is to everyone but itself.
    package struct Presence: Sendable {
        package let viewer: Int
        package let peer: String
        package fileprivate(set) var path: ViewerPath
        package let enteredAt: ContinuousClock.Instant
        let mailbox: ViewerMailbox
    }

    private struct State {
        var directory: SessionDirectory
        var presences: [Int: Presence] = [:]
        var armed: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    private let clock: any ServiceClock
    private let log: Logger

    package init(configuration: SessionConfiguration, clock: any ServiceClock, log: Logger) {
        state = Mutex(State(directory: SessionDirectory(configuration: configuration)))
        self.clock = clock
        self.log = log
    }

    package var sessions: [SessionDirectory.Session] { state.withLock { $0.directory.all } }
    package var sessionCount: Int { state.withLock { $0.directory.sessionCount } }
    package var viewerCount: Int { state.withLock { $0.presences.count } }

    /// How many viewers are on each path.
    package var pathCounts: [ViewerPath: Int] {
        state.withLock { state in state.presences.values.reduce(into: [:]) { $0[$1.path, default: 0] += 1 } }
    }

    package func session(_ id: String) throws(ServiceError) -> SessionDirectory.Session {
        try state.withLock { state throws(ServiceError) in try state.directory.find(id) }
    }

    package func presences(of session: SessionDirectory.Session) -> [Presence] {
        state.withLock { state in session.viewers.compactMap { state.presences[$0] } }
    }

    /// Starts a session.
    ///
    /// - Parameter isShared: take one that there is, if it has room.
    package func start(model: String, isShared: Bool = false) throws(ServiceError) -> SessionDirectory.Session {
        defer { arm() }
        return try state.withLock { state throws(ServiceError) in
            if isShared, let session = state.directory.joinable(model: model) { return session }
            return try state.directory.start(model: model, id: Identifier.random(length: 12), at: clock.now)
        }
    }

    /// Finds the session that a connection asks for, or starts one.
    ///
    /// - Parameters:
    ///   - session: nil: a new one.
    ///   - model: nil: the session's.
    ///   - isResumed: a viewer that comes back: a session that is not known any more is started again by its name.
    /// - Throws: `sessionNotFound`, `ended`, `full`, or `badRequest` when the session shows another model.
    func find(session: String?, model: String?, isResumed: Bool) throws(ServiceError) -> SessionDirectory.Session {
        guard let id = session else {
            guard let model else { throw ServiceError(.badRequest, "the address names neither model= nor session=") }
            return try start(model: model)
        }
        defer { arm() }
        return try state.withLock { state throws(ServiceError) in
            let found: SessionDirectory.Session
            do throws(ServiceError) { found = try state.directory.find(id) } catch {
                guard error.code == .sessionNotFound, isResumed, let model, Identifier.isValid(id) else { throw error }
                return try state.directory.start(model: model, id: id, at: clock.now)
            }
            guard model == nil || model == found.model else {
                throw ServiceError(.badRequest, "the session \"\(id)\" shows another model, \"\(found.model)\"")
            }
            return found
        }
    }

    func enter(_ session: String, peer: String, path: ViewerPath, mailbox: ViewerMailbox) throws(ServiceError)
        -> Presence
    {
        try state.withLock { state throws(ServiceError) in
            let now = clock.now
            let viewer = try state.directory.enter(session, at: now)
            let presence = Presence(viewer: viewer, peer: peer, path: path, enteredAt: now, mailbox: mailbox)
            state.presences[viewer] = presence
            return presence
        }
    }

    /// A viewer is drawn for by somebody else now.
    func changed(_ viewer: Int, path: ViewerPath) { state.withLock { $0.presences[viewer]?.path = path } }

    func leave(_ viewer: Int) {
        state.withLock {
            $0.directory.leave(viewer, at: clock.now)
            $0.presences[viewer] = nil
        }
        arm()
    }

    func heard(_ viewer: Int) { state.withLock { $0.directory.heard(viewer, at: clock.now) } }

    /// The live viewer of a session.
    package func presence(session id: String, viewer: String) throws(ServiceError) -> Presence {
        let session = try session(id)
        let found = Int(viewer).flatMap { number in presences(of: session).first { $0.viewer == number } }
        guard let found else {
            throw ServiceError(.viewerNotFound, "the session \"\(id)\" has no viewer \"\(viewer.prefix(20))\"")
        }
        return found
    }

    /// The live viewer of a number.
    package func presence(viewer: String) throws(ServiceError) -> Presence {
        let found = Int(viewer).flatMap { number in state.withLock { $0.presences[number] } }
        guard let found else {
            throw ServiceError(.viewerNotFound, "there is no viewer \"\(viewer.prefix(20))\"")
        }
        return found
    }

    /// Tells all viewers something.
    package func post(_ event: ViewerEvent) {
        for mailbox in state.withLock({ $0.presences.values.map(\.mailbox) }) { mailbox.post(event) }
    }

    package func end(_ id: String) throws(ServiceError) {
        let ending = try state.withLock { state throws(ServiceError) in try state.directory.end(id) }
        tell(ending)
    }

    package func end(model: String) {
        for ending in state.withLock({ $0.directory.end(model: model) }) { tell(ending) }
    }

    /// Tells all viewers of a model something.
    func notify(model: String, _ notice: ViewerNotice) {
        let mailboxes = state.withLock { state in
            state.directory.all.filter { $0.model == model }.flatMap(\.viewers).compactMap {
                state.presences[$0]?.mailbox
            }
        }
        for mailbox in mailboxes { mailbox.post(.notice(notice)) }
    }

    private func tell(_ ending: SessionDirectory.Ending) {
        log.info(
            "session ended",
            metadata: [
                "session": "\(ending.session)", "reason": "\(ending.reason.rawValue)",
                "viewers": "\(ending.viewers.count)",
            ])
        let words =
            switch ending.reason {
            case .asked: "the session was ended"
            case .empty, .idle: "the session ended because nobody used it"
            case .modelDeleted: "the model was deleted"
            }
        let mailboxes = state.withLock { state in ending.viewers.compactMap { state.presences[$0]?.mailbox } }
        for mailbox in mailboxes { mailbox.post(.end(.ended, words)) }
    }

    /// Sees to it that `expire` runs when the next session is due.
    private func arm() {
        let deadline: ContinuousClock.Instant? = state.withLock { state in
            guard let next = state.directory.nextDeadline, state.armed.map({ next < $0 }) ?? true else { return nil }
            state.armed = next
            return next
        }
        guard let deadline else { return }
        clock.call(at: deadline) { [weak self] in self?.expire(armedFor: deadline) }
    }

    private func expire(armedFor deadline: ContinuousClock.Instant) {
        let endings = state.withLock { state in
            if state.armed == deadline { state.armed = nil }
            return state.directory.expire(at: clock.now)
        }
        for ending in endings { tell(ending) }
        arm()
    }
}
