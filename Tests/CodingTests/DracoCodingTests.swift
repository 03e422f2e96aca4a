// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import DracoCoding
import StreamCore
import TestSupport
import Testing

@Suite struct DracoCodingTests {
    /// A 9 × 9 terrain: xyz, indices.
    static let size = 9
    static let positions = (0..<81).flatMap { vertex -> [Int32] in
        let (x, y) = (Int32(vertex % 9), Int32(vertex / 9))
        return [x * 1_000_003 - 4_000_000, y * 17 - 1 << 20, (x * x - y * y * y) * 1001]
    }
    static let indices = (0..<64).flatMap { quad -> [UInt32] in
        let corner = UInt32(quad % 8 + quad / 8 * 9)
        return [corner, corner + 1, corner + 9, corner + 9, corner + 1, corner + 10]
    }

    static func encode(speed: Int = 3) throws -> [UInt8] {
        var encoder = DracoMeshEncoder(pointCount: 81)
        encoder.add(.position, id: 0, componentCount: 3, values: positions)
        encoder.add(.color, id: 2, componentCount: 4, values: (0..<324).map { UInt8(truncatingIfNeeded: $0 * 7) })
        encoder.add(.textureCoordinate, id: 5, componentCount: 2, values: (0..<162).map { Int32($0) * 99_991 - 777 })
        return try encoder.encode(indices: indices, speed: speed)
    }

    /// A decoded mesh, copied out of libdraco's memory; nil for attributes that are missing or do not fit.
    struct Decoded {
        var triangleCount = 0
        var pointCount = 0
        var indices: [UInt32] = []
        var componentCounts: [Int?] = []
        var positions: [Int32]?
        var floatPositions: [Float]?
        var colors: [UInt8]?
        var coordinates: [Int32]?
        var bytePositionError: DracoError?
        var missingError: DracoError?
    }

    static func decode(
        _ bytes: [UInt8], triangles: Int = .max, points: Int = .max
    ) throws(DracoError) -> Decoded {
        let mesh = try DracoMesh(decoding: bytes.rawSpan, maximumPoints: points, maximumTriangles: triangles)
        var result = Decoded()
        result.triangleCount = mesh.triangleCount
        result.pointCount = mesh.pointCount
        result.indices = mesh.indices()
        for id: UInt32 in 0..<6 { result.componentCounts.append(mesh.componentCount(of: id)) }
        do throws(DracoError) { result.positions = try mesh.values(of: 0, as: Int32.self) } catch {}
        do throws(DracoError) { result.floatPositions = try mesh.values(of: 0, as: Float.self) } catch {}
        do throws(DracoError) { result.colors = try mesh.values(of: 2, as: UInt8.self) } catch {}
        do throws(DracoError) { result.coordinates = try mesh.values(of: 5, as: Int32.self) } catch {}
        do throws(DracoError) { _ = try mesh.values(of: 0, as: UInt8.self) } catch { result.bytePositionError = error }
        do throws(DracoError) { _ = try mesh.values(of: 9, as: Float.self) } catch { result.missingError = error }
        return result
    }

    static func error(_ bytes: [UInt8], triangles: Int = .max, points: Int = .max) -> DracoError? {
        do throws(DracoError) {
            _ = try decode(bytes, triangles: triangles, points: points)
            return nil
        } catch { return error }
    }

    /// Per triangle, its corners' values, smallest corner first.
    static func triangles(_ indices: [UInt32], _ columns: [(values: [Int], components: Int)]) -> Set<[Int]> {
        func corner(_ vertex: UInt32) -> [Int] {
            columns.flatMap { column in
                (0..<column.components).map { column.values[column.components * Int(vertex) + $0] }
            }
        }
        return Set(
            stride(from: 0, to: indices.count, by: 3).map { first in
                let corners = (0..<3).map { corner(indices[first + $0]) }
                let least = (0..<3).min { corners[$0].lexicographicallyPrecedes(corners[$1]) }!
                return (0..<3).flatMap { corners[(least + $0) % 3] }
            })
    }

    @Test(arguments: [0, 3, 5, 10]) func `integers come back exactly`(speed: Int) throws {
        let mesh = try Self.decode(Self.encode(speed: speed))
        #expect(mesh.triangleCount == 128)
        #expect(mesh.componentCounts == [3, nil, 4, nil, nil, 2])
        let decoded = Self.triangles(
            mesh.indices,
            [
                (try #require(mesh.positions).map { Int($0) }, 3), (try #require(mesh.colors).map { Int($0) }, 4),
                (try #require(mesh.coordinates).map { Int($0) }, 2),
            ])
        let expected = Self.triangles(
            Self.indices,
            [
                (Self.positions.map { Int($0) }, 3), ((0..<324).map { $0 * 7 % 256 }, 4),
                ((0..<162).map { $0 * 99_991 - 777 }, 2),
            ])
        #expect(decoded == expected)
    }

    @Test func `quantised floats stay near`() throws {
        var encoder = DracoMeshEncoder(pointCount: 81)
        let floats = Self.positions.map { Float($0) / 1_000_000 }
        encoder.add(.position, id: 0, componentCount: 3, quantizationBits: 14, values: floats)
        let mesh = try Self.decode(encoder.encode(indices: Self.indices, speed: 5))
        let decoded = try #require(mesh.floatPositions)
        for first in stride(from: 0, to: decoded.count, by: 3) {
            let point = Float3(decoded[first], decoded[first + 1], decoded[first + 2])
            let nearest = stride(from: 0, to: floats.count, by: 3).map {
                length(Float3(floats[$0], floats[$0 + 1], floats[$0 + 2]) - point)
            }.min()!
            #expect(nearest < 0.002)
        }
    }

    @Test func `a missing attribute and values that do not fit are errors`() throws {
        let mesh = try Self.decode(Self.encode())
        #expect(mesh.missingError == .missingAttribute(id: 9))
        #expect(mesh.bytePositionError == .decodingFailed("attribute 0 cannot be converted"))
    }

    @Test func `a mesh of degenerate triangles only cannot be encoded`() {
        var encoder = DracoMeshEncoder(pointCount: 3)
        encoder.add(.position, id: 0, componentCount: 3, values: [Int32](repeating: 4, count: 9))
        for indices: [UInt32] in [[0, 0, 1], [0, 1, 1, 2, 2, 2], []] {
            let error = #expect(throws: DracoError.self) { _ = try encoder.encode(indices: indices, speed: 3) }
            guard case .encodingFailed(let reason) = error else {
                Issue.record("\(error as Any)")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func `limits are kept`() throws {
        let bytes = try Self.encode()
        #expect(Self.error(bytes, triangles: 128, points: 81) == nil)
        #expect(Self.error(bytes, triangles: 127) == .tooLarge(points: 81, triangles: 128))
        #expect(Self.error(bytes, triangles: 128, points: 80) == .tooLarge(points: 81, triangles: 128))
    }

    @Test func `a hostile count is refused before libdraco allocates for it`() throws {
        let bytes = try Self.encode()
        #expect(Array(bytes[..<9]) == Array("DRACO".utf8) + [2, 2, 1, 1])
        // 81 vertices, 128 triangles, in the edgebreaker's connectivity.
        #expect(Array(bytes[12..<15]) == [81, 0x80, 1])
        let hostile = bytes[..<12] + [0xff, 0xff, 0xff, 0xff, 0x01, 0xff, 0xff, 0xff, 0xff, 0x01] + bytes[15...]
        let most = 0x1fff_ffff
        let duration = ContinuousClock().measure {
            #expect(Self.error(Array(hostile), triangles: 1 << 20) == .tooLarge(points: most, triangles: most))
        }
        #expect(duration < .seconds(1))
        for method: UInt8 in [0, 1] {
            var other = Array(hostile)
            other[8] = method
            #expect(Self.error(other, triangles: 1 << 20) != nil)
            other[10] |= 0x80
            #expect(Self.error(other, triangles: 1 << 20) == .decodingFailed("not bitstream 2.2 without metadata"))
        }
    }

    @Test func `every truncation is refused`() throws {
        let bytes = try Self.encode()
        for length in 0..<bytes.count { #expect(Self.error(Array(bytes[..<length])) != nil, "\(length)") }
    }

    @Test func `damage never traps, and every index is in range`() throws {
        let bytes = try Self.encode()
        mutate(bytes, rounds: 5000, seed: 3) { damaged in
            guard let mesh = try? Self.decode(damaged, triangles: 4096, points: 4096) else { return }
            let points = UInt32(mesh.pointCount)
            if mesh.indices.contains(where: { $0 >= points }) { Issue.record("\(damaged.hex)") }
        }
    }
}
