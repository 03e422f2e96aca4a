// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Where the JSON text and the embedded buffer of a glTF file lie.
///
/// - Source: glTF 2.0 specification, section 4 "GLB File Format Specification".
struct GLTFContainer {
    var json: Range<Int>
    /// The BIN chunk; nil for a .gltf file or a GLB without one.
    var binary: Range<Int>?
    var isBinary: Bool

    private static let glbMagic: UInt32 = 0x4654_6C67
    private static let jsonChunk: UInt32 = 0x4E4F_534A
    private static let binaryChunk: UInt32 = 0x004E_4942

    static func isGLB(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 4 && GLTFBytes.load(bytes, at: 0, as: UInt32.self) == glbMagic
    }

    init(of file: MappedFile) throws(ImportError) {
        let bytes = file.bytes
        guard Self.isGLB(bytes) else {
            json = GLTFBytes.byteOrderMarkLength(bytes)..<bytes.byteCount
            isBinary = false
            return
        }
        func malformed(_ message: String, at offset: Int) -> ImportError {
            ImportError(.malformed, message, file: file.path, place: "byte \(offset)")
        }
        guard bytes.byteCount >= 20 else {
            throw malformed("the GLB header is cut off", at: bytes.byteCount)
        }
        let version = GLTFBytes.load(bytes, at: 4, as: UInt32.self)
        guard version == 2 else {
            throw ImportError(
                .unsupported, "GLB version \(version) is not read, only version 2", file: file.path,
                place: "byte 4")
        }
        let length = Int(GLTFBytes.load(bytes, at: 8, as: UInt32.self))
        guard length <= bytes.byteCount else {
            throw malformed(
                "the file is cut off: \(length) bytes declared, \(bytes.byteCount) there", at: 8)
        }

        json = 0..<0
        isBinary = true
        var offset = 12
        while offset < length {
            guard offset + 8 <= length else { throw malformed("a chunk header is cut off", at: offset) }
            let size = Int(GLTFBytes.load(bytes, at: offset, as: UInt32.self))
            let type = GLTFBytes.load(bytes, at: offset + 4, as: UInt32.self)
            let content = offset + 8..<offset + 8 + size
            guard content.upperBound <= length else {
                throw malformed("a chunk of \(size) bytes does not fit into the file", at: offset)
            }
            if offset == 12 {
                guard type == Self.jsonChunk, size > 0 else {
                    throw malformed("the first chunk is not JSON", at: 12)
                }
                json = content
            } else if type == Self.binaryChunk, binary == nil {
                binary = content
            }
            offset = content.upperBound
        }
        guard !json.isEmpty else { throw malformed("there is no JSON chunk", at: 12) }
    }

    /// Whether `bytes` start like a JSON object and it has a member "asset" (looked for up to the end of `bytes`).
    static func isJSONWithAsset(_ bytes: RawSpan) -> Bool {
        var offset = GLTFBytes.byteOrderMarkLength(bytes)
        while offset < bytes.byteCount, isWhiteSpace(GLTFBytes.load(bytes, at: offset, as: UInt8.self)) { offset += 1 }
        guard offset < bytes.byteCount,
            GLTFBytes.load(bytes, at: offset, as: UInt8.self) == UInt8(ascii: "{")
        else {
            return false
        }
        offset += 1
        var depth = 1
        while offset < bytes.byteCount, depth > 0 {
            switch GLTFBytes.load(bytes, at: offset, as: UInt8.self) {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let end = endOfString(bytes, from: offset + 1)
                if depth == 1, isMemberNamedAsset(bytes, text: offset + 1..<end) { return true }
                offset = end
            default: break
            }
            offset += 1
        }
        return false
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func endOfString(_ bytes: RawSpan, from start: Int) -> Int {
        var offset = start
        while offset < bytes.byteCount {
            switch GLTFBytes.load(bytes, at: offset, as: UInt8.self) {
            case UInt8(ascii: "\""): return offset
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        return bytes.byteCount
    }

    private static func isMemberNamedAsset(_ bytes: RawSpan, text: Range<Int>) -> Bool {
        let name = Array("asset".utf8)
        guard text.count == name.count else { return false }
        for index in 0..<name.count
        where GLTFBytes.load(bytes, at: text.lowerBound + index, as: UInt8.self) != name[index] {
            return false
        }
        var offset = text.upperBound + 1
        while offset < bytes.byteCount {
            let byte = GLTFBytes.load(bytes, at: offset, as: UInt8.self)
            if byte == UInt8(ascii: ":") { return true }
            guard isWhiteSpace(byte) else { return false }
            offset += 1
        }
        return false
    }
}
