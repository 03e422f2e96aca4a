// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// When to look for a device again: at once after a loss, then ever more rarely.
struct DeviceRecovery {
    typealias Instant = ContinuousClock.Instant

    /// Seconds after the first, second, … failure in a row.
    static let delays = [0.1, 1, 5, 30]
    /// A device that worked for so long is trusted again: whoever loses it now and then waits a tenth of a second each time.
    static let trustedSeconds = 10.0

    private(set) var retryAt: Instant?
    private var failureCount = 0
    private var openedAt: Instant?

    mutating func opened(at now: Instant) {
        openedAt = now
        retryAt = nil
    }

    /// There is no device, or it was lost.
    ///
    /// - Returns: seconds until the next try.
    @discardableResult
    mutating func failed(at now: Instant) -> Double {
        if let openedAt, (now - openedAt).inSeconds > DeviceRecovery.trustedSeconds { failureCount = 0 }
        openedAt = nil
        let delay = DeviceRecovery.delays[min(failureCount, DeviceRecovery.delays.count - 1)]
        failureCount += 1
        retryAt = now.advanced(by: .seconds(delay))
        return delay
    }

    func isDue(at now: Instant) -> Bool { retryAt.map { now >= $0 } ?? false }
}
