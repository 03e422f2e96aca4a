// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Raises the threshold while a budget is nearly full and lowers it again when there is room: less detail instead of
/// refusal, and no chunk is asked for that would have to leave at once.
struct ThresholdControl {
    private static let highShare = 0.85
    private static let lowShare = 0.70
    /// A step up, and down, of each selection.
    private static let rise = 1.05
    private static let fall = 1.03
    private static let maximumFactor = 4096.0

    /// What the asked threshold is multiplied by; at least 1.
    private(set) var factor = 1.0
    /// Whether the same view would be selected differently the next time.
    private(set) var isMoving = false

    /// Chooses the threshold of a selection.
    ///
    /// - Parameters:
    ///   - requested: pixels, positive.
    ///   - curve: of all cuts from `requested` on.
    ///   - triangleLimit: hard, but for roots and proxies.
    ///   - usedByteShare: of the GPU byte limit, what the last selection drew from.
    /// - Returns: a step of the curve, at least that of `requested`.
    mutating func chooseStep(
        requested: Float, curve: TriangleCurve, triangleLimit: Int64, usedByteShare: Double
    ) -> Int {
        let before = factor
        let high = Double(triangleLimit) * ThresholdControl.highShare
        let load = Double(curve.triangleCount(at: step(requested, factor)))
        if load > high || usedByteShare > ThresholdControl.highShare {
            factor = min(factor * ThresholdControl.rise, ThresholdControl.maximumFactor)
        } else if factor > 1, load < Double(triangleLimit) * ThresholdControl.lowShare,
            usedByteShare < ThresholdControl.lowShare
        {
            let lower = max(1, factor / ThresholdControl.fall)
            // Not where it would rise again at once.
            if Double(curve.triangleCount(at: step(requested, lower))) <= high { factor = lower }
        }
        let wanted = step(requested, factor)
        let chosen = curve.firstStep(from: wanted, within: triangleLimit)
        if chosen > wanted {
            let needed = Double(TriangleCurve.pixels(of: chosen) / requested)
            factor = min(max(factor, needed), ThresholdControl.maximumFactor)
        }
        isMoving = factor != before
        return chosen
    }

    private func step(_ requested: Float, _ factor: Double) -> Int {
        TriangleCurve.step(of: Float(Double(requested) * factor))
    }
}
