// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Who draws for a viewer.
package enum ViewerPath: String, CaseIterable, Sendable {
    /// It gets chunks and draws them.
    case client
    /// It gets pictures.
    case server
    /// It gets both: it draws a coarse cut while the view moves, and the server's pictures replace it at rest.
    case hybrid

    /// The viewer draws chunks on this path.
    package var usesChunks: Bool { self != .server }
    /// The server draws pictures on this path.
    package var usesPictures: Bool { self != .client }
}

/// Which path a person, an address or a page that embeds the viewer asks for.
package enum PathWish: String, CaseIterable, Sendable {
    /// Whatever is best.
    case auto
    case client, server, hybrid

    /// nil for `auto`.
    package var path: ViewerPath? { ViewerPath(rawValue: rawValue) }
}
