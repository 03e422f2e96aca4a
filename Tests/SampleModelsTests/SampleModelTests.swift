// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import Testing

@testable import SampleModels

@Suite struct SampleModelTests {
    @Test func `the machine has its promised size`() {
        let scene = Machine.scene()
        let placed = scene.nodes.compactMap(\.mesh)
        #expect(placed.count >= 1500)
        #expect(scene.geometries.count >= 40)
        #expect(scene.geometries.map(\.triangleCount).reduce(0, +) <= 400_000)
        let instanced = placed.map { scene.geometries[scene.meshes[$0].geometry].triangleCount }.reduce(0, +)
        #expect(instanced >= 3_000_000)
        for mesh in scene.meshes {
            #expect(Self.isClosedAndOutward(scene.geometries[mesh.geometry]), "\(mesh.name)")
        }
        #expect(scene.nodes.allSatisfy { !$0.name.isEmpty })
    }

    @Test func `the vase is closed and its textures are whole`() {
        let scene = Vase.scene(images: [])
        for mesh in scene.meshes {
            #expect(Self.isClosedAndOutward(scene.geometries[mesh.geometry]), "\(mesh.name)")
        }
        let triangles = scene.geometries.map(\.triangleCount).reduce(0, +)
        #expect((20_000...65_000).contains(triangles))
    }

    @Test func `a scan is a closed surface and the same each time`() throws {
        try Self.withTemporaryDirectory { directory in
            let (one, two) = ("\(directory)/one.ply", "\(directory)/two.ply")
            for path in [one, two] { try SampleModel.scan.write(to: path, triangles: 1000) { _ in [] } }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: one))
            let again = try Data(contentsOf: URL(fileURLWithPath: two))
            #expect(bytes == again)
            let sphere = CubeSphere(triangles: 1000)
            #expect(sphere.triangleCount == 972)
            let body = bytes.suffix(sphere.vertexCount * 12 + sphere.triangleCount * 13)
            #expect(bytes.count - body.count < 400)
            var balance: [[Int]: Int] = [:]
            var at = body.startIndex + sphere.vertexCount * 12
            for _ in 0..<sphere.triangleCount {
                #expect(body[at] == 3)
                let corners = (0..<3).map { k in
                    (0..<4).reduce(0) { $0 | Int(body[at + 1 + 4 * k + $1]) << (8 * $1) }
                }
                for k in 0..<3 {
                    let (a, b) = (corners[k], corners[(k + 1) % 3])
                    #expect(a < sphere.vertexCount)
                    balance[[min(a, b), max(a, b)], default: 0] += a < b ? 1 : -1
                }
                at += 13
            }
            #expect(balance.count == sphere.triangleCount * 3 / 2)
            #expect(balance.values.allSatisfy { $0 == 0 })
        }
    }

    @Test func `a scan of an impossible size leaves no file`() throws {
        try Self.withTemporaryDirectory { directory in
            for size in [-1, 0, 11, Int.max] {
                #expect(throws: FileError.self) {
                    try SampleModel.scan.write(to: "\(directory)/x.ply", triangles: size) { _ in [] }
                }
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(names.isEmpty)
        }
    }

    @Test func `the written GLB is framed as its header says and its JSON parses`() throws {
        try Self.withTemporaryDirectory { directory in
            let path = "\(directory)/v.glb"
            // Stand-in images: drawing the real ones takes minutes without optimisation.
            let images = (0..<7).map { GLBScene.Image(name: "image \($0)", bytes: [0x89, 0x50, 0x4E, 0x47]) }
            try GLBWriter.write(Vase.scene(images: images), to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
            #expect(word(0) == 0x4654_6C67)
            #expect(word(8) == bytes.count)
            let json = try JSONSerialization.jsonObject(with: bytes[20..<20 + word(12)]) as? [String: Any]
            #expect((json?["images"] as? [Any])?.count == 7)
            #expect(20 + word(12) + 8 + word(20 + word(12)) == bytes.count)
        }
    }

    @Test func `JSON escapes what must be escaped and keeps floats short`() {
        let value: JSONValue = .object([("a\"\\\n", .array([.short(0.1), .integer(-3), .number(2), .bool(true)]))])
        #expect(String(decoding: value.text, as: UTF8.self) == "{\"a\\\"\\\\\\u000a\":[0.1,-3,2,true]}")
    }

    private static func isClosedAndOutward(_ mesh: TriangleMesh) -> Bool {
        var welded: [SIMD3<Float>: Int] = [:]
        let ids = mesh.positions.map { p -> Int in
            let next = welded.count
            return welded[p, default: next] == next
                ? {
                    welded[p] = next
                    return next
                }() : welded[p] ?? next
        }
        var balance: [SIMD2<Int>: Int] = [:]
        var volume = 0.0
        for t in stride(from: 0, to: mesh.indices.count, by: 3) {
            let corner = (0..<3).map { Int(mesh.indices[t + $0]) }
            for k in 0..<3 {
                let (a, b) = (ids[corner[k]], ids[corner[(k + 1) % 3]])
                balance[SIMD2(min(a, b), max(a, b)), default: 0] += a < b ? 1 : -1
            }
            let p = corner.map { SIMD3<Double>(mesh.positions[$0]) }
            let c = SIMD3(
                p[1].y * p[2].z - p[1].z * p[2].y, p[1].z * p[2].x - p[1].x * p[2].z, p[1].x * p[2].y - p[1].y * p[2].x)
            volume += (p[0] * c).sum()
        }
        return volume > 0 && balance.values.allSatisfy { $0 == 0 }
    }

    private static func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }
}
