// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Transport

/// What went wrong on the client's side.
struct ClientError: Error, CustomStringConvertible {
    var description: String
}

/// A peer on a plain socket, which sends exactly the bytes it is told to. Every wait ends after
/// 30 seconds.
final class TestClient {
    struct Response {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Frame: Equatable {
        var opcode: UInt8
        var isFinal: Bool
        var payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
        var closeCode: Int? { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
        var closeReason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
    }

    /// Lives as long as its client.
    private let listener: Listener
    var port: Int { listener.port }
    private var descriptor: Int32
    private var inbox: [UInt8] = []
    /// How much of the inbox was read.
    private var readByteCount = 0

    /// - Parameter receiveByteCount: Of the kernel's buffer, if it shall be small.
    init(_ listener: Listener, isIPv6: Bool = false, receiveByteCount: Int32? = nil) throws {
        self.listener = listener
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        if var size = receiveByteCount {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = isIPv6 ? connectIPv6() : connectIPv4()
        guard result == 0 else { throw ClientError(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    private func connectIPv4() -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafeBytes(of: &address) {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
    }

    private func connectIPv6() -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(port).bigEndian
        inet_pton(AF_INET6, "::1", &address.sin6_addr)
        return withUnsafeBytes(of: &address) {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
    }

    // MARK: Bytes

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            try await wait(for: POLLOUT)
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientError(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Sends what the server may refuse to take; a closed connection is no error.
    func trySend(_ bytes: [UInt8]) async { try? await send(bytes) }

    /// Does not block its thread: all tests share a few.
    private func wait(for events: Int32) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while Glibc.poll(&poll, 1, 0) == 0 {
            guard ContinuousClock.now < deadline else { throw ClientError(description: "nothing came for 30 seconds") }
            try await Task.sleep(for: .microseconds(500))
        }
    }

    /// - Returns: False at the end of the stream.
    private func receive() async throws -> Bool {
        try await wait(for: POLLIN)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        inbox.removeFirst(readByteCount)
        readByteCount = 0
        inbox += buffer[..<count]
        return true
    }

    func read(_ count: Int) async throws -> [UInt8] {
        while inbox.count - readByteCount < count {
            guard try await receive() else { throw ClientError(description: "the server closed the connection") }
        }
        defer { readByteCount += count }
        return Array(inbox[readByteCount..<readByteCount + count])
    }

    /// Everything until the server closes.
    func readToEnd() async throws -> [UInt8] {
        while try await receive() {}
        return try await read(inbox.count - readByteCount)
    }

    /// Waits for the server to close, dropping what comes before.
    func waitForEnd() async throws { _ = try await readToEnd() }

    // MARK: HTTP

    func readHead() async throws -> Response {
        var response = Response()
        var lines: [String] = []
        while lines.last != "" { lines.append(try await readLine()) }
        response.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst().dropLast() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
        }
        return response
    }

    /// A line of HTTP, or of an event stream.
    func readLine() async throws -> String {
        var line: [UInt8] = []
        while line.last != 10 { line += try await read(1) }
        return String(decoding: line.filter { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }

    func readResponse(hasBody: Bool = true) async throws -> Response {
        var response = try await readHead()
        if hasBody { response.body = try await read(Int(response.headers["content-length"] ?? "0") ?? 0) }
        return response
    }

    /// Sends a request with a Host header and reads the answer.
    func request(
        _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8] = []
    ) async throws -> Response {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.count)"]
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost:\(port)"] + headers + length
        try await send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try await readResponse(hasBody: method != "HEAD")
    }

    func get(_ target: String, _ headers: [String] = []) async throws -> Response {
        try await request("GET", target, headers)
    }

    // MARK: WebSocket

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func upgradeRequest(_ target: String, port: Int, _ headers: [String] = []) -> String {
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: localhost:\(port)", "Upgrade: websocket",
                "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
            ] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    @discardableResult
    func upgrade(_ target: String, _ headers: [String] = []) async throws -> Response {
        try await send(Self.upgradeRequest(target, port: port, headers))
        return try await readHead()
    }

    /// A client's frame: masked.
    static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
    ) -> [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case 0..<126: bytes.append(0x80 | UInt8(payload.count))
        case 126..<65536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    static func closeFrame(_ code: Int, _ reason: String = "") -> [UInt8] {
        frame(8, [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8))
    }

    func sendMessage(_ text: String) async throws { try await send(Self.frame(2, Array(text.utf8))) }

    func readFrame() async throws -> Frame {
        let head = try await read(2)
        var count = Int(head[1] & 0x7f)
        if count == 126 { count = try await read(2).reduce(0) { $0 << 8 | Int($1) } }
        if count == 127 { count = try await read(8).reduce(0) { $0 << 8 | Int($1) } }
        return Frame(opcode: head[0] & 0x0f, isFinal: head[0] & 0x80 != 0, payload: try await read(count))
    }

    /// The next message; its fragments joined, pings answered.
    func readMessage() async throws -> [UInt8] {
        var message: [UInt8] = []
        while true {
            let frame = try await readFrame()
            switch frame.opcode {
            case 9: try await send(Self.frame(10, frame.payload))
            case 8: throw ClientError(description: "closed: \(frame.closeCode ?? 0) \(frame.closeReason)")
            default:
                message += frame.payload
                if frame.isFinal { return message }
            }
        }
    }

    /// The server's close frame; messages before it are dropped, pings not answered.
    func readClose() async throws -> Frame {
        while true {
            let frame = try await readFrame()
            if frame.opcode == 8 { return frame }
        }
    }
}
