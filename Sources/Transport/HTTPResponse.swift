// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// An answer to a request. For status 200 with an `etag` header, the transport answers HEAD, `If-None-Match` (304) and a
/// single `Range` (206, 416) by itself.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece as the peer takes it.
        case slice(any ByteSource, Range<Int>)

        package var byteCount: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .slice(_, let range): range.count
            }
        }

        var segment: Segment {
            switch self {
            case .bytes(let bytes): Segment(bytes)
            case .slice(let source, let range): Segment(source, range)
            }
        }
    }

    package var status: Int
    /// `content-length`, `connection` and `accept-ranges` are the transport's. Names and values that hold line ends
    /// are dropped.
    package var headers: [(String, String)]
    package var body: Body

    package init(status: Int, headers: [(String, String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(status: Int = 200, json: String, headers: [(String, String)] = []) {
        self.init(
            status: status, headers: [("content-type", "application/json")] + headers, body: .bytes(Array(json.utf8)))
    }

    /// `{"error":{"code":…,"message":…}}`.
    package init(status: Int, errorCode: String, message: String, headers: [(String, String)] = []) {
        let json = "{\"error\":{\"code\":\(quoted(errorCode)),\"message\":\(quoted(message))}}"
        self.init(status: status, json: json, headers: headers + [("cache-control", "no-store")])
    }

    /// The first header of that name, whatever its case.
    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name }?.1 }

    /// The words behind a status code.
    static func reasonPhrase(_ status: Int) -> String {
        let phrases: [Int: String] = [
            100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
            206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
            307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
            403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
            410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
            414: "URI Too Long",
            415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
            421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required",
            429: "Too Many Requests",
            431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
            502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
            507: "Insufficient Storage",
        ]
        return phrases[status] ?? "Status \(status)"
    }
}

/// A JSON string literal.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case _ where scalar.value < 0x20:
            let hex = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
