// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A link's rate, from how far apart a frame's header and the end of its payload arrived ("dispersion").
///
/// The harmonic mean of the latest samples. It falls fast: a sample below two thirds of the mean replaces all others.
/// Nothing that a viewer says can push it out of its bounds.
struct RateSamples {
    /// Bytes per second; nil: not measured yet.
    private(set) var rate: Double?
    private var samples: [Double] = []

    static let count = 6
    /// Smaller frames arrive in one or two packets, which says nothing.
    static let smallestByteCount = 8192
    /// Seconds: what clocks of browsers can tell apart.
    static let shortestGap = 0.000_3
    private static let bounds = 1_000.0...2e9

    /// - Parameters:
    ///   - gap: seconds; clamped.
    ///   - longestGap: seconds since the frame was sent: a gap cannot be longer.
    ///   - mayLower: not for the first frame after a pause, which the kernel sends slowly, nor for one that was sent in
    ///     pieces, whose gap holds the pauses between them.
    /// - Returns: Whether it counted.
    @discardableResult
    mutating func add(byteCount: Int, gap: Double, longestGap: Double, mayLower: Bool) -> Bool {
        guard byteCount >= RateSamples.smallestByteCount, gap.isFinite, gap >= 0 else { return false }
        let seconds = max(min(gap, longestGap), RateSamples.shortestGap)
        let sample = min(max(Double(byteCount) / seconds, RateSamples.bounds.lowerBound), RateSamples.bounds.upperBound)
        if let rate, sample < rate {
            guard mayLower else { return false }
            if sample * 1.5 < rate { samples = [] }
        }
        if samples.count == RateSamples.count { samples.removeFirst() }
        samples.append(sample)
        var sum = 0.0
        for sample in samples { sum += 1 / sample }
        rate = Double(samples.count) / sum
        return true
    }
}
