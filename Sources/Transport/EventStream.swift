// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A stream of server-sent events to one peer. Made by the service, given to the transport as an answer. Safe from any
/// thread; events sent before the answer are kept.
package final class EventStream: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isOpen = true
        var limit = 1 << 20
        var wake: (@Sendable () -> Void)?
        var whenClosed: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    /// - Parameter whenClosed: Called once, on any thread, when the peer or the service has closed the stream.
    package init(whenClosed: (@Sendable () -> Void)? = nil) {
        state = Mutex(State(whenClosed: whenClosed))
    }

    package var isOpen: Bool { state.withLock(\.isOpen) }

    /// - Parameters:
    ///   - data: Any text; line ends are kept.
    ///   - event: The event's name; "message" if nil.
    /// - Returns: False if the stream is closed. A peer that lets too much pile up is closed, too.
    @discardableResult
    package func send(data: String, event: String? = nil) -> Bool {
        var text = event.map { "event: \($0.filter { !$0.isNewline })\n" } ?? ""
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        return append(Array((text + "\n").utf8))
    }

    /// What is pending is still written.
    package func close() {
        let (wake, whenClosed) = state.withLock { state in
            state.isOpen = false
            defer { state.whenClosed = nil }
            return (state.wake, state.whenClosed)
        }
        whenClosed?()
        wake?()
    }

    /// A comment, which keeps proxies from closing a quiet stream.
    func keepAlive() { append(Array(":\n\n".utf8)) }

    @discardableResult
    private func append(_ bytes: [UInt8]) -> Bool {
        let (isAccepted, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.isOpen, state.pending.count + bytes.count <= state.limit else { return (false, nil) }
            defer { state.pending += bytes }
            return (true, state.pending.isEmpty ? state.wake : nil)
        }
        if isAccepted { wake?() } else { close() }
        return isAccepted
    }

    /// Called by the loop when the stream's connection is ready.
    func attach(limit: Int, wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.limit = limit
            state.wake = wake
        }
    }

    /// Called by the loop when the peer has left.
    func detach() {
        state.withLock { state in
            state.wake = nil
            state.pending = []
        }
        close()
    }

    var hasPending: Bool { state.withLock { !$0.pending.isEmpty } }

    /// Whether nothing will ever be pending again.
    var isFinished: Bool { state.withLock { !$0.isOpen && $0.pending.isEmpty } }

    func takePending() -> [UInt8] {
        state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
    }
}
