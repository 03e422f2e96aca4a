// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
import StreamCore

/// Reads Wavefront OBJ files with their MTL materials: polygons, texture coordinates, normals, colours per vertex,
/// objects and groups.
/// - Source: "Wavefront Advanced Visualizer, appendix B1: object files", and the habits of today's writers.
package enum OBJImporter {
    private static let words: [StaticString] = [
        "v", "vt", "vn", "vp", "f", "fo", "o", "g", "s", "l", "p", "usemtl", "mtllib", "usemap",
        "maplib", "cstype",
        "deg", "bmat", "step", "curv", "curv2", "surf", "parm", "trim", "hole", "scrv", "sp", "end",
        "con", "mg", "lod",
        "bevel", "c_interp", "d_interp", "shadow_obj", "trace_obj", "ctech", "stech", "call", "csh",
    ]

    /// OBJ has no mark of its own: nearly all of the first statements must be OBJ's.
    package static func recognizes(_ bytes: RawSpan) -> Bool {
        var position = bytes.matches("\u{FEFF}", at: 0) ? 3 : 0
        var statements = 0
        var unknown = 0
        let limit = min(bytes.byteCount, 1 << 20)
        while statements < 32 {
            position = bytes.skippingSpace(position)
            guard position < limit else { break }
            if bytes.byte(position) != 0x23 {
                if !words.contains(where: { bytes.matchesWord($0, at: position) }) { unknown += 1 }
                statements += 1
            }
            position = bytes.statementEnd(position)
        }
        return unknown * 4 < statements
    }

    /// Cost: one pass over the file and one over its triangles; memory for the file's vertices, 12 to 36 bytes per
    /// triangle, and the parts made from them (see `ImportOptions.spill`).
    /// - Throws: `.malformed` with the line, `.empty` without triangles, `.tooLarge` beyond 2^32 vertices,
    ///   `.unreadable` when memory or disk run out, `.cancelled`.
    package static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError)
        -> SourceModel
    {
        var parser = try OBJParser(file, options: options)
        try parser.parse()
        let content = try parser.finish()
        var builder = OBJModelBuilder(content, file: file, options: options)
        return try builder.build()
    }
}

/// What an OBJ file says, in its own numbering, before vertices are joined. Absent indices are `OBJContent.none`.
struct OBJContent {
    static let none = UInt32.max

    /// Triangles that follow each other in the file with the same group and material.
    struct Segment {
        var firstTriangle: Int
        var part: Int
        var material: Int
    }

    struct Group: Hashable {
        var object: String
        var group: String
    }

    var origin = Double3.zero
    var positions: LargeArray<Float>
    /// RGBA per position, or nil.
    var colors: LargeArray<UInt8>?
    var bad = VertexMarks()
    /// uv per texture coordinate, v downwards.
    var coordinates: LargeArray<Float>
    var normals: LargeArray<Float>
    /// Three per triangle.
    var cornerPositions: LargeArray<UInt32>
    var cornerCoordinates: LargeArray<UInt32>?
    var cornerNormals: LargeArray<UInt32>?
    var segments: [Segment] = []
    var groups: [Group] = []
    /// Names as usemtl gives them; segments refer to them, -1 is none.
    var materialNames: [String] = []
    var libraries: [String] = []
    var warnings: [String] = []

    var triangleCount: Int { cornerPositions.count / 3 }

    /// Drops pages of spilled arrays from memory; they are read back when needed.
    func releaseResidentPages() {
        positions.releaseResidentPages()
        coordinates.releaseResidentPages()
        normals.releaseResidentPages()
        cornerPositions.releaseResidentPages()
        cornerCoordinates?.releaseResidentPages()
        cornerNormals?.releaseResidentPages()
    }
}
