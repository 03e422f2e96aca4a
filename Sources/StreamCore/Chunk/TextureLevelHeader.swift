// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a texture level says about itself, in front of its JPEG or PNG bytes.
package struct TextureLevelHeader: Equatable, Sendable {
    package enum Encoding: UInt8, Sendable { case jpeg = 0, png = 1 }

    package var texture: UInt32
    /// 0 is the full size; each next level halves it.
    package var level: UInt8
    package var encoding: Encoding
    package var width: UInt16
    package var height: UInt16

    package static let byteCount = 10

    package var pixelCount: Int { Int(width) * Int(height) }

    /// Levels from the full size down to one pixel.
    package static func levelCount(width: UInt32, height: UInt32) -> Int {
        UInt32.bitWidth - max(width, height, 1).leadingZeroBitCount
    }

    package init(texture: UInt32, level: UInt8, encoding: Encoding, width: UInt16, height: UInt16) {
        self.texture = texture
        self.level = level
        self.encoding = encoding
        self.width = width
        self.height = height
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(texture)
        writer.write(level)
        writer.write(encoding.rawValue)
        writer.write(width)
        writer.write(height)
    }

    /// - Throws: `truncated`, or `invalid` for an unknown encoding or an empty image.
    package init(from reader: inout ByteReader) throws(ChunkError) {
        texture = try reader.read()
        level = try reader.read()
        guard let encoding = Encoding(rawValue: try reader.read()) else {
            throw .invalid(field: .textureLevel, offset: reader.offset)
        }
        self.encoding = encoding
        width = try reader.read()
        height = try reader.read()
        guard width > 0, height > 0 else { throw .invalid(field: .textureLevel, offset: reader.offset) }
    }
}
