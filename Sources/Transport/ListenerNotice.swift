// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a listener tells the service, for its log. Sent from any thread.
package enum ListenerNotice: Equatable, Sendable, CustomStringConvertible {
    /// The process may not open enough files for the configured number of connections.
    case connectionsCut(configured: Int, allowed: Int, descriptorCount: Int, reservedCount: Int)
    /// Files use what connections were to have; new connections wait or are refused.
    case descriptorsShort
    case certificateRenewed(path: String)
    /// The old certificate stays in use.
    case certificateRefused(TransportError)

    package var description: String {
        switch self {
        case .connectionsCut(let configured, let allowed, let descriptorCount, let reservedCount):
            "at most \(allowed) connections instead of \(configured): the process may open \(descriptorCount) files, and "
                + "\(reservedCount) are kept for archives and uploads; raise the limit of open files (ulimit -n, "
                + "LimitNOFILE=) or lower listen.connectionLimit"
        case .descriptorsShort:
            "the process is short of open files; new connections are refused until some are closed"
        case .certificateRenewed(let path):
            "new connections get the renewed certificate \(path)"
        case .certificateRefused(let error):
            "the changed certificate is not used, the old one stays: \(error)"
        }
    }
}
