// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import Logging
import PathNegotiation
import Transport

/// Answers the REST interface: each operation a short function over the server's parts.
///
/// `answer` is called on the loop thread: what is known is answered at once, what has to wait is answered later.
package struct APIHandler: Sendable {
    let parts: ServerParts

    package init(_ parts: ServerParts) { self.parts = parts }

    /// - Parameter grant: has the route's right; what else it has shows in some answers.
    func answer(
        _ route: Route, _ parameters: [String: String], _ request: HTTPRequest, _ grant: Grant
    ) throws(ServiceError) -> HTTPAnswer {
        switch route.operation {
        case .listModels: later { HTTPResponse(models(grant)) }
        case .getModel:
            .response(HTTPResponse(describe(try parts.store.entry(parameters["model"] ?? ""), grant)))
        case .getThumbnail: try thumbnail(parameters["model"] ?? "")
        case .getTree: try tree(parameters["model"] ?? "")
        case .uploadModel: try upload(request)
        case .deleteModel: try delete(parameters["model"] ?? "")
        case .listImports:
            later { HTTPResponse(["imports": .array(parts.imports.statuses.map(\.json))]) }
        case .getImport: .response(HTTPResponse(try importStatus(parameters["import"] ?? "").json))
        case .watchImport: try watch(parameters["import"] ?? "")
        case .cancelImport: try cancel(parameters["import"] ?? "")
        case .listSessions: later { HTTPResponse(["sessions": .array(parts.hub.sessions.map(describe))]) }
        case .startSession: later { () async throws(ServiceError) in try startSession(request) }
        case .getSession: .response(HTTPResponse(describe(try parts.hub.session(parameters["session"] ?? ""))))
        case .endSession: try endSession(parameters["session"] ?? "")
        case .getQueue: try queue(parameters["session"] ?? "", parameters["viewer"] ?? "")
        case .getPath: try path(parameters["viewer"] ?? "")
        case .choosePath:
            later { () async throws(ServiceError) in try choosePath(parameters["viewer"] ?? "", request) }
        case .connectViewer: throw ServiceError(.upgradeRequired, "viewers connect here by WebSocket")
        case .renderPicture: try render(request)
        case .getStatus: later { HTTPResponse(parts.statusReport()) }
        case .getDescription: .response(.data(OpenAPIDocument.bytes, "application/json"))
        case .getMetrics: later { .data(Array(parts.metricsText().utf8), "text/plain; version=0.0.4") }
        case .checkHealth: .response(.text("ok\n"))
        case .checkReadiness: .response(readiness)
        }
    }

    // MARK: Models

    private func models(_ grant: Grant) -> JSONValue {
        let configuration = parts.configuration.models
        return [
            "models": .array(parts.store.entries.map { describe($0, grant) }),
            "canUpload": .bool(configuration.canUpload && grant.has(.upload)),
            "uploadByteLimit": .integer(configuration.uploadByteLimit),
        ]
    }

    private func describe(_ model: ModelEntry, _ grant: Grant) -> JSONValue {
        model.json(
            canDelete: parts.configuration.models.canDelete && grant.has(.delete), hasNumbers: grant.has(.geometry))
    }

    private func thumbnail(_ id: String) throws(ServiceError) -> HTTPAnswer {
        let entry = try parts.store.entry(id)
        let id = entry.id
        guard case .ready(let summary) = entry.state else {
            throw ServiceError(.notFound, "the model \"\(id)\" has no picture")
        }
        return later { () async throws(ServiceError) in
            let drawn = await parts.thumbnails.picture(of: id, contentHash: summary.contentHash)
            guard let bytes = drawn ?? parts.store.thumbnail(id) else {
                throw ServiceError(.notFound, "the model \"\(id)\" has no picture")
            }
            return .data(bytes, "image/jpeg", etag: "\(summary.contentHash.prefix(32))-\(bytes.count)")
        }
    }

    private func tree(_ id: String) throws(ServiceError) -> HTTPAnswer {
        _ = try parts.store.entry(id)
        return later { () async throws(ServiceError) in
            let model = try await parts.store.open(id)
            return .data(ModelTree(model.archive).bytes, "application/json", etag: model.contentHash)
        }
    }

    private func render(_ request: HTTPRequest) throws(ServiceError) -> HTTPAnswer {
        guard let id = request.queryValue("model"), !id.isEmpty else {
            throw ServiceError(.badRequest, "the address names no model=")
        }
        let wanted = try PictureRequest { request.queryValue($0) }
        try wanted.check(pixelLimit: parts.configuration.renderer.pixelLimit)
        guard case .ready(let summary) = try parts.store.entry(id).state else {
            throw ServiceError(.damagedModel, "the model \"\(id)\" cannot be shown")
        }
        let etag = wanted.tag(of: summary.contentHash)
        // The same request shows the same picture as long as the model is the same.
        if request.header("if-none-match") == "\"\(etag)\"" {
            return .response(HTTPResponse(status: 304, headers: [("etag", "\"\(etag)\"")]))
        }
        return later(endsWithPeer: true) { [caller = request.peerAddress] () async throws(ServiceError) in
            let picture = try await parts.frames.picture(
                wanted, of: try await parts.store.open(id), caller: caller)
            // A picture that lacks something must not be kept.
            return .data(picture.bytes, wanted.format.mediaType, etag: picture.isComplete ? etag : nil)
        }
    }

    private func delete(_ id: String) throws(ServiceError) -> HTTPAnswer {
        guard parts.configuration.models.canDelete else {
            throw ServiceError(.forbidden, "this server's models cannot be deleted (models.canDelete)")
        }
        let id = try parts.store.entry(id).id
        return later { () async throws(ServiceError) in
            try await parts.store.delete(id)
            parts.hub.end(model: id)
            return .nothing
        }
    }

    // MARK: Imports

    private func upload(_ request: HTTPRequest) throws(ServiceError) -> HTTPAnswer {
        let limit = parts.configuration.models.uploadByteLimit
        if let count = request.contentByteCount, count > limit {
            throw ServiceError(.tooLarge, "uploads may have \(limit) bytes, this one has \(count)")
        }
        let upload = try parts.imports.begin(
            name: request.queryValue("name") ?? "model", caller: ImportCaller(peer: request.peer))
        return .upload(ModelUploadSink(upload: upload), maximum: limit)
    }

    private func importStatus(_ id: String) throws(ServiceError) -> ImportStatus {
        guard let status = parts.imports.status(id) else {
            throw ServiceError(.importNotFound, "there is no import \"\(id.prefix(40))\", or it ended long ago")
        }
        return status
    }

    private func watch(_ id: String) throws(ServiceError) -> HTTPAnswer {
        let updates = try parts.imports.updates(id)
        let task = TaskBox()
        let events = EventStream(whenClosed: { task.cancel() })
        task.set(
            Task {
                for await status in updates {
                    events.send(data: String(decoding: status.json.encoded(), as: UTF8.self))
                }
                events.close()
            })
        return .events(events)
    }

    private func cancel(_ id: String) throws(ServiceError) -> HTTPAnswer {
        try parts.imports.cancel(id)
        return .response(.nothing)
    }

    // MARK: Sessions

    /// What a request's body says. Not for the loop thread.
    private static func object(_ request: HTTPRequest, _ need: String) throws(ServiceError) -> JSONValue {
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue(decoding: request.body, limits: .message) } catch {
            throw ServiceError(.badRequest, "the body needs to be \(need): \(error)")
        }
        guard case .object = body else { throw ServiceError(.badRequest, "the body needs to be \(need)") }
        return body
    }

    private func startSession(_ request: HTTPRequest) throws(ServiceError) -> HTTPResponse {
        let need = "{\"model\": ID}"
        let body = try APIHandler.object(request, need)
        guard let model = body["model"]?.text else { throw ServiceError(.badRequest, "the body needs to be \(need)") }
        let mode = body["mode"]?.text ?? "create"
        guard ["create", "joinOrCreate"].contains(mode) else {
            throw ServiceError(.badRequest, "mode is \"create\" or \"joinOrCreate\"")
        }
        let entry = try parts.store.entry(model)
        if case .damaged(let reason) = entry.state { throw ServedModel.damaged(entry.id, reason) }
        let session = try parts.hub.start(model: entry.id, isShared: mode == "joinOrCreate")
        return HTTPResponse(describe(session), status: 201)
    }

    private func endSession(_ id: String) throws(ServiceError) -> HTTPAnswer {
        try parts.hub.end(id)
        return .response(.nothing)
    }

    private func describe(_ session: SessionDirectory.Session) -> JSONValue {
        let now = parts.clock.now
        let viewers = parts.hub.presences(of: session).map { presence -> JSONValue in
            [
                "viewer": .string("\(presence.viewer)"), "path": .string(presence.path.rawValue),
                "peer": .string(presence.peer),
                "seconds": .number((now - presence.enteredAt).inSeconds.rounded()),
            ]
        }
        return [
            "session": .string(session.id), "model": .string(session.model), "version": .integer(session.version),
            "seconds": .number((now - session.startedAt).inSeconds.rounded()), "viewers": .array(viewers),
            "stream": .string(
                "api/v1/stream?model=\(ModelName.escaped(session.model))&session=\(session.id)&protocol=1.0"),
        ]
    }

    private func queue(_ session: String, _ viewer: String) throws(ServiceError) -> HTTPAnswer {
        let presence = try parts.hub.presence(session: session, viewer: viewer)
        return .later { responder in
            // A viewer that leaves meanwhile drops the closure, and the responder says so.
            presence.mailbox.post(.inspect { responder.reply(HTTPResponse($0)) })
        }
    }

    // MARK: Paths

    private func path(_ viewer: String) throws(ServiceError) -> HTTPAnswer {
        let presence = try parts.hub.presence(viewer: viewer)
        return .later { responder in
            presence.mailbox.post(.inspectPath { responder.reply(HTTPResponse($0)) })
        }
    }

    private func choosePath(_ viewer: String, _ request: HTTPRequest) throws(ServiceError) -> HTTPResponse {
        let presence = try parts.hub.presence(viewer: viewer)
        let need = "{\"wish\": \"auto\", \"client\", \"server\" or \"hybrid\"}"
        let body = try APIHandler.object(request, need)
        guard let wish = body["wish"]?.text.flatMap(PathWish.init(rawValue:)) else {
            throw ServiceError(.badRequest, "the body needs to be \(need)")
        }
        presence.mailbox.post(.wish(wish))
        return HTTPResponse(status: 202, headers: [])
    }

    // MARK: The server

    private var readiness: HTTPResponse {
        if parts.isDraining { return .text("stopping\n", status: 503) }
        return parts.store.isReady ? .text("ready\n") : .text("looking for models\n", status: 503)
    }

    /// Answers from a task.
    ///
    /// - Parameter endsWithPeer: the task is cancelled if the peer leaves.
    private func later(
        endsWithPeer: Bool = false, _ body: @escaping @Sendable () async throws(ServiceError) -> HTTPResponse
    ) -> HTTPAnswer {
        let metrics = parts.metrics
        return .later { responder in
            let task = Task {
                do throws(ServiceError) { responder.reply(try await body()) } catch {
                    metrics.failed(error.code)
                    responder.reply(HTTPResponse(error))
                }
            }
            if endsWithPeer { responder.whenPeerLeaves { task.cancel() } }
        }
    }
}
