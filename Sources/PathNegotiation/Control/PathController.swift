// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Decides who draws for one viewer, and moves it from one path to another without a blank picture. A value that
/// performs nothing: events and the time go in, actions come out. Not for two threads at once.
///
/// `PathChooser` says what is best now; this says when to follow it. A new path is begun beside the one that is shown
/// (make before break), and the old one finishes when the viewer shows the new one. Changes wait for evidence (2 s if
/// what is shown is bad, 8 s if another path is only better), for the dwell of `SwitchHistory`, and for the end of a
/// drag. Three things do not wait: what was asked for, what is forbidden, and emergencies, when what is shown has
/// stopped working. A viewer with no other path keeps its last picture until its path is back.
package struct PathController: Sendable {
    package typealias Instant = ContinuousClock.Instant

    static let decisionSeconds = 0.4
    /// The link's facts are worth this wait, if all others are there.
    static let linkSeconds = 0.25
    /// A device that does not say how fast it is by now is taken for a middling one.
    static let measuringSeconds = 3.0
    static let wishSeconds = 0.5
    /// A viewer that waits for the server is not told so more often than this.
    static let awaitSeconds = 2.0

    /// What the viewer shows, as far as it acknowledged; before that, what is served from the start.
    package internal(set) var shown: ViewerPath?
    /// Begun and not shown yet.
    package internal(set) var target: PathDecision?
    /// When to send `tick`, if no event comes before; nil: only after an event. Always later than the last event.
    package private(set) var nextDeadline: Instant?

    let epoch: Instant
    /// Of the last event.
    var lastInstant: Instant
    /// The same in seconds since `epoch`.
    var now = 0.0
    var inputs: PathInputs
    var measuring = PathMeasuring()
    var history = SwitchHistory()
    var evidence = PathEvidence()
    var blocks = PathBlocks()
    var halves = DrawingHalves()
    var log = PathLog()

    /// Of what is shown; nil until a decision is acknowledged.
    var standing: PathDecision?
    var lastNumber = 0
    /// When the preparation that is under way counts as failed, without progress.
    var patience: TargetPatience?
    var isDecided = false
    /// All that is needed was known at the first decision, or at the one that replaced it.
    var isFinal = false
    var isWishNew = true
    var isVisible = true
    var nextWishAt = 0.0
    /// The path that an emergency moved the viewer from.
    var movedFrom: ViewerPath?
    /// What is waited for, as nothing can be drawn.
    var awaiting: PathChoice?
    var nextAwaitAt = 0.0
    var failure: PathRefusal?

    /// - Parameter firstPath: What is served from the start until the first decision: the server's picture if it can
    ///   draw one, since that is there first; nil: nothing.
    package init(policy: PathPolicy, wish: PathWish, firstPath: ViewerPath?, at instant: Instant) {
        epoch = instant
        lastInstant = instant
        shown = firstPath
        inputs = PathInputs(policy: policy, wish: wish)
        halves.use(firstPath.map { [$0] } ?? [], at: 0)
        nextDeadline = instant.advanced(by: .seconds(PathController.decisionSeconds))
    }

    /// Takes in what happened.
    ///
    /// - Parameter instant: never earlier than before; earlier ones count as the last.
    package mutating func handle(_ event: PathEvent, at instant: Instant) -> [PathAction] {
        lastInstant = max(lastInstant, instant)
        now = max(now, (lastInstant - epoch).inSeconds)
        guard failure == nil else { return [] }
        var actions: [PathAction] = []
        take(event, &actions)
        if failure == nil { advance(&actions) }
        actions += halves.forgotten(at: now).map { .forget($0) }
        nextDeadline = failure == nil ? deadline.map { time($0) } : nil
        return actions
    }

    /// Never earlier than the seconds say, whatever is lost in rounding.
    func time(_ seconds: Double) -> Instant { epoch.advanced(by: .seconds(seconds) + .nanoseconds(1)) }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
