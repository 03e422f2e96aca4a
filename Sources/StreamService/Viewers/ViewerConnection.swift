// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Transport

/// What a viewer needs of its connection; tests put something in memory there.
package protocol ViewerConnection: Sendable {
    var peer: String { get }
    var isOpen: Bool { get }
    var queuedByteCount: Int { get }
    /// - Returns: false when it was not taken: the connection is closed, or too much waits already.
    func send(_ payload: Payload, priority: Priority) -> Bool
    /// Sends what is queued of control messages, then closes.
    func close(code: UInt16, reason: String)
}

extension WebSocketConnection: ViewerConnection {
    package func send(_ payload: Payload, priority: Priority) -> Bool {
        send(payload, priority: priority, replacing: nil, isText: false)
    }
}
