// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What a caller may do. Together with `Route.all`, which names each route's, and the messages below, this is the whole
/// table of who gets what.
package enum Right: String, CaseIterable, Sendable {
    /// The list of models and their thumbnails; connecting as a viewer.
    case look
    /// Pictures drawn by the server, and the stream's frames. Picks are coarse and few, depth grids are coarse.
    case pictures
    /// The model itself: chunks and what describes them, and its numbers.
    case geometry
    /// Picks with all digits, as many as a viewer asks for; depth grids as they are.
    case picks
    /// Names, properties and tree nodes of parts.
    case tree
    /// Other viewers: sessions, addresses, queues, and why paths were chosen.
    case sessions
    /// Starting and ending sessions, and choosing others' paths.
    case control
    case upload
    case delete
    /// Imports of others.
    case imports
    case status
    case metrics

    /// What restricted tokens may be given beside paths.
    package static let grantable: [Right] = [
        .picks, .tree, .sessions, .control, .upload, .delete, .imports, .status, .metrics,
    ]
}

extension ClientMessage {
    /// What its sender needs so that it counts; of viewers without, it is ignored. nil: every viewer says it.
    package var right: Right? {
        switch self {
        case .hello, .view, .ping, .visibility, .facts, .pathWish, .pathShown: nil
        case .acknowledge, .evicted, .holdings, .budget, .hint, .lost: .geometry
        case .frameReceived, .frameShown, .pick: .pictures
        }
    }
}
