// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Decides who draws for one viewer, and moves it from one path to another without a blank picture. A value that
/// performs nothing: events and the time go in, actions come out. Not for two threads at once.
package struct PathController: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What the viewer shows, as far as it acknowledged; before that, what is served from the start.
    package private(set) var shown: ViewerPath?
    /// Begun and not shown yet.
    package private(set) var target: PathDecision?
    /// When to send `tick`, if no event comes before; nil: only after an event.
    package private(set) var nextDeadline: Instant?
    private var policy: PathPolicy
    private var wish: PathWish

    /// - Parameter firstPath: What is served from the start until the first decision: the server's picture if it can
    ///   draw one, since that is there first; nil: nothing.
    package init(policy: PathPolicy, wish: PathWish, firstPath: ViewerPath?, at instant: Instant) {
        self.policy = policy
        self.wish = wish
        shown = firstPath
        nextDeadline = instant.advanced(by: .milliseconds(400))
    }

    /// Takes in what happened.
    ///
    /// - Parameter instant: never earlier than before.
    package mutating func handle(_ event: PathEvent, at instant: Instant) -> [PathAction] { [] }

    package var report: PathReport {
        PathReport(
            wish: wish, policy: policy, costs: PathCosts(), decisions: [], refusals: [], bounceCount: 0, blocked: [:],
            ignoredClaims: [])
    }
}
