// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Many short lists of numbers in two flat arrays.
struct CompactLists: Sendable {
    private var starts: [UInt32]
    private(set) var items: [UInt32]

    init() {
        starts = [0]
        items = []
    }

    init(_ lists: some Sequence<[UInt32]>) {
        self.init()
        for list in lists { append(list) }
    }

    /// List number `targets[i]` gets `sources[i]`, in order.
    init(count: Int, targets: [UInt32], sources: [UInt32]) {
        starts = [UInt32](repeating: 0, count: count + 1)
        for target in targets { starts[Int(target) + 1] += 1 }
        for list in 0..<count { starts[list + 1] += starts[list] }
        items = [UInt32](repeating: 0, count: targets.count)
        var next = starts
        for (target, source) in zip(targets, sources) {
            items[Int(next[Int(target)])] = source
            next[Int(target)] += 1
        }
    }

    var count: Int { starts.count - 1 }

    mutating func append(_ list: some Sequence<UInt32>) {
        items.append(contentsOf: list)
        starts.append(UInt32(items.count))
    }

    /// Where in `items` list `number` is.
    @inline(__always)
    func range(_ number: Int) -> Range<Int> { Int(starts[number])..<Int(starts[number + 1]) }

    subscript(number: Int) -> ArraySlice<UInt32> { items[range(number)] }

    /// The same links from the other end: list `b` holds `a` exactly when list `a` holds `b`.
    func inverted(count: Int) -> CompactLists {
        var sources: [UInt32] = []
        sources.reserveCapacity(items.count)
        for list in 0..<self.count { for _ in range(list) { sources.append(UInt32(list)) } }
        return CompactLists(count: count, targets: items, sources: sources)
    }
}
