// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What listens behind a `Listener`. All methods are called on the loop thread and must return at once: whatever takes
/// longer than a lookup answers later.
package protocol TransportService: Sendable {
    /// A request's head has arrived, and its body if that is small (`HTTPRequest.isBodyComplete`).
    func respond(to request: HTTPRequest) -> HTTPAnswer

    /// A WebSocket was opened; its handler gets everything that follows. To refuse it with a reason that the peer can
    /// read, call `connection.close(code:reason:)` here.
    func connect(_ request: HTTPRequest, _ connection: WebSocketConnection) -> any WebSocketHandler

    /// Headers of every answer to this request, whoever gives it; an answer's own header of the same name wins.
    func headers(for request: HTTPRequest) -> [(String, String)]

    /// A WebSocket was not opened: the reason, as the peer is told. Its page cannot see it.
    func refusedHandshake(_ request: HTTPRequest, _ reason: String)
}

extension TransportService {
    package func headers(for request: HTTPRequest) -> [(String, String)] { [] }
    package func refusedHandshake(_ request: HTTPRequest, _ reason: String) {}
}

package enum HTTPAnswer: Sendable {
    case response(HTTPResponse)
    /// The closure is called at once, on the loop thread; its responder may be used later, from any thread.
    case later(@Sendable (HTTPResponder) -> Void)
    /// The body is handed to the sink piece by piece. More than `maximum` bytes are answered with 413.
    case upload(any UploadSink, maximum: Int)
    /// The connection becomes a stream of server-sent events.
    case events(EventStream)
}

/// What happens on one WebSocket. Called on the loop thread; must return at once.
package protocol WebSocketHandler: Sendable {
    /// A whole message.
    func received(_ bytes: [UInt8], isText: Bool)
    /// The connection's queue became empty, or fell below `TransportLimits.drainMarkByteCount`.
    func drained()
    /// The listener is closing; the connection will be, as soon as its queue is empty.
    func draining()
    /// The last call. `code` is the peer's, or ours if we closed, or 1006 if the connection was lost.
    func closed(code: UInt16, reason: String)
}

extension WebSocketHandler {
    package func drained() {}
    package func draining() {}
}

/// Takes the body of an upload. Called on the loop thread; must return at once.
package protocol UploadSink: Sendable {
    /// The first call. The sink answers the request through `upload`, which it may use from any thread.
    func begin(_ upload: Upload)
    func write(_ bytes: [UInt8])
    /// The body is complete; now reply.
    func finish()
    /// The last call, if the body will never be complete: the peer left, or exceeded a limit.
    func cancelled()
}
