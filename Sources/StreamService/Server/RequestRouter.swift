// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import PathNegotiation
import StreamCore
package import Transport

/// What the listener asks: requests and viewers come in here. Called on the loop thread; everything returns at once.
package struct RequestRouter: TransportService {
    private let parts: ServerParts
    private let access: AccessRule
    private let pages: ViewerPages
    private let handler: APIHandler
    private let services: ViewerServices
    private let pageHeaders: [(String, String)]
    private let fileQueue = WorkQueue("files")
    private let refusals: RefusalLog

    package init(_ parts: ServerParts, token: String?, pages: ViewerPages) {
        self.parts = parts
        self.pages = pages
        let listen = parts.configuration.listen
        access = AccessRule(
            configuration: parts.configuration.access, token: token, host: listen.host,
            isSecure: !listen.certificateFile.isEmpty)
        handler = APIHandler(parts)
        services = parts.viewerServices
        refusals = RefusalLog(parts.log)
        pageHeaders = SecurityHeaders.page(ancestors: parts.configuration.access.frameAncestors)
    }

    package func respond(to request: HTTPRequest) -> HTTPAnswer {
        do throws(ServiceError) { return try answer(request) } catch {
            parts.metrics.failed(error.code)
            parts.log.debug(
                "request refused",
                metadata: [
                    "method": "\(request.method)", "path": "\(request.path)", "status": "\(error.code.status)",
                    "peer": "\(request.peer)",
                ])
            return .response(HTTPResponse(error))
        }
    }

    package func headers(for request: HTTPRequest) -> [(String, String)] {
        AccessRule.isGuarded(request) ? access.sites.headers(for: request) : []
    }

    private func answer(_ request: HTTPRequest) throws(ServiceError) -> HTTPAnswer {
        switch RouteMatch(method: request.method, path: request.path) {
        case .route(let route, _) where route.operation == .connectViewer: throw explain(request)
        case .route(let route, let parameters):
            let grant = try access.check(request, right: route.right)
            return try handler.answer(route, parameters, request, grant)
        case .otherMethods(let methods):
            try access.check(request, right: nil)
            if request.method == "OPTIONS" {
                return .response(access.sites.preflight(request, methods: methods))
            }
            throw ServiceError(.methodNotAllowed, "\(request.path) takes \(methods.joined(separator: ", "))")
        case .none:
            try access.check(request, right: nil)
            guard ["GET", "HEAD"].contains(request.method) else {
                throw ServiceError(.notFound, "there is nothing at \(request.path.prefix(120))")
            }
            return try page(request)
        }
    }

    private func page(_ request: HTTPRequest) throws(ServiceError) -> HTTPAnswer {
        let path = request.path
        let headers = pageHeaders
        let missing = ServiceError(.notFound, "there is nothing at \(path.prefix(120))")
        guard pages.isLive else {
            guard let page = pages.page(path) else { throw missing }
            return .response(page.response(to: request, headers))
        }
        return .later { [pages, fileQueue] responder in
            fileQueue.start {
                responder.reply(pages.page(path)?.response(to: request, headers) ?? HTTPResponse(missing))
            }
        }
    }

    package func connect(_ request: HTTPRequest, _ connection: WebSocketConnection) -> any WebSocketHandler {
        do throws(ServiceError) {
            if parts.isDraining { throw ServiceError(.draining, "the server is stopping") }
            let wanted = try ViewerRequest(request)
            let grant = try access.check(request, right: .look)
            let limits = parts.configuration.viewers
            let mailbox = ViewerMailbox(limit: limits.mailboxLimit, byteLimit: 4 * limits.messageByteLimit)
            let task = ViewerTask(
                wanted, grant: grant, connection: connection, mailbox: mailbox, services: services)
            Task { await task.run() }
            return ViewerHandler(mailbox: mailbox, connection: connection)
        } catch {
            parts.metrics.failed(error.code)
            refusals.refused(request, error.message)
            connection.close(code: error.code.closeCode.rawValue, reason: error.message)
        }
        // Nobody listens to what it may still say.
        return ViewerHandler(mailbox: ViewerMailbox(limit: 0), connection: connection)
    }

    package func refusedHandshake(_ request: HTTPRequest, _ reason: String) { refusals.refused(request, reason) }

    /// What a handshake at this address would meet, for pages, which cannot see why their WebSocket was not opened.
    ///
    /// A page's request to its own origin names none, so the address does: `origin=`.
    private func explain(_ request: HTTPRequest) -> ServiceError {
        do throws(ServiceError) {
            if let origin = request.queryValue("origin") { try access.sites.check(origin: origin, request) }
            if parts.isDraining { throw ServiceError(.draining, "the server is stopping", retrySeconds: 5) }
            let wanted = try ViewerRequest(request)
            let grant = try access.check(request, right: .look)
            try parts.checkRoom(for: wanted, grant)
            return ServiceError(
                .upgradeRequired,
                "a WebSocket would be opened here; if none can be, something in between does not pass it on: a proxy has "
                    + "to pass the headers Upgrade and Connection, and speak HTTP/1.1")
        } catch { return error }
    }
}
