// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Text STL, word by word: solids of facets of three vertices each.
struct STLTextReader {
    /// Solids beyond this go into the last part, so that a file of a million tiny solids stays usable.
    static let mostParts = 10_000

    private let file: MappedFile
    private let options: ImportOptions
    private var model = SourceModel()
    private var solids: [STLModel.Solid] = []
    private var positions: PositionWriter?
    private var name = ""
    private var corners: [Double3] = []
    private var dropped = 0
    private var isInSolid = false
    private var isInFacet = false
    private var mergedSolids = 0

    init(_ file: MappedFile, options: ImportOptions) {
        self.file = file
        self.options = options
    }

    mutating func read() throws(ImportError) -> SourceModel {
        let file = file
        let bytes = file.bytes
        file.adviseSequentialReading()
        var pace = ReadingPace(file, options)
        var position = 0
        while true {
            position = bytes.skippingSpace(position)
            if position == bytes.byteCount { break }
            try pace.reached(position)
            try readStatement(bytes, &position)
        }
        guard !isInSolid else {
            let inside = isInFacet ? "a facet" : "a solid"
            throw error(
                bytes, position, "the file ends inside \(inside): endsolid is missing, it is cut off")
        }
        try finishPart()
        model.format = "STL (ascii)"
        STLModel.noteDropped(dropped, &model)
        if mergedSolids > 0 {
            model.warnings.append(
                "\(mergedSolids) solids beyond the first \(Self.mostParts) share one part")
        }
        try STLModel.finish(&model, solids, file: file, options: options)
        return model
    }

    private func error(_ bytes: RawSpan, _ position: Int, _ message: String) -> ImportError {
        ImportError(.malformed, message, file: file.path, place: bytes.linePlace(position))
    }

    @inline(__always) private mutating func readStatement(
        _ bytes: RawSpan, _ position: inout Int
    ) throws(ImportError) {
        if bytes.matchesWord("vertex", at: position) {
            position += 6
            return try readVertex(bytes, &position)
        }
        if bytes.matchesWord("facet", at: position) { return try openFacet(bytes, &position) }
        if bytes.matchesWord("endfacet", at: position) { return try closeFacet(bytes, &position) }
        if bytes.matchesWord("outer", at: position) || bytes.matchesWord("endloop", at: position)
            || bytes.matchesWord("loop", at: position)
        {
            position = bytes.wordEnd(position)
            return
        }
        try readSolidStatement(bytes, &position)
    }

    private mutating func readSolidStatement(_ bytes: RawSpan, _ position: inout Int)
        throws(ImportError)
    {
        let start = position
        position = bytes.lineEnd(position)
        if bytes.matchesWord("solid", at: start) {
            if isInFacet {
                throw error(bytes, start, "a solid starts inside a facet: endfacet is missing")
            }
            try closeSolid()
            isInSolid = true
            name = bytes.text(min(start + 5, position)..<min(position, start + 205))
        } else if bytes.matchesWord("endsolid", at: start) {
            if isInFacet {
                throw error(bytes, start, "the solid ends inside a facet: endfacet is missing")
            }
            try closeSolid()
        } else if bytes.matchesWord("color", at: start) {
            return
        } else {
            let word = bytes.text(start..<min(bytes.wordEnd(start), start + 40))
            throw error(bytes, start, "\"\(word)\" is no word of STL: the file is damaged or cut off")
        }
    }

    private mutating func readVertex(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        guard isInFacet, corners.count < 3 else {
            throw error(
                bytes, position,
                isInFacet ? "a facet has more than 3 vertices" : "a vertex is outside a facet")
        }
        var point = Double3.zero
        for axis in 0..<3 {
            position = bytes.skippingSpace(position)
            guard let value = bytes.number(&position),
                position == bytes.byteCount || bytes.byte(position).isTextSpace
            else {
                throw error(bytes, position, "a vertex needs three numbers: the file is damaged or cut off")
            }
            point[axis] = value
        }
        corners.append(point)
    }

    private mutating func openFacet(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        guard !isInFacet else {
            throw error(bytes, position, "a facet starts inside a facet: endfacet is missing")
        }
        guard isInSolid else { throw error(bytes, position, "a facet is outside a solid") }
        isInFacet = true
        corners.removeAll(keepingCapacity: true)
        // The normal is on the same line and not needed.
        position = bytes.lineEnd(position)
    }

    private mutating func closeFacet(_ bytes: RawSpan, _ position: inout Int) throws(ImportError) {
        guard isInFacet, corners.count == 3 else {
            throw error(bytes, position, "a facet has \(corners.count) vertices instead of 3")
        }
        position += 8
        isInFacet = false
        let limit = Double(Float.greatestFiniteMagnitude) / 2
        let isFinite = corners.allSatisfy {
            abs($0.x) < limit && abs($0.y) < limit && abs($0.z) < limit
        }
        guard isFinite else {
            dropped += 1
            return
        }
        if positions == nil { try openPart() }
        for corner in corners { try positions?.append(corner.x, corner.y, corner.z) }
    }

    private mutating func openPart() throws(ImportError) {
        // Each spilled array keeps a file open, of which a process has about a thousand.
        let spillBytes = solids.count < 256 ? file.byteCount / 4 : 0
        let writer: ArrayWriter<Float> = try options.writer(
            filler: 0, expectedTotalBytes: spillBytes, file: file.path)
        positions = PositionWriter(writer, mayMove: true)
    }

    /// Ends the part; solids without triangles make none.
    private mutating func closeSolid() throws(ImportError) {
        isInSolid = false
        guard let count = positions?.count, count > 0 else { return }
        if solids.count == Self.mostParts - 1 {
            mergedSolids += 1
            return
        }
        try finishPart()
    }

    private mutating func finishPart() throws(ImportError) {
        guard let array = try positions?.finish(), let origin = positions?.origin else { return }
        solids.append((name: name, origin: origin, positions: array))
        positions = nil
        name = ""
    }
}
