// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What each pixel of a picture shows, as the runs of the message `IdentityMap`.
package struct IdentityRuns: Equatable, Sendable {
    /// Of the map, pixels.
    package let width: Int
    package let height: Int
    /// Nodes of the model's tree, in the order in which they appear; entry n - 1 is what index n means.
    package let treeNodes: [UInt32]
    /// Index and length of each run, as in PROTOCOL.md.
    package let runs: [UInt8]

    /// - Parameters:
    ///   - identities: tree node of each pixel of a picture of `width` × `height`, row by row from the top.
    ///   - background: the value of pixels that show nothing.
    ///   - step: the map has one pixel for each square of so many of the picture: the one in its middle.
    ///   - offset: that was added to the tree nodes.
    package init(
        _ identities: Span<UInt32>, width: Int, height: Int, background: UInt32, step: Int = 1, offset: UInt32 = 0
    ) {
        precondition(
            width > 0 && height > 0 && step > 0 && identities.count == width * height, "a value for each pixel")
        let (columns, rows) = ((width + step - 1) / step, (height + step - 1) / step)
        var writer = ByteWriter()
        var nodes: [UInt32] = []
        var indices: [UInt32: UInt32] = [background: 0]
        var current = background
        var length: UInt32 = 0
        for row in 0..<rows {
            let y = min(row * step + step / 2, height - 1)
            for column in 0..<columns {
                let value = identities[y * width + min(column * step + step / 2, width - 1)]
                if value != current {
                    IdentityRuns.write(current, length, &writer, &nodes, &indices)
                    current = value
                    length = 0
                }
                length += 1
            }
        }
        IdentityRuns.write(current, length, &writer, &nodes, &indices)
        self.width = columns
        self.height = rows
        treeNodes = nodes.map { $0 &- offset }
        runs = writer.bytes
    }

    private static func write(
        _ value: UInt32, _ length: UInt32, _ writer: inout ByteWriter, _ nodes: inout [UInt32],
        _ indices: inout [UInt32: UInt32]
    ) {
        guard length > 0 else { return }
        let index: UInt32
        if let known = indices[value] {
            index = known
        } else {
            nodes.append(value)
            index = UInt32(nodes.count)
            indices[value] = index
        }
        writer.writeVarint(index)
        writer.writeVarint(length)
    }

    /// The index of each pixel: 0 is background, n is entry n - 1 of the tree nodes.
    ///
    /// - Throws: `ChunkError`: truncated, an index that names nothing, a run of nothing or beyond the last pixel,
    ///   trailing bytes.
    package static func indices(
        _ bytes: RawSpan, width: Int, height: Int, treeNodeCount: Int
    ) throws(ChunkError) -> [UInt32] {
        precondition(width > 0 && height > 0 && width <= 65_535 && height <= 65_535, "sizes of the wire")
        var reader = ByteReader(bytes)
        var indices: [UInt32] = []
        while indices.count < width * height {
            let offset = reader.offset
            let index = try reader.readVarint()
            guard index <= treeNodeCount else { throw .invalid(field: .indexReference, offset: offset) }
            let runOffset = reader.offset
            let length = try reader.readVarint()
            guard length > 0, length <= width * height - indices.count else {
                throw .invalid(field: .count, offset: runOffset)
            }
            indices.append(contentsOf: repeatElement(index, count: Int(length)))
        }
        try reader.finish()
        return indices
    }
}
