// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// HOST:PORT as people write it: "0.0.0.0:8090", "[::1]:80", ":8090", "8090" or "localhost".
package struct ListenAddress: Equatable, Sendable {
    /// nil: not said.
    package var host: String?
    package var port: Int?

    /// - Throws: `ConfigurationError` that says what is expected.
    package init(_ text: String) throws(ConfigurationError) {
        var rest = text[...]
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw ListenAddress.wrong(text) }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw ListenAddress.wrong(text) }
        } else if !rest.isEmpty, rest.allSatisfy(\.isNumber) {
            rest = ":" + rest
        } else {
            guard rest.count(where: { $0 == ":" }) <= 1 else { throw ListenAddress.wrong(text) }
            let name = rest.prefix { $0 != ":" }
            host = name.isEmpty ? nil : String(name)
            rest = rest[name.endIndex...]
        }
        if !rest.isEmpty {
            guard let port = Int(rest.dropFirst()), (0...65535).contains(port) else { throw ListenAddress.wrong(text) }
            self.port = port
        }
        guard host != "", host != nil || port != nil else { throw ListenAddress.wrong(text) }
    }

    private static func wrong(_ text: String) -> ConfigurationError {
        ConfigurationError(
            path: "",
            message: "\"\(text)\" is no address to listen at; write HOST:PORT, as 127.0.0.1:8090, [::1]:8090 or 8090")
    }

    /// Whether only this machine can reach `host`.
    package static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isIPv4 || host == "::1" || host.lowercased() == "localhost"
    }
}
