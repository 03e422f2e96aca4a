// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Answers one request later. Safe from any thread. If it is dropped without a reply, the peer gets status 500.
package final class HTTPResponder: Sendable {
    private let mailbox: Mailbox
    private let connection: UInt64
    private let exchange: UInt64
    private let hasReplied = Atomic(false)
    private let departure = Mutex<(hasLeft: Bool, action: (@Sendable () -> Void)?)>((false, nil))

    init(mailbox: Mailbox, connection: UInt64, exchange: UInt64) {
        self.mailbox = mailbox
        self.connection = connection
        self.exchange = exchange
    }

    deinit {
        reply(HTTPResponse(status: 500, errorCode: "noAnswer", message: "the server dropped the request"))
    }

    /// Has `action` called, once and on any thread, if the peer leaves before it is answered; at once if it has left.
    package func whenPeerLeaves(_ action: @escaping @Sendable () -> Void) {
        let hasLeft = departure.withLock { state in
            if !state.hasLeft { state.action = action }
            return state.hasLeft
        }
        if hasLeft { action() }
    }

    /// The connection is gone.
    func peerLeft() {
        let action = departure.withLock { state in
            defer { state = (true, nil) }
            return state.action
        }
        if !hasReplied.load(ordering: .relaxed) { action?() }
    }

    /// Only the first reply counts. Nothing happens if the peer has left.
    package func reply(_ response: HTTPResponse) {
        guard hasReplied.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        mailbox.post(.respond(connection: connection, exchange: exchange, response))
    }
}

/// A request's body on its way in. Safe from any thread.
package final class Upload: Sendable {
    /// What the request says about the body's size.
    package let contentByteCount: Int?
    private let responder: HTTPResponder
    private let hold: @Sendable (Bool) -> Void

    init(contentByteCount: Int?, responder: HTTPResponder, hold: @escaping @Sendable (Bool) -> Void) {
        self.contentByteCount = contentByteCount
        self.responder = responder
        self.hold = hold
    }

    /// Stops reading; what was read already (64 KiB at most) is still written to the sink.
    package func pause() { hold(true) }

    package func resume() { hold(false) }

    /// Answers the request. Before the sink's `finish()` it ends the upload: the sink gets no more calls.
    package func reply(_ response: HTTPResponse) { responder.reply(response) }
}
