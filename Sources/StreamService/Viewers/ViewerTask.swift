// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Logging
import PathNegotiation
import StreamCore
import Transport

/// A connection's life: it asks for a model or session, is let in or refused, and is served until it leaves. One task,
/// which sleeps while nothing happens.
package struct ViewerTask: Sendable {
    let request: ViewerRequest
    /// What whoever connected may use.
    let grant: Grant
    let connection: any ViewerConnection
    let mailbox: ViewerMailbox
    let services: ViewerServices

    package init(
        _ request: ViewerRequest, grant: Grant = .everything, connection: any ViewerConnection,
        mailbox: ViewerMailbox, services: ViewerServices
    ) {
        self.request = request
        self.grant = grant
        self.connection = connection
        self.mailbox = mailbox
        self.services = services
    }

    /// Returns when the connection is closed or being closed.
    package func run() async {
        guard let viewer = await services.entrance.pass({ await enter() }) else { return }
        let ending = await serve(viewer)
        services.hub.leave(viewer.number)
        services.metrics.update { $0.viewerCount -= 1 }
        if case .close(let error) = ending { close(error) }
    }

    /// Finds what is asked for and begins the first picture.
    ///
    /// - Returns: nil if the viewer was refused, or left while it waited for its turn.
    private func enter() async -> PathViewer? {
        guard connection.isOpen else { return nil }
        do throws(ServiceError) {
            if request.path == .fixed(.server) { try services.frames.admit() }
            let (model, session) = try await find()
            let policy = services.paths.policy(model: model.id).intersection(grant.paths)
            if case .fixed(let path) = request.path { try policy.require(path) }
            let path: ViewerPath = request.path == .fixed(.server) ? .server : .client
            let presence = try services.hub.enter(session.id, peer: connection.peer, path: path, mailbox: mailbox)
            services.metrics.update {
                $0.viewerCount += 1
                $0.viewersEver += 1
            }
            var viewer = PathViewer(
                request, model: model, session: session, number: presence.viewer, policy: policy,
                rights: grant.rights, connection: connection, services: services)
            viewer.log.info(
                "viewer entered", metadata: ["peer": "\(connection.peer)", "path": "\(viewer.path.rawValue)"])
            viewer.begin()
            services.hub.changed(viewer.number, path: viewer.path)
            return viewer
        } catch {
            close(error)
            return nil
        }
    }

    private func find() async throws(ServiceError) -> (ServedModel, SessionDirectory.Session) {
        let model: ServedModel
        if request.session == nil || request.isResumed, let id = request.model {
            // Opened first: a model that cannot be shown starts no session.
            model = try await services.store.open(id)
            let session = try services.hub.find(
                session: request.session, model: model.id, isResumed: request.isResumed)
            return (model, session)
        }
        let named = request.model.map { (try? services.store.entry($0).id) ?? $0 }
        let session = try services.hub.find(session: request.session, model: named, isResumed: false)
        return (try await services.store.open(session.model), session)
    }

    private func serve(_ start: PathViewer) async -> ViewerEnding {
        var viewer = start
        defer { viewer.end() }
        var armed: ContinuousClock.Instant?
        while true {
            arm(viewer.nextDeadline, &armed)
            let events = await mailbox.take()
            if events.contains(where: \.isMessage) { services.hub.heard(viewer.number) }
            if let ending = viewer.handle(events) {
                viewer.log.info("viewer left", metadata: viewer.summary)
                return ending
            }
        }
    }

    /// Has the mailbox woken at `deadline`, unless it will be woken earlier anyway.
    private func arm(_ deadline: ContinuousClock.Instant?, _ armed: inout ContinuousClock.Instant?) {
        let now = services.clock.now
        if let pending = armed, pending <= now { armed = nil }
        guard let deadline, armed.map({ deadline < $0 }) ?? true else { return }
        armed = deadline
        services.clock.call(at: deadline) { [weak mailbox] in mailbox?.post(.wake) }
    }

    private func close(_ error: ServiceError) {
        services.metrics.failed(error.code)
        services.log.info(
            "viewer closed",
            metadata: [
                "peer": "\(connection.peer)", "code": "\(error.code.closeCode.rawValue)", "reason": "\(error.message)",
            ])
        connection.close(code: error.code.closeCode.rawValue, reason: error.message)
    }
}

extension PathPolicy {
    /// - Throws: `forbidden`, naming who forbids it.
    func require(_ path: ViewerPath) throws(ServiceError) {
        if allows(path) { return }
        throw ServiceError(.forbidden, "\(source) does not allow the \(path.rawValue) path here")
    }
}

extension ViewerEvent {
    var isMessage: Bool { if case .message = self { true } else { false } }
}

/// The loop thread's end of a viewer: passes everything on and returns at once.
package final class ViewerHandler: WebSocketHandler {
    private let mailbox: ViewerMailbox
    private let connection: any ViewerConnection

    package init(mailbox: ViewerMailbox, connection: any ViewerConnection) {
        self.mailbox = mailbox
        self.connection = connection
    }

    package func received(_ bytes: [UInt8], isText: Bool) {
        if mailbox.post(isText ? .text : .message(bytes)) { return }
        connection.close(
            code: Wire.CloseCode.flooding.rawValue, reason: "messages come faster than they can be handled")
    }

    /// Sent from here, because the connection closes as soon as nothing waits any more.
    package func draining() { _ = connection.send(ViewerNotice.draining.payload, priority: .control) }

    package func closed(code: UInt16, reason: String) { mailbox.post(.closed(code: code)) }
}
