// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import StreamService

/// Shared by the tasks of a test.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct EntranceTests {
    @Test(arguments: [1, 3])
    func `no more than its width are inside, and all pass`(width: Int) async {
        let entrance = Entrance(width: width)
        let counts = Shared((inside: 0, most: 0, passed: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    await entrance.pass {
                        counts.withLock { counts in
                            counts.inside += 1
                            counts.most = max(counts.most, counts.inside)
                        }
                        await Task.yield()
                        counts.withLock { counts in
                            counts.inside -= 1
                            counts.passed += 1
                        }
                    }
                }
            }
        }
        #expect(counts.withLock { $0.passed } == 500)
        #expect(counts.withLock { $0.most } <= width)
        #expect(entrance.waitingCount == 0)
    }

    @Test func `who comes first enters first`() async {
        let entrance = Entrance(width: 1)
        let order = Shared<[Int]>([])
        let isInside = Shared(false)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await entrance.pass {
                    isInside.withLock { $0 = true }
                    for await _ in gate {}
                }
            }
            while !isInside.withLock({ $0 }) { await Task.yield() }
            for number in 0..<20 {
                group.addTask { await entrance.pass { order.withLock { $0.append(number) } } }
                while entrance.waitingCount <= number { await Task.yield() }
            }
            opener.finish()
        }
        #expect(order.withLock { $0 } == Array(0..<20))
    }
}
