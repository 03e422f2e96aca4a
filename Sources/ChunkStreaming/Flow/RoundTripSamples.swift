// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The latest round trips that may tell how long the empty path takes.
///
/// A sample holds the time that the message's own bytes took (and those sent in one go before it), which can be taken off
/// once the link's rate is known. So a sample is kept unless another is both shorter and of more bytes.
struct RoundTripSamples {
    private struct Sample {
        var time: Double
        var byteCount: Int
        var takenAt: Double
    }

    private var samples: [Sample] = []

    /// Seconds for which a sample counts.
    private static let lifetime = 10.0
    private static let largestCount = 8

    /// Whether the sample that counts is about to be forgotten.
    func isStale(at now: Double) -> Bool {
        !samples.isEmpty && samples.allSatisfy { now - $0.takenAt > RoundTripSamples.lifetime * 0.9 }
    }

    mutating func removeAll() { samples = [] }

    /// - Parameters:
    ///   - time: seconds, not negative.
    ///   - now: seconds.
    mutating func add(_ time: Double, byteCount: Int, at now: Double) {
        if samples.contains(where: { $0.time < time && $0.byteCount >= byteCount }) { return }
        samples.removeAll {
            $0.time >= time && $0.byteCount <= byteCount || now - $0.takenAt > RoundTripSamples.lifetime
        }
        if samples.count == RoundTripSamples.largestCount { samples.removeFirst() }
        samples.append(Sample(time: time, byteCount: byteCount, takenAt: now))
    }

    /// Seconds; infinite without samples.
    ///
    /// - Parameter rate: of the link, bytes per second; nil: not known.
    func shortest(rate: Double?) -> Double {
        var result = Double.infinity
        for sample in samples {
            let own = rate.map { $0 > 0 ? Double(sample.byteCount) / $0 : 0 } ?? 0
            result = min(result, max(sample.time - own, sample.time * 0.1, 1e-4))
        }
        return result
    }
}
