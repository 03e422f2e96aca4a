// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package struct HTTPRequest: Sendable {
    package var method: String
    /// Percent-decoded, begins with `/`, no `.` or `..` segments, no control characters, no backslashes.
    package var path: String
    /// Name and value pairs in order, decoded.
    package var query: [(String, String)]
    /// Names in lower case, in order of arrival.
    package var headers: [(String, String)]
    /// `address:port` of the other end.
    package var peer: String
    /// Empty unless `isBodyComplete`.
    package var body: [UInt8] = []
    /// False if the body is larger than `TransportLimits.collectedBodyByteCount`: answer with an upload, or an error.
    package var isBodyComplete = true
    /// The size the request declares for its body; nil if it does not say.
    package var contentByteCount: Int?

    package init(
        method: String, path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        peer: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.peer = peer
    }

    /// The other end without its port: the same for all its connections.
    package var peerAddress: String { String(peer[..<(peer.lastIndex(of: ":") ?? peer.endIndex)]) }

    /// The first header of that name, which is written in lower case.
    package func header(_ name: String) -> String? { headers.first { $0.0 == name }?.1 }

    /// The first query value of that name.
    package func queryValue(_ name: String) -> String? { query.first { $0.0 == name }?.1 }

    /// Whether a comma-separated header has `token` among its values, whatever the case.
    func hasToken(_ token: String, in name: String) -> Bool {
        headers.contains { header in
            header.0 == name
                && header.1.split(separator: ",").contains { $0.trimmedSpaces.lowercased() == token }
        }
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmedSpaces: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return self[first...last]
    }
}
