// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImageCoding
import Synchronization

/// Threads that encode frames, each with an encoder of its own. What is urgent comes first.
final class EncodePool: Sendable {
    /// Encodes something and says so itself; nil when there was no memory for an encoder.
    typealias Job = @Sendable (FrameEncoder?) -> Void

    private struct State {
        var urgent: [Job] = []
        var other: [Job] = []
    }

    private let state = Mutex(State())
    private let waiting = DispatchSemaphore(value: 0)
    private let threadCount: Int

    init(threadCount: Int) {
        self.threadCount = max(1, threadCount)
        for number in 1...self.threadCount {
            let thread = Thread { [weak self] in
                let encoder = try? FrameEncoder()
                guard let waiting = self?.waiting else { return }
                while true {
                    waiting.wait()
                    // What is left to do is done even when the pool is given up: somebody waits for each job.
                    guard let job = self?.next() else { return }
                    job(encoder)
                }
            }
            thread.name = "vantage.encode.\(number)"
            thread.start()
        }
    }

    deinit { for _ in 0..<threadCount { waiting.signal() } }

    func start(isUrgent: Bool, _ job: @escaping Job) {
        state.withLock { if isUrgent { $0.urgent.append(job) } else { $0.other.append(job) } }
        waiting.signal()
    }

    private func next() -> Job? {
        state.withLock { state in
            if !state.urgent.isEmpty { return state.urgent.removeFirst() }
            return state.other.isEmpty ? nil : state.other.removeFirst()
        }
    }
}
