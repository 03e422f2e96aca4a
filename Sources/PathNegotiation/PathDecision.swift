// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The path that a viewer is to show, and why.
package struct PathDecision: Equatable, Sendable {
    /// 1, 2, … for each viewer.
    package var number: Int
    package var path: ViewerPath
    /// What was shown when this was decided.
    package var previous: ViewerPath?
    package var code: PathReasonCode
    /// One sentence for people, with the numbers that decided.
    package var reason: String
    /// What is shown has stopped working: the new path is shown as soon as it has anything to show.
    package var isEmergency: Bool
    /// The client's part is ready to be shown when its error is at most this, in pixels; may be infinite.
    package var readyErrorPixels: Double
    package var decidedAt: ContinuousClock.Instant

    package init(
        number: Int, path: ViewerPath, previous: ViewerPath?, code: PathReasonCode, reason: String,
        isEmergency: Bool = false, readyErrorPixels: Double = 2, decidedAt: ContinuousClock.Instant
    ) {
        self.number = number
        self.path = path
        self.previous = previous
        self.code = code
        self.reason = reason
        self.isEmergency = isEmergency
        self.readyErrorPixels = readyErrorPixels
        self.decidedAt = decidedAt
    }
}

/// Why a path was chosen, for programs.
package enum PathReasonCode: String, CaseIterable, Sendable {
    /// The viewer's wish.
    case asked
    /// A policy leaves nothing else.
    case onlyPath
    /// What the viewer's device cannot do.
    case noWebGL, noWebAssembly, softwareRenderer, contextLost, memory, cannotShowFrames
    /// What the server cannot do.
    case noRenderer, rendererFull, deviceLost
    /// The costs.
    case clientFast, modelLarge, linkSlow, clientSlow, serverSlow, latency, savesData
    /// What had moved the viewer to another path is over.
    case recovered
    /// The other path could not be prepared, or stopped working.
    case failed
    /// Too little is known yet.
    case undecided
}

/// A wish that is not fulfilled, or the reason for which nothing can be served.
package struct PathRefusal: Equatable, Sendable {
    package enum Code: String, CaseIterable, Sendable {
        case forbidden, noRenderer, full, noWebGL, noWebAssembly, contextLost, cannotShowFrames, failed
    }

    package var wish: PathWish
    package var code: Code
    /// One sentence for people.
    package var reason: String

    package init(wish: PathWish, code: Code, reason: String) {
        self.wish = wish
        self.code = code
        self.reason = reason
    }
}
