// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// The faces and triangle strips of a PLY file, as indices into its vertices, all checked.
struct PLYFaceReader {
    private let vertexCount: Int
    private let file: String
    private var indices: ArrayWriter<UInt32>
    /// Per triangle RGBA in one number, red lowest, where faces have colours.
    private var faceColors: ArrayWriter<UInt32>?
    /// Per triangle six numbers, uv of its corners, where faces carry texture coordinates.
    private var wedges: ArrayWriter<Float>?
    /// Per triangle the number of its texture, where there are several.
    private var textures: ArrayWriter<UInt8>?

    private var triangulator = PolygonTriangulator()
    private var polygon: [UInt32] = []
    private var wedge: [Float] = []
    private var points: [Double3] = []
    private var currentTexture: UInt8 = 0
    private(set) var smallFaces = 0

    var triangulationFallbacks: Int { triangulator.fallbacks }
    var triangleCount: Int { indices.count / 3 }

    /// - Parameter readsColors: false where vertices have colours, which then count.
    init(
        vertexCount: Int, faces: PLYElement?, readsColors: Bool, textureCount: Int, options: ImportOptions,
        expectedTotalBytes: Int,
        file: String
    ) throws(ImportError) {
        self.vertexCount = vertexCount
        self.file = file
        indices = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        guard let faces else { return }
        if readsColors, faces.index(of: "red", "diffuse_red") != nil,
            faces.index(of: "green", "diffuse_green") != nil,
            faces.index(of: "blue", "diffuse_blue") != nil
        {
            faceColors = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        }
        if textureCount > 1, faces.index(of: "texnumber") != nil {
            textures = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        }
        if faces.listIndex(of: "texcoord") != nil {
            wedges = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        }
    }

    /// Reads the rows of "face"; the cursor has begun it. `positions` may be empty where vertices come later: concave
    /// polygons are then cut as fans.
    mutating func readFaces(
        _ bytes: RawSpan, _ element: PLYElement, list: Int, positions: Span<Float>,
        _ cursor: inout PLYCursor,
        _ pace: inout ReadingPace
    ) throws(ImportError) {
        let layout = PLYFaceLayout(element, list: list)
        let isPlain = faceColors == nil && wedges == nil && textures == nil
        let fastRows = isPlain ? layout.triangleRows(cursor.encoding) : nil
        if fastRows != nil { try indices.reserve(element.count * 3) }
        cursor.row = 0
        while cursor.row < element.count {
            try pace.reached(cursor.position)
            if let fastRows {
                try readTriangles(bytes, element, fastRows, &cursor, until: pace.nextCheck)
            }
            if cursor.row == element.count { break }
            if fastRows != nil, cursor.position >= pace.nextCheck { continue }
            try readRow(bytes, layout, positions, &cursor)
            cursor.row += 1
        }
    }

    /// As many triangles in a row as there are, up to a position: rows of one size with the corner count 3.
    private mutating func readTriangles(
        _ bytes: RawSpan, _ element: PLYElement, _ rows: PLYFaceLayout.TriangleRows,
        _ cursor: inout PLYCursor,
        until limit: Int
    ) throws(ImportError) {
        var position = cursor.position
        var row = cursor.row
        let last = min(limit, bytes.byteCount - rows.stride)
        let limit = UInt32(truncatingIfNeeded: vertexCount)
        let isBig = cursor.encoding == .bigEndian
        while row < element.count, position <= last, bytes.byte(position + rows.countOffset) == 3 {
            let start = position + rows.countOffset + 1
            var a = bytes.scalar(at: start, as: UInt32.self)
            var b = bytes.scalar(at: start + 4, as: UInt32.self)
            var c = bytes.scalar(at: start + 8, as: UInt32.self)
            if isBig {
                a = a.byteSwapped
                b = b.byteSwapped
                c = c.byteSwapped
            }
            guard max(a, max(b, c)) < limit else { break }  // the slow row reports it
            try indices.append(a, b, c)
            position += rows.stride
            row += 1
        }
        cursor.position = position
        cursor.row = row
    }

    private mutating func readRow(
        _ bytes: RawSpan, _ layout: PLYFaceLayout, _ positions: Span<Float>, _ cursor: inout PLYCursor
    ) throws(ImportError) {
        var color: UInt32 = 0xFF00_0000
        currentTexture = 0
        polygon.removeAll(keepingCapacity: true)
        wedge.removeAll(keepingCapacity: true)
        for (index, property) in layout.properties.enumerated() {
            switch layout.roles[index] {
            case .corners: try readCorners(bytes, property, &cursor)
            case .wedges: try readWedges(bytes, property, &cursor)
            case .color(let channel):
                let scale = property.type.isFloat ? 255 : property.type == .uint16 ? 1.0 / 257 : 1
                let value = UInt32(colorByte(try cursor.number(bytes, property.type) * scale))
                color = color & ~(0xFF << UInt32(8 * channel)) | value << UInt32(8 * channel)
            case .texture:
                // What is no texture of the file shows as the first.
                currentTexture = UInt8(exactly: try cursor.number(bytes, property.type)) ?? 0
            case .none: try cursor.skip(bytes, property)
            }
        }
        try addPolygon(positions, color)
    }

    private mutating func readCorners(
        _ bytes: RawSpan, _ property: PLYProperty, _ cursor: inout PLYCursor
    ) throws(ImportError) {
        let count = try cursor.listCount(bytes, property)
        for _ in 0..<count { polygon.append(try index(bytes, property.type, &cursor)) }
    }

    @inline(__always) private func index(
        _ bytes: RawSpan, _ type: PLYScalar, _ cursor: inout PLYCursor
    ) throws(ImportError) -> UInt32 {
        let value = try cursor.integer(bytes, type)
        guard value >= 0, value < vertexCount else {
            throw cursor.error("the vertex index \(value) is outside 0 to \(vertexCount - 1)")
        }
        return UInt32(truncatingIfNeeded: value)
    }

    private mutating func readWedges(
        _ bytes: RawSpan, _ property: PLYProperty, _ cursor: inout PLYCursor
    ) throws(ImportError) {
        let count = try cursor.listCount(bytes, property)
        for _ in 0..<count {
            let value = Float(try cursor.number(bytes, property.type))
            wedge.append(value.isFinite ? value : 0)
        }
    }

    private mutating func addPolygon(_ positions: Span<Float>, _ color: UInt32) throws(ImportError) {
        if polygon.count < 3 {
            smallFaces += 1
            return
        }
        if polygon.count == 3 { return try addTriangle(0, 1, 2, color) }
        points.removeAll(keepingCapacity: true)
        for corner in polygon {
            let start = Int(corner) * 3
            // Without positions all points are one point, which the triangulator cuts as a fan.
            points.append(
                start < positions.count
                    ? Double3(
                        Double(positions[start]), Double(positions[start + 1]), Double(positions[start + 2]))
                    : .zero)
        }
        triangulator.triangulate(points)
        for first in stride(from: 0, to: triangulator.triangles.count, by: 3) {
            try addTriangle(
                Int(triangulator.triangles[first]), Int(triangulator.triangles[first + 1]),
                Int(triangulator.triangles[first + 2]), color)
        }
    }

    @inline(__always) private mutating func addTriangle(
        _ a: Int, _ b: Int, _ c: Int, _ color: UInt32
    ) throws(ImportError) {
        try indices.append(polygon[a], polygon[b], polygon[c])
        if faceColors != nil { try faceColors?.append(color) }
        if textures != nil { try textures?.append(currentTexture) }
        if wedges != nil {
            for corner in [a, b, c] {
                let isThere = corner * 2 + 1 < wedge.count
                try wedges?.append(isThere ? wedge[corner * 2] : 0)
                try wedges?.append(isThere ? 1 - wedge[corner * 2 + 1] : 0)
            }
        }
    }

    /// Reads the rows of "tristrips": strips parted by negative numbers, every second triangle turned.
    mutating func readStrips(
        _ bytes: RawSpan, _ element: PLYElement, list: Int, _ cursor: inout PLYCursor,
        _ pace: inout ReadingPace
    ) throws(ImportError) {
        for row in 0..<element.count {
            cursor.row = row
            for (index, property) in element.properties.enumerated() {
                if index == list {
                    try readStrip(bytes, property, &cursor, &pace)
                } else {
                    try cursor.skip(bytes, property)
                }
            }
        }
    }

    private mutating func readStrip(
        _ bytes: RawSpan, _ property: PLYProperty, _ cursor: inout PLYCursor, _ pace: inout ReadingPace
    ) throws(ImportError) {
        let count = try cursor.listCount(bytes, property)
        var length = 0
        var older: UInt32 = 0
        var newer: UInt32 = 0
        for _ in 0..<count {
            try pace.reached(cursor.position)
            let value = try cursor.integer(bytes, property.type)
            if value < 0 {
                length = 0
                continue
            }
            guard value < vertexCount else {
                throw cursor.error("the vertex index \(value) is outside 0 to \(vertexCount - 1)")
            }
            let current = UInt32(truncatingIfNeeded: value)
            length += 1
            if length >= 3, older != newer, newer != current, older != current {
                let isTurned = length & 1 == 0
                try indices.append(isTurned ? newer : older, isTurned ? older : newer, current)
                // Strips have neither colours nor texture coordinates of their own.
                if faceColors != nil { try faceColors?.append(.max) }
                if textures != nil { try textures?.append(0) }
                if wedges != nil { try wedges?.append(repeating: 0, count: 6) }
            }
            older = newer
            newer = current
        }
    }

    mutating func finish() throws(ImportError) -> PLYTriangles {
        PLYTriangles(
            indices: try indices.finish(), colors: try faceColors?.finish(), wedges: try wedges?.finish(),
            textures: try textures?.finish())
    }
}

/// Triangles as the file has them, with what they do not share with their neighbours.
struct PLYTriangles {
    /// Three per triangle.
    var indices: LargeArray<UInt32>
    /// RGBA per triangle in one number, red lowest, or nil.
    var colors: LargeArray<UInt32>?
    /// Six numbers per triangle, uv of its corners, v downwards, or nil.
    var wedges: LargeArray<Float>?
    /// The texture's number per triangle, not checked, or nil where there is one texture at most.
    var textures: LargeArray<UInt8>?
}

/// What each property of a face row is for.
struct PLYFaceLayout {
    enum Role {
        case none, corners, wedges, texture
        case color(Int)
    }

    /// Rows of one size, each a triangle, as long as the corner count reads 3.
    struct TriangleRows {
        var stride: Int
        var countOffset: Int
    }

    let properties: [PLYProperty]
    private(set) var roles: [Role]
    private let list: Int

    init(_ element: PLYElement, list: Int) {
        properties = element.properties
        self.list = list
        roles = element.properties.indices.map { index in
            let property = element.properties[index]
            if index == list { return .corners }
            if property.countType != nil { return property.name == "texcoord" ? .wedges : .none }
            switch property.name {
            case "red", "diffuse_red": return .color(0)
            case "green", "diffuse_green": return .color(1)
            case "blue", "diffuse_blue": return .color(2)
            case "alpha", "diffuse_alpha": return .color(3)
            case "texnumber": return .texture
            default: return .none
            }
        }
    }

    /// The common layout: a byte count, four-byte indices, and otherwise numbers of fixed size.
    func triangleRows(_ encoding: PLYHeader.Encoding) -> TriangleRows? {
        let corners = properties[list]
        guard encoding != .ascii, corners.type == .int32 || corners.type == .uint32,
            corners.countType == .uint8 || corners.countType == .int8
        else { return nil }
        var before = 0
        var after = 0
        for (index, property) in properties.enumerated() where index != list {
            if property.countType != nil { return nil }
            if index < list {
                before += property.type.byteCount
            } else {
                after += property.type.byteCount
            }
        }
        return TriangleRows(stride: before + 1 + 12 + after, countOffset: before)
    }
}
