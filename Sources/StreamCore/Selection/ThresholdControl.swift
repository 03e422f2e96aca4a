// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A budget: what every threshold would use of it, and how much there is.
struct Budget {
    var curve: CostCurve
    /// Positive.
    var limit: Int64

    /// Share that the cut for the threshold at `step` uses.
    func share(at step: Int) -> Double { Double(curve.cost(at: step)) / Double(limit) }
}

/// Raises the threshold while a budget is nearly full and lowers it again when there is room: less detail instead of
/// refusal, and no chunk is asked for that would have to leave at once.
struct ThresholdControl {
    private static let highShare = 0.85
    private static let lowShare = 0.70
    /// A step up, and down, of each selection.
    private static let rise = 1.05
    private static let fall = 1.03
    /// Beyond, only the triangle limit itself counts.
    static let maximumFactor = 4096.0

    /// What the asked threshold is multiplied by; at least 1.
    private(set) var factor = 1.0
    /// Whether the same view would be selected differently the next time.
    private(set) var isMoving = false

    /// Chooses the threshold of a selection.
    ///
    /// - Parameters:
    ///   - requested: pixels, positive.
    ///   - triangles: hard, but for roots and proxies.
    ///   - bytes: on the GPU; kept in the end by eviction, so that here it only moves the threshold.
    /// - Returns: a step of the curves, at least that of `requested`.
    mutating func chooseStep(requested: Float, triangles: Budget, bytes: Budget) -> Int {
        func load(_ factor: Double) -> Double {
            let step = ThresholdControl.step(requested, factor)
            return max(triangles.share(at: step), bytes.share(at: step))
        }
        let before = factor
        let now = load(factor)
        if now > ThresholdControl.highShare {
            factor = min(factor * ThresholdControl.rise, ThresholdControl.maximumFactor)
        } else if factor > 1, now < ThresholdControl.lowShare {
            let lower = max(1, factor / ThresholdControl.fall)
            // Not where it would rise again at once.
            if load(lower) <= ThresholdControl.highShare { factor = lower }
        }
        let wanted = ThresholdControl.step(requested, factor)
        let chosen = triangles.curve.firstStep(from: wanted, within: triangles.limit)
        if chosen > wanted {
            let needed = Double(CostCurve.pixels(of: chosen) / requested)
            factor = min(max(factor, needed), ThresholdControl.maximumFactor)
        }
        isMoving = factor != before
        return chosen
    }

    private static func step(_ requested: Float, _ factor: Double) -> Int {
        CostCurve.step(of: Float(Double(requested) * factor))
    }
}
