// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many triangles a picture may have to be finished in time, learned from how long pictures took.
///
/// A picture is taken to cost so much a pixel and so much a triangle. Only the sum can be measured, so both are
/// corrected by the same factor, a part of the way each time; where the guess fits at the working point, it is good
/// enough.
package struct TriangleBudget: Sendable {
    /// Never fewer: something has to be shown.
    package static let smallest = 2_000
    /// Part of the target that is used: pictures are not all alike.
    private static let share = 0.9
    private static let slowness = 0.35

    private struct Cost {
        var nanosecondsPerPixel: Double
        var nanosecondsPerTriangle: Double

        func milliseconds(pixels: Int, triangles: Int) -> Double {
            (nanosecondsPerPixel * Double(pixels) + nanosecondsPerTriangle * Double(triangles)) * 1e-6
        }
    }

    /// By number of samples.
    private var costs: [Int: Cost]

    /// - Parameter isCPU: begins with the speed of a device that is the CPU.
    package init(isCPU: Bool) {
        costs =
            isCPU
            ? [
                1: Cost(nanosecondsPerPixel: 14, nanosecondsPerTriangle: 230),
                4: Cost(nanosecondsPerPixel: 30, nanosecondsPerTriangle: 270),
            ]
            : [
                1: Cost(nanosecondsPerPixel: 0.5, nanosecondsPerTriangle: 1),
                4: Cost(nanosecondsPerPixel: 1, nanosecondsPerTriangle: 1),
            ]
    }

    /// Takes in what a picture took.
    package mutating func note(milliseconds: Double, pixels: Int, triangles: Int, sampleCount: Int) {
        guard milliseconds > 0, milliseconds.isFinite, pixels > 0, var cost = costs[sampleCount] else { return }
        let expected = cost.milliseconds(pixels: pixels, triangles: triangles)
        // One picture that something else held up does not change everything.
        let error = min(max(milliseconds / expected, 0.4), 2.5)
        let factor = 1 + (error - 1) * TriangleBudget.slowness
        cost.nanosecondsPerPixel *= factor
        cost.nanosecondsPerTriangle *= factor
        costs[sampleCount] = cost
    }

    /// Most triangles for a picture that may take this long.
    package func triangleLimit(milliseconds: Double, pixels: Int, sampleCount: Int) -> Int {
        guard let cost = costs[sampleCount] else { return TriangleBudget.smallest }
        let left = milliseconds * TriangleBudget.share - cost.milliseconds(pixels: pixels, triangles: 0)
        let count = left * 1e6 / cost.nanosecondsPerTriangle
        guard count < 1e12 else { return 1_000_000_000_000 }
        return max(TriangleBudget.smallest, Int(max(0, count)))
    }
}
