// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

@Suite struct DepthGridTests {
    private static func decode(_ bytes: [UInt8], columns: Int, rows: Int) throws(ChunkError) -> [UInt16] {
        try DepthGrid.codes(bytes.span.bytes, columns: columns, rows: rows)
    }

    private static func grid(seed: UInt64, columns: Int, rows: Int) -> DepthGrid {
        var random = TestRandom(seed: seed)
        let depths = (0..<columns * rows).map { index -> Float in
            index % 7 < 3 ? .infinity : Float(2 + random.unit() * 30)
        }
        return DepthGrid(depths: depths, columns: columns, rows: rows, isPerspective: seed % 2 == 0)
    }

    @Test func `rounded depths are whole steps, and background stays`() {
        for isPerspective in [true, false] {
            let grid = DepthGrid(
                depths: [0.2, 10.4, .infinity, 33.6], columns: 2, rows: 2, isPerspective: isPerspective)
            let rounded = grid.rounded(to: 2, isPerspective: isPerspective)
            let depths = rounded.codes.map {
                DepthGrid.depth(code: $0, near: rounded.near, far: rounded.far, isPerspective: isPerspective)
            }
            let expected: [Float?] = [isPerspective ? 2 : 0, 10, nil, 34]
            for (depth, wanted) in zip(depths, expected) {
                #expect((depth == nil) == (wanted == nil))
                #expect(abs((depth ?? 0) - (wanted ?? 0)) < 0.01)
            }
        }
    }

    @Test(arguments: 1...8) func `Codes survive the round trip`(seed: Int) throws {
        let grid = DepthGridTests.grid(seed: UInt64(seed), columns: 32, rows: 18)
        #expect(try DepthGridTests.decode(grid.bytes, columns: 32, rows: 18) == grid.codes)
    }

    @Test func `The bytes are those of the protocol`() throws {
        // Differences 0 0 0, then 65534 = -2, then from above (0): 0 and +1.
        let grid = DepthGrid(depths: [.infinity, .infinity, .infinity, 1], columns: 2, rows: 2, isPerspective: true)
        #expect(grid.codes == [0, 0, 0, 65535])
        // A run of 0 with two more, then -1 in zigzag.
        #expect(grid.bytes == [0, 2, 1])
        #expect(try DepthGridTests.decode([0, 2, 1], columns: 2, rows: 2) == [0, 0, 0, 65535])
        // 200 = zigzag 400 = 0x90 0x03; then the next row from above: +1 and -1.
        #expect(try DepthGridTests.decode([0x90, 3, 0, 0, 2, 1], columns: 2, rows: 2) == [200, 200, 201, 200])
    }

    @Test(arguments: [true, false]) func `Depths come back as exactly as 16 bits can say`(isPerspective: Bool) {
        let depths: [Float] = [0.5, 0.75, 3, 20, .infinity, .nan, 11, 2]
        let grid = DepthGrid(depths: depths, columns: 4, rows: 2, isPerspective: isPerspective)
        #expect(grid.near == 0.5 && grid.far == 20)
        #expect(grid.codes[0] == 65535 && grid.codes[3] == 1)
        for (depth, code) in zip(depths, grid.codes) {
            let back = DepthGrid.depth(code: code, near: grid.near, far: grid.far, isPerspective: isPerspective)
            guard depth.isFinite else {
                #expect(back == nil)
                continue
            }
            #expect(abs((back ?? 0) - depth) <= depth * 0.002)
        }
    }

    @Test func `A grid without surfaces, and one of a single depth`() throws {
        let empty = DepthGrid(
            depths: Array(repeating: .infinity, count: 576), columns: 32, rows: 18, isPerspective: true)
        #expect(empty.bytes == [0, 0xBF, 4])
        #expect(empty.near == 0 && empty.far == 0)
        let flat = DepthGrid(depths: Array(repeating: 4, count: 6), columns: 3, rows: 2, isPerspective: true)
        #expect(flat.codes.allSatisfy { $0 == 65535 })
        #expect(DepthGrid.depth(code: 65535, near: 4, far: 4, isPerspective: true) == 4)
    }

    @Test func `Every truncation and every extra byte is refused`() {
        let bytes = DepthGridTests.grid(seed: 3, columns: 16, rows: 9).bytes
        for count in 0..<bytes.count {
            #expect(throws: ChunkError.self) {
                try DepthGridTests.decode(Array(bytes[..<count]), columns: 16, rows: 9)
            }
        }
        #expect(throws: ChunkError.trailingBytes(offset: bytes.count)) {
            try DepthGridTests.decode(bytes + [0], columns: 16, rows: 9)
        }
    }

    @Test func `Runs beyond the last cell and differences beyond 16 bits are refused`() {
        #expect(throws: ChunkError.invalid(field: .count, offset: 1)) {
            try DepthGridTests.decode([0, 4], columns: 2, rows: 2)
        }
        #expect(throws: ChunkError.invalid(field: .count, offset: 1)) {
            try DepthGridTests.decode([0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], columns: 2, rows: 2)
        }
        #expect(throws: ChunkError.invalid(field: .varint, offset: 0)) {
            try DepthGridTests.decode([0x80, 0x80, 4], columns: 1, rows: 1)
        }
    }

    @Test func `Random bytes never trap`() {
        var random = TestRandom(seed: 5)
        for _ in 0..<5000 {
            let bytes = (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = try? DepthGridTests.decode(bytes, columns: 1 + random.below(20), rows: 1 + random.below(20))
        }
    }
}

@Suite struct IdentityRunTests {
    private static func decode(
        _ bytes: [UInt8], width: Int, height: Int, treeNodeCount: Int
    ) throws(ChunkError) -> [UInt32] {
        try IdentityRuns.indices(bytes.span.bytes, width: width, height: height, treeNodeCount: treeNodeCount)
    }

    @Test func `Runs go across row ends and name nodes in the order of appearance`() {
        let none = UInt32.max
        let pixels: [UInt32] = [none, none, 40, 40, 40, 7, 7, none, 40]
        let map = IdentityRuns(pixels.span, width: 3, height: 3, background: none)
        #expect(map.treeNodes == [40, 7])
        #expect(map.runs == [0, 2, 1, 3, 2, 2, 0, 1, 1, 1])
    }

    @Test(arguments: 1...6) func `Pixels survive the round trip`(seed: Int) throws {
        var random = TestRandom(seed: UInt64(seed))
        let (width, height) = (1 + random.below(70), 1 + random.below(50))
        var pixels: [UInt32] = []
        while pixels.count < width * height {
            let value = UInt32(random.below(300)) * 1_000_003
            pixels += Array(repeating: value, count: min(1 + random.below(9), width * height - pixels.count))
        }
        let map = IdentityRuns(pixels.span, width: width, height: height, background: 0)
        let indices = try IdentityRunTests.decode(
            map.runs, width: width, height: height, treeNodeCount: map.treeNodes.count)
        #expect(indices.map { $0 == 0 ? 0 : map.treeNodes[Int($0) - 1] } == pixels)
    }

    @Test func `A map at a part of the size takes the middle of each square`() throws {
        let pixels = (0..<35).map { UInt32($0) }
        let map = IdentityRuns(pixels.span, width: 7, height: 5, background: 99, step: 2)
        #expect(map.width == 4 && map.height == 3)
        #expect(map.treeNodes == [8, 10, 12, 13, 22, 24, 26, 27, 29, 31, 33, 34])
    }

    @Test func `Hostile runs are refused`() {
        // An index that names nothing, a run of nothing, a run too long, truncation, trailing bytes.
        let bad: [([UInt8], ChunkError)] = [
            ([3, 4], .invalid(field: .indexReference, offset: 0)), ([1, 0], .invalid(field: .count, offset: 1)),
            ([1, 5], .invalid(field: .count, offset: 1)), ([1], .truncated(offset: 1, needed: 1, available: 0)),
            ([1, 4, 0], .trailingBytes(offset: 2)), ([1, 3], .truncated(offset: 2, needed: 1, available: 0)),
        ]
        for (bytes, error) in bad {
            #expect(throws: error) { try IdentityRunTests.decode(bytes, width: 2, height: 2, treeNodeCount: 2) }
        }
        var random = TestRandom(seed: 8)
        for _ in 0..<5000 {
            let bytes = (0..<random.below(30)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = try? IdentityRunTests.decode(bytes, width: 30, height: 20, treeNodeCount: random.below(9))
        }
    }
}
