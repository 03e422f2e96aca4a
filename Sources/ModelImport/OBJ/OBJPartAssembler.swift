// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Builds the arrays of one part from triangles in the file's numbering.
struct OBJPartAssembler {
    private let options: ImportOptions
    private let expectedTotalBytes: Int
    private let file: String
    private let hasCoordinates: Bool
    private let hasNormals: Bool
    private var indices: ArrayWriter<UInt32>
    /// Normals of triangles whose corners have none while others of the part do; numbered behind the file's.
    private var madeNormals: [Float3] = []
    private(set) var droppedTriangles = 0

    init(
        _ content: OBJContent, _ segments: [(triangles: Range<Int>, material: Int)],
        options: ImportOptions,
        expectedTotalBytes: Int, file: String
    ) throws(ImportError) {
        self.options = options
        self.expectedTotalBytes = expectedTotalBytes
        self.file = file
        hasCoordinates = Self.isUsed(content.cornerCoordinates, segments)
        hasNormals = Self.isUsed(content.cornerNormals, segments)
        indices = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
    }

    private static func isUsed(
        _ corners: LargeArray<UInt32>?, _ segments: [(triangles: Range<Int>, material: Int)]
    ) -> Bool {
        guard let corners else { return false }
        let span = corners.span
        for segment in segments {
            for corner in (segment.triangles.lowerBound * 3)..<(segment.triangles.upperBound * 3)
            where span[corner] != OBJContent.none { return true }
        }
        return false
    }

    var triangleCount: Int { indices.count / 3 }

    mutating func add(
        _ triangles: Range<Int>, _ content: OBJContent, _ joiner: inout VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) {
        let none = LargeArray<UInt32>()
        let positions = content.cornerPositions.span
        let coordinateArray = content.cornerCoordinates ?? none
        let coordinates = coordinateArray.span
        let normalArray = content.cornerNormals ?? none
        let normals = normalArray.span
        let fileNormals = content.normals.span
        for triangle in triangles {
            let first = triangle * 3
            let vertices = SIMD3(positions[first], positions[first + 1], positions[first + 2])
            if !content.bad.isEmpty, (0..<3).contains(where: { content.bad.contains(Int(vertices[$0])) }) {
                droppedTriangles += 1
                continue
            }
            var made = OBJContent.none
            for corner in 0..<3 {
                let coordinate = hasCoordinates ? coordinates[first + corner] : 0
                var normal = hasNormals ? normals[first + corner] : 0
                if hasNormals, normal == OBJContent.none || isZero(fileNormals, normal) {
                    if made == OBJContent.none { made = makeNormal(vertices, content) }
                    normal = made
                }
                try indices.append(joiner.join(vertices[corner], SIMD2(coordinate, normal)))
            }
        }
    }

    private func isZero(_ normals: Span<Float>, _ index: UInt32) -> Bool {
        let start = Int(index) * 3
        return normals[start] == 0 && normals[start + 1] == 0 && normals[start + 2] == 0
    }

    private mutating func makeNormal(_ vertices: SIMD3<UInt32>, _ content: OBJContent) -> UInt32 {
        let a = point(content, vertices.x)
        let normal = normalized(cross(point(content, vertices.y) - a, point(content, vertices.z) - a))
        if madeNormals.last != normal { madeNormals.append(normal) }
        return UInt32(truncatingIfNeeded: content.normals.count / 3 + madeNormals.count - 1)
    }

    private func point(_ content: OBJContent, _ index: UInt32) -> Float3 {
        let span = content.positions.span
        let start = Int(index) * 3
        return Float3(span[start], span[start + 1], span[start + 2])
    }

    /// The part without its material ranges; forgets the joined vertices.
    mutating func finish(
        name: String, _ content: OBJContent, _ joiner: inout VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) -> SourcePart {
        guard joiner.entries.count < Int(UInt32.max) else {
            throw ImportError(.tooLarge, "a group needs more than 2^32 vertices; split it", file: file)
        }
        var part = SourcePart(name: name, positions: try gatherPositions(content, joiner))
        part.origin = content.origin
        if let colors = content.colors { part.colors = try gatherColors(colors, joiner) }
        if hasCoordinates { part.textureCoordinates = [try gatherCoordinates(content, joiner)] }
        if hasNormals { part.normals = try gatherNormals(content, joiner) }
        part.indices = try indices.finish()
        joiner.reset()
        return part
    }

    private func gatherPositions(
        _ content: OBJContent, _ joiner: VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) -> LargeArray<Float> {
        var writer: ArrayWriter<Float> = try makeWriter(filler: 0)
        let positions = content.positions.span
        for entry in joiner.entries {
            let start = Int(entry.vertex) * 3
            try writer.append(positions[start], positions[start + 1], positions[start + 2])
        }
        return try writer.finish()
    }

    private func gatherColors(
        _ colors: LargeArray<UInt8>, _ joiner: VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) -> LargeArray<UInt8> {
        var writer: ArrayWriter<UInt8> = try makeWriter(filler: 0)
        let bytes = colors.span
        for entry in joiner.entries {
            for channel in 0..<4 { try writer.append(bytes[Int(entry.vertex) * 4 + channel]) }
        }
        return try writer.finish()
    }

    private func gatherCoordinates(
        _ content: OBJContent, _ joiner: VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) -> LargeArray<Float> {
        var writer: ArrayWriter<Float> = try makeWriter(filler: 0)
        let coordinates = content.coordinates.span
        for entry in joiner.entries {
            let isThere = entry.key.x != OBJContent.none
            try writer.append(isThere ? coordinates[Int(entry.key.x) * 2] : 0)
            try writer.append(isThere ? coordinates[Int(entry.key.x) * 2 + 1] : 0)
        }
        return try writer.finish()
    }

    private func gatherNormals(
        _ content: OBJContent, _ joiner: VertexJoiner<SIMD2<UInt32>>
    ) throws(ImportError) -> LargeArray<Float> {
        var writer: ArrayWriter<Float> = try makeWriter(filler: 0)
        let normals = content.normals.span
        let fileCount = content.normals.count / 3
        for entry in joiner.entries {
            let index = Int(entry.key.y)
            if index < fileCount {
                try writer.append(normals[index * 3], normals[index * 3 + 1], normals[index * 3 + 2])
            } else {
                let made = madeNormals[index - fileCount]
                try writer.append(made.x, made.y, made.z)
            }
        }
        return try writer.finish()
    }

    private func makeWriter<Element: BitwiseCopyable>(filler: Element) throws(ImportError)
        -> ArrayWriter<Element>
    {
        try options.writer(filler: filler, expectedTotalBytes: expectedTotalBytes, file: file)
    }
}
