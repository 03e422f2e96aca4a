// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import PathNegotiation
import StreamCore
package import Transport

/// Who may do what: the token, the names under which a server without one may be reached, and which pages may change
/// things. A pure decision over a request.
package struct AccessRule: Sendable {
    /// nil: none is required.
    package let token: String?
    private let restricted: [(token: String, paths: Set<ViewerPath>)]
    private let hosts: Set<String>
    private let origins: [String]

    package init(configuration: AccessConfiguration, token: String?, host: String) {
        self.token = token
        restricted = configuration.restrictedTokens.compactMap { try? PathRules.token($0) }
        hosts = Set((configuration.allowedHosts + [host]).map { $0.lowercased() })
        origins = configuration.allowedOrigins.map { $0.lowercased() }
    }

    /// - Returns: which paths the caller may use.
    /// - Throws: `wrongHost`, `forbidden` or `tokenRequired`.
    @discardableResult
    package func check(_ request: HTTPRequest, isPublic: Bool) throws(ServiceError) -> PathPolicy {
        try checkHost(request)
        let changes = !["GET", "HEAD", "OPTIONS"].contains(request.method)
        if changes, !isFromAllowedPage(request) {
            throw ServiceError(.forbidden, "pages of other sites may not change anything here (access.allowedOrigins)")
        }
        guard let token, !isPublic else { return PathPolicy() }
        let shown = AccessRule.shownToken(request)
        if let shown, AccessRule.isEqual(shown, token) { return PathPolicy() }
        guard let shown, let rule = restricted.first(where: { AccessRule.isEqual(shown, $0.token) }) else {
            throw ServiceError(
                .tokenRequired,
                "this server wants its token: in the header \"Authorization: Bearer …\" or as ?token=… in the address")
        }
        if changes { throw ServiceError(.forbidden, "this token is for looking only (access.restrictedTokens)") }
        return PathPolicy(allowed: rule.paths, source: "this token")
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

    /// Browsers say which page a request that changes something comes from; programs do not.
    private func isFromAllowedPage(_ request: HTTPRequest) -> Bool {
        guard let origin = request.header("origin")?.lowercased() else { return true }
        if origins.contains(origin) || origins.contains("*") { return true }
        let page = origin.split(separator: "/").last.map(String.init) ?? ""
        return page == (request.header("host") ?? "").lowercased()
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
