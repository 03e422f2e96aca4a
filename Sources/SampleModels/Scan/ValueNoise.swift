// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Smooth noise in space from an integer hash of the lattice corners: cheap, and the same on every machine.
enum ValueNoise {
    /// −1 ... 1, smooth to the second derivative, features of about 1.
    @inline(__always)
    static func value(_ p: Float3, seed: UInt32) -> Float {
        let floor = p.rounded(.down)
        let t = p - floor
        let w = t * t * t * (t * (t * 6 - 15) + 10)
        let cell = SIMD3<UInt32>(truncatingIfNeeded: SIMD3<Int32>(floor))
        let x = cell.x &* 0x8DA6_B343
        let y = cell.y &* 0xD816_3841
        let z = cell.z &* 0xCB1A_B31F &+ seed
        let x1 = x &+ 0x8DA6_B343
        let y1 = y &+ 0xD816_3841
        let z1 = z &+ 0xCB1A_B31F
        var hash = SIMD8<UInt32>(
            x &+ y &+ z, x1 &+ y &+ z, x &+ y1 &+ z, x1 &+ y1 &+ z, x &+ y &+ z1, x1 &+ y &+ z1, x &+ y1 &+ z1,
            x1 &+ y1 &+ z1)
        hash = mixed(hash)
        let corners = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: hash)) * (1 / 2_147_483_648)
        let alongX = corners.evenHalf + (corners.oddHalf - corners.evenHalf) * w.x
        let alongY = alongX.evenHalf + (alongX.oddHalf - alongX.evenHalf) * w.y
        return alongY.x + (alongY.y - alongY.x) * w.z
    }

    /// −1 ... 1 for an index, without any relation between neighbours.
    @inline(__always)
    static func white(_ index: UInt32) -> Float {
        var h = index &* 0x9E37_79B9
        h = (h ^ (h &>> 16)) &* 0x85EB_CA6B
        h = (h ^ (h &>> 13)) &* 0xC2B2_AE35
        h ^= h &>> 16
        return Float(Int32(truncatingIfNeeded: h)) * (1 / 2_147_483_648)
    }

    @inline(__always)
    private static func mixed(_ value: SIMD8<UInt32>) -> SIMD8<UInt32> {
        var h = value
        h = (h ^ (h &>> 15)) &* SIMD8(repeating: 0x2C1B_3C6D)
        h = (h ^ (h &>> 12)) &* SIMD8(repeating: 0x297A_2D39)
        return h ^ (h &>> 15)
    }
}
