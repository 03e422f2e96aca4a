// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import PathNegotiation
import Synchronization

/// What the server counts. Safe to use from any thread.
package final class Metrics: Sendable {
    /// What bytes to viewers are made of.
    package enum Content: String, CaseIterable, Sendable { case nodes, sector, texture, record, recall, frame }

    package struct Values: Sendable {
        package var sentByteCount: [Content: Int] = [:]
        package var sentMessageCount: [Content: Int] = [:]
        package var rankings = Histogram(bounds: [0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3])
        package var viewerCount = 0
        package var viewersEver = 0
        /// Decisions about who draws, and those among them that could not wait.
        package var decisions: [ViewerPath: Int] = [:]
        package var emergencyCount = 0
        /// Choices of people that could not be followed.
        package var refusedWishCount = 0
        /// Refusals and failures, by code.
        package var errors: [ServiceError.Code: Int] = [:]
    }

    /// Counts of values up to each bound, as Prometheus has them.
    package struct Histogram: Sendable {
        package let bounds: [Double]
        /// Of values at most the bound and above the one before; the last counts all larger ones.
        package private(set) var counts: [Int]
        package private(set) var sum = 0.0

        init(bounds: [Double]) {
            self.bounds = bounds
            counts = [Int](repeating: 0, count: bounds.count + 1)
        }

        mutating func add(_ value: Double) {
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            sum += value
        }
    }

    private let state = Mutex(Values())

    package init() {}

    package var values: Values { state.withLock { $0 } }

    func update(_ change: (inout Values) -> Void) { state.withLock { change(&$0) } }

    func failed(_ code: ServiceError.Code) { update { $0.errors[code, default: 0] += 1 } }

    func decided(_ decision: PathDecision) {
        update {
            $0.decisions[decision.path, default: 0] += 1
            if decision.isEmergency { $0.emergencyCount += 1 }
        }
    }

    func sent(_ content: Content, byteCount: Int) {
        update {
            $0.sentByteCount[content, default: 0] += byteCount
            $0.sentMessageCount[content, default: 0] += 1
        }
    }
}
