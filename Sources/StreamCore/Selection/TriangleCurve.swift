// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many triangles a cut has for every threshold that one might choose: a histogram of what refinement adds, by the
/// error in pixels up to which it does.
///
/// Thresholds are rounded down to steps of 1.1 % (64 in each octave), and a cut for a step holds everything in the
/// step and above, so that the counts are exact.
struct TriangleCurve {
    /// Everything whatever the threshold: roots and proxies.
    static let top = step(of: .infinity)
    private static let shift: UInt32 = 17
    private var counts = [Int64](repeating: 0, count: TriangleCurve.top + 1)

    /// - Parameter pixels: 0 or more.
    static func step(of pixels: Float) -> Int { min(Int(pixels.bitPattern >> shift), 0x7f80_0000 >> Int(shift)) }

    /// The smallest error in a step.
    static func pixels(of step: Int) -> Float { Float(bitPattern: UInt32(step) << shift) }

    mutating func clear() {
        for step in counts.indices { counts[step] = 0 }
    }

    /// `count` more triangles (fewer where negative) in all cuts for a threshold of at most `pixels`.
    mutating func add(_ count: Int64, upTo pixels: Float) { counts[TriangleCurve.step(of: pixels)] += count }

    /// Triangles in the cut for the threshold at `step`.
    func triangleCount(at step: Int) -> Int64 {
        var total: Int64 = 0
        for step in min(step, TriangleCurve.top)...TriangleCurve.top { total += counts[step] }
        return total
    }

    /// The first step at or after `step` whose cut has at most `limit` triangles; `top` where none has.
    func firstStep(from step: Int, within limit: Int64) -> Int {
        var total = triangleCount(at: step)
        var step = step
        while total > limit, step < TriangleCurve.top {
            total -= counts[step]
            step += 1
        }
        return step
    }
}
