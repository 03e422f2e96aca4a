// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import StreamCore
package import Transport

/// Who may do what: tokens and their rights, the names under which a server without one may be reached, and which pages
/// may ask. A pure decision over a request.
package struct AccessRule: Sendable {
    /// nil: none is required.
    package let token: String?
    /// Which pages may ask.
    package let sites: SiteRule
    private let restricted: [(token: String, grant: Grant)]
    private let hosts: Set<String>

    /// - Parameter isSecure: whether the listener itself speaks TLS.
    package init(configuration: AccessConfiguration, token: String?, host: String, isSecure: Bool = false) {
        self.token = token
        sites = SiteRule(allowedOrigins: configuration.allowedOrigins, isSecure: isSecure)
        restricted = configuration.restrictedTokens.compactMap { try? TokenRule.token($0) }
        hosts = Set((configuration.allowedHosts + [host]).map { $0.lowercased() })
    }

    /// - Parameter right: what the request needs; nil: nothing.
    /// - Returns: what the caller may do.
    /// - Throws: `wrongHost`, `originRefused`, `forbidden` or `tokenRequired`.
    @discardableResult
    package func check(_ request: HTTPRequest, right: Right?) throws(ServiceError) -> Grant {
        try checkHost(request)
        let grant = grant(of: request)
        if AccessRule.isGuarded(request) { try sites.check(request, hasToken: token != nil && grant != nil) }
        guard let right else { return grant ?? .nothing }
        // One sentence for no token and a wrong one: neither tells which tokens there are.
        guard let grant else {
            throw ServiceError(
                .tokenRequired,
                "this server wants its token: in the header \"Authorization: Bearer …\" or as ?token=… in the address")
        }
        try grant.require(right)
        return grant
    }

    /// Pages and probes may be asked for from anywhere; what says or does something may not.
    static func isGuarded(_ request: HTTPRequest) -> Bool {
        request.path == "/metrics" || request.path == "/api" || request.path.hasPrefix("/api/")
            || !["GET", "HEAD"].contains(request.method)
    }

    /// nil: the token is missing or wrong.
    private func grant(of request: HTTPRequest) -> Grant? {
        guard let token else { return .everything }
        guard let shown = AccessRule.shownToken(request) else { return nil }
        if AccessRule.isEqual(shown, token) { return .everything }
        return restricted.first { AccessRule.isEqual(shown, $0.token) }?.grant
    }

    /// A page of another site whose name was made to point here (DNS rebinding) still sends that name. A token protects
    /// better, so with one any name will do.
    private func checkHost(_ request: HTTPRequest) throws(ServiceError) {
        if token != nil { return }
        let host = AccessRule.hostName(request.header("host") ?? "")
        if ListenAddress.isLoopback(host) || hosts.contains(host) { return }
        throw ServiceError(
            .wrongHost, "this server does not go by the name \"\(host.prefix(80))\"; allow it with access.allowedHosts")
    }

    /// "[::1]:80" and "Example.org:80" without port and brackets, in small letters.
    static func hostName(_ header: String) -> String {
        let lower = header.lowercased()
        if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") { return String(lower.dropFirst()[..<end]) }
        return String(lower.prefix { $0 != ":" })
    }

    private static func shownToken(_ request: HTTPRequest) -> String? {
        if let header = request.header("authorization"), header.lowercased().hasPrefix("bearer ") {
            return String(header.dropFirst(7))
        }
        return request.queryValue("token")
    }

    /// Takes as long whatever differs: hashes are compared, all of them.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        let difference = zip(SHA256.hash(a.rawSpan), SHA256.hash(b.rawSpan)).reduce(0) { $0 | ($1.0 ^ $1.1) }
        return difference == 0
    }
}
