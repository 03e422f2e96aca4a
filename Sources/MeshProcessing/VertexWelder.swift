// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Gives equal vertices one number: a hash set over grid positions and attribute words that keeps its keys in the
/// arrays the mesh is made of anyway. Numbers are handed out in order of first appearance.
package struct VertexWelder {
    /// xyz per vertex.
    package private(set) var positions: [Int32] = []
    /// `wordCount` per vertex.
    package private(set) var words: [UInt32] = []
    package let wordCount: Int
    private var slots: [UInt32]
    private static let free = UInt32.max

    package var count: Int { positions.count / 3 }

    /// - Parameter expectedCount: reserves memory; more vertices are fine.
    package init(wordCount: Int, expectedCount: Int) {
        self.wordCount = wordCount
        positions.reserveCapacity(3 * expectedCount)
        words.reserveCapacity(wordCount * expectedCount)
        var capacity = 64
        while capacity < expectedCount + expectedCount / 3 { capacity *= 2 }
        slots = Array(repeating: VertexWelder.free, count: capacity)
    }

    /// The number of the vertex with this position and words, new or not.
    ///
    /// - Parameter vertexWords: exactly `wordCount` of them.
    package mutating func insert(x: Int32, y: Int32, z: Int32, words vertexWords: Span<UInt32>) -> UInt32 {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let slot = findSlot(x, y, z, vertexWords)
        if slots[slot] != VertexWelder.free { return slots[slot] }
        let vertex = UInt32(count)
        slots[slot] = vertex
        positions.append(x)
        positions.append(y)
        positions.append(z)
        for index in 0..<wordCount { words.append(vertexWords[index]) }
        return vertex
    }

    /// The number of a vertex already inserted, or nil.
    package func find(x: Int32, y: Int32, z: Int32, words vertexWords: Span<UInt32>) -> UInt32? {
        let vertex = slots[findSlot(x, y, z, vertexWords)]
        return vertex == VertexWelder.free ? nil : vertex
    }

    /// Where the vertex is, or the free slot where it would go.
    @inline(__always)
    private func findSlot(_ x: Int32, _ y: Int32, _ z: Int32, _ vertexWords: Span<UInt32>) -> Int {
        var hash = VertexWelder.mix(x, y, z)
        for index in 0..<wordCount { hash = VertexWelder.mix(hash, vertexWords[index]) }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 17) & mask
        while slots[slot] != VertexWelder.free, !matches(Int(slots[slot]), x, y, z, vertexWords) {
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// Whether two vertices lie on the same grid point.
    package func samePosition(_ a: UInt32, _ b: UInt32) -> Bool {
        let (first, second) = (3 * Int(a), 3 * Int(b))
        return positions[first] == positions[second] && positions[first + 1] == positions[second + 1]
            && positions[first + 2] == positions[second + 2]
    }

    /// Ends the welding and frees the hash table.
    package consuming func take() -> (positions: [Int32], words: [UInt32]) { (positions, words) }

    private func matches(_ vertex: Int, _ x: Int32, _ y: Int32, _ z: Int32, _ vertexWords: Span<UInt32>) -> Bool {
        guard positions[3 * vertex] == x, positions[3 * vertex + 1] == y, positions[3 * vertex + 2] == z else {
            return false
        }
        for index in 0..<wordCount where words[vertex * wordCount + index] != vertexWords[index] { return false }
        return true
    }

    private mutating func grow() {
        let capacity = slots.count * 2
        slots = Array(repeating: VertexWelder.free, count: capacity)
        for vertex in 0..<count {
            var hash = VertexWelder.mix(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2])
            for index in 0..<wordCount { hash = VertexWelder.mix(hash, words[vertex * wordCount + index]) }
            var slot = Int(truncatingIfNeeded: hash >> 17) & (capacity - 1)
            while slots[slot] != VertexWelder.free { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = UInt32(vertex)
        }
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt32) -> UInt64 {
        let mixed = (hash ^ UInt64(word)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }

    @inline(__always)
    private static func mix(_ x: Int32, _ y: Int32, _ z: Int32) -> UInt64 {
        var hash = UInt64(UInt32(bitPattern: x)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= UInt64(UInt32(bitPattern: y)) &* 0xC2B2_AE3D_27D4_EB4F
        hash = (hash ^ (hash >> 31)) &+ UInt64(UInt32(bitPattern: z)) &* 0x1656_67B1_9E37_79F9
        hash = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return hash ^ (hash >> 32)
    }
}
