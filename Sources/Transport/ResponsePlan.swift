// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What goes on the wire for an answer: HEAD, conditions and ranges applied.
struct ResponsePlan {
    var head: [UInt8]
    /// Nil if the answer has no body, or HEAD was asked.
    var body: Segment?

    init(
        _ response: HTTPResponse, to request: HTTPRequest?, keepsAlive: Bool, defaultHeaders: [(String, String)] = []
    ) {
        var plan = Outcome(status: response.status, range: 0..<response.body.byteCount, contentRange: nil)
        let etag = response.header("etag")
        if let request, let etag, response.status == 200, ["GET", "HEAD"].contains(request.method) {
            plan = Outcome(request, etag: etag, byteCount: response.body.byteCount)
        }
        let hasBody = plan.status >= 200 && plan.status != 204 && plan.status != 304
        var headers = response.headers
        if plan.status == 416 { headers.removeAll { ["content-type", "etag"].contains($0.0.lowercased()) } }
        if let contentRange = plan.contentRange { headers.append(("content-range", contentRange)) }
        if etag != nil, response.status == 200 { headers.append(("accept-ranges", "bytes")) }
        if hasBody { headers.append(("content-length", "\(plan.range.count)")) }
        headers.append(("connection", keepsAlive ? "keep-alive" : "close"))
        head = Self.head(status: plan.status, headers: headers, defaultHeaders: defaultHeaders)
        body =
            hasBody && request?.method != "HEAD" && !plan.range.isEmpty
            ? response.body.segment.cut(to: plan.range) : nil
    }

    /// The status line and headers, ending with the empty line.
    static func head(
        status: Int, headers: [(String, String)], defaultHeaders: [(String, String)] = []
    ) -> [UInt8] {
        let given = Set(headers.map { $0.0.lowercased() })
        var text = "HTTP/1.1 \(status) \(HTTPResponse.reasonPhrase(status))\r\n"
        let all = headers + defaultHeaders.filter { !given.contains($0.0.lowercased()) }
        for (name, value) in all where isClean(name) && isClean(value) { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// A line end in a header would let its author write the headers after it.
    private static func isClean(_ text: String) -> Bool { !text.utf8.contains { $0 < 0x20 && $0 != 9 || $0 == 0x7f } }

    private struct Outcome {
        var status: Int
        var range: Range<Int>
        var contentRange: String?

        init(status: Int, range: Range<Int>, contentRange: String?) {
            self.status = status
            self.range = range
            self.contentRange = contentRange
        }

        init(_ request: HTTPRequest, etag: String, byteCount: Int) {
            self.init(status: 200, range: 0..<byteCount, contentRange: nil)
            if let known = request.header("if-none-match"), matches(known, etag) {
                self.init(status: 304, range: 0..<0, contentRange: nil)
            } else if let text = request.header("range"), request.header("if-range").map({ $0 == etag }) ?? true {
                switch ByteRange(text, byteCount: byteCount) {
                case .whole: break
                case .part(let part):
                    let contentRange = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(byteCount)"
                    self.init(status: 206, range: part, contentRange: contentRange)
                case .unsatisfiable: self.init(status: 416, range: 0..<0, contentRange: "bytes */\(byteCount)")
                }
            }
        }
    }
}

/// `If-None-Match` compares weakly: `W/` makes no difference.
private func matches(_ list: String, _ etag: String) -> Bool {
    let strong = etag.hasPrefix("W/") ? String(etag.dropFirst(2)) : etag
    return list.split(separator: ",").map(\.trimmedSpaces).contains { candidate in
        candidate == "*" || (candidate.hasPrefix("W/") ? candidate.dropFirst(2) : candidate) == strong
    }
}

/// What a Range header asks of a body. Several ranges, other units and nonsense mean the whole body, as the standard
/// allows (RFC 9110, 14.2).
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    init(_ text: String, byteCount: Int) {
        self = .whole
        guard text.hasPrefix("bytes="), !text.contains(",") else { return }
        let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map(\.trimmedSpaces)
        let areNumbers = bounds.allSatisfy { $0.utf8.count <= 18 && $0.allSatisfy { $0.isASCII && $0.isNumber } }
        guard bounds.count == 2, areNumbers else { return }
        switch (Int(bounds[0]), Int(bounds[1])) {
        case (nil, let suffix?):
            self = suffix > 0 && byteCount > 0 ? .part(max(0, byteCount - suffix)..<byteCount) : .unsatisfiable
        case (let first?, nil):
            self = first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < byteCount ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
        default: break
        }
    }
}
