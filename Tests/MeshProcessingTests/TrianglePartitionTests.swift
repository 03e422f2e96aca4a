// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import TestSupport
import Testing

@Suite struct TrianglePartitionTests {
    private func items(_ count: Int, seed: UInt64) -> [TrianglePartition.Item] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            let point = random.point(-10...10)
            return TrianglePartition.Item(x: point.x, y: point.y * 3, z: point.z, triangle: UInt32(number))
        }
    }

    private func expectWhole(_ items: [TrianglePartition.Item], _ groups: [Range<Int>], groupSize: Int) {
        #expect(groups.first?.lowerBound == 0 && groups.last?.upperBound == items.count)
        for (group, next) in zip(groups, groups.dropFirst()) { #expect(group.upperBound == next.lowerBound) }
        #expect(groups.allSatisfy { !$0.isEmpty && $0.count <= groupSize })
        #expect(items.map { Int($0.triangle) }.sorted() == Array(items.indices))
    }

    @Test(arguments: [1, 2, 63, 64, 65, 128, 129, 1000, 4097])
    func `groups are small enough, about equal, and hold every triangle once`(count: Int) {
        var items = items(count, seed: UInt64(count))
        let groups = TrianglePartition.split(&items, groupSize: 64, threads: 1)
        expectWhole(items, groups, groupSize: 64)
        #expect(groups.count == (count + 63) / 64)
        let sizes = groups.map { $0.count }
        if groups.count > 1 { #expect(sizes.min()! * 2 >= sizes.max()!) }
    }

    @Test func `any number of threads gives the same groups`() {
        var expected = items(150_000, seed: 3)
        let groups = TrianglePartition.split(&expected, groupSize: 4096, threads: 1)
        for threads in [2, 3, 4, 64] {
            var other = items(150_000, seed: 3)
            #expect(TrianglePartition.split(&other, groupSize: 4096, threads: threads) == groups)
            #expect(other.map { $0.triangle } == expected.map { $0.triangle })
        }
    }

    @Test func `triangles at one place are still divided`() {
        var items = (0..<1000).map { TrianglePartition.Item(x: 1, y: 2, z: 3, triangle: UInt32($0)) }
        let groups = TrianglePartition.split(&items, groupSize: 10, threads: 2)
        expectWhole(items, groups, groupSize: 10)
    }

    @Test func `sorted and reversed triangles do not take forever`() {
        for isReversed in [false, true] {
            var items = (0..<20_000).map { number in
                TrianglePartition.Item(
                    x: Float(isReversed ? -number : number), y: 0, z: 0, triangle: UInt32(number))
            }
            let groups = TrianglePartition.split(&items, groupSize: 100, threads: 1)
            expectWhole(items, groups, groupSize: 100)
        }
    }

    @Test func `no triangle gives no group`() {
        var items: [TrianglePartition.Item] = []
        #expect(TrianglePartition.split(&items, groupSize: 8, threads: 4) == [])
    }

    @Test func `groups are compact`() {
        // Four clusters far apart: no group may hold triangles of two.
        var random = SeededGenerator(seed: 9)
        var items = (0..<4000).map { number in
            let point = random.point(0...1)
            return TrianglePartition.Item(
                x: point.x + Float(number % 2) * 100, y: point.y + Float(number / 2 % 2) * 60, z: point.z,
                triangle: UInt32(number))
        }
        let groups = TrianglePartition.split(&items, groupSize: 250, threads: 2)
        #expect(groups.count == 16)
        for group in groups { #expect(Set(items[group].map { $0.triangle % 4 }).count == 1) }
    }
}

@Suite struct ParallelTests {
    @Test(arguments: [1, 2, 4, 100]) func `results come back in order`(threads: Int) {
        let results = parallelMap(count: 1000, threads: threads) { number -> Int in
            // Uneven work, so that threads overtake each other.
            var sum = number
            for step in 0..<(number % 7) * 300 { sum ^= step & 1 }
            return sum & ~1 == number & ~1 ? number : -1
        }
        #expect(results == Array(0..<1000))
    }

    @Test func `nothing to do gives nothing`() {
        #expect(parallelMap(count: 0, threads: 4) { $0 } == [])
        #expect(parallelMap(count: 1, threads: 0) { $0 + 5 } == [5])
    }
}
