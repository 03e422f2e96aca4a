// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// The first pass over an OBJ file: vertices, and polygons cut into triangles.
struct OBJParser {
    /// Groups beyond this join the last part, so that a file with a group per face stays usable.
    private static let mostGroups = 10_000
    private static let mostMaterials = 65_536

    private let file: MappedFile
    private let options: ImportOptions

    private var positions: PositionWriter
    private var colors: ArrayWriter<UInt8>?
    private var coordinates: ArrayWriter<Float>
    private var normals: ArrayWriter<Float>
    private var faces: OBJFaceCollector

    private var segments: [OBJContent.Segment] = []
    private var groups: [OBJContent.Group] = []
    private var groupNumbers: [OBJContent.Group: Int] = [:]
    private var current = OBJContent.Group(object: "", group: "")
    private var materialNames: [String] = []
    private var materialNumbers: [String: Int] = [:]
    private var material = -1
    private var libraries: [String] = []
    /// Set by o, g and usemtl: the next face may start a segment.
    private var mayChange = true
    private var counts = OBJWarningCounts()

    init(_ file: MappedFile, options: ImportOptions) throws(ImportError) {
        self.file = file
        self.options = options
        let size = file.byteCount
        positions = PositionWriter(
            try options.writer(filler: 0, expectedTotalBytes: size, file: file.path), mayMove: true)
        coordinates = try options.writer(filler: 0, expectedTotalBytes: size, file: file.path)
        normals = try options.writer(filler: 0, expectedTotalBytes: size, file: file.path)
        faces = try OBJFaceCollector(options: options, expectedTotalBytes: size, file: file.path)
    }

    mutating func parse() throws(ImportError) {
        let file = file
        let bytes = file.bytes
        file.adviseSequentialReading()
        var pace = ReadingPace(file, options)
        var position = bytes.matches("\u{FEFF}", at: 0) ? 3 : 0
        while true {
            position = bytes.skippingSpace(position)
            if position >= bytes.byteCount { break }
            try pace.reached(position)
            try readStatement(bytes, &position)
        }
    }

    /// Reads one statement; `position` ends up somewhere on its last line or behind it.
    @inline(__always) private mutating func readStatement(
        _ bytes: RawSpan, _ position: inout Int
    ) throws(ImportError) {
        let first = bytes.byte(position)
        let second = position + 1 < bytes.byteCount ? bytes.byte(position + 1) : 0x20
        if first == 0x76 {  // v
            if second.isTextBlank { return try readVertex(bytes, &position) }
            if second == 0x74 { return try readCoordinate(bytes, &position) }
            if second == 0x6E { return try readNormal(bytes, &position) }
        }
        if first == 0x66, second.isTextBlank || second == 0x6F { return try readFace(bytes, &position) }
        if first != 0x23 { return try readOther(bytes, &position) }
        position = bytes.lineEnd(position)
    }

    private func error(_ bytes: RawSpan, _ position: Int, _ message: String) -> ImportError {
        ImportError(.malformed, message, file: file.path, place: bytes.linePlace(position))
    }

    /// The next number of the statement, or nil at its end.
    @inline(__always) private mutating func number(
        _ bytes: RawSpan, _ position: inout Int
    ) throws(ImportError) -> Double? {
        position = bytes.skippingOBJBlanks(position)
        guard position < bytes.byteCount, !bytes.byte(position).isTextLineEnd else { return nil }
        guard let value = bytes.number(&position) else {
            if bytes.byte(position) == 0x23 { return nil }
            let word = bytes.text(position..<min(bytes.wordEnd(position), position + 40))
            throw error(bytes, position, "\"\(word)\" is not a number")
        }
        if position < bytes.byteCount, !bytes.byte(position).isTextSpace, bytes.byte(position) != 0x5C {
            counts.oddNumbers += 1
            position = bytes.wordEnd(position)
        }
        return value
    }

    private mutating func readVertex(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        let start = position
        position += 1
        guard let x = try number(bytes, &position), let y = try number(bytes, &position),
            let z = try number(bytes, &position)
        else {
            throw error(bytes, start, "a vertex needs three numbers: the file is damaged or cut off")
        }
        guard positions.count < Int(UInt32.max) - 1 else {
            throw ImportError(.tooLarge, "it has more than 2^32 - 2 vertices; split it", file: file.path)
        }
        try positions.append(x, y, z)
        guard let fourth = try number(bytes, &position) else {
            try colors?.append(repeating: 255, count: 4)
            return
        }
        try readVertexRest(bytes, &position, fourth)
    }

    /// "w", "r g b" or "w r g b" behind the coordinates.
    private mutating func readVertexRest(
        _ bytes: RawSpan, _ position: inout Int, _ fourth: Double
    ) throws(ImportError) {
        var rest = [fourth]
        while rest.count < 8, let value = try number(bytes, &position) { rest.append(value) }
        guard rest.count >= 3 else {
            try colors?.append(repeating: 255, count: 4)
            return
        }
        if colors == nil {
            var writer: ArrayWriter<UInt8> = try options.writer(
                filler: 0, expectedTotalBytes: file.byteCount, file: file.path)
            try writer.append(repeating: 255, count: (positions.count - 1) * 4)
            colors = writer
        }
        let first = rest.count == 4 ? 1 : 0
        for channel in first..<(first + 3) { try colors?.append(colorByte(rest[channel] * 255)) }
        try colors?.append(255)
    }

    private mutating func readCoordinate(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        let start = position
        position += 2
        guard let u = try number(bytes, &position) else {
            throw error(
                bytes, start, "a texture coordinate needs a number: the file is damaged or cut off")
        }
        let v = Float(1 - (try number(bytes, &position) ?? 0))
        let single = Float(u)
        try coordinates.append(single.isFinite ? single : 0)
        try coordinates.append(v.isFinite ? v : 0)
    }

    private mutating func readNormal(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        let start = position
        position += 2
        guard let x = try number(bytes, &position), let y = try number(bytes, &position),
            let z = try number(bytes, &position)
        else {
            throw error(bytes, start, "a normal needs three numbers: the file is damaged or cut off")
        }
        // Zero stands for a normal without direction; the builder puts the triangle's own in its place.
        let unit = normalized(Double3(x, y, z), fallback: .zero)
        try normals.append(Float(unit.x), Float(unit.y), Float(unit.z))
    }

    private mutating func readFace(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        let start = position
        position = bytes.wordEnd(position)
        if mayChange { try changeSegment() }
        faces.begin()
        while true {
            position = bytes.skippingOBJBlanks(position)
            if position >= bytes.byteCount || bytes.byte(position).isTextLineEnd { break }
            if bytes.byte(position) == 0x23 { break }
            try readCorner(bytes, &position)
        }
        if faces.cornerCount < 3 {
            counts.smallFaces += 1
        } else if faces.cornerCount == 3 {
            try faces.addTriangle(0, 1, 2)
        } else {
            // Corners may be farther back than what is still in the writer's block.
            try positions.flush()
            try faces.addPolygon(positions.written)
        }
        if faces.cornerCount > 100_000_000 { throw error(bytes, start, "a face has too many corners") }
    }

    /// "v", "v/vt", "v//vn" or "v/vt/vn".
    @inline(__always) private mutating func readCorner(
        _ bytes: RawSpan, _ position: inout Int
    ) throws(ImportError) {
        let vertex = try index(bytes, &position, count: positions.count, kind: .position)
        guard let vertex else { throw error(bytes, position, "a face's corner has no vertex number") }
        var coordinate = OBJContent.none
        var normal = OBJContent.none
        if position < bytes.byteCount, bytes.byte(position) == 0x2F {
            position += 1
            coordinate =
                try index(bytes, &position, count: coordinates.count / 2, kind: .coordinate)
                ?? OBJContent.none
            if position < bytes.byteCount, bytes.byte(position) == 0x2F {
                position += 1
                normal =
                    try index(bytes, &position, count: normals.count / 3, kind: .normal) ?? OBJContent.none
            }
        }
        if position < bytes.byteCount, !bytes.byte(position).isTextSpace, bytes.byte(position) != 0x5C {
            let word = bytes.text(position..<min(bytes.wordEnd(position), position + 40))
            throw error(bytes, position, "\"\(word)\" in a face is not an index")
        }
        faces.addCorner(vertex, coordinate, normal)
    }

    /// A 1-based or negative index as a 0-based one; nil where none is written.
    @inline(__always) private mutating func index(
        _ bytes: RawSpan, _ position: inout Int, count: Int, kind: OBJFaceCollector.Kind
    ) throws(ImportError) -> UInt32? {
        let start = position
        guard let written = bytes.integer(&position) else { return nil }
        let value = written > 0 ? written - 1 : count + written
        guard written != 0, value >= 0, value < Int(UInt32.max) - 1 else {
            throw error(bytes, start, "the \(kind.rawValue) number \(written) is outside 1 to \(count)")
        }
        // A later line may still define it; checked when all are known.
        if value >= count { faces.noteForward(value, kind, at: start) }
        return UInt32(truncatingIfNeeded: value)
    }

    private mutating func changeSegment() throws(ImportError) {
        mayChange = false
        var part = groupNumbers[current]
        if part == nil {
            if groups.count == Self.mostGroups {
                counts.mergedGroups += 1
                part = groups.count - 1
            } else {
                part = groups.count
                groups.append(current)
                groupNumbers[current] = groups.count - 1
            }
        }
        guard let part else { return }
        if let last = segments.last, last.part == part, last.material == material { return }
        let segment = OBJContent.Segment(
            firstTriangle: faces.triangleCount, part: part, material: material)
        if let last = segments.last, last.firstTriangle == faces.triangleCount { segments.removeLast() }
        segments.append(segment)
    }

    /// Statements that are rare, or of no use here.
    private mutating func readOther(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        let start = position
        position = bytes.statementEnd(position)
        let argument = bytes.wordEnd(start)..<position
        if bytes.matchesWord("usemtl", at: start) {
            try useMaterial(argumentText(bytes, argument), bytes, start)
        } else if bytes.matchesWord("o", at: start) {
            current = OBJContent.Group(object: argumentText(bytes, argument), group: "")
            mayChange = true
        } else if bytes.matchesWord("g", at: start) {
            current.group = argumentText(bytes, argument)
            mayChange = true
        } else if bytes.matchesWord("mtllib", at: start) {
            let name = argumentText(bytes, argument)
            if libraries.count < 256, !libraries.contains(name) { libraries.append(name) }
        } else if bytes.matchesWord("l", at: start) || bytes.matchesWord("p", at: start) {
            counts.linesAndPoints += 1
        } else if bytes.matchesWord("curv", at: start) || bytes.matchesWord("curv2", at: start)
            || bytes.matchesWord("surf", at: start)
        {
            counts.freeForms += 1
        } else if !isKnown(bytes, start) {
            counts.unknown += 1
            if counts.unknown > 1000, counts.unknown > faces.triangleCount + positions.count {
                throw error(
                    bytes, start, "most lines are no statements of OBJ: the file is damaged or something else"
                )
            }
        }
    }

    private func argumentText(_ bytes: RawSpan, _ range: Range<Int>) -> String {
        bytes.text(range.lowerBound..<min(range.upperBound, range.lowerBound + 1024))
    }

    private mutating func useMaterial(_ name: String, _ bytes: RawSpan, _ start: Int)
        throws(ImportError)
    {
        mayChange = true
        if let known = materialNumbers[name] {
            material = known
            return
        }
        guard materialNames.count < Self.mostMaterials else {
            throw ImportError(
                .tooLarge, "it uses more than \(Self.mostMaterials) materials", file: file.path,
                place: bytes.linePlace(start))
        }
        material = materialNames.count
        materialNumbers[name] = material
        materialNames.append(name)
    }

    /// Statements that mean nothing for triangles.
    private func isKnown(_ bytes: RawSpan, _ start: Int) -> Bool {
        let words: [StaticString] = [
            "s", "vp", "cstype", "deg", "bmat", "step", "parm", "trim", "hole", "scrv", "sp", "end",
            "con", "mg", "lod",
            "usemap", "maplib", "bevel", "c_interp", "d_interp", "shadow_obj", "trace_obj", "ctech",
            "stech", "call",
            "csh",
        ]
        return words.contains { bytes.matchesWord($0, at: start) }
    }

    /// - Throws: `.malformed` where a face uses a vertex that no line defines.
    mutating func finish() throws(ImportError) -> OBJContent {
        let limits = [positions.count, coordinates.count / 2, normals.count / 3]
        if let missing = faces.firstMissing(limits: limits) {
            throw error(
                file.bytes, missing.position,
                "the \(missing.kind.rawValue) number \(missing.index + 1) is outside 1 to \(missing.limit)")
        }
        var warnings = counts.sentences
        if faces.triangulationFallbacks > 0 {
            warnings.append(
                "\(faces.triangulationFallbacks) polygons cross themselves or have very many corners and may look wrong"
            )
        }
        let corners = try faces.finish()
        return OBJContent(
            origin: positions.origin, positions: try positions.finish(), colors: try colors?.finish(),
            bad: positions.bad, coordinates: try coordinates.finish(), normals: try normals.finish(),
            cornerPositions: corners.positions, cornerCoordinates: corners.coordinates,
            cornerNormals: corners.normals, segments: segments, groups: groups,
            materialNames: materialNames,
            libraries: libraries, warnings: warnings)
    }
}

/// How often each thing that deserves a warning came.
private struct OBJWarningCounts {
    var oddNumbers = 0
    var smallFaces = 0
    var linesAndPoints = 0
    var freeForms = 0
    var unknown = 0
    var mergedGroups = 0

    var sentences: [String] {
        let all: [(Int, String)] = [
            (oddNumbers, "numbers are followed by other letters, which were ignored"),
            (smallFaces, "faces with fewer than 3 corners were left out"),
            (linesAndPoints, "line and point statements were left out"),
            (freeForms, "free-form curves and surfaces were left out; export them as polygons"),
            (unknown, "unknown statements were left out"),
            (mergedGroups, "groups beyond the first 10,000 share one part"),
        ]
        return all.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    }
}

extension RawSpan {
    /// Skips spaces, tabs, and line ends behind a backslash, which continue the statement.
    @inline(__always) func skippingOBJBlanks(_ position: Int) -> Int {
        var position = position
        while position < byteCount {
            let current = byte(position)
            if current.isTextBlank {
                position += 1
            } else if current == 0x5C, let after = afterContinuation(position) {
                position = after
            } else {
                break
            }
        }
        return position
    }

    /// Behind the line end that the backslash at `position` joins; nil where it stands for itself.
    private func afterContinuation(_ position: Int) -> Int? {
        let next = skippingBlanks(position + 1)
        guard next < byteCount else { return byteCount }
        if byte(next) == 0x0A { return next + 1 }
        guard byte(next) == 0x0D else { return nil }
        return next + 1 < byteCount && byte(next + 1) == 0x0A ? next + 2 : next + 1
    }

    /// The end of the statement at `position`, continued lines included.
    func statementEnd(_ position: Int) -> Int {
        var end = lineEnd(position)
        while end > position, end < byteCount, byte(end - 1) == 0x5C,
            let after = afterContinuation(end - 1)
        {
            end = lineEnd(after)
        }
        return end
    }
}
