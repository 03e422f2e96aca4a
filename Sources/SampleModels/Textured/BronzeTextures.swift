// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// The vase's textures: engraved bands on dark bronze, green patina in the grooves, an inlay that glows.
///
/// The square is divided by height t: 0 ..< 0.7 the body from foot to lip, 0.7 ..< 0.88 the lid, the rest plain metal for
/// handles and the inside.
struct BronzeTextures {
    static let size = 1024
    static let bodyTop: Float = 0.7
    static let lidTop: Float = 0.88
    /// Metres that the texture covers along u and t.
    private static let extent = Float2(0.72, 0.66)

    private let map: HeightMap

    init() { map = HeightMap(size: Self.size) { Self.height($0, $1) } }

    var baseColor: TextureImage {
        TextureImage(name: "Bronze base colour", size: Self.size) { u, t in
            let tone = Self.noise(u, t, 9, seed: 31) * 0.08 + Self.noise(u, t, 40, seed: 32) * 0.05
            let metal = Float3(0.80, 0.60, 0.40) * (0.9 + tone)
            let mix = patina(u, t)
            let green = Float3(0.32, 0.50, 0.44) * (0.9 + Self.noise(u, t, 60, seed: 33) * 0.25)
            let glow = Self.inlay(u, t)
            return (metal * (1 - mix) + green * mix) * (1 - glow) + Float3(0.75, 0.95, 0.92) * glow
        }
    }

    var normal: TextureImage {
        TextureImage(name: "Bronze normals", size: Self.size) { u, t in map.normal(u, t, extent: Self.extent) }
    }

    /// Occlusion in red, roughness in green, metal in blue.
    var surface: TextureImage {
        TextureImage(name: "Bronze occlusion, roughness, metal", size: Self.size) { u, t in
            let mix = patina(u, t)
            let shade = 1 - min(0.6, max(0, map.cavity(u, t)) * 900)
            let rough = 0.26 + 0.1 * Self.noise(u, t, 24, seed: 34) + 0.5 * mix
            let metal = (1 - 0.9 * mix) * (1 - Self.inlay(u, t))
            return Float3(shade, rough, metal)
        }
    }

    var emissive: TextureImage {
        TextureImage(name: "Bronze glow", size: Self.size) { u, t in Float3(0.18, 0.92, 0.85) * Self.inlay(u, t) }
    }

    /// 0 bare metal ... 1 patina.
    private func patina(_ u: Float, _ t: Float) -> Float {
        let groove = max(0, map.cavity(u, t)) * 1300
        let cloud = max(0, Self.noise(u, t, 5, seed: 35) + 0.5 * Self.noise(u, t, 17, seed: 36) - 0.25)
        return min(0.92, groove + cloud * 0.9)
    }

    // MARK: Relief

    private static func height(_ u: Float, _ t: Float) -> Float {
        let hammered = noise(u, t, 48, seed: 21) * 0.00010 + noise(u, t, 150, seed: 22) * 0.00003
        if t < bodyTop { return hammered + body(u, t / bodyTop) }
        if t < lidTop { return hammered + lid(u, (t - bodyTop) / (lidTop - bodyTop)) }
        return hammered
    }

    private static func body(_ u: Float, _ s: Float) -> Float {
        var h: Float = 0
        for line in [0.115, 0.165, 0.415, 0.455, 0.615, 0.715, 0.875] as [Float] {
            h -= 0.0006 * peak((s - line) / 0.006)
        }
        h += 0.0016 * beads(u * 56, (s - 0.14) / 0.028)
        if s > 0.17, s < 0.41 { h += 0.0015 * leaves(u * 16, (s - 0.17) / 0.24) }
        if s > 0.47, s < 0.60 { h -= 0.0009 * meander(u * 20, (s - 0.47) / 0.13) }
        if s > 0.72, s < 0.87 { h += 0.0012 * scales(u * 36, (s - 0.72) / 0.15 * 4) }
        return h - 0.0007 * inlay(u, s * bodyTop)
    }

    private static func lid(_ u: Float, _ s: Float) -> Float {
        var h: Float = 0
        for line in [0.12, 0.2, 0.62] as [Float] { h -= 0.0006 * peak((s - line) / 0.02) }
        if s > 0.22, s < 0.6 { h += 0.0013 * leaves(u * 14, (s - 0.22) / 0.38) }
        return h + 0.001 * beads(u * 44, (s - 0.16) / 0.08)
    }

    /// The glowing line between two grooves: a wave with dots in its bends; 0 ... 1.
    private static func inlay(_ u: Float, _ t: Float) -> Float {
        let s = t / bodyTop
        guard s > 0.615, s < 0.715 else { return 0 }
        let phase = u * 18
        let x = phase - phase.rounded(.down)
        let wave = sinf(2 * .pi * x) * 0.022
        let slope = cosf(2 * .pi * x)
        let line = 1 - smooth(0.0038, 0.006, abs(s - 0.665 - wave) / (1 + 2.55 * slope * slope).squareRoot())
        let dotX: Float = x < 0.5 ? 0.25 : 0.75
        let dotY: Float = x < 0.5 ? 0.662 - 0.012 : 0.668 + 0.012
        let d = Float2((x - dotX) * 0.24, s - dotY)
        return max(line, 1 - smooth(0.007, 0.010, (d * d).sum().squareRoot()))
    }

    private static func leaves(_ x: Float, _ y: Float) -> Float {
        var best: Float = 0
        for shift in [0, 0.5] as [Float] {
            let c = x + shift - (x + shift).rounded()
            let rise = shift == 0 ? y : y * 1.35
            guard rise < 1 else { continue }
            let width = 0.5 * powf(max(0, sinf(.pi * (0.12 + 0.88 * rise))), 0.75)
            let edge = 1 - abs(c) / max(width, 0.02)
            guard edge > 0 else { continue }
            let vein = 0.35 * peak(c / 0.035) * (1 - rise)
            let dome = min(1, edge * 3.2).squareRoot() * (shift == 0 ? 1 : 0.72)
            best = max(best, dome - vein)
        }
        return best
    }

    private static func scales(_ x: Float, _ y: Float) -> Float {
        let row = y.rounded(.down)
        let shifted = x + (Int(row) % 2 == 0 ? 0 : 0.5)
        let c = shifted - shifted.rounded()
        let d = Float2(c * 1.1, (y - row) - 0.1)
        let r = (d * d).sum().squareRoot()
        return max(0, 1 - r * 0.75) - 0.5 * peak((r - 0.85) / 0.12)
    }

    private static func beads(_ x: Float, _ y: Float) -> Float {
        let d = Float2((x - x.rounded()) * 2.1, y)
        return max(0, 1 - (d * d).sum()).squareRoot()
    }

    private static let key = ["1111111.", "1.....1.", "1.111.1.", "1.1...1.", "1.11111.", "1.......", "11111111"].map {
        $0.utf8.map { $0 == UInt8(ascii: "1") ? Float(1) : 0 }
    }

    /// A Greek key, one per unit of x; 0 ... 1.
    private static func meander(_ x: Float, _ y: Float) -> Float {
        let px = (x - x.rounded(.down)) * 8 - 0.5
        let py = (1 - y) * 8.6 - 1.3
        let (x0, y0) = (Int(px.rounded(.down)), Int(py.rounded(.down)))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        func cell(_ x: Int, _ y: Int) -> Float { (0..<7).contains(y) ? key[y][(x + 8) % 8] : 0 }
        let upper = cell(x0, y0) * (1 - fx) + cell(x0 + 1, y0) * fx
        let lower = cell(x0, y0 + 1) * (1 - fx) + cell(x0 + 1, y0 + 1) * fx
        return smooth(0.35, 0.65, upper * (1 - fy) + lower * fy)
    }

    private static func peak(_ x: Float) -> Float { abs(x) < 1 ? (1 - x * x) * (1 - x * x) : 0 }

    private static func smooth(_ low: Float, _ high: Float, _ x: Float) -> Float {
        let t = max(0, min(1, (x - low) / (high - low)))
        return t * t * (3 - 2 * t)
    }

    /// −1 ... 1, repeating along u: taken on a cylinder.
    private static func noise(_ u: Float, _ t: Float, _ frequency: Float, seed: UInt32) -> Float {
        let r = frequency / (2 * .pi)
        return ValueNoise.value(Float3(cosf(2 * .pi * u) * r, sinf(2 * .pi * u) * r, t * frequency), seed: seed)
    }
}
