// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import MeshProcessing

/// Buffers and buffer views: embedded, in files beside the model, in data URIs, and meshopt-compressed.
///
/// - Source: glTF 2.0 specification, section 3.6.1; EXT_meshopt_compression.
extension GLTFImport {
    func buffer(_ index: Int, _ place: @autoclosure () -> String) throws(ImportError) -> GLTFByteSlice {
        if let known = buffers[index] { return known }
        let buffer = try element(document.buffers, index, "buffers", place())
        let contents = try contents(of: buffer, index)
        guard let slice = contents.slice(from: 0, byteCount: buffer.byteLength) else {
            throw malformed(
                "\(buffer.byteLength) bytes are declared, \(contents.count) are there",
                "buffers[\(index)].byteLength")
        }
        buffers[index] = slice
        return slice
    }

    private func contents(of buffer: GLTFDocument.Buffer, _ index: Int) throws(ImportError)
        -> GLTFByteSlice
    {
        guard let uri = buffer.uri else {
            guard index == 0, let binary = container.binary else {
                throw malformed("the buffer has neither a URI nor a BIN chunk", "buffers[\(index)]")
            }
            return GLTFByteSlice(file, binary)
        }
        return try resource(at: uri, "buffers[\(index)].uri")
    }

    /// The bytes a URI names.
    ///
    /// - Throws: `malformed` for a URI that is not a data URI or a path within the model's folder, `unreadable` where
    ///   the file cannot be opened.
    func resource(at uri: String, _ place: String) throws(ImportError) -> GLTFByteSlice {
        switch GLTFResourceLocation(uri: uri) {
        case .data(let bytes): return GLTFByteSlice(bytes)
        case .file(let path):
            if let known = resources[path] { return known }
            let folder = file.path.lastIndex(of: "/").map { file.path[...$0] } ?? ""
            do {
                let mapped = try MappedFile(path: folder + path)
                raiseAllowance(forInputOf: mapped.byteCount)
                let slice = GLTFByteSlice(mapped, 0..<mapped.byteCount)
                resources[path] = slice
                return slice
            } catch {
                throw ImportError(
                    .unreadable, "cannot read \"\(path)\", put it beside the model (\(error))",
                    file: file.path,
                    place: place)
            }
        case .refused(let reason): throw malformed(reason, place)
        }
    }

    /// The bytes of a buffer view, decompressed where needed, and its declared stride.
    func bufferView(
        _ index: Int, _ place: @autoclosure () -> String
    ) throws(ImportError) -> (bytes: GLTFByteSlice, stride: Int?) {
        let view = try element(document.bufferViews, index, "bufferViews", place())
        if let known = decodedViews[index] { return (known, view.byteStride) }
        let own = "bufferViews[\(index)]"
        if let compressed = view.extensions?.meshopt {
            let decoded = try decode(compressed, "\(own).extensions.EXT_meshopt_compression")
            decodedViews[index] = decoded
            return (
                decoded, view.byteStride ?? (compressed.mode == "ATTRIBUTES" ? compressed.byteStride : nil)
            )
        }
        let buffer = try buffer(view.buffer, "\(own).buffer")
        guard let bytes = buffer.slice(from: view.byteOffset ?? 0, byteCount: view.byteLength) else {
            throw malformed(
                "\(view.byteLength) bytes from byte \(view.byteOffset ?? 0) on do not lie within the buffer's"
                    + " \(buffer.count)", "\(own).byteLength")
        }
        return (bytes, view.byteStride)
    }

    private func decode(
        _ compressed: GLTFDocument.BufferView.Meshopt, _ place: String
    ) throws(ImportError) -> GLTFByteSlice {
        let buffer = try buffer(compressed.buffer, "\(place).buffer")
        guard
            let bytes = buffer.slice(from: compressed.byteOffset ?? 0, byteCount: compressed.byteLength)
        else {
            throw malformed(
                "\(compressed.byteLength) bytes do not lie within the buffer's \(buffer.count)",
                "\(place).byteLength")
        }
        guard let mode = MeshoptDecoder.Mode(rawValue: compressed.mode) else {
            throw error(.unsupported, "mode \"\(compressed.mode)\" is not read", "\(place).mode")
        }
        guard let filter = MeshoptDecoder.Filter(rawValue: compressed.filter ?? "NONE") else {
            throw error(
                .unsupported, "filter \"\(compressed.filter ?? "")\" is not read", "\(place).filter")
        }
        try charge(compressed.count, stride: max(1, compressed.byteStride), "\(place).count")
        do {
            let decoded = try bytes.withBytes { (span) throws(MeshoptError) -> [UInt8] in
                try MeshoptDecoder.decode(
                    span, mode: mode, filter: filter, count: compressed.count, stride: compressed.byteStride)
            }
            return GLTFByteSlice(decoded)
        } catch {
            throw malformed(error.description, place)
        }
    }
}
