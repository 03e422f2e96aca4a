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
    private let stretch = Float3(0.40, 0.66, 0.44)

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
        pair(0.25, 0.34, 0.9, 0.42, 0.15, 0.5, 0.16)  // brows
        add(0, 0.34, 0.95, 0.3, 0.16, 0.5, 0.1)
        pair(0.32, 0.13, 0.93, 0.26, 0.17, 0.5, -0.2)  // eye sockets
        pair(0.31, 0.1, 0.94, 0.15, 0.075, 0.5, 0.09)  // eyes
        add(0, 0.08, 1, 0.12, 0.34, 0.5, 0.2)  // nose
        add(0, -0.13, 1, 0.17, 0.15, 0.5, 0.22)
        pair(0.13, -0.17, 1, 0.1, 0.09, 0.4, 0.09)
        pair(0.5, -0.08, 0.85, 0.3, 0.26, 0.5, 0.1)  // cheeks
        pair(0.34, -0.32, 0.88, 0.16, 0.2, 0.4, -0.07)
        add(0, -0.37, 0.92, 0.3, 0.075, 0.4, 0.13)  // lips
        add(0, -0.5, 0.88, 0.26, 0.085, 0.4, 0.13)
        add(0, -0.435, 0.9, 0.27, 0.035, 0.4, -0.06)
        add(0, -0.7, 0.72, 0.4, 0.2, 0.5, 0.22)  // chin
        pair(0.6, -0.62, 0.45, 0.4, 0.3, 0.5, 0.08)  // jaw
        pair(0.98, 0.02, 0.02, 0.3, 0.42, 0.14, 0.17)  // ears
        pair(0.98, 0.05, 0.06, 0.2, 0.25, 0.07, -0.1)
        add(0, 0.5, -0.85, 0.7, 0.6, 0.6, 0.12)
        self.bumps = bumps
    }

    /// `edge`: length of a mesh edge on the unit sphere, which scales the scanner's noise; `index` seeds it.
    @inline(__always)
    func point(_ direction: Float3, edge: Float, index: UInt32) -> Float3 {
        let warp = ValueNoise.value(direction * 2.1, seed: 11)
        let large = ValueNoise.value(direction * 1.7 + 5, seed: 1) * 0.06 + warp * 0.03
        var radius = 1 + large + features(direction)
        radius += headband(direction)
        let place = direction * (1 + 0.2 * warp)
        let ridge = 1 - abs(ValueNoise.value(place * 5.3, seed: 2))
        let crack = 1 - abs(ValueNoise.value(place * 11.7 + warp, seed: 3))
        radius -= 0.05 * ridge * ridge * ridge * ridge
        radius -= 0.028 * power8(crack)
        radius += 0.012 * ValueNoise.value(place * 23, seed: 4)
        radius += 0.006 * ValueNoise.value(place * 51, seed: 5)
        let pit = max(0, ValueNoise.value(place * 83, seed: 6) - 0.25)
        radius -= 0.02 * pit * pit
        radius += 0.0016 * ValueNoise.value(place * 190, seed: 7)
        let scanner = 0.22 * edge * ValueNoise.white(index)
        radius = standing(radius, direction) + scanner
        return direction * radius * stretch + Float3(0, 0.66, 0)
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
        guard y > 0.48, y < 0.74 else { return 0 }
        let rise = min(1, min(y - 0.48, 0.74 - y) * 30)
        let angle = atan2f(direction.x, direction.z) * (18 / Float.pi)
        let zigzag = abs(angle - angle.rounded()) * 2
        let line = abs((y - 0.535) / 0.15 - zigzag)
        let groove = min(abs(y - 0.52), abs(y - 0.70)) * 70
        let cut = max(max(0, 1 - line * 6), max(0, 1 - groove))
        return 0.035 * rise - 0.03 * cut * rise
    }

    /// Widens to a neck and is cut off level at the bottom, with a rounded rim.
    @inline(__always)
    private func standing(_ radius: Float, _ direction: Float3) -> Float {
        let down = -direction.y
        guard down > 0.3 else { return radius }
        let floor = 1 / max(down, 0.05)
        let gap = (floor - radius) / 0.06
        // Smooth minimum of the two radii.
        if gap > 1 { return radius }
        if gap < -1 { return floor }
        return min(radius, floor) - 0.015 * (1 - abs(gap)) * (1 - abs(gap))
    }

    @inline(__always)
    private func power8(_ x: Float) -> Float {
        let square = x * x
        let fourth = square * square
        return fourth * fourth
    }
}
