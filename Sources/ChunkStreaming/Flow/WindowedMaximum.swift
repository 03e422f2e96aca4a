// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The best of the latest samples: a running maximum over a window of time, from three candidates.
///
/// Source: Kathleen Nichols' windowed min/max filter, as used by BBR and the Linux kernel.
struct WindowedMaximum {
    private var values: (Double, Double, Double) = (0, 0, 0)
    private var times: (Double, Double, Double) = (0, 0, 0)

    var value: Double { values.0 }

    /// - Parameters:
    ///   - now: seconds, never falling.
    ///   - window: seconds.
    mutating func add(_ sample: Double, at now: Double, window: Double) {
        if sample >= values.0 || now - times.2 > window {
            values = (sample, sample, sample)
            times = (now, now, now)
            return
        }
        if sample >= values.1 {
            values = (values.0, sample, sample)
            times = (times.0, now, now)
        } else if sample >= values.2 {
            values.2 = sample
            times.2 = now
        }
        age(now, sample, window)
    }

    private mutating func age(_ now: Double, _ sample: Double, _ window: Double) {
        if now - times.0 > window {
            values = (values.1, values.2, sample)
            times = (times.1, times.2, now)
        } else if times.1 == times.0, now - times.0 > window / 4 {
            values = (values.0, sample, sample)
            times = (times.0, now, now)
        } else if times.2 == times.1, now - times.0 > window / 2 {
            values.2 = sample
            times.2 = now
        }
    }
}
