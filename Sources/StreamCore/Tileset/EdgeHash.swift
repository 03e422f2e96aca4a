// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers for edges between grid positions, to add up: where a surface continues, its triangles run an edge once each
/// way and their contributions cancel, so that a sum over many triangles is a fingerprint of the surface's border alone,
/// whatever the order and the grouping. A closed surface sums to 0.
package enum EdgeHash {
    /// A number for a grid position.
    package static func place(_ p: Int3) -> UInt64 {
        mix(
            UInt64(UInt32(bitPattern: p.x)) << 32 | UInt64(UInt32(bitPattern: p.y)), UInt64(UInt32(bitPattern: p.z)))
    }

    /// A number for the edge between two places, the same from both ends.
    package static func edge(_ a: UInt64, _ b: UInt64) -> UInt64 { mix(min(a, b), max(a, b)) }

    /// What a triangle adds to the fingerprint, from the places of its corners in order.
    package static func border(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 {
        directed(a, b) &+ directed(b, c) &+ directed(c, a)
    }

    static func directed(_ a: UInt64, _ b: UInt64) -> UInt64 {
        a == b ? 0 : a < b ? edge(a, b) : 0 &- edge(a, b)
    }

    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var hash = a &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 32)) &+ b &* 0xC2B2_AE3D_27D4_EB4F
        hash = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return hash ^ (hash >> 32)
    }
}
