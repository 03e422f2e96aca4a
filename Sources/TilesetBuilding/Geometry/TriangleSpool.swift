// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import MeshProcessing
import StreamCore

/// Triangles on disk, each with everything its corners need: what a level is while it does not fit in memory.
///
/// A record is 3 corners of (x, y, z, words, border normal) and a label, in 32-bit words.
struct TriangleSpool {
    let format: VertexWords
    private let file: SpoolFile
    private(set) var count = 0
    private var buffer: [UInt32] = []

    /// Words of one corner and of one record.
    var cornerStride: Int { 4 + format.count }
    var stride: Int { 3 * cornerStride + 1 }
    private static let bufferWordCount = 1 << 15

    init(format: VertexWords, directory: String) throws(BuildError) {
        self.format = format
        file = try TilesetBuilder.scratch { () throws(FileError) in try SpoolFile(directory: directory) }
    }

    /// - Parameter record: exactly `stride` words.
    mutating func append(_ record: Span<UInt32>) throws(BuildError) {
        for index in 0..<record.count { buffer.append(record[index]) }
        count += 1
        if buffer.count >= TriangleSpool.bufferWordCount { try writeBuffer() }
    }

    private mutating func writeBuffer() throws(BuildError) {
        let values = buffer
        try TilesetBuilder.scratch { () throws(FileError) in try file.append(values: values) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Call once after the last `append`.
    mutating func finish() throws(BuildError) {
        try writeBuffer()
        try TilesetBuilder.scratch { () throws(FileError) in try file.flush() }
        buffer = []
    }

    /// Hands out the records in the order they were appended, a block at a time: `count` × `stride` words.
    func forEachBlock(_ body: (Span<UInt32>) throws(BuildError) -> Void) throws(BuildError) {
        let recordByteCount = stride * MemoryLayout<UInt32>.stride
        let blockCount = max(1, (1 << 20) / recordByteCount)
        for start in Swift.stride(from: 0, to: count, by: blockCount) {
            let end = min(start + blockCount, count)
            let values = try TilesetBuilder.scratch { () throws(FileError) in
                try file.read(start * recordByteCount..<end * recordByteCount, as: UInt32.self)
            }
            try body(values.span)
        }
    }

    /// Welds all records into a mesh in memory.
    func load() throws(BuildError) -> LevelMesh {
        let format = format
        let (cornerStride, stride) = (cornerStride, stride)
        var welder = VertexWelder(wordCount: format.count, expectedCount: count * 5 / 9)
        var mesh = LevelMesh(format: format)
        mesh.triangles.reserveCapacity(3 * count)
        var labels: [UInt32] = []
        labels.reserveCapacity(count)
        var borderNormals: [UInt32] = []
        try forEachBlock { block throws(BuildError) in
            for start in Swift.stride(from: 0, to: block.count, by: stride) {
                for corner in 0..<3 {
                    let first = start + corner * cornerStride
                    let vertex = welder.insert(
                        x: Int32(bitPattern: block[first]), y: Int32(bitPattern: block[first + 1]),
                        z: Int32(bitPattern: block[first + 2]),
                        words: block.extracting(first + 3..<first + 3 + format.count))
                    // A border normal is the same in every record of its vertex.
                    if Int(vertex) == borderNormals.count { borderNormals.append(block[first + 3 + format.count]) }
                    mesh.triangles.append(vertex)
                }
                labels.append(block[start + stride - 1])
            }
        }
        (mesh.positions, mesh.words) = welder.take()
        if format.layout.normals == .computed { mesh.borderNormals = borderNormals }
        if labels.contains(where: { $0 != LevelMesh.noLabel }) { mesh.labels = labels }
        if format.count > 0 { mesh.places = Welding.places(mesh.positions) }
        return mesh
    }
}
