// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the first bytes of a Draco mesh say about its size. libdraco allocates for it before it reads the rest, so a
/// caller with a limit looks here first.
///
/// Source: Draco's bitstream specification 2.2, sections 3.1 (header), 3.3 (edgebreaker) and 3.2 (sequential).
struct DracoClaims {
    let triangles: Int
    /// Edgebreaker splits some of them later; sequential meshes have exactly so many.
    let points: Int

    /// - Returns: nil for anything but a mesh of bitstream 2.2 without metadata.
    init?(_ bytes: RawSpan) {
        let headerByteCount = 11
        guard bytes.byteCount > headerByteCount else { return nil }
        let header = (0..<headerByteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        let metadataFlag: UInt8 = 0x80
        guard Array("DRACO".utf8) == Array(header[..<5]), header[5] == 2, header[6] == 2, header[7] == 1,
            header[10] & metadataFlag == 0
        else { return nil }
        let isEdgebreaker = header[8] == 1
        // Edgebreaker's traversal method is one byte in front of its counts.
        var offset = headerByteCount + (isEdgebreaker ? 1 : 0)
        guard let first = DracoClaims.varint(bytes, &offset), let second = DracoClaims.varint(bytes, &offset) else {
            return nil
        }
        (points, triangles) = isEdgebreaker ? (first, second) : (second, first)
    }

    private static func varint(_ bytes: RawSpan, _ offset: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, through: 28, by: 7) {
            guard offset < bytes.byteCount else { return nil }
            let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            offset += 1
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
