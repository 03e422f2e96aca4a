// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import Testing

@Suite struct RangeAllocatorTests {
    @Test func rangesNeverOverlapAndAllComeBack() {
        var allocator = RangeAllocator(capacity: 10_000)
        var taken: [Range<Int>] = []
        var state: UInt64 = 88_172_645_463_325_252
        func random(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        for _ in 0..<4000 {
            let alignment = 1 << random(5)
            if random(2) == 0, let range = allocator.allocate(1 + random(300), alignment: alignment) {
                #expect(range.lowerBound % alignment == 0 && range.upperBound <= 10_000)
                #expect(taken.allSatisfy { !$0.overlaps(range) })
                taken.append(range)
            } else if !taken.isEmpty {
                allocator.release(taken.remove(at: random(taken.count)))
            }
            #expect(allocator.freeCount == 10_000 - taken.reduce(0) { $0 + $1.count })
        }
        for range in taken { allocator.release(range) }
        #expect(allocator.isEmpty && allocator.allocate(10_000) == 0..<10_000)
    }

    @Test func whatDoesNotFitIsRefused() {
        var allocator = RangeAllocator(capacity: 10)
        #expect(allocator.allocate(0) == nil && allocator.allocate(11) == nil)
        #expect(allocator.allocate(4) == 0..<4 && allocator.allocate(4, alignment: 8) == nil)
        #expect(allocator.allocate(6) == 4..<10 && allocator.allocate(1) == nil)
    }
}
