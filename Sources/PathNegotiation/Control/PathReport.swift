// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Everything a controller knows, for the page that explains and for bug reports.
package struct PathReport: Equatable, Sendable {
    package struct Past: Equatable, Sendable {
        package var decision: PathDecision
        package var secondsAgo: Double
    }

    package var shown: ViewerPath?
    /// Of what is shown; nil before the first one is acknowledged.
    package var standing: PathDecision?
    package var target: PathDecision?
    package var wish: PathWish
    package var policy: PathPolicy
    package var device: DeviceFacts?
    package var link: LinkFacts?
    package var server: ServerFacts?
    package var model: ModelFacts?
    package var measures: ClientMeasures?
    package var costs: PathCosts
    /// The last 16, newest last.
    package var decisions: [Past]
    /// The last 8, newest last.
    package var refusals: [PathRefusal]
    /// No change before this without an emergency or a wish.
    package var dwellUntil: ContinuousClock.Instant?
    /// How often the path went back and forth of late; doubles the dwell.
    package var bounceCount: Int
    /// Paths that could not be prepared, and until when they are not tried again.
    package var blocked: [ViewerPath: ContinuousClock.Instant]
    /// What the viewer claimed and nobody believes.
    package var ignoredClaims: [String]
    /// Why nothing can be served; the connection is to be closed.
    package var failure: PathRefusal?
    /// What is waited for, as a sentence: nothing can be drawn until then.
    package var awaiting: String?
}
