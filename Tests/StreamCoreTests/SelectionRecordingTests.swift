// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import StreamCore

/// A session as bytes, and a hash of the result of each of its steps. The browser's tests replay the same file in
/// core.wasm and must come to the same hashes.
///
/// Steps: u8 kind, then: 1 geometry, a block (u32 size, bytes); 2 sector, header and table as blocks; 3 node, u32 chunk,
/// u32 GPU bytes, a block; 4 limits, f64 GPU bytes, u32 triangles; 5 selection, 12 f64; 6 eviction.
private struct Recording {
    var writer = ByteWriter()

    mutating func add(_ geometry: Wire.Geometry) {
        writer.write(UInt8(1))
        writer.writeBlock(geometry.encode())
    }

    mutating func add(_ header: SectorHeader, _ instances: [Instance]) {
        var bytes = ByteWriter()
        header.write(to: &bytes)
        writer.write(UInt8(2))
        writer.writeBlock(bytes.bytes)
        writer.writeBlock(InstanceTable.encode(instances))
    }

    mutating func add(_ node: SceneModel.Node) {
        var bytes = ByteWriter()
        node.header.write(to: &bytes)
        writer.write(UInt8(3))
        writer.write(node.chunk)
        writer.write(node.gpuByteCount)
        writer.writeBlock(bytes.bytes)
    }

    mutating func setLimits(gpuByteCount: Double, triangleCount: UInt32) {
        writer.write(UInt8(4))
        writer.write(gpuByteCount)
        writer.write(triangleCount)
    }

    mutating func select(_ view: ViewState, threshold: Double) {
        writer.write(UInt8(5))
        writer.write(view.eye)
        for axis in 0..<4 { writer.write(view.orientation[axis]) }
        switch view.projection {
        case .perspective(let tangent):
            writer.write(0.0)
            writer.write(tangent)
        case .orthographic(let halfHeight):
            writer.write(1.0)
            writer.write(halfHeight)
        }
        writer.write(view.width)
        writer.write(view.height)
        writer.write(threshold)
    }

    mutating func evict() { writer.write(UInt8(6)) }
}

/// Replays a recording; a line for each selection and eviction.
private func replay(_ bytes: [UInt8]) throws -> [String] {
    var scene = ResidentScene()
    var reader = ByteReader(bytes.rawSpan)
    var lines: [String] = []
    func block(_ reader: inout ByteReader) throws -> [UInt8] {
        let count: UInt32 = try reader.read()
        return try reader.readBytes(Int(count)).copiedBytes
    }
    while reader.remaining > 0 {
        switch try reader.read(UInt8.self) {
        case 1:
            let message = try block(&reader)
            try scene.addGeometry(message: message.rawSpan)
        case 2:
            let header = try block(&reader)
            let table = try block(&reader)
            try scene.addSector(header: header.rawSpan, table: table.rawSpan)
        case 3:
            let chunk: UInt32 = try reader.read()
            let gpuByteCount: UInt32 = try reader.read()
            let payload = try block(&reader)
            try scene.addNode(payload: payload.rawSpan, chunk: chunk, gpuByteCount: gpuByteCount)
        case 4:
            let gpuByteCount = try reader.readDouble()
            let triangleCount: UInt32 = try reader.read()
            scene.setLimits(gpuByteCount: Int64(gpuByteCount), triangleCount: Int64(triangleCount))
        case 5:
            var numbers: [Double] = []
            for _ in 0..<12 { numbers.append(try reader.readDouble()) }
            let view = ViewState(
                eye: Double3(numbers[0], numbers[1], numbers[2]),
                orientation: Double4(numbers[3], numbers[4], numbers[5], numbers[6]),
                projection: numbers[7] == 0 ? .perspective(tangent: numbers[8]) : .orthographic(halfHeight: numbers[8]),
                width: numbers[9], height: numbers[10])
            expectSound(&scene, view, threshold: numbers[11], "step \(lines.count)")
            lines.append(hash(of: scene))
        case 6: lines.append(scene.evict().map { "\($0)" }.joined(separator: " "))
        case let kind: throw SceneRecordingError(kind: kind)
        }
    }
    return lines
}

private struct SceneRecordingError: Error { var kind: UInt8 }

/// FNV-1a, 32 bits, over the words of a selection's results in the order of the C interface.
private func hash(of scene: ResidentScene) -> String {
    var hash: UInt32 = 0x811c_9dc5
    func add(_ word: UInt32) { hash = (hash ^ word) &* 0x0100_0193 }
    func add(_ number: Double) {
        add(UInt32(truncatingIfNeeded: number.bitPattern))
        add(UInt32(truncatingIfNeeded: number.bitPattern >> 32))
    }
    for draw in scene.draws {
        for word in [
            draw.node, draw.firstIndex, draw.indexCount, draw.firstVisible, draw.instanceCount, draw.material,
        ] { add(word) }
    }
    scene.visibleRows.forEach { add($0) }
    scene.rows.words.forEach { add($0) }
    for axis in 0..<3 { add(scene.rows.reference[axis]) }
    let facts = scene.statistics
    for number in [
        Double(facts.triangleCount), facts.thresholdPixels, facts.largestErrorPixels,
        Double(facts.residentNodeCount), Double(facts.residentGPUByteCount), Double(facts.residentTriangleCount),
        Double(facts.visibleInstanceCount), Double(facts.boxCount), facts.isThresholdMoving ? 1 : 0,
        Double(facts.usedGPUByteCount), Double(facts.instanceCount), Double(facts.drawCount),
    ] { add(number) }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}

@Suite("A recorded session") struct SelectionRecordingTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/selection")

    /// Arrivals in random order, random views, small budgets, evictions.
    private static func record() -> [UInt8] {
        var maker = SceneModelMaker(seed: 51)
        var geometries = [maker.addGeometry(leaves: 150)]
        for leaves in [1, 4, 20] { geometries.append(maker.addGeometry(leaves: leaves)) }
        let model = maker.place(geometries, instanceCount: 80, sectorCount: 9)
        var recording = Recording()
        for geometry in maker.shuffled(model.geometries) { recording.add(geometry) }
        for sector in maker.shuffled(model.sectors) {
            recording.add(sector.header, sector.instances)
            recording.select(maker.view(of: model.bounds), threshold: 1)
        }
        for (number, node) in maker.shuffled(model.nodes).enumerated() {
            recording.add(node)
            if number == 150 { recording.setLimits(gpuByteCount: 3e6, triangleCount: 3000) }
            if number % 4 == 0 {
                recording.select(maker.view(of: model.bounds), threshold: [0.1, 1, 5][number % 3])
                recording.evict()
            }
        }
        return recording.writer.bytes
    }

    @Test("gives the results that were recorded") func replayed() throws {
        let bytes = Self.folder.appending(path: "recording.bin")
        let results = Self.folder.appending(path: "recording.txt")
        if ProcessInfo.processInfo.environment["VANTAGE_WRITE_FIXTURES"] != nil {
            let recording = Self.record()
            try Data(recording).write(to: bytes)
            try Data((try replay(recording).joined(separator: "\n") + "\n").utf8).write(to: results)
        }
        let expected = try String(contentsOf: results, encoding: .utf8)
        let lines = try replay([UInt8](Data(contentsOf: bytes)))
        #expect(lines.joined(separator: "\n") + "\n" == expected)
        #expect(lines.count > 50 && Set(lines).count > 50)
    }
}
