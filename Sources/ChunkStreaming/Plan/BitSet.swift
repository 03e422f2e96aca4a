// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A set of small numbers as one bit each: chunks that a viewer holds, records that it has been sent.
package struct BitSet: Equatable, Sendable {
    /// Numbers are 0 ..< count; others are never members.
    package let count: Int
    package private(set) var words: [UInt64]

    package init(count: Int) {
        self.count = count
        words = [UInt64](repeating: 0, count: (count + 63) / 64)
    }

    @inline(__always)
    package func contains(_ number: Int) -> Bool { words[number >> 6] & (1 << UInt64(number & 63)) != 0 }

    /// - Returns: whether `number` was not a member before.
    @discardableResult
    package mutating func insert(_ number: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(number & 63)
        let isNew = words[number >> 6] & bit == 0
        words[number >> 6] |= bit
        return isNew
    }

    /// - Returns: whether `number` was a member.
    @discardableResult
    package mutating func remove(_ number: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(number & 63)
        let wasMember = words[number >> 6] & bit != 0
        words[number >> 6] &= ~bit
        return wasMember
    }

    /// - Parameter other: of as many numbers.
    package mutating func formUnion(_ other: BitSet) {
        for word in words.indices { words[word] |= other.words[word] }
    }
    package mutating func formUnion(_ range: Range<Int>) { for number in range { insert(number) } }
    package mutating func removeAll() { for word in words.indices { words[word] = 0 } }

    /// Removes all members below 64 × `wordCount`.
    mutating func clear(words wordCount: Int) { for word in 0..<wordCount { words[word] = 0 } }

    /// O(count / 64).
    package var memberCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The smallest member at or after `first`, or nil.
    @inline(__always)
    func next(from first: Int) -> Int? {
        var word = first >> 6
        guard word < words.count else { return nil }
        var bits = words[word] & (~0 << UInt64(first & 63))
        while bits == 0 {
            word += 1
            if word == words.count { return nil }
            bits = words[word]
        }
        return word << 6 | bits.trailingZeroBitCount
    }

    /// The largest member at or before `last` (which may be -1), or nil.
    @inline(__always)
    func previous(from last: Int) -> Int? {
        guard last >= 0 else { return nil }
        var word = last >> 6
        var bits = words[word] & (~0 >> UInt64(63 - last & 63))
        while bits == 0 {
            word -= 1
            if word < 0 { return nil }
            bits = words[word]
        }
        return word << 6 | (63 - bits.leadingZeroBitCount)
    }
}
