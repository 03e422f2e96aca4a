// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The token that callers must show.
package enum AccessToken {
    package static let leastLength = 16
    /// What `--token` takes for a new one at each start.
    package static let automatic = "auto"

    /// What the configuration asks for: nil: no token.
    ///
    /// - Throws: `ConfigurationError` for a file that cannot be read, a short token, or a server that others could reach
    ///   without one.
    package static func resolve(_ configuration: ServerConfiguration) throws(ConfigurationError) -> String? {
        let access = configuration.access
        guard access.token.isEmpty || access.tokenFile.isEmpty else {
            throw ConfigurationError(path: "access.token", message: "give either token or tokenFile, not both")
        }
        if access.token == automatic { return Identifier.random(length: 24) }
        var token = access.token
        if !access.tokenFile.isEmpty {
            guard let text = try? String(contentsOfFile: access.tokenFile, encoding: .utf8) else {
                throw ConfigurationError(path: "access.tokenFile", message: "\(access.tokenFile) cannot be read")
            }
            token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        if token.isEmpty, access.tokenFile.isEmpty {
            guard ListenAddress.isLoopback(configuration.listen.host) else { throw required(configuration.listen.host) }
            return nil
        }
        guard token.utf8.count >= leastLength, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw ConfigurationError(
                path: "access.token", message: "needs at least \(leastLength) letters or digits without spaces")
        }
        return token
    }

    private static func required(_ host: String) -> ConfigurationError {
        ConfigurationError(
            path: "listen.host",
            message: "other machines could reach \(host), and a token is required then: add --token auto for a new one "
                + "at each start, or --token-file FILE; or listen on 127.0.0.1 only")
    }
}
