// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Reads a model file of any format we know, told apart by its content, never by its name.
package enum ModelImporter {
    /// - Throws: `.unreadable` when the file cannot be opened, `.empty` for an empty file or one without triangles,
    ///   `.unknownFormat` for content we do not read, and what the format's importer throws.
    package static func read(path: String, options: ImportOptions) throws(ImportError) -> SourceModel {
        let file = try map(path)
        guard file.byteCount > 0 else { throw ImportError(.empty, "the file is empty", file: path) }
        var model = try read(file, options: options)
        if model.name.isEmpty { model.name = name(ofPath: path) }
        guard model.parts.contains(where: { $0.triangleCount > 0 }), !model.instances.isEmpty else {
            throw ImportError(.empty, "it has no triangles to show", file: path)
        }
        try checkCounts(model, options, file)
        return model
    }

    private static func checkCounts(
        _ model: SourceModel, _ options: ImportOptions, _ file: MappedFile
    ) throws(ImportError) {
        guard let limit = options.partLimit, max(model.parts.count, model.instances.count) > limit else { return }
        throw ImportError(
            .tooLarge,
            "it has \(model.parts.count) parts in \(model.instances.count) places, and an import may have \(limit) of "
                + "each (models.importPartLimit)", file: file.path)
    }

    private static func read(_ file: MappedFile, options: ImportOptions) throws(ImportError)
        -> SourceModel
    {
        let bytes = file.bytes
        if PLYImporter.recognizes(bytes) { return try PLYImporter.read(file, options: options) }
        if GLTFImporter.recognizes(bytes) { return try GLTFImporter.read(file, options: options) }
        if let known = ForeignFormat.recognize(bytes) {
            throw ImportError(.unknownFormat, "this is \(known.what); \(known.remedy)", file: file.path)
        }
        // Binary STL has no mark of its own and OBJ hardly any, so they are asked last.
        if STLImporter.recognizes(bytes) { return try STLImporter.read(file, options: options) }
        if OBJImporter.recognizes(bytes) { return try OBJImporter.read(file, options: options) }
        throw ImportError(
            .unknownFormat,
            "this is no model file we read (glTF, GLB, OBJ, PLY, STL); export it to one of these, best to GLB",
            file: file.path)
    }

    private static func map(_ path: String) throws(ImportError) -> MappedFile {
        do throws(FileError) { return try MappedFile(path: path) } catch {
            throw ImportError(error, file: path)
        }
    }

    /// The file's name without folder and last extension.
    static func name(ofPath path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return file }
        return String(file[..<dot])
    }
}
