// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Sockets
import Synchronization

/// Work for a few threads beside a loop's, with its results back on the loop.
final class DecodeQueue: Sendable {
    private let queues: [DispatchQueue]
    private let next = Atomic<Int>(0)
    private let results = Mailbox<Result>()
    private let waker: Waker

    /// What the loop does with a result: the job's number and what it made.
    struct Result: Sendable {
        var viewer: Int
        var content: DecodedMessage
        /// Seconds that it took.
        var seconds: Double
    }

    init(threadCount: Int, waker: Waker) {
        queues = (0..<threadCount).map { DispatchQueue(label: "vantage.bench.decode.\($0)") }
        self.waker = waker
    }

    /// Jobs of one lane are done in order.
    func decode(viewer: Int, lane: Int? = nil, _ job: @escaping @Sendable () -> DecodedMessage) {
        let number = lane ?? next.wrappingAdd(1, ordering: .relaxed).oldValue
        queues[number % queues.count].async { [results, waker] in
            let start = SocketLoop.now
            let content = job()
            results.put(Result(viewer: viewer, content: content, seconds: SocketLoop.now - start))
            waker.wake()
        }
    }

    func takeResults() -> [Result] { results.takeAll() }
}
