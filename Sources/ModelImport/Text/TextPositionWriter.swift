// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Positions as they come from a file: rounded to Float relative to an origin, and those that are not finite noted, so
/// that their triangles can be left out.
struct PositionWriter {
    /// Beyond this a Float's steps are 1/128 of a unit and coarser.
    private static let largeCoordinate = 65536.0

    private(set) var origin = Double3.zero
    private(set) var bad = VertexMarks()
    private var writer: ArrayWriter<Float>
    private let mayMove: Bool
    private var isOriginChosen = false

    /// - Parameter mayMove: false where the file holds Floats, whose detail is already what it is.
    init(_ writer: ArrayWriter<Float>, mayMove: Bool) {
        self.writer = writer
        self.mayMove = mayMove
    }

    var count: Int { writer.count / 3 }

    mutating func reserve(_ vertexCount: Int) throws(ImportError) {
        try writer.reserve(vertexCount * 3)
    }

    @inline(__always) mutating func append(_ x: Double, _ y: Double, _ z: Double) throws(ImportError) {
        if !isOriginChosen, mayMove { chooseOrigin(x, y, z) }
        let a = Float(x - origin.x)
        let b = Float(y - origin.y)
        let c = Float(z - origin.z)
        if (a - a) + (b - b) + (c - c) == 0 {
            try writer.append(a, b, c)
        } else {
            bad.mark(count)
            try writer.append(0, 0, 0)
        }
    }

    /// The first finite vertex, rounded, where it is far out: what is near it keeps its detail.
    private mutating func chooseOrigin(_ x: Double, _ y: Double, _ z: Double) {
        let point = Double3(x, y, z)
        guard x.isFinite, y.isFinite, z.isFinite else { return }
        isOriginChosen = true
        let limit = Double(Float.greatestFiniteMagnitude)
        let farthest = max(abs(x), max(abs(y), abs(z)))
        if farthest > Self.largeCoordinate, farthest < limit {
            origin = point.rounded(.toNearestOrEven)
        }
    }

    /// Makes `written` hold everything appended so far.
    mutating func flush() throws(ImportError) { try writer.flush() }

    /// What was appended before the last flush.
    var written: LargeArray<Float> { writer.array }

    mutating func finish() throws(ImportError) -> LargeArray<Float> { try writer.finish() }
}

/// A growing set of vertex numbers; takes no memory while it is empty.
struct VertexMarks {
    private var words: [UInt64] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func mark(_ vertex: Int) {
        let word = vertex >> 6
        while words.count <= word {
            words.append(contentsOf: repeatElement(0, count: max(64, word + 1 - words.count)))
        }
        let bit = (1 as UInt64) << UInt64(vertex & 63)
        if words[word] & bit == 0 { count += 1 }
        words[word] |= bit
    }

    func contains(_ vertex: Int) -> Bool {
        let word = vertex >> 6
        return word < words.count && words[word] & ((1 as UInt64) << UInt64(vertex & 63)) != 0
    }
}
