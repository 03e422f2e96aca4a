// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Hands out ranges of a fixed number of units, first fit; neighbours that become free grow together.
package struct RangeAllocator: Sendable {
    package let capacity: Int
    package private(set) var freeCount: Int
    /// Sorted, apart from each other, never empty.
    private var free: [Range<Int>]

    package init(capacity: Int) {
        self.capacity = capacity
        freeCount = capacity
        free = capacity > 0 ? [0..<capacity] : []
    }

    package var isEmpty: Bool { freeCount == capacity }

    /// - Parameter alignment: a power of two that divides the start.
    /// - Returns: nil if no free range is long enough.
    package mutating func allocate(_ count: Int, alignment: Int = 1) -> Range<Int>? {
        guard count > 0, count <= freeCount else { return nil }
        for index in free.indices {
            let gap = free[index]
            let start = (gap.lowerBound + alignment - 1) & ~(alignment - 1)
            guard start + count <= gap.upperBound else { continue }
            let parts = [gap.lowerBound..<start, start + count..<gap.upperBound].filter { !$0.isEmpty }
            free.replaceSubrange(index...index, with: parts)
            freeCount -= count
            return start..<start + count
        }
        return nil
    }

    /// Gives back a range that was handed out.
    package mutating func release(_ range: Range<Int>) {
        if range.isEmpty { return }
        var low = 0
        var high = free.count
        while low < high {
            let middle = (low + high) / 2
            if free[middle].lowerBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        precondition(low == free.count || range.upperBound <= free[low].lowerBound, "the range is not free already")
        precondition(low == 0 || free[low - 1].upperBound <= range.lowerBound, "the range is not free already")
        var joined = range
        var replaced = low..<low
        if low < free.count, free[low].lowerBound == range.upperBound {
            joined = joined.lowerBound..<free[low].upperBound
            replaced = replaced.lowerBound..<low + 1
        }
        if low > 0, free[low - 1].upperBound == range.lowerBound {
            joined = free[low - 1].lowerBound..<joined.upperBound
            replaced = low - 1..<replaced.upperBound
        }
        free.replaceSubrange(replaced, with: [joined])
        freeCount += range.count
    }
}
