// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A budget: what every threshold would use of it, and how much there is.
struct Budget {
    var curve: CostCurve
    /// Positive.
    var limit: Int64
    /// How many times the limit is used rather than let many parts give way to one stand-in; at least 1.
    var reserve = 1.0

    /// Share that the cut for the threshold at `step` uses.
    func share(at step: Int) -> Double { Double(curve.cost(at: step)) / Double(limit) }
}

/// Raises the threshold while a budget is nearly full and lowers it again when there is room: less detail instead of
/// refusal, and no chunk is asked for that would have to leave at once.
struct ThresholdControl {
    private static let highShare = 0.85
    private static let lowShare = 0.70
    /// A cut that uses less of the triangles than this is no answer to a budget that is nearly full: many parts gave way to
    /// one stand-in.
    private static let cliffShare = 0.5
    /// Parts come back in the place of their stand-in where they use no more than this of the limit and its reserve.
    private static let comingShare = 0.95
    /// Selections after which they do at the earliest, so that a budget that is learned from them does not make them blink.
    private static let patience = 15
    /// A step up, and down, of each selection.
    private static let rise = 1.05
    private static let fall = 1.03
    /// Beyond, only the triangle limit itself counts.
    static let maximumFactor = 4096.0

    /// What the asked threshold is multiplied by; at least 1.
    private(set) var factor = 1.0
    /// Whether the same view would be selected differently the next time.
    private(set) var isMoving = false
    /// Selections for which parts wait that have given way to their stand-in.
    private var waitCount = 0

    /// Chooses the threshold of a selection.
    ///
    /// - Parameters:
    ///   - requested: pixels, positive.
    ///   - triangles: hard, but for roots, proxies and the reserve.
    ///   - bytes: on the GPU; kept in the end by eviction, so that here it only moves the threshold.
    /// - Returns: a step of the curves, at least that of `requested`.
    mutating func chooseStep(requested: Float, triangles: Budget, bytes: Budget) -> Int {
        func shares(_ factor: Double) -> (triangles: Double, bytes: Double) {
            let step = ThresholdControl.step(requested, factor)
            return (triangles.share(at: step), bytes.share(at: step))
        }
        let before = factor
        let now = shares(factor)
        waitCount = max(0, waitCount - 1)
        if max(now.triangles, now.bytes) > ThresholdControl.highShare {
            let stays =
                now.bytes <= ThresholdControl.highShare
                && isAtCliff(triangles, ThresholdControl.step(requested, factor))
            if !stays { factor = min(factor * ThresholdControl.rise, ThresholdControl.maximumFactor) }
        } else if factor > 1, max(now.triangles, now.bytes) < ThresholdControl.lowShare {
            let lower = max(1, factor / ThresholdControl.fall)
            let then = shares(lower)
            // Not where it would rise again at once.
            let isComing = then.triangles > ThresholdControl.highShare && now.triangles < ThresholdControl.cliffShare
            let limit = isComing ? ThresholdControl.comingShare * triangles.reserve : ThresholdControl.highShare
            if then.bytes <= ThresholdControl.highShare, then.triangles <= limit, !isComing || waitCount == 0 {
                factor = lower
            }
        }
        let wanted = ThresholdControl.step(requested, factor)
        var chosen = triangles.curve.firstStep(from: wanted, within: triangles.limit)
        if chosen > wanted, isAtCliff(triangles, wanted) { chosen = wanted }
        if chosen > wanted {
            if triangles.share(at: chosen) < ThresholdControl.cliffShare { waitCount = ThresholdControl.patience }
            let needed = Double(CostCurve.pixels(of: chosen) / requested)
            factor = min(max(factor, needed), ThresholdControl.maximumFactor)
        }
        isMoving = factor != before || waitCount > 0
        return chosen
    }

    /// Whether a cut may stay because every coarser one that leaves some room leaves most of it.
    private func isAtCliff(_ budget: Budget, _ step: Int) -> Bool {
        let room = Int64(Double(budget.limit) * ThresholdControl.highShare)
        let coarser = budget.curve.firstStep(from: step, within: room)
        return budget.share(at: step) <= budget.reserve && budget.share(at: coarser) < ThresholdControl.cliffShare
    }

    private static func step(_ requested: Float, _ factor: Double) -> Int {
        CostCurve.step(of: Float(Double(requested) * factor))
    }
}
