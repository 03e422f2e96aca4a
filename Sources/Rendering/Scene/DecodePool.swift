// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Threads that decode chunks for the scenes of a renderer. Safe to use from any thread.
///
/// Each scene has one list of chunks that it waits for, best first, which it replaces whenever it knows better: what is
/// not in the newest list is not decoded. Scenes take turns, those that somebody watches before others. Results wait until
/// their scene takes them; a scene bounds them by what it asks for.
package final class DecodePool: Sendable {
    struct Result: Sendable {
        var chunk: Int
        var content: DecodedChunk
    }

    /// What belongs to one scene.
    private struct Client {
        var decoder: ChunkDecoder
        /// Chunks, best last.
        var waiting: [Int] = []
        /// Being decoded, or not taken yet.
        var busy: Set<Int> = []
        var runningCount = 0
        var results: [Result] = []
        var isSecondary = false
    }

    private struct State {
        var clients: [Int: Client] = [:]
        /// Numbers of `clients`, in the order in which they are served next.
        var turns: [Int] = []
        var nextNumber = 0
        /// By thread.
        var isRunning: [Bool]
        var isShutDown = false
    }

    package let threadCount: Int
    private let state: Mutex<State>
    /// One for each thread: a serial queue gets a thread of its own, however busy all others are, which a concurrent one
    /// does not.
    private let queues: [DispatchQueue]
    private let whenDecoded: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - threadCount: that may decode at the same time, at least 1; one fewer than the machine's cores leaves
    ///     room for the thread that draws.
    ///   - whenDecoded: called on the pool's threads after each chunk: there is something for an update to take.
    package init(threadCount: Int, whenDecoded: (@Sendable () -> Void)? = nil) {
        self.whenDecoded = whenDecoded
        self.threadCount = max(1, threadCount)
        state = Mutex(State(isRunning: Array(repeating: false, count: self.threadCount)))
        queues = (0..<self.threadCount).map { DispatchQueue(label: "vantage.decode.\($0)") }
    }

    /// Drops everything that waits and takes nothing new; what is being decoded ends unheard. Returns at once.
    package func shutDown() {
        state.withLock { state in
            state.isShutDown = true
            state.clients = [:]
            state.turns = []
        }
    }

    /// Waits until no thread decodes any more, after `shutDown`: at most as long as one chunk takes.
    package func waitUntilIdle() { for queue in queues { queue.sync {} } }

    /// Registers a scene; its number for the other calls.
    func addClient(_ decoder: ChunkDecoder) -> Int {
        state.withLock { state in
            let number = state.nextNumber
            state.nextNumber += 1
            guard !state.isShutDown else { return number }
            state.clients[number] = Client(decoder: decoder)
            state.turns.append(number)
            return number
        }
    }

    /// Forgets a scene with all that it waits for.
    func removeClient(_ number: Int) {
        state.withLock { state in
            state.clients[number] = nil
            state.turns.removeAll { $0 == number }
        }
    }

    /// Whether a scene comes after others; at first it does not.
    func setSecondary(_ isSecondary: Bool, client number: Int) {
        state.withLock { $0.clients[number]?.isSecondary = isSecondary }
    }

    /// Replaces what a scene waits for.
    ///
    /// - Parameter chunks: best first; those that are being decoded or whose results were not taken yet do not count.
    func replaceRequests(of number: Int, by chunks: [Int]) {
        let started = state.withLock { state -> [Int] in
            guard let client = state.clients[number] else { return [] }
            state.clients[number]?.waiting = chunks.reversed().filter { !client.busy.contains($0) }
            let waitingCount = state.clients.values.reduce(0) { $0 + $1.waiting.count }
            let idle = state.isRunning.indices.filter { !state.isRunning[$0] }.prefix(waitingCount)
            for thread in idle { state.isRunning[thread] = true }
            return Array(idle)
        }
        for thread in started { queues[thread].async { [self] in work(thread) } }
    }

    /// Results that have not been taken yet, oldest first; never waits.
    ///
    /// - Parameter byteLimit: no more are taken once they are this large.
    func takeResults(of number: Int, byteLimit: Int) -> [Result] {
        state.withLock { state in
            guard let results = state.clients[number]?.results else { return [] }
            var count = 0
            var bytes = 0
            while count < results.count, bytes < byteLimit {
                bytes += results[count].content.byteCount
                count += 1
            }
            state.clients[number]?.results.removeFirst(count)
            for result in results[..<count] { state.clients[number]?.busy.remove(result.chunk) }
            return Array(results[..<count])
        }
    }

    /// Whether there is something to take.
    func hasResults(of number: Int) -> Bool {
        state.withLock { $0.clients[number].map { !$0.results.isEmpty } ?? false }
    }

    /// Chunks of a scene that wait or are being decoded.
    func openCount(of number: Int) -> Int {
        state.withLock { $0.clients[number].map { $0.waiting.count + $0.runningCount } ?? 0 }
    }

    /// Decodes until nothing waits.
    private func work(_ thread: Int) {
        while let (number, chunk, decoder) = next(thread) {
            let content = decoder.decode(chunk)
            state.withLock { state in
                state.clients[number]?.runningCount -= 1
                state.clients[number]?.results.append(Result(chunk: chunk, content: content))
            }
            whenDecoded?()
        }
    }

    /// The best chunk of the scene whose turn it is; nil: nothing waits, and the thread ends.
    private func next(_ thread: Int) -> (Int, Int, ChunkDecoder)? {
        state.withLock { state in
            let isLater = state.turns.map { state.clients[$0]?.isSecondary == true }
            let places = isLater.indices
            for place in places.filter({ !isLater[$0] }) + places.filter({ isLater[$0] }) {
                let number = state.turns[place]
                guard let chunk = state.clients[number]?.waiting.popLast(), let client = state.clients[number] else {
                    continue
                }
                state.clients[number]?.runningCount += 1
                state.clients[number]?.busy.insert(chunk)
                state.turns.remove(at: place)
                state.turns.append(number)
                return (number, chunk, client.decoder)
            }
            state.isRunning[thread] = false
            return nil
        }
    }
}
