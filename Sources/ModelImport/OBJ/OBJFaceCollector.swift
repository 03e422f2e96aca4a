// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Collects the corners of an OBJ file's triangles in file numbering. Texture coordinate and normal numbers take memory
/// only once a face has one.
struct OBJFaceCollector {
    enum Kind: String {
        case position = "vertex"
        case coordinate = "texture coordinate"
        case normal = "normal"
    }

    struct Missing {
        var kind: Kind
        var index: Int
        var position: Int
        var limit: Int
    }

    private let options: ImportOptions
    private let expectedTotalBytes: Int
    private let file: String
    private var positions: ArrayWriter<UInt32>
    private var coordinates: ArrayWriter<UInt32>?
    private var normals: ArrayWriter<UInt32>?
    /// Corners that were not yet defined when used: of each kind those with the highest number so far, in file order.
    private var forward: [Missing] = []
    private var highest = [-1, -1, -1]

    /// Corners of the current face: position, texture coordinate, normal.
    private var corners: [SIMD4<UInt32>] = []
    private var points: [Double3] = []
    private var triangulator = PolygonTriangulator()

    init(options: ImportOptions, expectedTotalBytes: Int, file: String) throws(ImportError) {
        self.options = options
        self.expectedTotalBytes = expectedTotalBytes
        self.file = file
        positions = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
    }

    var cornerCount: Int { corners.count }
    var triangleCount: Int { positions.count / 3 }
    var triangulationFallbacks: Int { triangulator.fallbacks }

    @inline(__always) mutating func begin() { corners.removeAll(keepingCapacity: true) }

    @inline(__always) mutating func addCorner(
        _ position: UInt32, _ coordinate: UInt32, _ normal: UInt32
    ) {
        corners.append(SIMD4(position, coordinate, normal, 0))
    }

    @inline(__always) mutating func addTriangle(_ a: Int, _ b: Int, _ c: Int) throws(ImportError) {
        let (a, b, c) = (corners[a], corners[b], corners[c])
        let none = OBJContent.none
        if coordinates == nil, min(a.y, min(b.y, c.y)) != none { coordinates = try makeWriter() }
        if normals == nil, min(a.z, min(b.z, c.z)) != none { normals = try makeWriter() }
        try positions.append(a.x, b.x, c.x)
        if coordinates != nil { try coordinates?.append(a.y, b.y, c.y) }
        if normals != nil { try normals?.append(a.z, b.z, c.z) }
    }

    private func makeWriter() throws(ImportError) -> ArrayWriter<UInt32> {
        var writer: ArrayWriter<UInt32> = try options.writer(
            filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        try writer.append(repeating: OBJContent.none, count: positions.count)
        return writer
    }

    /// Cuts the current face; `known` are the positions defined so far.
    mutating func addPolygon(_ known: LargeArray<Float>) throws(ImportError) {
        points.removeAll(keepingCapacity: true)
        let span = known.span
        for corner in corners {
            let start = Int(corner.x) * 3
            points.append(
                start < span.count
                    ? Double3(Double(span[start]), Double(span[start + 1]), Double(span[start + 2]))
                    : Double3(repeating: .nan))
        }
        triangulator.triangulate(points)
        for first in stride(from: 0, to: triangulator.triangles.count, by: 3) {
            try addTriangle(
                Int(triangulator.triangles[first]), Int(triangulator.triangles[first + 1]),
                Int(triangulator.triangles[first + 2]))
        }
    }

    mutating func noteForward(_ index: Int, _ kind: Kind, at position: Int) {
        let slot = Self.slot(kind)
        guard index > highest[slot] else { return }
        highest[slot] = index
        forward.append(Missing(kind: kind, index: index, position: position, limit: 0))
    }

    /// The first corner whose index no line of the file defines. `limits`: how many there are of each kind.
    func firstMissing(limits: [Int]) -> Missing? {
        for note in forward where note.index >= limits[Self.slot(note.kind)] {
            var missing = note
            missing.limit = limits[Self.slot(note.kind)]
            return missing
        }
        return nil
    }

    private static func slot(_ kind: Kind) -> Int {
        switch kind {
        case .position: 0
        case .coordinate: 1
        case .normal: 2
        }
    }

    mutating func finish() throws(ImportError) -> (
        positions: LargeArray<UInt32>, coordinates: LargeArray<UInt32>?, normals: LargeArray<UInt32>?
    ) {
        (try positions.finish(), try coordinates?.finish(), try normals?.finish())
    }
}
