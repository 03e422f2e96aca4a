// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Lets viewers begin a few at a time, in order. Beginning is what costs most of a viewer's first second: its model is
/// opened and ranked, its first picture chosen. When many come at once, the ones that are served already would otherwise
/// wait behind all of them for a thread of Swift's pool.
///
/// Safe to use from any thread. Waits hold a task, no thread.
final class Entrance: Sendable {
    private struct State {
        var insideCount = 0
        /// In order of arrival; those before `firstWaiter` have been let in.
        var waiters: [CheckedContinuation<Void, Never>] = []
        var firstWaiter = 0
    }

    private let width: Int
    private let state = Mutex(State())

    /// - Parameter width: how many may be inside; half of the processors, so that the other half serves.
    init(width: Int = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)) { self.width = width }

    /// Runs `body` when it is its turn.
    func pass<Result>(_ body: () async -> Result) async -> Result {
        await enter()
        let result = await body()
        leave()
        return result
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isRoom = state.withLock { state in
                guard state.insideCount < width else {
                    state.waiters.append(continuation)
                    return false
                }
                state.insideCount += 1
                return true
            }
            if isRoom { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.firstWaiter < state.waiters.count else {
                state.insideCount -= 1
                return nil
            }
            let next = state.waiters[state.firstWaiter]
            state.firstWaiter += 1
            if 2 * state.firstWaiter >= state.waiters.count {
                state.waiters.removeFirst(state.firstWaiter)
                state.firstWaiter = 0
            }
            return next
        }
        // Who leaves hands its place on.
        next?.resume()
    }

    /// Who waits now.
    var waitingCount: Int { state.withLock { $0.waiters.count - $0.firstWaiter } }
}
