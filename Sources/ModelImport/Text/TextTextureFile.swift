// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Texture files that a model names, looked for in the model's folder only.
enum TextureFile {
    /// Why a texture is missing, as a warning.
    struct Problem: Error {
        var sentence: String
    }

    private static let mostBytes = 256 << 20

    /// The image called `name` in the folder of `path` (or below it), still encoded.
    static func load(_ name: String, besideFile path: String) -> Result<SourceTexture, Problem> {
        var reason = ""
        for candidate in candidates(name, besideFile: path) {
            do throws(FileError) {
                let image = try MappedFile(path: candidate)
                guard image.byteCount <= mostBytes else {
                    return .failure(
                        Problem(sentence: "the texture \"\(name)\" is larger than 256 MB and was left out"))
                }
                guard let encoding = encoding(of: image.bytes) else {
                    return .failure(
                        Problem(sentence: "the texture \"\(name)\" is neither PNG nor JPEG and was left out"))
                }
                return .success(
                    SourceTexture(name: fileName(name), encoding: encoding, bytes: copy(image.bytes)))
            } catch { if reason.isEmpty { reason = error.description } }
        }
        return .failure(Problem(sentence: "the texture \"\(name)\" cannot be read: \(reason)"))
    }

    /// Paths to try: inside the folder as the name says, and the bare file name beside the file. Names that are
    /// absolute or climb out of the folder only get the second.
    static func candidates(_ name: String, besideFile path: String) -> [String] {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let steps = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).filter { $0 != "." }
        guard let last = steps.last, last != "..", !name.contains("\0") else { return [] }
        let beside = folder + last
        let isAbsolute = name.first == "/" || name.first == "\\" || name.dropFirst().first == ":"
        var depth = 0
        var leaves = false
        for step in steps {
            depth += step == ".." ? -1 : 1
            leaves = leaves || depth < 0
        }
        if isAbsolute || leaves || steps.count == 1 { return [beside] }
        return [folder + steps.joined(separator: "/"), beside]
    }

    static func fileName(_ path: String) -> String {
        path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? path
    }

    static func encoding(of bytes: RawSpan) -> SourceTexture.Encoding? {
        guard bytes.byteCount >= 8 else { return nil }
        if bytes.byte(0) == 0x89, bytes.matches("PNG\r\n", at: 1) { return .png }
        return bytes.byte(0) == 0xFF && bytes.byte(1) == 0xD8 && bytes.byte(2) == 0xFF ? .jpeg : nil
    }

    private static func copy(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
