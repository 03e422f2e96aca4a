// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// The scanned statue: a weathered stone head about 1.5 m high, given as a radius for each direction, so that it can
/// be sampled at any density and never folds over itself.
///
/// Large forms are a few smooth bumps and hollows; ridged noise makes cracks and weathering, finer noise the grain.
/// Metres, Y up, face towards +z, standing near y = 0.
struct StoneHead {
    /// An ellipsoidal bump on the unit sphere: `height` at `center`, 0 beyond the ellipsoid `1 / inverseSize`.
    private struct Bump {
        var center: Float3
        var inverseSize: Float3
        var height: Float
    }

    private let bumps: [Bump]
    private let stretch = Float3(0.42, 0.8, 0.47)

    init() {
        var bumps: [Bump] = []
        func add(_ x: Float, _ y: Float, _ z: Float, _ sx: Float, _ sy: Float, _ sz: Float, _ height: Float) {
            let center = normalized(Float3(x, y, z))
            bumps.append(Bump(center: center, inverseSize: 1 / Float3(sx, sy, sz), height: height))
        }
        func pair(_ x: Float, _ y: Float, _ z: Float, _ sx: Float, _ sy: Float, _ sz: Float, _ height: Float) {
            add(x, y, z, sx, sy, sz, height)
            add(-x, y, z, sx, sy, sz, height)
        }
        pair(0.3, 0.3, 0.9, 0.36, 0.11, 0.5, 0.085)  // brows
        add(0, 0.3, 0.95, 0.3, 0.11, 0.5, 0.05)
        pair(0.3, 0.14, 0.93, 0.24, 0.13, 0.5, -0.085)  // eye sockets
        pair(0.3, 0.13, 0.94, 0.13, 0.055, 0.5, 0.05)  // eyes
        add(0, 0.1, 1, 0.12, 0.3, 0.5, 0.09)  // nose
        add(0, -0.1, 1, 0.15, 0.13, 0.5, 0.13)
        pair(0.12, -0.13, 1, 0.08, 0.065, 0.4, 0.05)
        pair(0.48, -0.05, 0.85, 0.26, 0.2, 0.5, 0.045)  // cheeks
        pair(0.3, -0.3, 0.88, 0.12, 0.18, 0.4, -0.03)
        add(0, -0.315, 0.93, 0.24, 0.055, 0.4, 0.06)  // lips
        add(0, -0.425, 0.9, 0.2, 0.06, 0.4, 0.065)
        add(0, -0.368, 0.92, 0.24, 0.022, 0.4, -0.04)
        add(0, -0.5, 0.86, 0.2, 0.05, 0.4, -0.03)
        add(0, -0.62, 0.79, 0.36, 0.16, 0.5, 0.085)  // chin
        pair(0.55, -0.55, 0.55, 0.4, 0.25, 0.5, 0.05)  // jaw
        pair(0.98, 0.02, -0.02, 0.3, 0.34, 0.11, 0.11)  // ears
        pair(0.98, 0.04, 0.03, 0.3, 0.2, 0.05, -0.06)
        add(0, 0.55, -0.8, 0.8, 0.6, 0.7, 0.08)
        add(0, -0.85, -0.1, 0.7, 0.35, 0.7, 0.12)  // neck
        self.bumps = bumps
    }

    /// `edge`: length of a mesh edge on the unit sphere, which scales the scanner's noise; `index` seeds it.
    @inline(__always)
    func point(_ direction: Float3, edge: Float, index: UInt32) -> Float3 {
        let warp = ValueNoise.value(direction * 2.1, seed: 11)
        let large = ValueNoise.value(direction * 1.7 + 5, seed: 1) * 0.035 + warp * 0.02
        var radius = 1 + large + features(direction)
        radius += headband(direction)
        let place = turned(direction) * (1 + 0.2 * warp)
        let ridge = 1 - abs(ValueNoise.value(place * 5.3, seed: 2))
        let crack = 1 - abs(ValueNoise.value(place * 11.7 + warp, seed: 3))
        radius -= 0.014 * ridge * ridge * ridge * ridge
        radius -= 0.011 * power8(crack)
        radius += 0.0045 * ValueNoise.value(place * 23, seed: 4)
        radius += 0.0026 * ValueNoise.value(place * 51, seed: 5)
        let pit = max(0, ValueNoise.value(place * 83, seed: 6) - 0.25)
        radius -= 0.016 * pit * pit
        radius += 0.001 * ValueNoise.value(place * 190, seed: 7)
        let scanner = 0.22 * edge * ValueNoise.white(index)
        radius = standing(radius, direction) + scanner
        return direction * radius * stretch + Float3(0, 0.64, 0)
    }

    @inline(__always)
    private func features(_ direction: Float3) -> Float {
        var sum: Float = 0
        for i in 0..<bumps.count {
            let bump = bumps[i]
            let d = (direction - bump.center) * bump.inverseSize
            let t = 1 - (d * d).sum()
            if t > 0 { sum += bump.height * t * t * (3 - 2 * t) }
        }
        return sum
    }

    /// A carved band above the brow: two grooves and a zigzag between them.
    @inline(__always)
    private func headband(_ direction: Float3) -> Float {
        let y = direction.y
        guard y > 0.46, y < 0.72 else { return 0 }
        let rise = min(1, min(y - 0.46, 0.72 - y) * 30)
        let angle = atan2f(direction.x, direction.z) * (18 / Float.pi)
        let zigzag = abs(angle - angle.rounded()) * 2
        let line = abs((y - 0.525) / 0.13 - zigzag)
        let groove = min(abs(y - 0.49), abs(y - 0.69)) * 70
        let cut = max(max(0, 1 - line * 6), max(0, 1 - groove))
        return 0.024 * rise - 0.022 * cut * rise
    }

    /// Widens to a neck and is cut off level at the bottom, with a rounded rim.
    @inline(__always)
    private func standing(_ radius: Float, _ direction: Float3) -> Float {
        let down = -direction.y
        guard down > 0.3 else { return radius }
        let floor = 0.8 / down
        let gap = (floor - radius) / 0.06
        // Smooth minimum of the two radii.
        if gap > 1 { return radius }
        if gap < -1 { return floor }
        return min(radius, floor) - 0.015 * (1 - abs(gap)) * (1 - abs(gap))
    }

    /// Askew, so that the noise lattice does not show as level and plumb lines.
    @inline(__always)
    private func turned(_ p: Float3) -> Float3 {
        Float3(0.36 * p.x + 0.48 * p.y - 0.8 * p.z, 0.6 * p.y - 0.8 * p.x, 0.48 * p.x + 0.64 * p.y + 0.6 * p.z)
    }

    @inline(__always)
    private func power8(_ x: Float) -> Float {
        let square = x * x
        let fourth = square * square
        return fourth * fourth
    }
}
