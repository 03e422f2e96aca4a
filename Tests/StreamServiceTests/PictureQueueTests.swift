// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StreamService

@Suite struct PictureQueueTests {
    private func queue(limit: Int, _ entries: [(Int, String)]) -> PictureQueue<Int> {
        var queue = PictureQueue<Int>(limit: limit)
        for (number, caller) in entries { _ = queue.add(number, number: number, of: caller) }
        return queue
    }

    private func order(_ queue: PictureQueue<Int>) -> [Int] {
        var queue = queue
        var result: [Int] = []
        while let next = queue.next() { result.append(next) }
        return result
    }

    @Test func `callers take turns, each with its oldest`() {
        let queue = queue(limit: 16, [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")])
        #expect(order(queue) == [1, 4, 5, 2, 6, 3])
    }

    @Test func `callers with one each come in the order in which they asked`() {
        var queue = queue(limit: 16, [(1, "a")])
        #expect(queue.next() == 1)
        _ = queue.add(2, number: 2, of: "a")
        _ = queue.add(3, number: 3, of: "b")
        #expect(order(queue) == [2, 3])
    }

    @Test func `a full queue refuses whoever has most in it`() {
        var queue = queue(limit: 4, [(1, "a"), (2, "a"), (3, "a"), (4, "b")])
        #expect(queue.add(5, number: 5, of: "c") == 3, "the flood loses its newest")
        #expect(queue.add(6, number: 6, of: "a") == 6, "and gets nothing more")
        #expect(queue.add(7, number: 7, of: "b") == 7, "of callers with equally many, who asks last")
        #expect(order(queue) == [1, 4, 5, 2])
    }

    @Test func `what nobody waits for leaves`() {
        var queue = queue(limit: 4, [(1, "a"), (2, "b"), (3, "a")])
        #expect(queue.remove(number: 1) == 1)
        #expect(queue.remove(number: 1) == nil)
        #expect(order(queue) == [3, 2])
        #expect(queue.removeAll() == [2, 3])
        #expect(queue.isEmpty && queue.next() == nil)
    }

    @Test func `the time to wait follows what pictures take`() {
        var queue = queue(limit: 16, (1...16).map { ($0, "a") })
        #expect(queue.retrySeconds == 8)
        for _ in 0..<50 { queue.took(seconds: 10) }
        #expect(queue.retrySeconds == 80)
        for _ in 0..<50 { queue.took(seconds: 0.001) }
        queue.took(seconds: .nan)
        #expect(queue.retrySeconds == 1)
    }
}
