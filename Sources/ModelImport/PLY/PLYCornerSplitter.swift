// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Gives triangles with colours or texture coordinates of their own their own vertices: corners that agree share one,
/// the others are split. Sorts triangles by texture where there are several.
struct PLYCornerSplitter {
    private let options: ImportOptions
    private let expectedTotalBytes: Int
    private let file: String
    private(set) var droppedTriangles = 0
    /// Triangles of each texture, in order; empty where there is one texture at most.
    private(set) var trianglesPerTexture: [Int] = []

    init(options: ImportOptions, expectedTotalBytes: Int, file: String) {
        self.options = options
        self.expectedTotalBytes = expectedTotalBytes
        self.file = file
    }

    /// Replaces all arrays of `part`. Triangles that touch `bad` vertices are left out. Cost: a pass over the triangles
    /// for each texture.
    mutating func split(
        _ part: inout SourcePart, _ triangles: PLYTriangles, textureCount: Int, bad: VertexMarks
    ) throws(ImportError) {
        var joiner = VertexJoiner<SIMD3<UInt32>>(vertexCount: part.vertexCount)
        var joined: ArrayWriter<UInt32> = try writer(filler: 0)
        if triangles.textures == nil {
            try add(triangles, texture: nil, of: 1, bad, &joiner, &joined)
        } else {
            for texture in 0..<textureCount {
                let before = joined.count
                try add(triangles, texture: texture, of: textureCount, bad, &joiner, &joined)
                trianglesPerTexture.append((joined.count - before) / 3)
            }
        }
        guard joiner.entries.count < Int(UInt32.max) else {
            throw ImportError(.tooLarge, "its corners need more than 2^32 vertices; split it", file: file)
        }
        try gather(&part, joiner, hasColors: triangles.colors != nil, hasWedges: triangles.wedges != nil)
        part.indices = try joined.finish()
    }

    /// Adds the triangles of one texture, or all of them. Numbers beyond the last texture count as the first.
    private mutating func add(
        _ triangles: PLYTriangles, texture: Int?, of textureCount: Int, _ bad: VertexMarks,
        _ joiner: inout VertexJoiner<SIMD3<UInt32>>, _ joined: inout ArrayWriter<UInt32>
    ) throws(ImportError) {
        let corners = triangles.indices.span
        let colorArray = triangles.colors ?? LargeArray()
        let wedgeArray = triangles.wedges ?? LargeArray()
        let textureArray = triangles.textures ?? LargeArray()
        let textures = textureArray.span
        let triangleColors = colorArray.span
        let coordinates = wedgeArray.span
        for first in stride(from: 0, to: corners.count, by: 3) {
            if first % (3 << 18) == 0, options.isCancelled() {
                throw ImportError(.cancelled, "reading was cancelled", file: file)
            }
            if let texture {
                let own = Int(textures[first / 3])
                if (own < textureCount ? own : 0) != texture { continue }
            }
            let isBad = !bad.isEmpty && (0..<3).contains { bad.contains(Int(corners[first + $0])) }
            if isBad {
                droppedTriangles += 1
                continue
            }
            let color = triangleColors.isEmpty ? 0 : triangleColors[first / 3]
            for corner in first..<(first + 3) {
                let u = coordinates.isEmpty ? 0 : coordinates[corner * 2].bitPattern
                let v = coordinates.isEmpty ? 0 : coordinates[corner * 2 + 1].bitPattern
                try joined.append(joiner.join(corners[corner], SIMD3(u, v, color)))
            }
        }
    }

    private func gather(
        _ part: inout SourcePart, _ joiner: VertexJoiner<SIMD3<UInt32>>, hasColors: Bool,
        hasWedges: Bool
    ) throws(ImportError) {
        part.positions = try pick(part.positions, of: 3, joiner)
        if let normals = part.normals { part.normals = try pick(normals, of: 3, joiner) }
        if hasColors {
            var writer: ArrayWriter<UInt8> = try writer(filler: 0)
            for entry in joiner.entries {
                for channel in 0..<4 {
                    try writer.append(UInt8(truncatingIfNeeded: entry.key.z >> UInt32(8 * channel)))
                }
            }
            part.colors = try writer.finish()
        } else if let colors = part.colors {
            part.colors = try pick(colors, of: 4, joiner)
        }
        if hasWedges {
            var writer: ArrayWriter<Float> = try writer(filler: 0)
            for entry in joiner.entries {
                try writer.append(Float(bitPattern: entry.key.x))
                try writer.append(Float(bitPattern: entry.key.y))
            }
            part.textureCoordinates = [try writer.finish()]
        } else if let coordinates = part.textureCoordinates.first {
            part.textureCoordinates = [try pick(coordinates, of: 2, joiner)]
        }
    }

    private func pick<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ source: LargeArray<Element>, of width: Int, _ joiner: VertexJoiner<SIMD3<UInt32>>
    ) throws(ImportError) -> LargeArray<Element> {
        var writer: ArrayWriter<Element> = try writer(filler: 0)
        let elements = source.span
        for entry in joiner.entries {
            let start = Int(entry.vertex) * width
            for index in start..<(start + width) { try writer.append(elements[index]) }
        }
        return try writer.finish()
    }

    private func writer<Element: BitwiseCopyable>(filler: Element) throws(ImportError) -> ArrayWriter<
        Element
    > {
        try options.writer(filler: filler, expectedTotalBytes: expectedTotalBytes, file: file)
    }
}

extension LargeArray<UInt32> {
    /// Triangles without those that touch a marked vertex.
    func droppingTriangles(
        at marks: VertexMarks, _ options: ImportOptions, _ expectedTotalBytes: Int, _ file: String
    ) throws(ImportError) -> LargeArray<UInt32> {
        var kept: ArrayWriter<UInt32> = try options.writer(
            filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        let corners = span
        for first in stride(from: 0, to: corners.count, by: 3) {
            let (a, b, c) = (corners[first], corners[first + 1], corners[first + 2])
            if marks.contains(Int(a)) || marks.contains(Int(b)) || marks.contains(Int(c)) { continue }
            try kept.append(a, b, c)
        }
        return try kept.finish()
    }
}
