// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Why a peer was turned away or cut off.
package enum Refusal: String, CaseIterable, Sendable {
    case tooManyConnections, tooManyConnectionsFromAddress, malformedRequest, tooLarge, slowRequest, origin, flooding
    case protocolViolation, silent, stuck
}

/// Counts since the listener started, except where they say "now".
package struct TransportStatistics: Sendable {
    /// Now.
    package var connectionCount = 0
    /// Now; part of `connectionCount`.
    package var webSocketCount = 0
    package var acceptedConnectionCount = 0
    package var requestCount = 0
    package var receivedMessageCount = 0
    package var sentMessageCount = 0
    package var receivedByteCount = 0
    package var sentByteCount = 0
    /// Payload bytes that wait in WebSocket queues now.
    package var queuedByteCount = 0
    package var refusals: [Refusal: Int] = [:]

    package init() {}
}

/// The counters behind the statistics; written by the loop and by senders.
final class Counters: Sendable {
    private let values = Mutex(TransportStatistics())

    func update(_ change: (inout TransportStatistics) -> Void) { values.withLock { change(&$0) } }

    func refuse(_ reason: Refusal) { update { $0.refusals[reason, default: 0] += 1 } }

    var snapshot: TransportStatistics { values.withLock { $0 } }
}
