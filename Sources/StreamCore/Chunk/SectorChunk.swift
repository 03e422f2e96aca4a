// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a sector says about itself, in front of its (compressed) instance table. Layout: FORMAT.md, "Sector chunk".
package struct SectorHeader: Equatable, Sendable {
    package var sector: UInt32
    package var parent: UInt32?
    package var children: [UInt32]
    package var bounds: Bounds
    package var proxyNode: UInt32?
    package var proxyError: Double
    package var instanceCount: UInt32

    package init(
        sector: UInt32, parent: UInt32?, children: [UInt32], bounds: Bounds, proxyNode: UInt32?, proxyError: Double,
        instanceCount: UInt32
    ) {
        self.sector = sector
        self.parent = parent
        self.children = children
        self.bounds = bounds
        self.proxyNode = proxyNode
        self.proxyError = proxyError
        self.instanceCount = instanceCount
    }

    private static let none = UInt32.max

    package func write(to writer: inout ByteWriter) {
        writer.write(sector)
        writer.write(parent ?? SectorHeader.none)
        writer.write(proxyNode ?? SectorHeader.none)
        writer.write(proxyError)
        writer.write(bounds.minimum)
        writer.write(bounds.maximum)
        writer.write(UInt32(children.count))
        for child in children { writer.write(child) }
        writer.write(instanceCount)
    }

    /// - Throws: `truncated`, or `invalid` for a box or error that is not a number or too large.
    package init(from reader: inout ByteReader) throws(ChunkError) {
        let sector: UInt32 = try reader.read()
        let parent: UInt32 = try reader.read()
        let proxyNode: UInt32 = try reader.read()
        let proxyError = try reader.readDouble()
        let bounds = Bounds(minimum: try reader.readDouble3(), maximum: try reader.readDouble3())
        guard proxyError >= 0, proxyError <= TilesetLimits.largestCoordinate, TilesetLimits.allows(bounds) else {
            throw .invalid(field: .sectorBox, offset: reader.offset)
        }
        var children: [UInt32] = []
        for _ in 0..<(try reader.readCount(minimumSize: 4, field: .count)) { children.append(try reader.read()) }
        self.init(
            sector: sector, parent: parent == SectorHeader.none ? nil : parent, children: children, bounds: bounds,
            proxyNode: proxyNode == SectorHeader.none ? nil : proxyNode, proxyError: proxyError,
            instanceCount: try reader.read())
    }
}

/// The instances of a sector as columns, which compress to about 20 bytes each: rotations and scales repeat, so they are
/// a palette.
package enum InstanceTable {
    private static let searchedPaletteCount = 128

    package static func encode(_ instances: [Instance]) -> [UInt8] {
        var writer = ByteWriter()
        for instance in instances { writer.write(instance.geometry) }
        for instance in instances { writer.write(instance.treeNode) }
        var palette: [[UInt32]] = []
        var paletteIndices: [UInt32] = []
        for instance in instances {
            let columns = [instance.transform.x, instance.transform.y, instance.transform.z]
            let entry = columns.flatMap { [Float($0.x).bitPattern, Float($0.y).bitPattern, Float($0.z).bitPattern] }
            // Among the latest only: neighbours stand alike, and the search must stay cheap when nothing does.
            if let index = palette[max(0, palette.count - searchedPaletteCount)...].lastIndex(of: entry) {
                paletteIndices.append(UInt32(index))
            } else {
                paletteIndices.append(UInt32(palette.count))
                palette.append(entry)
            }
        }
        writer.write(UInt32(palette.count))
        for component in 0..<9 { for entry in palette { writer.write(entry[component]) } }
        for index in paletteIndices { writer.write(index) }
        for axis in 0..<3 { for instance in instances { writer.write(instance.transform.translation[axis]) } }
        return writer.bytes
    }

    /// - Parameter count: from the sector's header.
    /// - Throws: `truncated`, `trailingBytes`, or `invalid` for a palette index out of range or a number beyond
    ///   `TilesetLimits`.
    package static func decode(_ bytes: RawSpan, count: Int) throws(ChunkError) -> [Instance] {
        var reader = ByteReader(bytes)
        guard count <= reader.remaining / 36 else {
            throw .truncated(offset: 0, needed: count &* 36, available: reader.remaining)
        }
        var geometries: [UInt32] = []
        var treeNodes: [UInt32] = []
        for _ in 0..<count { geometries.append(try reader.read()) }
        for _ in 0..<count { treeNodes.append(try reader.read()) }
        let paletteCount = try reader.readCount(minimumSize: 36, maximum: count, field: .instanceTable)
        var palette = [Float](repeating: 0, count: 9 * paletteCount)
        for component in 0..<9 {
            for entry in 0..<paletteCount { palette[9 * entry + component] = try reader.readFloat() }
        }
        var instances: [Instance] = []
        instances.reserveCapacity(count)
        for index in 0..<count {
            let number: UInt32 = try reader.read()
            guard let entry = Int(exactly: number), entry < paletteCount else {
                throw .invalid(field: .instanceTable, offset: reader.offset)
            }
            func column(_ first: Int) -> Double3 {
                Double3(
                    Float3(palette[9 * entry + first], palette[9 * entry + first + 1], palette[9 * entry + first + 2]))
            }
            let transform = AffineTransform(x: column(0), y: column(3), z: column(6), translation: .zero)
            instances.append(
                Instance(geometry: geometries[index], treeNode: treeNodes[index], transform: transform))
        }
        for axis in 0..<3 {
            for index in 0..<count { instances[index].transform.translation[axis] = try reader.readDouble() }
        }
        for instance in instances where !TilesetLimits.allows(instance.transform) {
            throw .invalid(field: .instanceTable, offset: reader.offset)
        }
        try reader.finish()
        return instances
    }

    /// Bytes of an uncompressed table: an upper bound a reader may rely on.
    package static func maximumByteCount(count: Int) -> Int { 4 + count * (4 + 4 + 36 + 4 + 24) }
}
