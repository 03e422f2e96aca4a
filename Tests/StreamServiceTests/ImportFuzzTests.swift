// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamService
import TestSupport
import Testing

/// Damaged model files, each imported by a worker: whatever they do, none may end it without a word.
///
/// `VANTAGE_FUZZ_COUNT` sets how many (20000 takes an hour), `VANTAGE_FUZZ_SEED` which.
@Suite struct ImportFuzzTests {
    static let setting = ProcessInfo.processInfo.environment
    static let count = setting["VANTAGE_FUZZ_COUNT"].flatMap { Int($0) } ?? 120
    static let seed = setting["VANTAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    struct Source: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        /// Whether numbers are written as text.
        let hasText: Bool
        var testDescription: String { name }
    }

    static let sources: [Source] = [
        Source(name: "cube.glb", bytes: [UInt8](cubeGLB()), hasText: true),
        Source(name: "cubes.glb", bytes: [UInt8](cubeGLB(matrix: "[1,0,0,0,0,1,0,0,0,0,1,0,1,2,3,1]")), hasText: true),
        Source(name: "plate.obj", bytes: TestModels.obj(size: 3), hasText: true),
        Source(
            name: "groups.obj",
            bytes: Array(
                """
                mtllib x.mtl
                v 0 0 0 1 0.5 0
                v 1 0 0 1 0 0
                v 0 1 0 0 1 0
                v 0 0 1 0 0 1
                vt 0 0
                vt 1 0.5
                vn 0 0 1
                o first
                usemtl a
                f 1/1/1 2/2/1 3/1/1
                g second
                usemtl b
                f -4/-2/-1 -2 -1 -3
                """.utf8), hasText: true),
        Source(
            name: "points.ply",
            bytes: Array(
                """
                ply
                format ascii 1.0
                element vertex 4
                property float x
                property float y
                property float z
                property uchar red
                property uchar green
                property uchar blue
                element face 2
                property list uchar int vertex_indices
                end_header
                0 0 0 255 0 0
                1 0 0 0 255 0
                0 1 0 0 0 255
                0 0 1 9 9 9
                3 0 1 2
                3 0 2 3

                """.utf8), hasText: true),
        Source(
            name: "facets.stl",
            bytes: Array(
                """
                solid x
                facet normal 0 0 1
                outer loop
                vertex 0 0 0
                vertex 1 0 0
                vertex 0 1 0
                endloop
                endfacet
                facet normal 0 1 0
                outer loop
                vertex 0 0 0
                vertex 1 0 0
                vertex 0 0 1
                endloop
                endfacet
                endsolid x

                """.utf8), hasText: true),
        Source(name: "binary.stl", bytes: binarySTL, hasText: false),
    ]

    private static var binarySTL: [UInt8] {
        var bytes = [UInt8](repeating: 32, count: 80) + [2, 0, 0, 0]
        for height in [Float(1), 2] {
            for value in [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, height] {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
            bytes += [0, 0]
        }
        return bytes
    }

    @Test(arguments: sources)
    func `a damaged file is imported or refused with words`(source: Source) throws {
        let folder = TestFolder()
        var worker = TestModels.worker
        worker.memoryLimit = 1 << 30
        var number = 0
        let each = max(1, ImportFuzzTests.count / ImportFuzzTests.sources.count)
        let seed = ImportFuzzTests.seed
        try mutate(source.bytes, rounds: each, seed: seed) { bytes in
            number += 1
            let isAboutNumbers = source.hasText && number.isMultiple(of: 2)
            let damaged = isAboutNumbers ? exchangeNumber(source.bytes, seed &+ UInt64(number)) : bytes
            let file = try folder.write(source.name, damaged)
            do throws(ModelConversion.Failure) {
                _ = try worker.convert(
                    file, to: folder.file("out.vantage"), progress: { _, _ in }, isCancelled: { false })
            } catch {
                guard case .failed(let reason) = error, reason.message.contains("reader ended") else { return }
                let kept = NSTemporaryDirectory() + "vantage-fuzz-\(seed)-\(number)-\(source.name)"
                try Data(damaged).write(to: URL(fileURLWithPath: kept))
                Issue.record("\(kept) of seed \(seed) ends its reader: \(reason.message)")
            }
        }
    }

    /// A copy with another number at one or two places where the text has one.
    private func exchangeNumber(_ bytes: [UInt8], _ seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        let telling = [
            "1e308", "-1e308", "3.5e38", "-3.4e38", "1e-320", "1e15", "1e16", "0", "-1", "4294967295", "4294967296",
            "9223372036854775808", "1e999", "nan", "-inf", "0.1", "2147483648", "1e5",
        ]
        let isNumber = { (byte: UInt8) in Array("0123456789.-+eE".utf8).contains(byte) }
        var copy = bytes
        for _ in 0...random.index(below: 2) {
            let starts = copy.indices.filter {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(copy[$0]) && ($0 == 0 || !isNumber(copy[$0 - 1]))
            }
            guard !starts.isEmpty else { return copy }
            let start = starts[random.index(below: starts.count)]
            let end = copy[start...].firstIndex { !isNumber($0) } ?? copy.count
            copy.replaceSubrange(start..<end, with: Array(telling[random.index(below: telling.count)].utf8))
        }
        return withLengths(copy, of: bytes)
    }

    /// A GLB says how long it and its text are; other files stay as they are.
    private func withLengths(_ copy: [UInt8], of bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: Array("glTF".utf8)), bytes.count > 20 else { return copy }
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var copy = copy
        let text = 20..<20 + Int(bytes[12]) + Int(bytes[13]) << 8 + Int(bytes[14]) << 16
        let growth = copy.count - bytes.count
        guard text.upperBound + growth <= copy.count, text.upperBound + growth > 20 else { return copy }
        let padding = (4 - (text.count + growth) % 4) % 4
        copy.insert(contentsOf: [UInt8](repeating: 0x20, count: padding), at: text.upperBound + growth)
        copy.replaceSubrange(8..<16, with: word(copy.count) + word(text.count + growth + padding))
        return copy
    }
}
