// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Paths that failed: not tried again for 15 s, then 30, 60 … 480. Times in seconds.
struct PathBlocks: Sendable {
    static let firstSeconds = 15.0
    static let longestSeconds = 480.0
    /// After this many failures there is no hope in waiting.
    static let countLimit = 4
    /// Failures are forgotten when nothing failed for so long.
    static let memorySeconds = 600.0

    private struct Block: Sendable {
        var count: Int
        var failedAt: Double
        var until: Double
    }

    private var blocks: [ViewerPath: Block] = [:]

    mutating func failed(_ path: ViewerPath, at now: Double) {
        let count = min((blocks[path]?.count ?? 0) + 1, 16)
        let seconds = min(PathBlocks.firstSeconds * Double(1 << (count - 1)), PathBlocks.longestSeconds)
        blocks[path] = Block(count: count, failedAt: now, until: now + seconds)
    }

    /// Somebody asks for the path: it may be tried once more now.
    mutating func lift(_ path: ViewerPath, at now: Double) {
        if let block = blocks[path] { blocks[path]?.until = min(block.until, now) }
    }

    mutating func advance(to now: Double) {
        blocks = blocks.filter { now < max($0.value.failedAt + PathBlocks.memorySeconds, $0.value.until) }
    }

    /// What is blocked now, and how often it failed.
    func counts(at now: Double) -> [ViewerPath: Int] { blocks.filter { now < $0.value.until }.mapValues(\.count) }

    func untils(at now: Double) -> [ViewerPath: Double] { blocks.filter { now < $0.value.until }.mapValues(\.until) }

    /// When something changes by itself.
    var times: [Double] { blocks.values.flatMap { [$0.until, max($0.failedAt + PathBlocks.memorySeconds, $0.until)] } }
}
