// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// All that a decision depends on.
struct PathInputs: Sendable {
    var policy: PathPolicy { didSet { policyName = PathInputs.name(policy) } }
    /// Who restricts, at the beginning of a sentence.
    private(set) var policyName: String
    var wish: PathWish
    var device: DeviceFacts?
    var link = LinkFacts()
    var server: ServerFacts?
    var model: ModelFacts?
    /// Of what is shown; nil if the viewer said nothing of late.
    var measures: ClientMeasures?
    /// What is shown, as far as measures belong to it.
    var shown: ViewerPath?
    /// What is shown or prepared: it is kept unless another path is better by a margin. nil: nothing is kept.
    var current: ViewerPath?
    /// Not everything that the device may say is there yet, and it is worth waiting for.
    var isMeasuring = false
    /// The viewer has pictures, or has them prepared: it needs no room.
    var isSeated = false
    /// Paths that failed, which are not tried again yet, and how often.
    var blocked: [ViewerPath: Int] = [:]

    // Learned from measures; a benchmark is shorter than what people do.
    /// How the viewer's drawing compares with its benchmark.
    var speedFactor = 1.0
    /// The last that was measured, while it counts.
    var latencySeconds: Double?
    var isMemoryShort = false
    var isContextLost = false
    /// Losses of late.
    var contextLossCount = 0

    init(policy: PathPolicy, wish: PathWish) {
        self.policy = policy
        self.wish = wish
        policyName = PathInputs.name(policy)
    }

    private static func name(_ policy: PathPolicy) -> String {
        PathSentences.capitalized(PathSentences.quoted(policy.source))
    }

    /// Everything that a final decision needs is known, but for the link.
    var isComplete: Bool { device?.isComplete == true && server != nil && model != nil }

    /// The viewer's drawing, whatever it costs, works.
    var losesContexts: Bool { max(contextLossCount, device?.contextLossCount ?? 0) >= 2 }
}
