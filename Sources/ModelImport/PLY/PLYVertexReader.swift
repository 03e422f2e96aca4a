// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// The vertices of a PLY file: rows are gathered into columns of Doubles, one per wanted property, and written out a
/// block at a time, which keeps the per-row work small whatever types and order the file has.
struct PLYVertexReader {
    /// Wanted properties in column order; several names mean the same.
    private static let names: [[String]] = [
        ["x"], ["y"], ["z"], ["nx"], ["ny"], ["nz"],
        ["red", "diffuse_red", "r"], ["green", "diffuse_green", "g"], ["blue", "diffuse_blue", "b"],
        ["alpha", "diffuse_alpha", "a"],
        ["s", "u", "texture_u", "texture_s"], ["t", "v", "texture_v", "texture_t"],
    ]
    private static let blockRows = 1024

    private let element: PLYElement
    /// For each property: its column, or -1.
    private let columnOf: [Int]
    /// For each column: the property, or nil.
    private let propertyOf: [Int?]
    private var columns = [Double](repeating: 0, count: 12 * blockRows)

    private var positions: PositionWriter
    private var normals: ArrayWriter<Float>?
    private var colors: ArrayWriter<UInt8>?
    private var texture: ArrayWriter<Float>?
    private var colorScale = [Double](repeating: 1, count: 4)
    private(set) var badNormals = 0

    var hasColors: Bool { colors != nil }

    /// - Throws: `.malformed` where there is no x, y and z.
    init(
        _ header: PLYHeader, _ element: PLYElement, options: ImportOptions, expectedTotalBytes: Int,
        file: String
    )
        throws(ImportError)
    {
        self.element = element
        let properties = Self.names.map { names in
            element.properties.firstIndex { $0.countType == nil && names.contains($0.name) }
        }
        guard properties[0] != nil, properties[1] != nil, properties[2] != nil else {
            throw ImportError(
                .malformed, "the vertices have no x, y and z", file: file, place: "element vertex")
        }
        propertyOf = properties
        columnOf = element.properties.indices.map { index in properties.firstIndex(of: index) ?? -1 }
        let isFloat = properties[..<3].allSatisfy { $0.map { element.properties[$0].type } == .float32 }
        let floats: ArrayWriter<Float> = try options.writer(
            filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        positions = PositionWriter(floats, mayMove: header.encoding == .ascii || !isFloat)
        try makeOptionalWriters(options, expectedTotalBytes, file)
    }

    private mutating func makeOptionalWriters(
        _ options: ImportOptions, _ expectedTotalBytes: Int, _ file: String
    ) throws(ImportError) {
        func has(_ columns: Range<Int>) -> Bool { columns.allSatisfy { propertyOf[$0] != nil } }
        if has(3..<6) {
            normals = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        }
        if has(6..<9) {
            colors = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
            for channel in 0..<4 {
                guard let property = propertyOf[6 + channel] else { continue }
                let type = element.properties[property].type
                colorScale[channel] = type.isFloat ? 255 : type == .uint16 ? 1.0 / 257 : 1
            }
        }
        if has(10..<12) {
            texture = try options.writer(filler: 0, expectedTotalBytes: expectedTotalBytes, file: file)
        }
    }

    /// Reads all rows; the cursor has begun the element.
    mutating func read(_ bytes: RawSpan, _ cursor: inout PLYCursor, _ pace: inout ReadingPace)
        throws(ImportError)
    {
        try positions.reserve(element.count)
        let fixed = cursor.encoding == .ascii ? nil : element.fixedByteCount
        var row = 0
        while row < element.count {
            try pace.reached(cursor.position)
            let rows = min(Self.blockRows, element.count - row)
            if let fixed {
                // The size of all rows was checked when the element began.
                gather(bytes, cursor, rows, stride: fixed)
                cursor.position += rows * fixed
            } else {
                try walk(bytes, &cursor, rows, firstRow: row)
            }
            try write(rows)
            row += rows
        }
    }

    /// Rows of one size: column by column, the type looked at once per block.
    private mutating func gather(_ bytes: RawSpan, _ cursor: PLYCursor, _ rows: Int, stride: Int) {
        var offset = cursor.position
        for (index, property) in element.properties.enumerated() {
            if columnOf[index] >= 0 {
                gatherColumn(
                    bytes, offset, rows, stride, property.type, cursor.encoding == .bigEndian,
                    columnOf[index] * Self.blockRows)
            }
            offset += property.type.byteCount
        }
    }

    private mutating func gatherColumn(
        _ bytes: RawSpan, _ start: Int, _ rows: Int, _ stride: Int, _ type: PLYScalar,
        _ isBigEndian: Bool,
        _ target: Int
    ) {
        var position = start
        if type == .float32, !isBigEndian {
            for row in 0..<rows {
                columns[target + row] = Double(
                    Float(bitPattern: UInt32(littleEndian: bytes.scalar(at: position, as: UInt32.self))))
                position += stride
            }
        } else {
            for row in 0..<rows {
                columns[target + row] = bytes.plyNumber(at: position, type, isBigEndian: isBigEndian)
                position += stride
            }
        }
    }

    /// Text rows and rows with lists: value by value.
    private mutating func walk(
        _ bytes: RawSpan, _ cursor: inout PLYCursor, _ rows: Int, firstRow: Int
    ) throws(ImportError) {
        for row in 0..<rows {
            cursor.row = firstRow + row
            for index in columnOf.indices {
                let column = columnOf[index]
                if column >= 0 {
                    columns[column * Self.blockRows + row] = try cursor.number(
                        bytes, element.properties[index].type)
                } else {
                    try cursor.skip(bytes, element.properties[index])
                }
            }
        }
    }

    private mutating func write(_ rows: Int) throws(ImportError) {
        let size = Self.blockRows
        for row in 0..<rows {
            try positions.append(columns[row], columns[size + row], columns[2 * size + row])
        }
        if normals != nil { try writeNormals(rows) }
        if colors != nil { try writeColors(rows) }
        if texture != nil {
            for row in 0..<rows {
                // PLY's texture coordinates grow upwards, as in OpenGL.
                let u = Float(columns[10 * size + row])
                let v = Float(1 - columns[11 * size + row])
                try texture?.append(u.isFinite ? u : 0)
                try texture?.append(v.isFinite ? v : 0)
            }
        }
    }

    private mutating func writeNormals(_ rows: Int) throws(ImportError) {
        let size = Self.blockRows
        for row in 0..<rows {
            let normal = Double3(
                columns[3 * size + row], columns[4 * size + row], columns[5 * size + row])
            let squared = lengthSquared(normal)
            if squared > 1e-24, squared.isFinite {
                let unit = normal / squared.squareRoot()
                try normals?.append(Float(unit.x), Float(unit.y), Float(unit.z))
            } else {
                badNormals += 1
                try normals?.append(0, 0, 1)
            }
        }
    }

    private mutating func writeColors(_ rows: Int) throws(ImportError) {
        let size = Self.blockRows
        let hasAlpha = propertyOf[9] != nil
        for row in 0..<rows {
            for channel in 0..<3 {
                try colors?.append(colorByte(columns[(6 + channel) * size + row] * colorScale[channel]))
            }
            try colors?.append(hasAlpha ? colorByte(columns[9 * size + row] * colorScale[3]) : 255)
        }
    }

    /// The finished part without triangles, and which of its vertices have no place in space.
    mutating func finish(name: String) throws(ImportError) -> (part: SourcePart, bad: VertexMarks) {
        var part = SourcePart(name: name, positions: try positions.finish())
        part.origin = positions.origin
        // Normals of which hardly any is one are worse than none.
        let areNormalsUseful = badNormals * 2 < element.count
        if areNormalsUseful { part.normals = try normals?.finish() }
        part.colors = try colors?.finish()
        if let array = try texture?.finish() { part.textureCoordinates = [array] }
        return (part, positions.bad)
    }
}

/// A colour channel in 0...255 rounded to a byte; 255 where it is not a number.
@inline(__always) func colorByte(_ value: Double) -> UInt8 {
    value >= 0 ? (value < 255 ? UInt8(value + 0.5) : 255) : (value < 0 ? 0 : 255)
}
