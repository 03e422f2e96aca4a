// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Hands things from one thread to another, in order.
package final class Mailbox<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    private let filled = DispatchSemaphore(value: 0)

    package init() {}

    package func put(_ item: Item) {
        items.withLock { $0.append(item) }
        filled.signal()
    }

    /// What is there now.
    package func takeAll() -> [Item] {
        items.withLock { items in
            defer { items = [] }
            return items
        }
    }

    /// Waits for one.
    package func wait() -> Item {
        while true {
            filled.wait()
            let item = items.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let item { return item }
        }
    }

    /// Waits for one, but not longer.
    package func wait(seconds: Double) -> Item? {
        guard filled.wait(timeout: .now() + seconds) == .success else { return nil }
        return items.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
