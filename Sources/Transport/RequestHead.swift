// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A request line and its headers (RFC 9112), read strictly.
///
/// libwebsockets has a parser of its own, which is not used: version 4.1.6 turns `+`, `;` and `..` in paths into
/// something else, cannot list headers, ignores chunked bodies, changes protocols when a client asks for `CONNECT` or
/// `h2c`, and hangs up instead of answering what it does not like. So polling, TLS, reading and
/// timers are libwebsockets', and the bytes are ours.
struct RequestHead {
    static let maximumHeaderCount = 100

    var method: String
    var target: RequestTarget
    /// 0 or 1, of HTTP/1.x.
    var minorVersion: Int
    var headers: [(String, String)]
    var framing: BodyFraming

    enum BodyFraming: Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// - Parameter bytes: Everything up to and including the empty line.
    init(_ bytes: ArraySlice<UInt8>) throws(RequestError) {
        var lines = try Self.lines(bytes)
        guard let first = lines.popFirst() else { throw .malformed("there is no request line") }
        (method, target, minorVersion) = try Self.requestLine(first)
        guard lines.count <= Self.maximumHeaderCount else {
            throw RequestError(
                status: 431, code: "tooManyHeaders", message: "at most \(Self.maximumHeaderCount) headers")
        }
        headers = []
        for line in lines { headers.append(try Self.header(line)) }
        let hosts = headers.filter { $0.0 == "host" }
        guard hosts.count == 1 || hosts.isEmpty && minorVersion == 0 else {
            throw .malformed("there must be one Host header")
        }
        if let authority = target.authority { try Self.checkHost(&headers, is: authority) }
        framing = try Self.framing(headers, minorVersion: minorVersion)
    }

    /// The host of an absolute target counts like a Host header. Two that differ would let a request pass one reader's rules
    /// under one name and be served by the next under the other.
    private static func checkHost(_ headers: inout [(String, String)], is authority: Authority) throws(RequestError) {
        guard let host = headers.first(where: { $0.0 == "host" })?.1 else {
            return headers.append(("host", "\(authority.host):\(authority.port)"))
        }
        let isSame = ["80", "443"].contains { Authority(host, defaultPort: $0) == authority }
        guard isSame else { throw .malformed("the target names another host than the Host header") }
    }

    /// Checks a request line that has arrived before its headers.
    ///
    /// - Parameter line: Up to and including its line feed.
    static func checkRequestLine(_ line: ArraySlice<UInt8>) throws(RequestError) {
        guard line.dropLast().last == UInt8(ascii: "\r") else {
            throw .malformed("a line ends without a carriage return")
        }
        _ = try requestLine(line.dropLast(2))
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> ArraySlice<ArraySlice<UInt8>> {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            guard line.last == UInt8(ascii: "\r") else { throw .malformed("a line ends without a carriage return") }
            lines.append(line.dropLast())
        }
        // The empty line at the end.
        return lines.dropLast()
    }

    private static func requestLine(
        _ line: ArraySlice<UInt8>
    ) throws(RequestError) -> (method: String, target: RequestTarget, minorVersion: Int) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isTokenByte) else {
            throw .malformed("the request line is not 'METHOD /path HTTP/1.1'")
        }
        let minorVersion: Int
        switch String(decoding: words[2], as: UTF8.self) {
        case "HTTP/1.1": minorVersion = 1
        case "HTTP/1.0": minorVersion = 0
        case let other where other.hasPrefix("HTTP/"):
            throw RequestError(status: 505, code: "versionRefused", message: "this server speaks HTTP/1.1")
        default: throw .malformed("the request line is not 'METHOD /path HTTP/1.1'")
        }
        return (String(decoding: words[0], as: UTF8.self), try RequestTarget(words[1]), minorVersion)
    }

    static func header(_ line: ArraySlice<UInt8>) throws(RequestError) -> (String, String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(isTokenByte)
        else { throw .malformed("a header is not 'Name: value'") }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t") }) else {
            throw .malformed("a header's value contains a control character")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        return (name, String(Substring(decoding: value, as: UTF8.self).trimmedSpaces))
    }

    private static func framing(_ headers: [(String, String)], minorVersion: Int) throws(RequestError) -> BodyFraming {
        let lengths = Set(headers.filter { $0.0 == "content-length" }.map(\.1))
        let codings = headers.filter { $0.0 == "transfer-encoding" }.map(\.1)
        if let coding = codings.first {
            // A proxy that speaks HTTP/1.0 does not know it and ends the body elsewhere.
            guard minorVersion == 1 else { throw .malformed("Transfer-Encoding needs HTTP/1.1") }
            // Both at once are how requests are smuggled past a proxy.
            guard lengths.isEmpty else { throw .malformed("Content-Length and Transfer-Encoding exclude each other") }
            guard codings.count == 1, coding.lowercased() == "chunked" else {
                throw RequestError(status: 501, code: "codingRefused", message: "bodies may be chunked, nothing else")
            }
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        guard lengths.count == 1, !length.isEmpty, length.utf8.count <= 15,
            length.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let count = Int(length)
        else { throw .malformed("Content-Length is not one number") }
        return count == 0 ? .none : .length(count)
    }

    /// Letters, digits and the punctuation that methods and header names may have (RFC 9110, 5.6.2).
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Whether the connection may carry another request after this one.
    func keepsAlive(_ request: HTTPRequest) -> Bool {
        if request.hasToken("close", in: "connection") { return false }
        return minorVersion == 1 || request.hasToken("keep-alive", in: "connection")
    }
}
