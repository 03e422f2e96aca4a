// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The normals of vertices that other chunks share, the same in all of them so that both sides of a border shade alike:
/// how they differ from what the decoder computes for all vertices anyway. Layout: FORMAT.md, "Details".
enum BorderNormals {
    /// - Parameters:
    ///   - normals: codes and `computedNormal`.
    ///   - sums: `NodeMesh.areaNormals` of the decoded mesh; empty: no normal is listed.
    ///   - depths: per vertex, how many fine bits its position has; empty: none.
    static func write(_ normals: [UInt32], sums: [Double3], depths: [UInt8], to encoder: inout BinaryEncoder) {
        let shift = commonShift(normals)
        encoder.encode(UInt32(shift), bitCount: 4)
        var model = BorderNormalModel()
        for vertex in normals.indices {
            let isListed = normals[vertex] != NodeMesh.computedNormal
            encoder.encode(isListed, &model.flags[model.index(depths, vertex)])
            model.wasListed = isListed
            guard isListed else { continue }
            let computed = OctahedralNormal.encode(sums[vertex])
            for half in 0..<2 {
                let step = OctahedralNormal.step(normals[vertex], half, shift: shift)
                let guess = OctahedralNormal.step(computed, half, shift: shift)
                let difference = step - guess
                encoder.encode(UInt32(bitPattern: difference << 1 ^ difference >> 31), &model.differences[half])
            }
        }
    }

    static func read(
        _ decoder: inout BinaryDecoder, sums: [Double3], depths: [UInt8], into normals: inout [UInt32]
    ) throws(ChunkError) {
        let shift = Int(try decoder.decode(bitCount: 4))
        guard shift <= OctahedralNormal.maximumShift else {
            throw .invalid(field: .borderNormals, offset: decoder.offset)
        }
        var model = BorderNormalModel()
        for vertex in normals.indices {
            model.wasListed = try decoder.decode(&model.flags[model.index(depths, vertex)])
            guard model.wasListed else { continue }
            let computed = OctahedralNormal.encode(sums[vertex])
            var code: UInt32 = 0
            for half in 0..<2 {
                let zigzag = try decoder.decode(&model.differences[half])
                let difference = Int32(bitPattern: zigzag >> 1) ^ -Int32(bitPattern: zigzag & 1)
                let step = OctahedralNormal.step(computed, half, shift: shift) &+ difference
                guard let value = OctahedralNormal.half(step: step, shift: shift) else {
                    throw .invalid(field: .borderNormals, offset: decoder.offset)
                }
                code |= value << UInt32(12 * half)
            }
            normals[vertex] = code
        }
    }

    /// The coarsest of the grids that all listed codes are on.
    private static func commonShift(_ normals: [UInt32]) -> Int {
        let listed = normals.filter { $0 != NodeMesh.computedNormal }
        return (0...OctahedralNormal.maximumShift).last { shift in
            listed.allSatisfy { $0 == OctahedralNormal.rounded($0, shift: shift) }
        } ?? 0
    }
}

private struct BorderNormalModel {
    var flags = [BitModel](repeating: BitModel(), count: 6)
    var differences = [NumberModel(), NumberModel()]
    var wasListed = false

    /// Borders are lines along which decoders walk; and what has fine bits was on a finer level's border.
    func index(_ depths: [UInt8], _ vertex: Int) -> Int {
        let depth = depths.isEmpty ? 0 : Int(min(depths[vertex], 2))
        return 2 * depth + (wasListed ? 1 : 0)
    }
}
