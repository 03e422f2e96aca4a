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
    /// Of each thread, once.
    private let ended = DispatchSemaphore(value: 0)
    private let threadCount: Int

    init(threadCount: Int) {
        self.threadCount = max(1, threadCount)
        for number in 1...self.threadCount {
            let thread = Thread { [weak self, waiting, ended] in
                EncodePool.work(waiting) { self?.next() }
                ended.signal()
            }
            thread.name = "vantage.encode.\(number)"
            thread.start()
        }
    }

    deinit { for _ in 0..<threadCount { waiting.signal() } }

    /// Does what is left to do, and waits until no thread holds anything of it any more: frames that are lent to an encoder
    /// keep the device. Called once; nothing is started afterwards.
    func shutDown() {
        for _ in 0..<threadCount { waiting.signal() }
        for _ in 0..<threadCount { ended.wait() }
    }

    private static func work(_ waiting: DispatchSemaphore, _ next: () -> Job?) {
        let encoder = try? FrameEncoder()
        while true {
            waiting.wait()
            // What is left to do is done even when the pool is given up: somebody waits for each job.
            guard let job = next() else { return }
            job(encoder)
        }
    }

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
