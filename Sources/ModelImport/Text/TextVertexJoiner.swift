// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Joins triangle corners into vertices: corners with the same vertex number and the same key share one vertex.
///
/// Each vertex number has a chain of the vertices made from it; the chain is searched up to a fixed length, after which
/// the vertex is simply made again, so that no file can make the search long.
struct VertexJoiner<Key: Equatable & BitwiseCopyable> {
    private static var longestSearch: Int { 48 }
    private static var none: UInt32 { .max }

    struct Entry: BitwiseCopyable {
        var vertex: UInt32
        var next: UInt32
        var key: Key
    }

    private(set) var entries: [Entry] = []
    private var heads: [UInt32]

    /// - Parameter vertexCount: vertex numbers are below this.
    init(vertexCount: Int) { heads = [UInt32](repeating: Self.none, count: vertexCount) }

    /// The number of the joined vertex; a new one is `entries.count` before the call.
    @inline(__always) mutating func join(_ vertex: UInt32, _ key: Key) -> UInt32 {
        var index = heads[Int(vertex)]
        var steps = 0
        while index != Self.none, steps < Self.longestSearch {
            let entry = entries[Int(index)]
            if entry.key == key { return index }
            index = entry.next
            steps += 1
        }
        let made = UInt32(truncatingIfNeeded: entries.count)
        entries.append(Entry(vertex: vertex, next: heads[Int(vertex)], key: key))
        heads[Int(vertex)] = made
        return made
    }

    /// Forgets all joined vertices; the cost is that of the entries, not of all vertex numbers.
    mutating func reset() {
        for entry in entries { heads[Int(entry.vertex)] = Self.none }
        entries.removeAll(keepingCapacity: true)
    }
}
