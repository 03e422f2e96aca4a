// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A host with its port, as in a Host header, an Origin or a URL: lower case, the port always named.
struct Authority: Equatable {
    var host: String
    var port: String

    /// - Parameter text: `host` or `host:port`; an IPv6 literal has brackets.
    init(_ text: some StringProtocol, defaultPort: String) {
        let lower = text.lowercased()
        // An IPv6 literal has colons inside its brackets.
        if let colon = lower.lastIndex(of: ":"), !lower[colon...].contains("]") {
            (host, port) = (String(lower[..<colon]), String(lower[lower.index(after: colon)...]))
        } else {
            (host, port) = (lower, defaultPort)
        }
        if port.isEmpty { port = defaultPort }
    }
}
