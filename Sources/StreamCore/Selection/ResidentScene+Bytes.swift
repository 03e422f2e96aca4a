// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The scene's input as it comes over the wire.
extension ResidentScene {
    /// - Parameter message: a whole Geometry message.
    /// - Throws: `malformed` for anything else; otherwise as `addGeometry(_:)`.
    package mutating func addGeometry(message: RawSpan) throws(SceneError) {
        let decoded: ServerMessage
        do { decoded = try ServerMessage(decoding: message) } catch { throw .malformed }
        guard case .geometry(let geometry) = decoded else { throw .malformed }
        try addGeometry(geometry)
    }

    /// - Parameters:
    ///   - header: a sector chunk up to its instance table, with or without the table's size.
    ///   - table: the inflated table.
    /// - Throws: `malformed`; otherwise as `addSector(_:instances:)`.
    package mutating func addSector(header: RawSpan, table: RawSpan) throws(SceneError) {
        let sector: SectorHeader
        let instances: [Instance]
        do {
            var reader = ByteReader(header)
            sector = try SectorHeader(from: &reader)
            try ResidentScene.skipSize(&reader)
        } catch { throw .malformed }
        guard sector.instanceCount < UInt32(ResidentScene.maximumInstanceCount) else { throw .full }
        do { instances = try InstanceTable.decode(table, count: Int(sector.instanceCount)) } catch {
            throw .malformed
        }
        try addSector(sector, instances: instances)
    }

    /// - Parameter payload: a node's payload up to its body, with or without the body's size.
    /// - Throws: `malformed`; otherwise as `addNode(_:chunk:gpuByteCount:)`.
    package mutating func addNode(payload: RawSpan, chunk: UInt32, gpuByteCount: UInt32) throws(SceneError) {
        let header: NodeHeader
        do {
            var reader = ByteReader(payload)
            header = try NodeHeader(from: &reader)
            try ResidentScene.skipSize(&reader)
        } catch { throw .malformed }
        try addNode(header, chunk: chunk, gpuByteCount: gpuByteCount)
    }

    private static func skipSize(_ reader: inout ByteReader) throws(ChunkError) {
        if reader.remaining > 0 { _ = try reader.read(UInt32.self) }
        try reader.finish()
    }
}
