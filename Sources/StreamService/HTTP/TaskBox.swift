// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Holds a task for something that is made before it.
final class TaskBox: Sendable {
    private let task = Mutex<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

    func set(_ new: Task<Void, Never>) {
        let isCancelled = task.withLock { state in
            state.task = new
            return state.isCancelled
        }
        if isCancelled { new.cancel() }
    }

    func cancel() {
        task.withLock { state in
            state.isCancelled = true
            return state.task
        }?.cancel()
    }
}
