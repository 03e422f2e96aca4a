// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import Transport

extension HTTPResponse {
    /// A JSON answer that nobody keeps.
    init(_ value: JSONValue, status: Int = 200) {
        self.init(
            status: status, headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            body: .bytes(value.encoded()))
    }

    init(_ error: ServiceError) {
        self.init(error.json, status: error.code.status)
        if let seconds = error.retrySeconds { headers.append(("retry-after", "\(seconds)")) }
        if error.code == .tokenRequired { headers.append(("www-authenticate", "Bearer")) }
    }

    static let nothing = HTTPResponse(status: 204, headers: [("cache-control", "no-store")])

    /// - Parameter etag: of content that is known by its hash; browsers ask whether it is still the same.
    static func data(_ bytes: [UInt8], _ mediaType: String, etag: String? = nil) -> HTTPResponse {
        let caching = etag.map { [("etag", "\"\($0)\""), ("cache-control", "no-cache")] }
        return HTTPResponse(
            status: 200, headers: [("content-type", mediaType)] + (caching ?? [("cache-control", "no-store")]),
            body: .bytes(bytes))
    }

    static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")],
            body: .bytes(Array(text.utf8)))
    }
}
