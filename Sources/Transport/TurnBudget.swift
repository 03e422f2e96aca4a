// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What one connection may cost the loop thread before the others get their turn.
///
/// Bytes alone are no measure: 64 KiB, which is one read, hold ten thousand chunks of one byte or two thousand requests.
/// So what is parsed counts as well.
struct TurnBudget {
    /// One turn: some tenths of a millisecond, about what encrypting 64 KiB costs.
    static let unitsPerTurn = 512
    /// A line, a chunk of a body, or a WebSocket frame.
    static let item = 1
    /// A request's head, with the answer that the service gives at once.
    static let request = 32

    private(set) var unitCount: Int

    init(unitCount: Int = unitsPerTurn) { self.unitCount = unitCount }

    var isSpent: Bool { unitCount <= 0 }

    /// The last expense may be larger than what is left.
    mutating func spend(_ units: Int) { unitCount -= units }
}
