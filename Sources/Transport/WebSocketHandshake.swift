// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets

/// The opening of a WebSocket (RFC 6455, section 4.2).
enum WebSocketHandshake {
    static func isRequested(_ request: HTTPRequest) -> Bool {
        request.hasToken("websocket", in: "upgrade")
    }

    /// Checks an upgrade request.
    ///
    /// - Returns: The head that accepts it.
    static func accept(
        _ request: HTTPRequest, head: RequestHead, isSecure: Bool, configuration: ListenerConfiguration
    ) throws(RequestError) -> [UInt8] {
        guard request.method == "GET", head.minorVersion == 1, head.framing == .none,
            request.hasToken("upgrade", in: "connection")
        else { throw .malformed("a WebSocket is opened by GET over HTTP/1.1 with Connection: Upgrade") }
        guard request.header("sec-websocket-version") == "13" else {
            throw RequestError(status: 426, code: "versionRefused", message: "WebSocket version 13 is needed")
        }
        guard let key = request.header("sec-websocket-key"), isKey(key) else {
            throw .malformed("Sec-WebSocket-Key is not 16 bytes in base 64")
        }
        try checkOrigin(request, OriginRule(listed: configuration.allowedOrigins, isSecure: isSecure))
        let headers = [
            ("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", acceptValue(key)),
        ]
        return ResponsePlan.head(status: 101, headers: headers, defaultHeaders: configuration.responseHeaders)
    }

    /// What is no page says no origin.
    private static func checkOrigin(_ request: HTTPRequest, _ rule: OriginRule) throws(RequestError) {
        let host = request.header("host") ?? ""
        guard let origin = request.header("origin"), !rule.isListed(origin), !rule.isOwn(origin, host: host) else {
            return
        }
        throw RequestError(status: 403, code: "originRefused", message: rule.refusal(of: origin, host: host))
    }

    /// 16 bytes are 22 digits and two signs of padding.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        return bytes.count == 24 && bytes.suffix(2) == [UInt8(ascii: "="), UInt8(ascii: "=")]
            && bytes.dropLast(2).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// The key and a fixed identifier, hashed by SHA-1, in base 64.
    static func acceptValue(_ key: String) -> String {
        let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        lws_SHA1(input, input.count, &digest)
        var text = [CChar](repeating: 0, count: 32)
        digest.withUnsafeBytes { bytes in
            _ = lws_b64_encode_string(bytes.baseAddress, Int32(bytes.count), &text, Int32(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
