// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Counts what is alive on a device, so that tests can see that nothing stays behind. May outlive everything.
package final class ObjectCounter: Sendable {
    private let count = Atomic(0)

    package init() {}

    /// Handles made and not yet destroyed, memory blocks among them.
    package var liveCount: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ change: Int = 1) { count.add(change, ordering: .sequentiallyConsistent) }
    func remove() { count.subtract(1, ordering: .sequentiallyConsistent) }
}
