// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why bytes that should hold a chunk or an index do not.
package enum ChunkError: Error, Equatable {
    /// `needed` more bytes were expected at `offset`, `available` were there.
    case truncated(offset: Int, needed: Int, available: Int)
    /// A value at `offset` is outside what the format allows.
    case invalid(field: ChunkField, offset: Int)
    /// Bytes are left over after the last field.
    case trailingBytes(offset: Int)
    /// The bytes cannot be read any more: their file was cut short, or reading fails.
    case unreadable
}

/// The fields a `ChunkError` can name: an enum, because strings are costly in the browser's build.
package enum ChunkField: UInt8, Sendable {
    case varint, reservedByte, count
    case nodeCodec, vertexLayout, nodeError, nodeBox, vertexCount, triangleCount, triangleRanges
    case details, labelRuns, borderNormals, vertexIndex, meshPayload, attribute
    case sectorBox, sectorDepth, instanceTable, instanceCount, textureLevel
    case indexReference, grid, chunkRange, chunkHash, header, nodeOrder
}

#if !hasFeature(Embedded)
    extension ChunkError: CustomStringConvertible {
        package var description: String {
            switch self {
            case .truncated(let offset, let needed, let available):
                "truncated: \(needed) bytes needed at byte \(offset), \(available) left"
            case .invalid(.chunkHash, _): "its bytes have changed since they were written"
            case .invalid(let field, let offset): "invalid \(field) at byte \(offset)"
            case .trailingBytes(let offset): "unexpected bytes from byte \(offset) on"
            case .unreadable: "its file cannot be read any more"
            }
        }
    }
#endif
