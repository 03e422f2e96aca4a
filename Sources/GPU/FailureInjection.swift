// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Makes calls fail as if the driver had said so, because real failures cannot be brought about on purpose.
package struct FailureInjection: Sendable {
    /// Every nth allocation of memory is out of memory; nil: none.
    package var everyNthAllocation: Int?
    /// Every nth submission loses the device; nil: none.
    package var everyNthSubmission: Int?
    /// Every nth creation of any object is out of memory; nil: none.
    package var everyNthCreation: Int?

    package init(everyNthAllocation: Int? = nil, everyNthSubmission: Int? = nil, everyNthCreation: Int? = nil) {
        self.everyNthAllocation = everyNthAllocation
        self.everyNthSubmission = everyNthSubmission
        self.everyNthCreation = everyNthCreation
    }

    /// What the environment of a program asks for: `VANTAGE_LOSE_DEVICE=N` loses the device with every Nth submission. For
    /// tests of what people see then.
    package init(environment: [String: String]) {
        self.init(
            everyNthSubmission: environment["VANTAGE_LOSE_DEVICE"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil })
    }
}

/// Counts the calls towards the next injected failure.
struct FailureCountdown {
    private let period: Int?
    private var count = 0

    init(every period: Int?) { self.period = period }

    /// Whether this call is one that fails.
    mutating func isDue() -> Bool {
        guard let period else { return false }
        count += 1
        return count % period == 0
    }
}
