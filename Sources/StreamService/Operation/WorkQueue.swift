// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// A thread of its own for work that waits for disks: importing, hashing, opening archives. One piece at a time, in
/// order; Swift's pool and the loop thread never wait for it.
package final class WorkQueue: Sendable {
    private let queue: DispatchQueue

    package init(_ name: String) { queue = DispatchQueue(label: "vantage.\(name)") }

    package func start(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    /// Waits for everything that was started before.
    package func waitUntilIdle() { queue.sync {} }

    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
