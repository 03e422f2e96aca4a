// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The primitive modes that make triangles, by glTF's numbers.
///
/// - Source: glTF 2.0 specification, section 3.7.2.1 "Overview".
enum GLTFTopology: Int {
    case triangles = 4
    case strip = 5
    case fan = 6

    func triangleCount(of indexCount: Int) -> Int {
        self == .triangles ? indexCount / 3 : max(0, indexCount - 2)
    }
}

/// Turns a run of indices, given in blocks, into triangles.
struct GLTFTriangleAssembler {
    private let topology: GLTFTopology
    private var seen = 0
    private var first: UInt32 = 0
    private var older: UInt32 = 0
    private var newer: UInt32 = 0
    /// The last block's triangles: the first `count` elements.
    private(set) var indices: [UInt32]
    private(set) var count = 0

    /// - Parameter capacity: the most indices of a block.
    init(_ topology: GLTFTopology, capacity: Int) {
        self.topology = topology
        indices = [UInt32](repeating: 0, count: topology == .triangles ? capacity : 3 * capacity)
    }

    /// Replaces `indices` by the triangles that the first `blockCount` of `block` complete.
    mutating func add(_ block: [UInt32], count blockCount: Int, firstVertex: UInt32) {
        if topology == .triangles {
            for position in 0..<blockCount { indices[position] = block[position] + firstVertex }
            count = blockCount
            return
        }
        count = 0
        for position in 0..<blockCount { addCorner(block[position] + firstVertex) }
    }

    private mutating func addCorner(_ vertex: UInt32) {
        if seen == 0 { first = vertex }
        if seen >= 2 {
            // Every second triangle of a strip is turned so that all face the same way.
            let triangle =
                switch topology {
                case .fan: (older: newer, newer: vertex, last: first)
                default: seen % 2 == 0 ? (older, newer, vertex) : (older, vertex, newer)
                }
            indices[count] = triangle.0
            indices[count + 1] = triangle.1
            indices[count + 2] = triangle.2
            count += 3
        }
        older = newer
        newer = vertex
        seen += 1
    }
}
