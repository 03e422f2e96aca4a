// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Whose import runs next: callers take turns, however many each has waiting; one caller's imports keep their order.
struct ImportOrder {
    struct Item: Equatable {
        let caller: String
        /// Of two equal files only one is imported at a time: the other finds the first one's model.
        let fingerprint: String
    }

    private var turn = 0
    /// When each caller had its last turn; only of callers that wait or run.
    private var turns: [String: Int] = [:]

    /// - Parameter waiting: oldest first.
    /// - Returns: which of the waiting ones; nil: none can run now.
    mutating func next(waiting: [Item], running: [Item]) -> Int? {
        let callers = Set(waiting.map(\.caller) + running.map(\.caller))
        turns = turns.filter { callers.contains($0.key) }
        let busy = Set(running.map(\.fingerprint))
        var loads: [String: Int] = [:]
        for item in running { loads[item.caller, default: 0] += 1 }
        let choice = waiting.indices.filter { !busy.contains(waiting[$0].fingerprint) }.min {
            rank($0, waiting, loads) < rank($1, waiting, loads)
        }
        guard let choice else { return nil }
        turn += 1
        turns[waiting[choice].caller] = turn
        return choice
    }

    private func rank(_ index: Int, _ waiting: [Item], _ loads: [String: Int]) -> (Int, Int, Int) {
        let caller = waiting[index].caller
        return (loads[caller, default: 0], turns[caller, default: 0], index)
    }
}
