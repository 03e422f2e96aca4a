// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import StreamCore
import TestSupport
import Testing

/// A folder of its own for one test's files; removed with it.
final class ReaderFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "vantage-readers-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func read(_ name: String, _ text: String, _ options: ImportOptions = ImportOptions()) throws -> SourceModel {
        try read(name, Array(text.utf8), options)
    }

    func read(_ name: String, _ bytes: [UInt8], _ options: ImportOptions = ImportOptions()) throws -> SourceModel {
        let model = try ModelImporter.read(path: write(name, bytes), options: options)
        expectSound(model)
        return model
    }

    func error(_ name: String, _ bytes: [UInt8]) throws -> ImportError? {
        do {
            _ = try read(name, bytes)
            return nil
        } catch let error as ImportError { return error }
    }

    func error(_ name: String, _ text: String) throws -> ImportError? { try error(name, Array(text.utf8)) }
}

/// What every importer promises; see `SourcePart`.
func expectSound(_ model: SourceModel, sourceLocation: SourceLocation = #_sourceLocation) {
    var problems: [String] = []
    func check(_ condition: Bool, _ text: String) { if !condition { problems.append(text) } }
    check(!model.name.isEmpty && !model.format.isEmpty && !model.nodes.isEmpty, "no name, format or node")
    for (index, node) in model.nodes.enumerated() { check((node.parent ?? -1) < index, "parent order") }
    for instance in model.instances {
        check(model.parts.indices.contains(instance.part) && model.nodes.indices.contains(instance.node), "instance")
        check(instance.transform.isFinite, "transform")
    }
    for part in model.parts {
        let count = part.vertexCount
        check(part.positions.count == count * 3 && part.triangleCount > 0, "positions")
        check(elements(part.positions).allSatisfy(\.isFinite), "positions finite")
        if let indices = part.indices {
            check(indices.count % 3 == 0 && elements(indices).allSatisfy { $0 < count }, "indices")
        } else {
            check(count % 3 == 0, "soup")
        }
        if let normals = part.normals {
            check(normals.count == count * 3, "normals")
            for first in stride(from: 0, to: normals.count, by: 3) {
                let normal = Float3(normals[first], normals[first + 1], normals[first + 2])
                check(abs(length(normal) - 1) < 1e-4, "normal length")
            }
        }
        for coordinates in part.textureCoordinates {
            check(coordinates.count == count * 2 && elements(coordinates).allSatisfy(\.isFinite), "coordinates")
        }
        if let colors = part.colors { check(colors.count == count * 4, "colours") }
        var next = 0
        for range in part.materialRanges {
            check(range.firstTriangle == next && range.triangleCount > 0, "ranges")
            check(range.material.map { model.materials.indices.contains($0) } ?? true, "material")
            next += range.triangleCount
        }
        check(next == part.triangleCount, "ranges cover")
    }
    #expect(problems.isEmpty, sourceLocation: sourceLocation)
}

func elements<Element: BitwiseCopyable>(_ array: LargeArray<Element>?) -> [Element] {
    guard let array else { return [] }
    let span = array.span
    return span.indices.map { span[$0] }
}

/// Changes a few bytes of `seeds` at a time, `rounds` times over: reading must give a sound model or an error.
func fuzz(_ seeds: [[UInt8]], name: String, rounds: Int, seed: UInt64) throws {
    let folder = ReaderFolder()
    var generator = SeededGenerator(seed: seed)
    let tokens = ["-1", "nan", "1e999", "4294967295", "99999999999999999999", "/", " ", "\n", "\\\n", "-", "0", "list"]
    for _ in 0..<rounds {
        guard var bytes = seeds.randomElement(using: &generator) else { return }
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &generator)))
            case 3: bytes.insert(contentsOf: Array((tokens.randomElement(using: &generator) ?? "").utf8), at: place)
            default:
                let end = min(bytes.count, place + 16)
                bytes.insert(
                    contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &generator))
            }
        }
        _ = try folder.error(name, bytes)
    }
}

/// Little or big endian bytes of PLY and STL numbers.
func bytes<Number: FixedWidthInteger>(_ values: Number..., big: Bool = false) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Array($0) } }
}

func bytes(_ values: Float..., big: Bool = false) -> [UInt8] {
    values.flatMap { bytes($0.bitPattern, big: big) }
}
