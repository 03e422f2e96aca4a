// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What the codecs leave out of a node's mesh: which range each of Draco's triangles belongs to, the low bits of
/// positions, and the normals that other nodes share. A byte in front of the codec's bytes says what is there, one
/// arithmetic-coded stream behind them holds it. Layout: FORMAT.md, "Details".
struct NodeDetails {
    /// Low bits of positions that the codec was not given.
    let shift: Int
    let hasStream: Bool

    private static let streamFlag: UInt8 = 16

    // MARK: Encoding

    struct Encoded {
        var head: [UInt8]
        var stream: [UInt8]
    }

    /// - Parameters:
    ///   - mesh: as the decoder shall get it, in the source's order.
    ///   - sourceVertices: which of its vertices each decoded one is.
    ///   - labels: the range of each decoded triangle; nil: they are sorted by range.
    ///   - indices: the decoded mesh's.
    static func encode(
        _ mesh: NodeMesh, shift: Int, sourceVertices: [Int], labels: [UInt16]?, indices: [UInt32]
    ) -> Encoded {
        let normals = sourceVertices.map { mesh.normals[$0] }
        let isShared = mesh.layout.normals == .computed && normals.contains { $0 != NodeMesh.computedNormal }
        guard labels != nil || shift > 0 || isShared else { return Encoded(head: [0], stream: []) }
        var encoder = BinaryEncoder()
        var decoded = NodeMesh(layout: mesh.layout)
        decoded.indices = indices
        decoded.positions = sourceVertices.flatMap { mesh.positions[3 * $0..<3 * $0 + 3] }
        if let labels {
            TriangleLabels.write(labels, to: &encoder)
            decoded.indices = TriangleLabels.sort(
                indices, by: labels, rangeTriangleCounts: mesh.rangeTriangleCounts)
        }
        let depths = shift > 0 ? FinePositions.write(decoded.positions, shift: shift, to: &encoder) : []
        if mesh.layout.normals == .computed {
            let sums = isShared ? decoded.areaNormals() : []
            BorderNormals.write(normals, sums: sums, depths: depths, to: &encoder)
        }
        return Encoded(head: [UInt8(shift) | streamFlag], stream: encoder.finish())
    }

    // MARK: Decoding

    /// Reads the byte in front.
    init(_ reader: inout ByteReader) throws(ChunkError) {
        let byte: UInt8 = try reader.read()
        shift = Int(byte & 15)
        hasStream = byte & NodeDetails.streamFlag != 0
        guard byte < 2 * NodeDetails.streamFlag, shift <= NodeCoding.maximumPositionShift, hasStream || shift == 0
        else {
            throw .invalid(field: .details, offset: reader.offset - 1)
        }
    }

    /// Completes a mesh as its codec decoded it: triangles in the codec's order, positions relative and without their
    /// low bits.
    func complete(_ mesh: inout NodeMesh, _ reader: inout ByteReader, header: NodeHeader) throws(ChunkError) {
        let isUnsorted = header.codec == .draco && header.ranges.count > 1
        if hasStream {
            var decoder = try BinaryDecoder(try reader.readBytes(reader.remaining).copiedBytes)
            if isUnsorted {
                let counts = header.ranges.map { Int($0.triangleCount) }
                let labels = try TriangleLabels.read(&decoder, rangeTriangleCounts: counts)
                mesh.indices = TriangleLabels.sort(mesh.indices, by: labels, rangeTriangleCounts: counts)
            }
            let depths =
                shift > 0 ? try FinePositions.read(&decoder, shift: shift, into: &mesh.positions) : []
            if header.layout.normals == .computed {
                try BorderNormals.read(
                    &decoder, sums: mesh.areaNormals(), depths: depths, into: &mesh.normals)
            }
            try decoder.finish()
        } else if isUnsorted {
            throw .invalid(field: .details, offset: reader.offset)
        }
        try reader.finish()
        let base = (header.origin &>> Int32(shift)) &<< Int32(shift)
        for first in stride(from: 0, to: mesh.positions.count, by: 3) {
            for axis in 0..<3 { mesh.positions[first + axis] &+= base[axis] }
        }
    }
}
