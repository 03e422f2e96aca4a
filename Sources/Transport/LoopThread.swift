// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The thread that runs a loop. Its stack and signals are its own: it takes none of the process's signals.
final class LoopThread: Sendable {
    private struct State: @unchecked Sendable {  // pthread_t is a number
        var thread = pthread_t()
        var isRunning = false
    }

    private let state = Mutex(State())

    init(_ loop: Loop) {
        state.withLock { state in
            var all = sigset_t()
            var previous = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, &previous)
            let argument = Unmanaged.passRetained(loop).toOpaque()
            let code = pthread_create(
                &state.thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Loop>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, argument)
            pthread_sigmask(SIG_SETMASK, &previous, nil)
            precondition(code == 0, "a process that cannot start one thread cannot serve")
            state.isRunning = true
        }
    }

    /// Waits for the end of the loop; from the loop's own thread it does not wait.
    func join() {
        state.withLock { state in
            guard state.isRunning, pthread_equal(state.thread, pthread_self()) == 0 else { return }
            pthread_join(state.thread, nil)
            state.isRunning = false
        }
    }
}
