// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
import StreamCore

/// Reads STL files, text and binary, told apart by their content: a binary file may well begin with "solid".
///
/// Facet normals are ignored (the corners' order says the same, and more reliably), and so are the colours some
/// programs keep in the attribute bytes.
package enum STLImporter {
    static let headerBytes = 84
    static let facetBytes = 50

    package static func recognizes(_ bytes: RawSpan) -> Bool { isText(bytes) || looksBinary(bytes) }

    /// Cost: one pass over the file; 36 bytes of memory per triangle.
    /// - Throws: `.malformed` with the line or facet, also for files cut off; `.empty` without triangles,
    ///   `.unreadable` when memory or disk run out, `.cancelled`.
    package static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError)
        -> SourceModel
    {
        if isText(file.bytes) {
            var reader = STLTextReader(file, options: options)
            return try reader.read()
        }
        return try STLBinaryReader.read(file, options: options)
    }

    /// Facets that the header promises.
    static func facetCount(_ bytes: RawSpan) -> Int {
        bytes.byteCount < headerBytes
            ? 0 : Int(UInt32(littleEndian: bytes.scalar(at: 80, as: UInt32.self)))
    }

    /// "solid" at the start, no binary size that fits, and STL's words in what follows.
    static func isText(_ bytes: RawSpan) -> Bool {
        let start = bytes.skippingSpace(0)
        guard bytes.matchesWord("solid", at: start) else { return false }
        let binaryBytes = headerBytes + facetCount(bytes) * facetBytes
        if bytes.byteCount >= headerBytes, binaryBytes == bytes.byteCount { return false }
        // Names may be long, but a zero byte is never in them.
        var position = start
        while position < min(bytes.byteCount, start + 4096) {
            if bytes.byte(position) == 0 { return false }
            position += 1
        }
        let next = bytes.skippingSpace(bytes.lineEnd(start))
        return next == bytes.byteCount || bytes.matchesWord("facet", at: next)
            || bytes.matchesWord("endsolid", at: next) || bytes.matchesWord("solid", at: next)
            || bytes.byteCount - next < 8
    }

    /// Binary STL has no mark: the size must fit the facet count exactly, or the first facets must look like facets.
    private static func looksBinary(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= headerBytes else { return false }
        let count = facetCount(bytes)
        if bytes.byteCount == headerBytes + count * facetBytes { return true }
        let sample = min(8, count, (bytes.byteCount - headerBytes) / facetBytes)
        guard sample > 0 else { return false }
        for facet in 0..<sample where !looksLikeFacet(bytes, headerBytes + facet * facetBytes) {
            return false
        }
        return true
    }

    private static func looksLikeFacet(_ bytes: RawSpan, _ start: Int) -> Bool {
        var normal = SIMD3<Float>()
        for index in 0..<12 {
            let value = STLBinaryReader.float(bytes, start + index * 4)
            let size = value.magnitude
            guard size == 0 || (size > 1e-30 && size < 1e12) else { return false }
            if index < 3 { normal[index] = value }
        }
        let squared = lengthSquared(normal)
        return squared == 0 || (squared > 0.9 && squared < 1.1)
    }
}

/// The fixed-size records of binary STL: normal, three corners, two attribute bytes.
enum STLBinaryReader {
    static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError) -> SourceModel {
        let bytes = file.bytes
        let count = try checkedFacetCount(file)
        file.adviseSequentialReading()
        var pace = ReadingPace(file, options)
        var positions: ArrayWriter<Float> = try options.writer(
            filler: 0, expectedTotalBytes: count * 36, file: file.path)
        try positions.reserve(count * 9)
        var hasAttributes = false
        var dropped = 0
        for facet in 0..<count {
            let start = STLImporter.headerBytes + facet * STLImporter.facetBytes
            try pace.reached(start)
            let a = corner(bytes, start + 12)
            let b = corner(bytes, start + 24)
            let c = corner(bytes, start + 36)
            if bytes.scalar(at: start + 48, as: UInt16.self) != 0 { hasAttributes = true }
            let sum = (a - a) + (b - b) + (c - c)
            guard sum == .zero else {
                dropped += 1
                continue
            }
            try positions.append(a.x, a.y, a.z)
            try positions.append(b.x, b.y, b.z)
            try positions.append(c.x, c.y, c.z)
        }
        var model = SourceModel()
        model.format = "STL (binary)"
        if hasAttributes {
            model.warnings.append("the facets' attribute bytes (colours in some programs) are ignored")
        }
        STLModel.noteDropped(dropped, &model)
        try STLModel.finish(
            &model, [(name: "", origin: .zero, positions: try positions.finish())], file: file,
            options: options)
        return model
    }

    @inline(__always) static func float(_ bytes: RawSpan, _ position: Int) -> Float {
        Float(bitPattern: UInt32(littleEndian: bytes.scalar(at: position, as: UInt32.self)))
    }

    @inline(__always) private static func corner(_ bytes: RawSpan, _ position: Int) -> Float3 {
        Float3(float(bytes, position), float(bytes, position + 4), float(bytes, position + 8))
    }

    private static func checkedFacetCount(_ file: MappedFile) throws(ImportError) -> Int {
        let left = file.byteCount - STLImporter.headerBytes
        guard left >= 0 else {
            throw ImportError(
                .malformed, "the file is cut off in its header: \(-left) more bytes are needed",
                file: file.path,
                place: "byte \(file.byteCount)")
        }
        let count = STLImporter.facetCount(file.bytes)
        let whole = left / STLImporter.facetBytes
        guard count <= whole else {
            throw ImportError(
                .malformed,
                "the file is cut off: its header promises \(count) facets, \(whole) are there and "
                    + "\(count * STLImporter.facetBytes - left) bytes are missing",
                file: file.path, place: "facet \(whole)")
        }
        return count
    }
}

/// What text and binary STL share: parts, nodes and instances from triangle soups.
enum STLModel {
    typealias Solid = (name: String, origin: Double3, positions: LargeArray<Float>)

    static func noteDropped(_ count: Int, _ model: inout SourceModel) {
        if count > 0 {
            model.warnings.append(
                "\(count) facets with corners that are not finite numbers were left out")
        }
    }

    /// - Throws: `.empty` when no solid has triangles.
    static func finish(
        _ model: inout SourceModel, _ solids: [Solid], file: MappedFile, options: ImportOptions
    ) throws(ImportError) {
        guard !solids.isEmpty, solids.contains(where: { $0.positions.count > 0 }) else {
            throw ImportError(.empty, "it has no triangles to show", file: file.path)
        }
        model.name = ModelImporter.name(ofPath: file.path)
        model.nodes = [SourceNode(name: model.name, parent: nil)]
        let world = options.worldFromFile(habitualUp: .z, habitualMetresPerUnit: 0.001)
        for solid in solids {
            var part = SourcePart(
                name: solid.name.isEmpty ? model.name : solid.name, positions: solid.positions)
            part.origin = solid.origin
            part.materialRanges = [
                SourcePart.MaterialRange(firstTriangle: 0, triangleCount: part.triangleCount, material: nil)
            ]
            var node = 0
            if solids.count > 1 {
                node = model.nodes.count
                model.nodes.append(SourceNode(name: part.name, parent: 0))
            }
            model.instances.append(SourceInstance(part: model.parts.count, node: node, transform: world))
            model.parts.append(part)
        }
    }
}
