// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Transport

/// Says why viewers were turned away, which their pages cannot see: a proxy that is set up wrongly shows here.
///
/// Whoever is refused tries again, so only some of it is for everybody's eyes. Safe from any thread.
final class RefusalLog: Sendable {
    private let log: Logger
    private let bucket = Mutex(TokenBucket(rate: 1, capacity: 10, now: .now))

    init(_ log: Logger) { self.log = log }

    /// Headers are the peer's: no more of them than people need.
    func refused(_ request: HTTPRequest, _ reason: String) {
        let isForAll = bucket.withLock { $0.take(1, now: .now) }
        log.log(
            level: isForAll ? .notice : .debug, "viewer refused",
            metadata: [
                "peer": "\(request.peer)", "host": "\((request.header("host") ?? "").prefix(120))",
                "origin": "\((request.header("origin") ?? "").prefix(120))", "reason": "\(reason)",
            ])
    }
}
