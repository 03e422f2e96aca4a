// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which pages may call a listener: its own, and those of origins on a list. A pure decision.
package struct OriginRule: Sendable {
    /// In lower case.
    private let listed: [String]
    private let isSecure: Bool

    /// - Parameters:
    ///   - listed: origins as browsers write them; `*` is every origin.
    ///   - isSecure: whether the listener itself speaks TLS.
    package init(listed: [String], isSecure: Bool) {
        self.listed = listed.map { $0.lowercased() }
        self.isSecure = isSecure
    }

    /// Whether any page of another origin may call.
    package var listsAny: Bool { !listed.isEmpty }

    package func isListed(_ origin: String) -> Bool { listed.contains("*") || listed.contains(origin.lowercased()) }

    /// Whether a page comes from where the request goes: the same name and port.
    ///
    /// What speaks TLS in front of a plain listener is not seen here, so the page's scheme says which port both mean by
    /// default. A listener with TLS of its own knows better: pages without are others.
    ///
    /// - Parameter host: the request's Host.
    package func isOwn(_ origin: String, host: String) -> Bool {
        let origin = origin.lowercased()
        for (scheme, port) in [("http://", "80"), ("https://", "443")] where origin.hasPrefix(scheme) {
            if isSecure, scheme == "http://" { return false }
            let page = Authority(origin.dropFirst(scheme.count), defaultPort: port)
            return !page.host.isEmpty && page == Authority(host, defaultPort: port)
        }
        return false
    }

    /// What a refused page's people can do about it.
    package func refusal(of origin: String, host: String) -> String {
        "pages of \(origin.prefix(120)) may not connect to \(host.prefix(120)), the name under which the request arrived; "
            + "a proxy in between has to pass the Host header on, or the server's list of origins "
            + "(access.allowedOrigins) has to name the page's"
    }
}
