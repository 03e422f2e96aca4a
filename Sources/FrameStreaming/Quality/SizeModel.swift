// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How many bytes a picture of a viewer takes as JPEG: `a · pixels^(27/32) · f(quality)`, where `a` is learnt from its
/// latest frames.
///
/// The exponent is what larger pictures of the same thing measured, as square roots can say it; `f` is what quality
/// measured on parts, scans and assemblies, relative to quality 80.
struct SizeModel {
    private var factor = RunningMean(share: 0.35)

    /// Before anything was encoded: an assembly that fills 1280 × 720 takes 66,000 bytes at quality 80.
    private static let assumedFactor = 66_000 / SizeModel.power(1280 * 720)
    /// What full-resolution chroma adds.
    private static let fullChroma = 1.38
    private static let quality: [(quality: Double, share: Double)] = [
        (1, 0.2), (25, 0.52), (30, 0.60), (50, 0.71), (70, 0.855), (80, 1), (90, 1.35), (95, 1.9), (100, 4),
    ]

    var isLearnt: Bool { factor.value != nil }

    func byteCount(pixelCount: Double, quality: Int, chroma: Chroma) -> Double {
        (factor.value ?? SizeModel.assumedFactor) * SizeModel.shape(pixelCount, quality, chroma)
    }

    mutating func add(byteCount: Int, pixelCount: Double, quality: Int, chroma: Chroma) {
        guard byteCount > 0, pixelCount >= 1 else { return }
        factor.add(Double(byteCount) / SizeModel.shape(pixelCount, quality, chroma))
    }

    private static func shape(_ pixelCount: Double, _ quality: Int, _ chroma: Chroma) -> Double {
        power(pixelCount) * share(Double(quality)) * (chroma == .full ? fullChroma : 1)
    }

    /// x^(27/32) = x^(1/2 + 1/4 + 1/16 + 1/32).
    private static func power(_ x: Double) -> Double {
        let half = x.squareRoot()
        let quarter = half.squareRoot()
        let sixteenth = quarter.squareRoot().squareRoot()
        return half * quarter * sixteenth * sixteenth.squareRoot()
    }

    private static func share(_ value: Double) -> Double {
        guard let upper = quality.firstIndex(where: { $0.quality >= value }), upper > 0 else {
            return value <= 1 ? quality[0].share : quality[quality.count - 1].share
        }
        let (low, high) = (quality[upper - 1], quality[upper])
        return low.share + (high.share - low.share) * (value - low.quality) / (high.quality - low.quality)
    }
}
