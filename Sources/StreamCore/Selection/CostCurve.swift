// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the cut costs, in triangles or in bytes, for every threshold that one might choose: a histogram of what
/// refinement adds, by the error in pixels up to which it does.
///
/// Thresholds are rounded down to steps of 1.1 % (64 in each octave), and a cut for a step holds everything in the
/// step and above, so that the costs are exact.
struct CostCurve {
    /// Everything whatever the threshold: roots and proxies.
    static let top = step(of: .infinity)
    private static let shift: UInt32 = 17
    private var costs = [Int64](repeating: 0, count: CostCurve.top + 1)

    /// - Parameter pixels: 0 or more.
    static func step(of pixels: Float) -> Int { min(Int(pixels.bitPattern >> shift), 0x7f80_0000 >> Int(shift)) }

    /// The smallest error in a step.
    static func pixels(of step: Int) -> Float { Float(bitPattern: UInt32(step) << shift) }

    mutating func clear() {
        for step in costs.indices { costs[step] = 0 }
    }

    /// `cost` more (less where negative) in all cuts for a threshold of at most `pixels`.
    mutating func add(_ cost: Int64, upTo pixels: Float) { costs[CostCurve.step(of: pixels)] += cost }

    /// What the cut for the threshold at `step` costs.
    func cost(at step: Int) -> Int64 {
        var total: Int64 = 0
        for step in min(step, CostCurve.top)...CostCurve.top { total += costs[step] }
        return total
    }

    /// The first step at or after `step` whose cut costs at most `limit`; `top` where none does.
    func firstStep(from step: Int, within limit: Int64) -> Int {
        var total = cost(at: step)
        var step = step
        while total > limit, step < CostCurve.top {
            total -= costs[step]
            step += 1
        }
        return step
    }
}
