// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StreamService

@Suite struct ImportOrderTests {
    func items(_ callers: String) -> [ImportOrder.Item] {
        callers.enumerated().map { .init(caller: String($0.element), fingerprint: "\($0.offset)") }
    }

    /// The order in which everything runs, one after the other.
    func run(_ callers: String) -> String {
        var order = ImportOrder()
        var waiting = items(callers)
        var done = ""
        while let next = order.next(waiting: waiting, running: []) { done += waiting.remove(at: next).caller }
        return done
    }

    @Test(arguments: [("aaaaaab", "abaaaaa"), ("aaabbbc", "abcabab"), ("abc", "abc"), ("aaa", "aaa"), ("", "")])
    func `callers take turns, however many each has waiting`(waiting: String, order: String) {
        #expect(run(waiting) == order)
    }

    @Test func `who has none running goes before who has`() {
        var order = ImportOrder()
        let running = [ImportOrder.Item(caller: "a", fingerprint: "x")]
        #expect(order.next(waiting: items("aab"), running: running) == 2)
    }

    @Test func `of equal files one is imported at a time`() {
        var order = ImportOrder()
        let running = [ImportOrder.Item(caller: "a", fingerprint: "0")]
        #expect(order.next(waiting: items("b"), running: running) == nil)
        #expect(order.next(waiting: items("bb"), running: running) == 1)
    }
}
