// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import FileMapping
import Foundation
import StreamCore

/// What a model file is made of, as one hash: its bytes, those of the files that it names (as far as that is cheap to
/// find out), and the version of what makes archives of them. Equal fingerprints give equal archives.
package enum SourceFingerprint {
    /// Grows when importing or building changes what comes out, so that cached archives are made again.
    private static let converterVersion = 3
    /// Material libraries are named at the top of OBJ files; nobody reads gigabytes to find one at the end.
    private static let searchedByteCount = 1 << 16
    private static let mostNamedFiles = 4096
    private static let pieceByteCount = 1 << 20

    /// 64 hexadecimal digits. Blocks while the files are read.
    ///
    /// - Throws: `FileError` when the file itself cannot be read; a missing named file only becomes part of the hash.
    package static func hash(ofFile path: String) throws(FileError) -> String {
        let file = try RandomAccessFile(path: path)
        var parts = [try contentPart(file)]
        let folder = (path as NSString).deletingLastPathComponent
        for name in try namedFiles(file).prefix(mostNamedFiles) {
            let named = (folder as NSString).appendingPathComponent(name)
            parts.append(name)
            let hash = try? contentHash(RandomAccessFile(path: named))
            parts.append(hash ?? "missing")
        }
        return hash(parts)
    }

    /// The same for a file that came alone, as uploads do: what it names cannot be there, and nobody looks into what a
    /// stranger wrote.
    package static func hash(ofUpload path: String) throws(FileError) -> String {
        hash([try contentPart(RandomAccessFile(path: path))])
    }

    private static func contentPart(_ file: RandomAccessFile) throws(FileError) -> String {
        "converter \(converterVersion)\n" + (try contentHash(file))
    }

    /// Read piece by piece, not mapped: whoever cuts the file meanwhile causes an error.
    private static func contentHash(_ file: RandomAccessFile) throws(FileError) -> String {
        let pieces = SHA256.Pieces()
        for start in stride(from: 0, to: file.byteCount, by: pieceByteCount) {
            let piece = try file.read(start..<min(start + pieceByteCount, file.byteCount))
            pieces.add(piece.rawSpan)
        }
        return pieces.hash().hexadecimal
    }

    private static func hash(_ parts: [String]) -> String {
        let text = Array(parts.joined(separator: "\n").utf8)
        return SHA256.hash(text.rawSpan).hexadecimal
    }

    private static func namedFiles(_ file: RandomAccessFile) throws(FileError) -> [String] {
        let start = try file.read(0..<min(file.byteCount, searchedByteCount))
        let firstVisible = start.first { $0 > 0x20 && $0 < 0x80 }
        if firstVisible == UInt8(ascii: "{") { return filesNamedByGLTF(try file.read(0..<file.byteCount)) }
        return filesNamedByOBJ(String(decoding: start, as: UTF8.self))
    }

    private static func filesNamedByGLTF(_ bytes: [UInt8]) -> [String] {
        struct Document: Decodable {
            struct Item: Decodable { var uri: String? }
            var buffers: [Item]?
            var images: [Item]?
        }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else { return [] }
        let names = ((document.buffers ?? []) + (document.images ?? [])).compactMap(\.uri)
        return names.filter { !$0.hasPrefix("data:") }.map { $0.removingPercentEncoding ?? $0 }
    }

    private static func filesNamedByOBJ(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("mtllib ") }
            .map { $0.dropFirst(7).trimmingCharacters(in: .whitespaces) }
    }
}
