// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// One connected viewer, whoever draws for it. Lives in the viewer's task; nothing here waits. Order: `begin`, then events
/// as they come, until one of them ends it, then `end`.
package protocol ServedViewer {
    var number: Int { get }
    /// When to post a `wake` if nothing else happens.
    var nextDeadline: ContinuousClock.Instant? { get }
    /// For the log, when it has left.
    var summary: Logger.Metadata { get }
    var log: Logger { get }

    /// Says welcome.
    mutating func begin()
    /// Takes in everything that has come.
    ///
    /// - Returns: nil to go on.
    mutating func handle(_ events: [ViewerEvent]) -> ViewerEnding?
    /// It has left.
    mutating func end()
}

/// How a viewer's connection ends.
package enum ViewerEnding: Equatable, Sendable {
    /// It is gone, or the listener closes it.
    case gone
    /// It has to be closed, with the reason.
    case close(ServiceError)
}
