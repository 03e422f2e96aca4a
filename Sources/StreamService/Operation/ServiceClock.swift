// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Where time comes from, so that tests can move it by hand.
package protocol ServiceClock: Sendable {
    var now: ContinuousClock.Instant { get }
    /// Calls `body` once, at `deadline` or soon after, on any thread.
    func call(at deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void)
}

/// The machine's clock.
package struct MachineClock: ServiceClock {
    private static let queue = DispatchQueue(label: "vantage.timers")

    package init() {}

    package var now: ContinuousClock.Instant { .now }

    package func call(at deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) {
        let wait = max(.zero, deadline - .now)
        let nanoseconds = wait.components.seconds * 1_000_000_000 + wait.components.attoseconds / 1_000_000_000
        MachineClock.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(clamping: nanoseconds)), execute: body)
    }
}

extension Duration {
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
