// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A request that is answered with an error by the transport itself; the connection is closed after it.
struct RequestError: Error, Equatable {
    var status: Int
    var code: String
    var message: String

    static func malformed(_ message: String) -> RequestError {
        RequestError(status: 400, code: "malformedRequest", message: message)
    }

    var response: HTTPResponse { HTTPResponse(status: status, errorCode: code, message: message) }
}

/// The path and query of a request line, decoded strictly: what could mean two things to two readers is refused.
struct RequestTarget: Equatable {
    static let maximumByteCount = 4096
    static let maximumQueryPairCount = 64

    var path: String
    var query: [Pair]
    /// The host of a target in absolute form.
    var authority: Authority?

    struct Pair: Equatable {
        var name: String
        var value: String
    }

    /// - Parameter bytes: `/path?query`, `http://host/path?query`, or `*`.
    init(_ bytes: ArraySlice<UInt8>) throws(RequestError) {
        guard bytes.count <= Self.maximumByteCount else {
            throw RequestError(
                status: 414, code: "targetTooLong", message: "a URL has at most \(Self.maximumByteCount) bytes")
        }
        guard bytes != [UInt8(ascii: "*")] else {
            (path, query) = ("*", [])
            return
        }
        let (authority, local) = try Self.split(bytes)
        self.authority = authority
        let question = local.firstIndex(of: UInt8(ascii: "?")) ?? local.endIndex
        path = try Self.path(local[..<question])
        query = try question < local.endIndex ? Self.query(local[(question + 1)...]) : []
    }

    /// - Returns: The authority of an absolute target, and the path with its query.
    private static func split(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> (Authority?, ArraySlice<UInt8>) {
        if bytes.first == UInt8(ascii: "/") { return (nil, bytes) }
        for (scheme, port) in [("http://", "80"), ("https://", "443")] where bytes.starts(with: scheme.utf8) {
            let rest = bytes.dropFirst(scheme.utf8.count)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            let local = rest[end...]
            let path = local.first == UInt8(ascii: "/") ? local : ([UInt8(ascii: "/")] + local)[...]
            return (try authority(rest[..<end], defaultPort: port), path)
        }
        throw .malformed("the path does not begin with '/'")
    }

    /// Letters, digits and what addresses are written with; no user's name, which would hide the host behind it.
    private static func authority(_ bytes: ArraySlice<UInt8>, defaultPort: String) throws(RequestError) -> Authority {
        let isHost = bytes.allSatisfy { byte in
            RequestHead.isTokenByte(byte) || "[]:".utf8.contains(byte)
        }
        let authority = Authority(String(decoding: bytes, as: UTF8.self), defaultPort: defaultPort)
        guard isHost, !authority.host.isEmpty else {
            throw .malformed("the target's host is not 'name' or 'name:port'")
        }
        return authority
    }

    private static func path(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> String {
        let decoded = try percentDecoded(bytes, plusIsSpace: false, refused: [UInt8(ascii: "/"), UInt8(ascii: "\\")])
        let text = try checkedText(decoded, of: "path")
        let isRelative = text.split(separator: "/").contains { $0 == "." || $0 == ".." }
        guard !isRelative, !text.contains("\\") else { throw .malformed("the path contains '.', '..' or '\\'") }
        return text
    }

    private static func query(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> [Pair] {
        let parts = bytes.split(separator: UInt8(ascii: "&"))
        guard parts.count <= maximumQueryPairCount else {
            throw .malformed("the query has more than \(maximumQueryPairCount) values")
        }
        var pairs: [Pair] = []
        for part in parts {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try percentDecoded(part[..<equals], plusIsSpace: true)
            let value = try percentDecoded(part[equals...].dropFirst(), plusIsSpace: true)
            pairs.append(Pair(name: try checkedText(name, of: "query"), value: try checkedText(value, of: "query")))
        }
        return pairs
    }

    /// - Parameter refused: Bytes that may stand for themselves but not be hidden behind a percent sign.
    private static func percentDecoded(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, refused: [UInt8] = []
    ) throws(RequestError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard index + 1 < bytes.endIndex, let high = hexValue(bytes[index]), let low = hexValue(bytes[index + 1])
            else { throw .malformed("a percent sign is not followed by two hexadecimal digits") }
            let decoded = high << 4 | low
            guard !refused.contains(decoded) else { throw .malformed("the path hides a separator") }
            result.append(decoded)
            index += 2
        }
        return result
    }

    private static func checkedText(_ bytes: [UInt8], of part: String) throws(RequestError) -> String {
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .malformed("the \(part) contains a control character")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("the \(part) is not UTF-8") }
        return text
    }
}

func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
