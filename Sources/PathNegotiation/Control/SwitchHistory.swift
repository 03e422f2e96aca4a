// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How long a path is kept at least: ten seconds, twice as long after each time the viewer went back to a path that it
/// had left of late, 160 s at most; half as long again after calm. Times in seconds.
struct SwitchHistory: Sendable {
    static let shortestDwell = 10.0
    static let bounceLimit = 4
    static let bounceWindow = 60.0

    private(set) var bounceCount = 0
    /// No change before this, but for emergencies and wishes.
    private(set) var dwellUntil = -Double.infinity
    /// When each path was left.
    private var leftAt: [ViewerPath: Double] = [:]
    /// When the next bounce is forgotten.
    private(set) var calmAt = Double.infinity

    var dwell: Double { SwitchHistory.shortestDwell * Double(1 << bounceCount) }

    /// Going back within this time is a bounce: time enough to go round all three paths, or a long dwell would undo
    /// itself.
    private var window: Double { max(SwitchHistory.bounceWindow, 3 * dwell) }
    private var calm: Double { max(SwitchHistory.bounceWindow, 2 * dwell) }

    /// A path was begun instead of another. An emergency is nobody's change of mind: it is remembered, not punished.
    mutating func switched(from old: ViewerPath?, to path: ViewerPath, isEmergency: Bool, at now: Double) {
        if !isEmergency, let left = leftAt[path], now - left < window {
            bounceCount = min(bounceCount + 1, SwitchHistory.bounceLimit)
        }
        if let old, old != path { leftAt[old] = now }
        settled(at: now)
    }

    /// A path was begun, shown or given up: it, or what is shown instead, is kept for the dwell from now on.
    mutating func settled(at now: Double) {
        dwellUntil = max(dwellUntil, now + dwell)
        calmAt = bounceCount == 0 ? .infinity : now + calm
    }

    /// Somebody decides: nothing of before counts.
    mutating func reset() { self = SwitchHistory() }

    mutating func advance(to now: Double) {
        while bounceCount > 0, now >= calmAt {
            bounceCount -= 1
            calmAt = bounceCount == 0 ? .infinity : calmAt + calm
        }
    }
}
