// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// Oiled walnut for the plinth; grain along u.
struct WoodTextures {
    static let size = 1024
    /// Metres that the texture covers each way.
    static let extent: Float = 0.4

    private let map: HeightMap

    init() { map = HeightMap(size: Self.size) { Self.grain($0, $1) * 0.00012 - Self.pores($0, $1) * 0.00022 } }

    var baseColor: TextureImage {
        TextureImage(name: "Walnut base colour", size: Self.size) { u, t in
            let ring = 0.5 + 0.5 * Self.grain(u, t)
            let fiber = Self.stretched(u, t, 6, 300, seed: 46) * 0.06
            let dark = Float3(0.30, 0.18, 0.115)
            let light = Float3(0.55, 0.37, 0.25)
            let tone = dark + (light - dark) * ring + fiber
            return tone * (1 - 0.3 * Self.pores(u, t))
        }
    }

    var normal: TextureImage {
        TextureImage(name: "Walnut normals", size: Self.size) { u, t in
            map.normal(u, t, extent: Float2(Self.extent, Self.extent))
        }
    }

    var surface: TextureImage {
        TextureImage(name: "Walnut occlusion, roughness, metal", size: Self.size) { u, t in
            Float3(1 - 0.4 * Self.pores(u, t), 0.46 + 0.12 * Self.grain(u, t) + 0.25 * Self.pores(u, t), 0)
        }
    }

    /// Growth rings cut lengthwise, −1 ... 1.
    private static func grain(_ u: Float, _ t: Float) -> Float {
        let bend = stretched(u, t, 1.5, 3, seed: 41) * 0.35 + stretched(u, t, 3, 9, seed: 42) * 0.08
        let ring = (t + bend * 0.22) * 22
        let x = ring - ring.rounded(.down)
        return (x < 0.8 ? x / 0.8 : (1 - x) / 0.2) * 2 - 1
    }

    private static func pores(_ u: Float, _ t: Float) -> Float {
        max(0, min(1, (stretched(u, t, 40, 380, seed: 43) - 0.5) * 3))
    }

    private static func stretched(_ u: Float, _ t: Float, _ along: Float, _ across: Float, seed: UInt32) -> Float {
        let r = along / (2 * .pi)
        let position = Float3(cosf(2 * .pi * u) * r, sinf(2 * .pi * u) * r, t * across)
        return ValueNoise.value(position, seed: seed)
    }
}
