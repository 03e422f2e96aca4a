// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The low bits of positions. Coarse levels need a coarser grid than the source's, and most of their vertices are on it;
/// those that finer levels fixed are not. So the codecs get positions without `shift` low bits, and what the others have
/// besides travels apart, one bit of each axis at a time for as long as there is any. Layout: FORMAT.md, "Details".
enum FinePositions {
    /// How many low bits to take away: what that saves in the codec against what the remaining vertices cost apart.
    /// No two places may become one, or the encoder could not find vertices again.
    static func shift(for positions: [Int32]) -> Int {
        var counts = [Int](repeating: 0, count: NodeCoding.maximumPositionShift + 1)
        for first in stride(from: 0, to: positions.count, by: 3) {
            let zeros = (positions[first] | positions[first + 1] | positions[first + 2]).trailingZeroBitCount
            counts[min(zeros, NodeCoding.maximumPositionShift)] += 1
        }
        var (best, bestGain, gain) = (0, 0, 0)
        var finer = 0
        for shift in 1...NodeCoding.maximumPositionShift {
            finer += counts[shift - 1]
            // A bit on each axis less for all; for the finer ones, that bit and a flag instead.
            gain += 3 * (positions.count / 3) - 4 * finer
            if gain > bestGain { (best, bestGain) = (shift, gain) }
        }
        if best == 0 { return 0 }
        let distinct = distinctCount(positions, shift: 0)
        while best > 0, distinctCount(positions, shift: best) < distinct { best -= 1 }
        return best
    }

    private static func distinctCount(_ positions: [Int32], shift: Int) -> Int {
        var keys: [UInt64] = []
        keys.reserveCapacity(positions.count / 3)
        for first in stride(from: 0, to: positions.count, by: 3) {
            // 21 bits an axis: the finest grid a geometry may have.
            let x = UInt64(truncatingIfNeeded: positions[first] >> Int32(shift)) & 0x1f_ffff
            let y = UInt64(truncatingIfNeeded: positions[first + 1] >> Int32(shift)) & 0x1f_ffff
            let z = UInt64(truncatingIfNeeded: positions[first + 2] >> Int32(shift)) & 0x1f_ffff
            keys.append(x | y << 21 | z << 42)
        }
        keys.sort()
        return keys.indices.dropFirst().count { keys[$0] != keys[$0 - 1] } + min(keys.count, 1)
    }

    /// - Returns: per vertex, how many bits were written.
    static func write(_ positions: [Int32], shift: Int, to encoder: inout BinaryEncoder) -> [UInt8] {
        var model = FinePositionModel(shift: shift)
        return stride(from: 0, to: positions.count, by: 3).map { first in
            let (x, y, z) = (positions[first], positions[first + 1], positions[first + 2])
            let depth = max(0, shift - (x | y | z).trailingZeroBitCount)
            for bit in 0..<depth {
                encoder.encode(true, &model.flags[model.index(bit)])
                let place = Int32(shift - 1 - bit)
                encoder.encode(
                    UInt32(bitPattern: (x >> place & 1) << 2 | (y >> place & 1) << 1 | z >> place & 1), bitCount: 3)
            }
            if depth < shift { encoder.encode(false, &model.flags[model.index(depth)]) }
            model.previousDepth = depth
            return UInt8(depth)
        }
    }

    /// Puts the bits behind those of `positions`, in place.
    ///
    /// - Returns: per vertex, how many bits were read.
    static func read(
        _ decoder: inout BinaryDecoder, shift: Int, into positions: inout [Int32]
    ) throws(ChunkError) -> [UInt8] {
        var model = FinePositionModel(shift: shift)
        var depths = [UInt8](repeating: 0, count: positions.count / 3)
        for vertex in depths.indices {
            var low = Int3.zero
            var depth = 0
            while depth < shift, try decoder.decode(&model.flags[model.index(depth)]) {
                let bits = Int32(bitPattern: try decoder.decode(bitCount: 3))
                low |= Int3(bits >> 2, bits >> 1 & 1, bits & 1) &<< Int32(shift - 1 - depth)
                depth += 1
            }
            for axis in 0..<3 {
                positions[3 * vertex + axis] = positions[3 * vertex + axis] &<< Int32(shift) | low[axis]
            }
            model.previousDepth = depth
            depths[vertex] = UInt8(depth)
        }
        return depths
    }
}

/// Whether a vertex has a further bit, by how many it has and whether the vertex before had any: decoders walk along
/// edges, and what finer levels fixed are lines.
private struct FinePositionModel {
    var flags: [BitModel]
    var previousDepth = 0

    init(shift: Int) { flags = Array(repeating: BitModel(), count: 2 * shift) }

    func index(_ depth: Int) -> Int { 2 * depth + (previousDepth > 0 ? 1 : 0) }
}
