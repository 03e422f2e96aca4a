// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What is known about the way to a viewer.
package struct LinkFacts: Equatable, Sendable {
    package var bytesPerSecond: Double?
    package var roundTripSeconds: Double?

    package init(bytesPerSecond: Double? = nil, roundTripSeconds: Double? = nil) {
        self.bytesPerSecond = bytesPerSecond
        self.roundTripSeconds = roundTripSeconds
    }

    /// The facts without numbers that cannot be, and the names of those.
    package var checked: (facts: LinkFacts, ignored: [String]) {
        var facts = self
        var ignored: [String] = []
        if let rate = bytesPerSecond, !(1...1e12).contains(rate) {
            ignored.append("bytesPerSecond \(rate)")
            facts.bytesPerSecond = nil
        }
        if let time = roundTripSeconds, !(0...60).contains(time) {
            ignored.append("roundTripSeconds \(time)")
            facts.roundTripSeconds = nil
        }
        return (facts, ignored)
    }
}
