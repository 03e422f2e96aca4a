// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Synchronization

/// What other threads ask of the loop. A connection that is gone by then is skipped.
enum Letter: Sendable {
    /// A connection has something new to write.
    case pump(connection: UInt64)
    case respond(connection: UInt64, exchange: UInt64, HTTPResponse)
    /// Stop or go on reading a request's body.
    case hold(connection: UInt64, exchange: UInt64, Bool)
    case drain(deadline: ContinuousClock.Instant, whenEmpty: CheckedContinuation<Void, Never>)
    case stop
}

/// The only way from other threads to the loop thread: letters under a lock, and the one call of libwebsockets that any
/// thread may make, which wakes the loop.
final class Mailbox: Sendable {
    private struct State {
        var letters: [Letter] = []
        var context: Context?
    }

    // Only ever given to lws_cancel_service, under the lock, while the context lives.
    private struct Context: @unchecked Sendable { var pointer: OpaquePointer }

    private let state = Mutex(State())

    /// From now on letters wake the loop of `context`.
    func open(context: OpaquePointer) {
        let context = Context(pointer: context)
        state.withLock { $0.context = context }
    }

    /// From now on letters are dropped. To be called before the context is destroyed.
    ///
    /// - Returns: The letters that were not taken.
    func close() -> [Letter] {
        state.withLock { state in
            state.context = nil
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// - Returns: False if the loop has ended and will not read the letter.
    @discardableResult
    func post(_ letter: Letter) -> Bool {
        state.withLock { state in
            guard let context = state.context else { return false }
            state.letters.append(letter)
            if state.letters.count == 1 { lws_cancel_service(context.pointer) }
            return true
        }
    }

    func take() -> [Letter] {
        state.withLock { state in
            defer { state.letters = [] }
            return state.letters
        }
    }
}
