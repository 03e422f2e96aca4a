// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which attributes a geometry's vertices carry besides their position, and how.
package struct VertexLayout: Equatable, Sendable {
    package enum Normals: UInt8, Sendable {
        /// The decoder computes them, area-weighted, but for the listed border vertices.
        case computed = 0
        /// Every vertex carries its own, because the author's differ from the surface's.
        case stored = 1
    }

    package var normals: Normals
    /// 0...2 sets of texture coordinates.
    package var coordinateSetCount: Int
    /// 0, 3 (RGB) or 4 (RGBA).
    package var colorComponentCount: Int

    package init(normals: Normals = .computed, coordinateSetCount: Int = 0, colorComponentCount: Int = 0) {
        self.normals = normals
        self.coordinateSetCount = coordinateSetCount
        self.colorComponentCount = colorComponentCount
    }

    package var byte: UInt8 {
        normals.rawValue | UInt8(coordinateSetCount) << 1 | UInt8(
            colorComponentCount == 0 ? 0 : colorComponentCount - 2) << 3
    }

    package init?(byte: UInt8) {
        guard byte < 32, let normals = Normals(rawValue: byte & 1), byte >> 1 & 3 <= 2, byte >> 3 <= 2 else {
            return nil
        }
        self.init(
            normals: normals, coordinateSetCount: Int(byte >> 1 & 3),
            colorComponentCount: byte >> 3 == 0 ? 0 : Int(byte >> 3) + 2)
    }
}

/// What a node says about itself, in front of its mesh: enough for a client to place it in the hierarchy without ever
/// downloading an index. Layout: FORMAT.md, "Node payload".
package struct NodeHeader: Equatable, Sendable {
    package enum Codec: UInt8, Sendable { case plain = 0, draco = 1 }

    /// A run of triangles that is drawn together: one patch's triangles of one material.
    package struct Range: Equatable, Sendable {
        /// The node that replaces these triangles with finer ones; nil: they are the source's own.
        package var child: UInt32?
        /// Index into the geometry's materials.
        package var material: UInt16
        package var triangleCount: UInt32

        package init(child: UInt32?, material: UInt16, triangleCount: UInt32) {
            self.child = child
            self.material = material
            self.triangleCount = triangleCount
        }
    }

    package var codec: Codec
    package var layout: VertexLayout
    package var level: UInt8
    package var node: UInt32
    package var geometry: UInt32
    package var vertexCount: UInt32
    package var triangleCount: UInt32
    /// Geometric error, in the geometry's units (metres before instance scale), of drawing the parents' patches instead
    /// of this node; infinite for a root.
    package var error: Float
    /// Root mean square of the same deviation, for priorities only.
    package var rmsError: Float
    /// Smallest grid position, and the box's size in grid steps.
    package var origin: Int3
    package var extent: Int3
    /// Share of the area facing -x, +x, -y, +y, -z, +z; 255 = all of it.
    package var facing: [UInt8]
    /// Nodes that hold the coarser version; empty for a root.
    package var parents: [UInt32]
    /// Ordered by child, then material. Ranges of one child are its patch.
    package var ranges: [Range]

    package init(
        codec: Codec, layout: VertexLayout, level: UInt8, node: UInt32, geometry: UInt32, vertexCount: UInt32,
        triangleCount: UInt32, error: Float, rmsError: Float, origin: Int3, extent: Int3, facing: [UInt8],
        parents: [UInt32], ranges: [Range]
    ) {
        self.codec = codec
        self.layout = layout
        self.level = level
        self.node = node
        self.geometry = geometry
        self.vertexCount = vertexCount
        self.triangleCount = triangleCount
        self.error = error
        self.rmsError = rmsError
        self.origin = origin
        self.extent = extent
        self.facing = facing
        self.parents = parents
        self.ranges = ranges
    }
}

extension NodeHeader {
    private static let noChild = UInt32.max
    /// More than any builder makes; bounds what a hostile payload can make a reader allocate.
    package static let maximumVertexCount = 1 << 20
    package static let maximumTriangleCount = 1 << 20
    /// Of a payload without parents, ranges and mesh.
    static let minimumByteCount = 67

    package func write(to writer: inout ByteWriter) {
        writer.write(codec.rawValue)
        writer.write(layout.byte)
        writer.write(level)
        writer.write(UInt8(0))
        writer.write(node)
        writer.write(geometry)
        writer.write(vertexCount)
        writer.write(triangleCount)
        writer.write(error)
        writer.write(rmsError)
        writer.write(origin)
        writer.write(extent)
        for axis in 0..<6 { writer.write(facing[axis]) }
        writer.write(UInt16(parents.count))
        for parent in parents { writer.write(parent) }
        writer.write(UInt16(ranges.count))
        for range in ranges {
            writer.write(range.child ?? NodeHeader.noChild)
            writer.write(range.material)
            writer.writeVarint(range.triangleCount)
        }
    }

    /// - Throws: `truncated`, or `invalid` for an unknown codec or layout, a count over its limit, a non-finite or
    ///   negative error other than a root's infinity, a negative extent, or ranges that do not add up.
    package init(from reader: inout ByteReader) throws(ChunkError) {
        let start = reader.offset
        guard let codec = Codec(rawValue: try reader.read()) else { throw .invalid(field: .nodeCodec, offset: start) }
        guard let layout = VertexLayout(byte: try reader.read()) else {
            throw .invalid(field: .vertexLayout, offset: start + 1)
        }
        let level: UInt8 = try reader.read()
        guard try reader.read(UInt8.self) == 0 else { throw .invalid(field: .reservedByte, offset: start + 3) }
        let node: UInt32 = try reader.read()
        let geometry: UInt32 = try reader.read()
        let vertexCount = try reader.readCount(
            minimumSize: 0, maximum: NodeHeader.maximumVertexCount, field: .vertexCount)
        let triangleCount = try reader.readCount(
            minimumSize: 0, maximum: NodeHeader.maximumTriangleCount, field: .triangleCount)
        let error = try reader.readFloat()
        let rmsError = try reader.readFloat()
        guard error >= 0, rmsError >= 0 else { throw .invalid(field: .nodeError, offset: reader.offset - 8) }
        let origin = try reader.readInt3()
        let extent = try reader.readInt3()
        guard TilesetLimits.allows(origin: origin, extent: extent) else {
            throw .invalid(field: .nodeBox, offset: reader.offset - 24)
        }
        var facing: [UInt8] = []
        for _ in 0..<6 { facing.append(try reader.read()) }
        let parentCount = Int(try reader.read(UInt16.self))
        var parents: [UInt32] = []
        for _ in 0..<parentCount { parents.append(try reader.read()) }
        let ranges = try NodeHeader.readRanges(&reader, triangleCount: triangleCount)
        self.init(
            codec: codec, layout: layout, level: level, node: node, geometry: geometry,
            vertexCount: UInt32(vertexCount), triangleCount: UInt32(triangleCount), error: error, rmsError: rmsError,
            origin: origin, extent: extent, facing: facing, parents: parents, ranges: ranges)
    }

    private static func readRanges(
        _ reader: inout ByteReader, triangleCount: Int
    ) throws(ChunkError) -> [Range] {
        let start = reader.offset
        let count = Int(try reader.read(UInt16.self))
        var ranges: [Range] = []
        var total: UInt64 = 0
        for _ in 0..<count {
            let child: UInt32 = try reader.read()
            let material: UInt16 = try reader.read()
            let triangles = try reader.readVarint()
            total += UInt64(triangles)
            ranges.append(
                Range(child: child == noChild ? nil : child, material: material, triangleCount: triangles))
        }
        guard total == UInt64(triangleCount), count > 0 || triangleCount == 0 else {
            throw .invalid(field: .triangleRanges, offset: start)
        }
        return ranges
    }
}
