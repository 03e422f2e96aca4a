// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
import StreamCore

/// Reads PLY files: text and binary in both byte orders, any property types in any order, polygons and triangle strips,
/// colours per vertex or face, normals, texture coordinates per vertex or corner.
package enum PLYImporter {
    /// Whether the first line is "ply".
    package static func recognizes(_ bytes: RawSpan) -> Bool {
        guard bytes.matches("ply", at: 0), bytes.byteCount > 3 else { return false }
        return bytes.byte(bytes.skippingBlanks(3) < bytes.byteCount ? bytes.skippingBlanks(3) : 3)
            .isTextLineEnd
    }

    /// Cost: one pass over the file; memory for the arrays of the part (see `ImportOptions.spill`), once more for a
    /// moment where faces have colours or texture coordinates of their own.
    /// - Throws: `.malformed` with the line or row, `.empty` without triangles, `.tooLarge` beyond 2^32 vertices,
    ///   `.unreadable` when memory or disk run out, `.cancelled`.
    package static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError)
        -> SourceModel
    {
        var reader = try PLYReader(file, options: options)
        return try reader.read()
    }
}

private struct PLYReader {
    private let file: MappedFile
    private let options: ImportOptions
    private let header: PLYHeader
    private let vertexElement: PLYElement
    private let faceElement: PLYElement?
    private let expectedTotalBytes: Int
    private var model = SourceModel()
    private var trianglesPerTexture: [Int] = []

    init(_ file: MappedFile, options: ImportOptions) throws(ImportError) {
        self.file = file
        self.options = options
        header = try PLYHeader(file.bytes, file: file.path)
        guard let vertices = header.elements.first(where: { $0.name == "vertex" }), vertices.count > 0
        else {
            throw ImportError(.empty, "there are no vertices in it", file: file.path)
        }
        guard vertices.count < Int(UInt32.max) else {
            throw ImportError(.tooLarge, "it has more than 2^32 - 2 vertices; split it", file: file.path)
        }
        vertexElement = vertices
        faceElement = header.elements.first { $0.name == "face" }
        let strips = header.elements.first { $0.name == "tristrips" }
        guard (faceElement?.count ?? 0) + min(1, strips?.count ?? 0) > 0 else {
            throw ImportError(
                .empty, "it holds points only, and points cannot be shown; make a surface of them first",
                file: file.path)
        }
        let (faceBytes, overflow) = (faceElement?.count ?? 0).multipliedReportingOverflow(by: 12)
        expectedTotalBytes = min(
            4 * file.byteCount, vertices.count * 36 + (overflow ? .max / 2 : faceBytes))
    }

    mutating func read() throws(ImportError) -> SourceModel {
        let file = file
        let bytes = file.bytes
        file.adviseSequentialReading()
        var cursor = PLYCursor(file: file.path, header: header)
        var pace = ReadingPace(file, options)
        var vertices = try PLYVertexReader(
            header, vertexElement, options: options, expectedTotalBytes: expectedTotalBytes,
            file: file.path)
        var faces = try PLYFaceReader(
            vertexCount: vertexElement.count, faces: faceElement, readsColors: !vertices.hasColors,
            textureCount: header.textureFiles.count,
            options: options,
            expectedTotalBytes: expectedTotalBytes, file: file.path)
        let name = ModelImporter.name(ofPath: file.path)
        var finished: (part: SourcePart, bad: VertexMarks)?

        for element in header.elements where !element.properties.isEmpty {
            try cursor.begin(element, bytes)
            switch element.name {
            case "vertex":
                try vertices.read(bytes, &cursor, &pace)
                finished = try vertices.finish(name: name)
            case "face", "tristrips":
                try readFaces(element, &faces, finished?.part.positions, &cursor, &pace)
            default:
                try skip(element, &cursor, &pace)
            }
        }
        guard let finished else {
            throw ImportError(.malformed, "the vertices have no x, y and z", file: file.path)
        }
        var part = finished.part
        noteWarnings(vertices, faces)
        try addTriangles(to: &part, finished.bad, &faces)
        return try finish(part, name)
    }

    private mutating func readFaces(
        _ element: PLYElement, _ faces: inout PLYFaceReader, _ positions: LargeArray<Float>?,
        _ cursor: inout PLYCursor, _ pace: inout ReadingPace
    ) throws(ImportError) {
        guard let list = element.listIndex(of: "vertex_indices", "vertex_index") else {
            model.warnings.append(
                "the element \"\(element.name)\" has no list vertex_indices and was left out")
            return try skip(element, &cursor, &pace)
        }
        if element.name == "tristrips" {
            return try faces.readStrips(file.bytes, element, list: list, &cursor, &pace)
        }
        let known = positions ?? LargeArray()
        try faces.readFaces(
            file.bytes, element, list: list, positions: known.span, &cursor, &pace)
    }

    private func skip(
        _ element: PLYElement, _ cursor: inout PLYCursor, _ pace: inout ReadingPace
    ) throws(ImportError) {
        let file = file
        let bytes = file.bytes
        if let fixed = element.fixedByteCount, header.encoding != .ascii {
            cursor.position += element.count * fixed
            return
        }
        for row in 0..<element.count {
            cursor.row = row
            try pace.reached(cursor.position)
            for property in element.properties { try cursor.skip(bytes, property) }
        }
    }

    private mutating func noteWarnings(_ vertices: PLYVertexReader, _ faces: PLYFaceReader) {
        if vertices.badNormals > 0 {
            model.warnings.append("\(vertices.badNormals) normals have no direction")
        }
        if faces.smallFaces > 0 {
            model.warnings.append("\(faces.smallFaces) faces with fewer than 3 corners were left out")
        }
        if faces.triangulationFallbacks > 0 {
            model.warnings.append(
                "\(faces.triangulationFallbacks) polygons cross themselves or have very many corners and may look wrong"
            )
        }
    }

    private mutating func addTriangles(
        to part: inout SourcePart, _ bad: VertexMarks, _ faces: inout PLYFaceReader
    ) throws(ImportError) {
        let triangles = try faces.finish()
        if triangles.colors != nil || triangles.wedges != nil || triangles.textures != nil {
            var splitter = PLYCornerSplitter(
                options: options, expectedTotalBytes: expectedTotalBytes, file: file.path)
            try splitter.split(&part, triangles, textureCount: header.textureFiles.count, bad: bad)
            trianglesPerTexture = splitter.trianglesPerTexture
            if splitter.droppedTriangles > 0 { noteDropped(splitter.droppedTriangles) }
            return
        }
        var indices = triangles.indices
        if !bad.isEmpty {
            let before = indices.count / 3
            indices = try indices.droppingTriangles(at: bad, options, expectedTotalBytes, file.path)
            if indices.count / 3 < before { noteDropped(before - indices.count / 3) }
        }
        part.indices = indices
    }

    private mutating func noteDropped(_ count: Int) {
        model.warnings.append(
            "\(count) triangles with corners that are not finite numbers were left out")
    }

    private mutating func finish(_ part: SourcePart, _ name: String) throws(ImportError)
        -> SourceModel
    {
        guard part.triangleCount > 0 else {
            throw ImportError(.empty, "it has no triangles to show", file: file.path)
        }
        var part = part
        addTextures(to: &part)
        model.name = name
        model.format =
            switch header.encoding {
            case .ascii: "PLY (ascii)"
            case .littleEndian: "PLY (binary, little endian)"
            case .bigEndian: "PLY (binary, big endian)"
            }
        model.parts = [part]
        model.nodes = [SourceNode(name: name, parent: nil)]
        let world = options.worldFromFile(habitualUp: .y, habitualMetresPerUnit: 1)
        model.instances = [SourceInstance(part: 0, node: 0, transform: world)]
        return model
    }

    /// Materials for the textures that the header's comments name, as photogrammetry tools write them.
    private mutating func addTextures(to part: inout SourcePart) {
        let counts = trianglesPerTexture.isEmpty ? [part.triangleCount] : trianglesPerTexture
        if header.textureFiles.count > counts.count, !part.textureCoordinates.isEmpty {
            model.warnings.append("only the first of \(header.textureFiles.count) textures is used")
        }
        var first = 0
        for (index, count) in counts.enumerated() where count > 0 {
            let isTextured = index < header.textureFiles.count && !part.textureCoordinates.isEmpty
            let material = isTextured ? addMaterial(header.textureFiles[index]) : nil
            part.materialRanges.append(
                SourcePart.MaterialRange(firstTriangle: first, triangleCount: count, material: material))
            first += count
        }
    }

    private mutating func addMaterial(_ textureFile: String) -> Int? {
        switch TextureFile.load(textureFile, besideFile: file.path) {
        case .success(let texture):
            var made = Material()
            made.name = texture.name
            made.metallicFactor = 0
            made.baseColorTexture = TextureReference(texture: model.textures.count)
            model.textures.append(texture)
            model.materials.append(made)
            return model.materials.count - 1
        case .failure(let problem):
            model.warnings.append(problem.sentence)
            return nil
        }
    }
}
