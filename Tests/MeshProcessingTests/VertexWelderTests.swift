// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import TestSupport
import Testing

@Suite struct VertexWelderTests {
    private func insert(_ welder: inout VertexWelder, _ x: Int32, _ y: Int32, _ z: Int32, _ words: [UInt32] = [])
        -> UInt32
    {
        welder.insert(x: x, y: y, z: z, words: words.span)
    }

    @Test func `numbers are handed out in order of first appearance`() {
        var welder = VertexWelder(wordCount: 0, expectedCount: 4)
        #expect(insert(&welder, 5, 5, 5) == 0)
        #expect(insert(&welder, 1, 2, 3) == 1)
        #expect(insert(&welder, 5, 5, 5) == 0)
        #expect(insert(&welder, 3, 2, 1) == 2)
        #expect(insert(&welder, 1, 2, 3) == 1)
        #expect(welder.count == 3)
        #expect(welder.take().positions == [5, 5, 5, 1, 2, 3, 3, 2, 1])
    }

    @Test func `words keep vertices at one place apart`() {
        var welder = VertexWelder(wordCount: 2, expectedCount: 0)
        let a = insert(&welder, 1, 1, 1, [7, 8])
        let b = insert(&welder, 1, 1, 1, [8, 7])
        let c = insert(&welder, 1, 1, 2, [7, 8])
        #expect([a, b, c] == [0, 1, 2])
        #expect(insert(&welder, 1, 1, 1, [8, 7]) == b)
        #expect(welder.samePosition(a, b) && !welder.samePosition(a, c))
        #expect(welder.take().words == [7, 8, 8, 7, 7, 8])
    }

    @Test func `coordinates may be negative and as large as they get`() {
        var welder = VertexWelder(wordCount: 0, expectedCount: 8)
        let values: [Int32] = [.min, -1, 0, 1, .max]
        var number: UInt32 = 0
        for x in values {
            for y in values {
                for z in values {
                    #expect(insert(&welder, x, y, z) == number)
                    number += 1
                }
            }
        }
        #expect(insert(&welder, -1, 0, 1) == 1 * 25 + 2 * 5 + 3)
    }

    @Test(arguments: [0, 1, 100]) func `more vertices than expected are no problem`(expected: Int) {
        var welder = VertexWelder(wordCount: 1, expectedCount: expected)
        for round in 0..<2 {
            for number in 0..<10_000 {
                let x = Int32(number % 100) - 50
                let y = Int32(number / 100) - 50
                let vertex = insert(&welder, x, y, x &* y, [UInt32(number & 3)])
                if vertex != number { Issue.record("vertex \(number) became \(vertex) in round \(round)") }
            }
        }
        #expect(welder.count == 10_000)
    }

    @Test func `agrees with a dictionary`() {
        var random = SeededGenerator(seed: 11)
        var welder = VertexWelder(wordCount: 1, expectedCount: 10)
        var known: [SIMD4<Int32>: UInt32] = [:]
        for _ in 0..<5000 {
            let key = SIMD4<Int32>(
                .random(in: -4...4, using: &random), .random(in: -4...4, using: &random),
                .random(in: -4...4, using: &random), .random(in: 0...1, using: &random))
            let expected = known[key] ?? UInt32(known.count)
            known[key] = expected
            let number = insert(&welder, key.x, key.y, key.z, [UInt32(key.w)])
            if number != expected { Issue.record("\(key) became \(number), not \(expected)") }
        }
    }
}
