// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Glibc
import StreamCore

/// Streams the stone head as a binary little-endian PLY of any size: each vertex is computed from its place in the
/// lattice and forgotten, so memory stays at a few tables of one row.
///
/// - Source: G. Turk, "The PLY Polygon File Format" (1994).
struct ScanWriter: ~Copyable {
    private let sphere: CubeSphere
    private let head = StoneHead()
    /// Coordinate of lattice line i on the cube, spread so that all faces have about the same angle.
    private let lines: [Float]
    private let edge: Float
    private let file: AtomicFile
    private var buffer: [UInt8]
    private var used = 0

    private init(sphere: CubeSphere, path: String) throws(FileError) {
        self.sphere = sphere
        let side = Double(sphere.side)
        lines = (0...sphere.side).map { Float(tan((2 * Double($0) / side - 1) * .pi / 4)) }
        edge = Float(.pi / 2 / side)
        file = try AtomicFile(path: path)
        buffer = [UInt8](repeating: 0, count: 1 << 20)
    }

    /// About `triangles` triangles: the nearest 12 k². `progress` is called with the share done, 0 ... 1.
    /// - Throws: `FileError`, EINVAL outside 12 ... 2 · 10⁹ triangles (vertex numbers are 32 bits).
    static func write(
        triangles: Int, to path: String, progress: (Double) -> Void
    ) throws(FileError) {
        guard (12...2_000_000_000).contains(triangles) else {
            throw FileError(path: path, call: "write", errno: EINVAL)
        }
        var writer = try ScanWriter(sphere: CubeSphere(triangles: triangles), path: path)
        try writer.writeHeader()
        try writer.writeVertices(progress)
        try writer.writeFaces(progress)
        try writer.finish()
        progress(1)
    }

    private consuming func finish() throws(FileError) {
        try file.append(Array(buffer[..<used]))
        try file.commit()
    }

    private mutating func writeHeader() throws(FileError) {
        let header = """
            ply
            format binary_little_endian 1.0
            comment Stone head, a made-up scan; metres, Y up
            element vertex \(sphere.vertexCount)
            property float x
            property float y
            property float z
            element face \(sphere.triangleCount)
            property list uchar int vertex_indices
            end_header

            """
        try file.append(Array(header.utf8))
    }

    // MARK: Vertices

    private mutating func writeVertices(_ progress: (Double) -> Void) throws(FileError) {
        var index: UInt32 = 0
        for layer in 0...sphere.side {
            progress(0.6 * Double(layer) / Double(sphere.side))
            if layer > 0 && layer < sphere.side {
                for p in 0..<sphere.ringCount {
                    let at = sphere.ringPoint(p)
                    try append(vertex: at.x, layer, at.z, &index)
                }
            } else {
                for z in 0...sphere.side {
                    for x in 0...sphere.side { try append(vertex: x, layer, z, &index) }
                }
            }
        }
    }

    @inline(__always)
    private mutating func append(vertex x: Int, _ y: Int, _ z: Int, _ index: inout UInt32) throws(FileError) {
        let cube = Float3(lines[x], lines[y], lines[z])
        let direction = cube / (cube * cube).sum().squareRoot()
        let p = head.point(direction, edge: edge, index: index)
        index &+= 1
        if used + 12 > buffer.count { try flush() }
        put(p.x.bitPattern)
        put(p.y.bitPattern)
        put(p.z.bitPattern)
    }

    // MARK: Faces

    private mutating func writeFaces(_ progress: (Double) -> Void) throws(FileError) {
        try writeGrid(isTop: false)
        for layer in 0..<sphere.side {
            progress(0.6 + 0.4 * Double(layer) / Double(sphere.side))
            for p in 0..<sphere.ringCount {
                try append(
                    quad: sphere.ringVertex(p, layer: layer), sphere.ringVertex(p, layer: layer + 1),
                    sphere.ringVertex(p + 1, layer: layer + 1), sphere.ringVertex(p + 1, layer: layer))
            }
        }
        try writeGrid(isTop: true)
    }

    private mutating func writeGrid(isTop: Bool) throws(FileError) {
        for z in 0..<sphere.side {
            for x in 0..<sphere.side {
                let a = sphere.gridVertex(x, z, isTop: isTop)
                let b = a + sphere.side + 1
                if isTop {
                    try append(quad: a, b, b + 1, a + 1)
                } else {
                    try append(quad: a, a + 1, b + 1, b)
                }
            }
        }
    }

    @inline(__always)
    private mutating func append(quad a: Int, _ b: Int, _ c: Int, _ d: Int) throws(FileError) {
        if used + 26 > buffer.count { try flush() }
        put(triangle: a, b, c)
        put(triangle: a, c, d)
    }

    @inline(__always)
    private mutating func put(triangle a: Int, _ b: Int, _ c: Int) {
        buffer[used] = 3
        used += 1
        put(UInt32(truncatingIfNeeded: a))
        put(UInt32(truncatingIfNeeded: b))
        put(UInt32(truncatingIfNeeded: c))
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func put(_ word: UInt32) {
        buffer[used] = UInt8(truncatingIfNeeded: word)
        buffer[used + 1] = UInt8(truncatingIfNeeded: word &>> 8)
        buffer[used + 2] = UInt8(truncatingIfNeeded: word &>> 16)
        buffer[used + 3] = UInt8(truncatingIfNeeded: word &>> 24)
        used += 4
    }

    private mutating func flush() throws(FileError) {
        try file.append(Array(buffer[..<used]))
        used = 0
    }
}
