// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Transport

/// Which pages may ask the interface for something, and what browsers are told about it. A pure decision.
///
/// Browsers say where a request comes from: by `Origin` where a script could read the answer or change something, else by
/// `Sec-Fetch-Site`, and programs say neither. An `Origin` decides alone. Images and links of other sites' pages have
/// none: they pass when their `Referer` is of a listed origin, or with the server's token in their address, since a page
/// that knows it was given it.
///
/// - Source: Fetch (CORS protocol), Fetch Metadata Request Headers.
package struct SiteRule: Sendable {
    private let rule: OriginRule

    package init(allowedOrigins: [String], isSecure: Bool) {
        rule = OriginRule(listed: allowedOrigins, isSecure: isSecure)
    }

    /// - Parameter hasToken: whether the request shows a token of this server's.
    /// - Throws: `originRefused` or `forbidden`, with the remedy.
    func check(_ request: HTTPRequest, hasToken: Bool) throws(ServiceError) {
        if let origin = request.header("origin") { return try check(origin: origin, request) }
        guard isCrossSite(request), !hasToken, !refererIsListed(request) else { return }
        throw ServiceError(
            .forbidden,
            "pages of other sites may not ask for this; name their origin in access.allowedOrigins, and let them send "
                + "a Referer, or show a token")
    }

    /// What `Origin` alone decides; what comes from no page passes.
    func check(origin: String, _ request: HTTPRequest) throws(ServiceError) {
        let host = request.header("host") ?? ""
        if rule.isListed(origin) || rule.isOwn(origin, host: host) { return }
        throw ServiceError(.originRefused, rule.refusal(of: origin, host: host))
    }

    /// What lets pages of listed origins read answers and show pictures.
    func headers(for request: HTTPRequest) -> [(String, String)] {
        var headers = rule.listsAny ? [("vary", "origin")] : []
        if let origin = request.header("origin"), rule.isListed(origin) {
            headers += [
                ("access-control-allow-origin", origin),
                ("access-control-expose-headers", "etag, retry-after, www-authenticate"),
            ]
        }
        // Pages that isolate themselves show only pictures that say so.
        if isCrossSite(request) { headers.append(("cross-origin-resource-policy", "cross-origin")) }
        return headers
    }

    /// The answer to OPTIONS, which browsers send before requests that simple forms cannot make.
    func preflight(_ request: HTTPRequest, methods: [String]) -> HTTPResponse {
        let methods = (methods + ["OPTIONS"]).joined(separator: ", ")
        var headers = [("allow", methods), ("cache-control", "no-store")]
        if request.header("origin").map(rule.isListed) == true {
            headers += [
                ("access-control-allow-methods", methods),
                ("access-control-allow-headers", "authorization, content-type, if-none-match, range"),
                ("access-control-max-age", "600"),
            ]
        }
        return HTTPResponse(status: 204, headers: headers)
    }

    private func isCrossSite(_ request: HTTPRequest) -> Bool {
        ["cross-site", "same-site"].contains(request.header("sec-fetch-site")?.lowercased())
    }

    private func refererIsListed(_ request: HTTPRequest) -> Bool {
        guard let referer = request.header("referer") else { return false }
        // Scheme, nothing, authority.
        let parts = referer.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count >= 3 && rule.isListed(parts[0] + "//" + parts[2])
    }
}
