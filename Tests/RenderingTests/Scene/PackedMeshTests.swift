// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ChunkCoding
import Foundation
import StreamCore
import TestSupport
import Testing

@testable import Rendering

@Suite("Packed meshes") struct PackedMeshTests {
    /// What the browser's decoder made of payloads; Tests/ViewerTests/packed-meshes.test.mjs says how a line reads.
    private struct Recording {
        var geometry: GeometryRecord
        var vertexClass: UInt8
        var vertexHash: String
        var indexHash: String
        var payload: [UInt8]

        init(_ line: Substring) throws {
            let fields = line.split(separator: " ").map { String($0) }
            geometry = GeometryRecord(
                firstNode: 0, nodeCount: 1, grid: Grid(step: try #require(Double(fields[0]))), layout: VertexLayout(),
                coordinateStep: try #require(Double(fields[1])), triangleCount: 1, materials: [0], isProxy: false,
                border: 0)
            vertexClass = try #require(UInt8(fields[2]))
            (vertexHash, indexHash) = (fields[3], fields[4])
            payload = [UInt8](hex: fields[5])
        }
    }

    private static func recordings() throws -> [Recording] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: tests.appending(path: "Fixtures/packing/meshes.txt"), encoding: .utf8)
        return try text.split(separator: "\n").map { try Recording($0) }
    }

    private static func pack(_ recording: Recording) throws -> PackedMesh {
        var reader = ByteReader(recording.payload.rawSpan)
        let (header, mesh) = try NodeCoding.decode(&reader)
        return PackedMesh(header: header, mesh: mesh, geometry: recording.geometry)
    }

    @Test("are the browser's, byte for byte") func sameAsBrowser() throws {
        let recordings = try Self.recordings()
        #expect(recordings.count >= 8)
        for (number, recording) in recordings.enumerated() {
            let packed = try Self.pack(recording)
            #expect(packed.vertexClass.rawValue == recording.vertexClass, "payload \(number)")
            #expect(packed.vertices.count == packed.vertexCount * packed.vertexClass.stride)
            #expect(SHA256.hash(packed.vertices.rawSpan).hex == recording.vertexHash, "payload \(number)")
            var indices = ByteWriter()
            for index in packed.indices { indices.write(index) }
            #expect(SHA256.hash(indices.bytes.rawSpan).hex == recording.indexHash, "payload \(number)")
        }
    }

    @Test("hold every attribute where their class says") func attributes() throws {
        for recording in try Self.recordings() {
            var reader = ByteReader(recording.payload.rawSpan)
            let (header, mesh) = try NodeCoding.decode(&reader)
            let packed = PackedMesh(header: header, mesh: mesh, geometry: recording.geometry)
            let vertexClass = packed.vertexClass
            func number<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, _ at: Int) throws -> Value {
                var reader = ByteReader(packed.vertices.rawSpan)
                _ = try reader.readBytes(at)
                return try reader.read()
            }
            for vertex in 0..<packed.vertexCount {
                let first = vertex * vertexClass.stride
                for axis in 0..<3 {
                    let value =
                        vertexClass.isWide
                        ? Int32(bitPattern: try number(UInt32.self, first + 4 * axis))
                        : Int32(try number(UInt16.self, first + 2 * axis))
                    #expect(value + header.origin[axis] == mesh.positions[3 * vertex + axis])
                }
                for set in 0..<vertexClass.setCount {
                    let bits = try number(UInt32.self, first + vertexClass.coordinatesOffset + 8 * set)
                    let expected = Double(mesh.coordinates[set][2 * vertex]) * recording.geometry.coordinateStep
                    #expect(Float(bitPattern: bits) == Float(expected))
                }
                if vertexClass.hasColors {
                    let components = mesh.layout.colorComponentCount
                    #expect(packed.vertices[first + vertexClass.colorOffset] == mesh.colors[components * vertex])
                    let alpha = packed.vertices[first + vertexClass.colorOffset + 3]
                    #expect(alpha == (components == 4 ? mesh.colors[components * vertex + 3] : 255))
                }
            }
        }
    }

    @Test("keep stored and border normals, and compute the others") func normals() throws {
        for recording in try Self.recordings() {
            var reader = ByteReader(recording.payload.rawSpan)
            let (_, mesh) = try NodeCoding.decode(&reader)
            var computed = mesh
            computed.computeNormals()
            for (words, code) in zip(mesh.normalWords(), computed.normals) {
                let (u, v) = (Float(words.x) / 32767, Float(words.y) / 32767)
                let z = 1 - abs(u) - abs(v)
                let unfolded =
                    z >= 0
                    ? Float3(u, v, z)
                    : Float3((1 - abs(v)) * (u < 0 ? -1 : 1), (1 - abs(u)) * (v < 0 ? -1 : 1), z)
                // 12 bits for each half: a tenth of a degree.
                #expect(dot(normalized(unfolded), OctahedralNormal.decode(code)) > 0.999_99)
            }
        }
    }
}
