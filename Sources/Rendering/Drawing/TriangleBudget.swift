// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many triangles a picture may have to be finished in time, learned from how long pictures took.
///
/// A picture is taken to cost so much a pixel and so much a triangle, which are fitted to the latest pictures: least
/// squares in which older pictures count ever less (Haykin, Adaptive Filter Theory, chapter on the RLS algorithm). Where
/// all of them are alike, only their sum can be known, so the fit is pulled a little towards what was thought last, and
/// ever so little towards what was thought first: pictures of few triangles teach what pixels cost, and leave alone what
/// triangles do, and noise does not carry the two away from each other.
package struct TriangleBudget: Sendable {
    /// Never fewer: something has to be shown.
    package static let smallest = 2_000
    /// Part of the target that is used: pictures are not all alike.
    private static let share = 0.9
    /// Part of the target that triangles may take whatever pixels cost: fewer of them would save next to nothing.
    private static let leastTriangleShare = 0.19

    /// By number of samples.
    private var costs: [Int: PictureCost]

    /// - Parameter isCPU: begins with the speed of a device that is the CPU.
    package init(isCPU: Bool) {
        costs =
            isCPU
            ? [
                1: PictureCost(nanosecondsPerPixel: 19, nanosecondsPerTriangle: 150),
                4: PictureCost(nanosecondsPerPixel: 30, nanosecondsPerTriangle: 270),
            ]
            : [
                1: PictureCost(nanosecondsPerPixel: 0.5, nanosecondsPerTriangle: 1),
                4: PictureCost(nanosecondsPerPixel: 1, nanosecondsPerTriangle: 1),
            ]
    }

    /// Takes in what a picture took.
    package mutating func note(milliseconds: Double, pixels: Int, triangles: Int, sampleCount: Int) {
        guard milliseconds > 0, milliseconds.isFinite, pixels > 0 else { return }
        costs[sampleCount]?.note(nanoseconds: milliseconds * 1e6, pixels: Double(pixels), triangles: Double(triangles))
    }

    /// What one pass of a picture is thought to take.
    package func milliseconds(pixels: Int, triangles: Int, sampleCount: Int) -> Double {
        guard let cost = costs[sampleCount] else { return 0 }
        return (cost.nanosecondsPerPixel * Double(pixels) + cost.nanosecondsPerTriangle * Double(triangles)) / 1e6
    }

    /// Most triangles for a picture that may take this long.
    package func triangleLimit(milliseconds: Double, pixels: Int, sampleCount: Int) -> Int {
        guard let cost = costs[sampleCount] else { return TriangleBudget.smallest }
        let target = milliseconds * 1e6
        let left = target * TriangleBudget.share - cost.nanosecondsPerPixel * Double(pixels)
        let count = max(left, target * TriangleBudget.leastTriangleShare) / cost.nanosecondsPerTriangle
        guard count < 1e12 else { return 1_000_000_000_000 }
        return max(TriangleBudget.smallest, Int(count))
    }
}

/// What pictures cost on one device with one number of samples.
private struct PictureCost {
    private let first: (pixel: Double, triangle: Double)
    /// Times the first costs that are thought now.
    private var factors = (pixel: 1.0, triangle: 1.0)
    /// Sums over the pictures so far, of products of the parts that pixels and triangles had in what was expected by the
    /// first costs (`pp`, `pt`, `tt`), and of these with the time (`p`, `t`); all relative to the time then expected.
    private var sums = (pp: 0.0, pt: 0.0, tt: 0.0, p: 0.0, t: 0.0)
    /// By how many times the latest picture took what was expected.
    private var lastRatio = 1.0

    /// What an older picture counts less than the next.
    private static let memory = 0.93
    /// What the costs thought last count, in pictures.
    private static let lastWeight = 0.05
    /// Share of the first costs in what is pulled towards.
    private static let firstShare = 0.01
    /// A picture that takes so many times what was expected was held up by something else, unless the next one is as slow.
    private static let outlierRatio = 2.0
    private static let (smallestPixelFactor, smallestTriangleFactor) = (0.01, 0.002)

    init(nanosecondsPerPixel: Double, nanosecondsPerTriangle: Double) {
        first = (nanosecondsPerPixel, nanosecondsPerTriangle)
    }

    var nanosecondsPerPixel: Double { first.pixel * factors.pixel }
    var nanosecondsPerTriangle: Double { first.triangle * factors.triangle }

    mutating func note(nanoseconds: Double, pixels: Double, triangles: Double) {
        let expected = nanosecondsPerPixel * pixels + nanosecondsPerTriangle * triangles
        let ratio = nanoseconds / expected
        let isOutlier = ratio > PictureCost.outlierRatio && lastRatio <= PictureCost.outlierRatio
        lastRatio = ratio
        guard !isOutlier else { return }
        let (p, t) = (first.pixel * pixels / expected, first.triangle * triangles / expected)
        let old = PictureCost.memory
        sums = (
            sums.pp * old + p * p, sums.pt * old + p * t, sums.tt * old + t * t,
            sums.p * old + p * ratio, sums.t * old + t * ratio
        )
        fit()
    }

    /// Factors that fit best, by Cramer's rule.
    private mutating func fit() {
        let weight = PictureCost.lastWeight
        let (pp, tt) = (sums.pp + weight, sums.tt + weight)
        func pull(_ factor: Double) -> Double { weight * (factor + (1 - factor) * PictureCost.firstShare) }
        let (p, t) = (sums.p + pull(factors.pixel), sums.t + pull(factors.triangle))
        let determinant = pp * tt - sums.pt * sums.pt
        factors = (
            max((p * tt - sums.pt * t) / determinant, PictureCost.smallestPixelFactor),
            max((pp * t - sums.pt * p) / determinant, PictureCost.smallestTriangleFactor)
        )
    }
}
