// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Gives triangles with colours or texture coordinates of their own their own vertices: corners that agree share one,
/// the others are split.
struct PLYCornerSplitter {
    private let options: ImportOptions
    private let expectedTotalBytes: Int
    private let file: String
    private(set) var droppedTriangles = 0

    init(options: ImportOptions, expectedTotalBytes: Int, file: String) {
        self.options = options
        self.expectedTotalBytes = expectedTotalBytes
        self.file = file
    }

    /// Replaces all arrays of `part`. `colors`: RGBA per triangle, red lowest; `wedges`: six numbers per triangle.
    /// Triangles that touch `bad` vertices are left out.
    mutating func split(
        _ part: inout SourcePart, _ indices: LargeArray<UInt32>, colors: LargeArray<UInt32>?,
        wedges: LargeArray<Float>?, bad: VertexMarks
    ) throws(ImportError) {
        var joiner = VertexJoiner<SIMD3<UInt32>>(vertexCount: part.vertexCount)
        var joined: ArrayWriter<UInt32> = try writer(filler: 0)
        let corners = indices.span
        let colorArray = colors ?? LargeArray()
        let wedgeArray = wedges ?? LargeArray()
        let triangleColors = colorArray.span
        let coordinates = wedgeArray.span
        for first in stride(from: 0, to: corners.count, by: 3) {
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
        guard joiner.entries.count < Int(UInt32.max) else {
            throw ImportError(.tooLarge, "its corners need more than 2^32 vertices; split it", file: file)
        }
        try gather(&part, joiner, hasColors: colors != nil, hasWedges: wedges != nil)
        part.indices = try joined.finish()
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
