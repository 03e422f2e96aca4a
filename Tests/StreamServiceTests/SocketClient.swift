// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import JSONCoding
import StreamCore
import StreamService
import Synchronization

/// What went wrong on the client's side.
struct ClientError: Error, CustomStringConvertible {
    var description: String
}

/// A peer on a plain socket that sends exactly the bytes it is told to. Each wait ends after a minute, and happens on
/// a thread of its own: Swift's pool has to serve the server.
final class SocketClient: @unchecked Sendable {  // used by one task; the socket is touched on `queue` only
    struct Response {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { try? JSONValue(decoding: body) }
    }

    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]
        var closeCode: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
        var closeReason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "vantage.test-client")
    private var inbox: [UInt8] = []

    init(port: Int, receiveByteCount: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveByteCount {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafeBytes(of: &address) {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw ClientError(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { Glibc.close(descriptor) }

    /// Runs on the client's own thread.
    private func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) async throws { try await perform { try self.sendNow(bytes) } }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    private func sendNow(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            try wait(for: POLLOUT)
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(bitPattern: UInt32(MSG_NOSIGNAL)))
            }
            guard count > 0 else { throw ClientError(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    private func wait(for events: Int32) throws {
        var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard Glibc.poll(&poll, 1, 60_000) > 0 else { throw ClientError(description: "nothing came for a minute") }
    }

    private func receive() throws -> Bool {
        try wait(for: POLLIN)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        inbox += buffer[..<count]
        return true
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while inbox.count < count {
            guard try receive() else { throw ClientError(description: "the server closed the connection") }
        }
        defer { inbox.removeFirst(count) }
        return Array(inbox[..<count])
    }

    /// Waits for the server to close, dropping what comes before.
    func waitForEnd() async throws {
        try await perform { while try self.receive() { self.inbox = [] } }
    }

    /// Cuts the connection without a good-bye.
    func kill() async throws {
        try await perform {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            shutdown(self.descriptor, Int32(SHUT_RDWR))
        }
    }

    // MARK: HTTP

    func request(
        _ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil
    ) async throws -> Response {
        var lines = ["\(method) \(path) HTTP/1.1", "host: localhost"] + headers
        if let body { lines.append("content-length: \(body.count)") }
        let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        return try await perform {
            try self.sendNow(head + (body ?? []))
            return try self.readResponse(hasBody: method != "HEAD")
        }
    }

    private func readResponse(hasBody: Bool) throws -> Response {
        var response = try readHead()
        if hasBody, let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try read(length)
        }
        return response
    }

    private func readHead() throws -> Response {
        var response = Response()
        var lines = [try readLine()]
        while lines.last != "" { lines.append(try readLine()) }
        response.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst().dropLast() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts.last?.trimmingPrefix(" ").description ?? ""
        }
        return response
    }

    private func readLine() throws -> String {
        var line: [UInt8] = []
        while line.last != 10 { line += try read(1) }
        return String(decoding: line.filter { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }

    /// The events of a stream, until it ends.
    func events(_ path: String) async throws -> [JSONValue] {
        try await perform {
            try self.sendNow(Array("GET \(path) HTTP/1.1\r\nhost: localhost\r\n\r\n".utf8))
            _ = try self.readHead()
            while try self.receive() {}
            let text = String(decoding: self.inbox, as: UTF8.self)
            return text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.compactMap {
                try? JSONValue(decoding: Array($0.dropFirst(6).utf8))
            }
        }
    }

    // MARK: WebSocket

    /// - Returns: the status of the answer; 101 when it is a WebSocket now.
    func upgrade(_ query: String, headers: [String] = []) async throws -> Int {
        let lines =
            [
                "GET /api/v1/stream?\(query) HTTP/1.1", "host: localhost", "connection: Upgrade", "upgrade: websocket",
                "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers
        return try await perform {
            try self.sendNow(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
            return try self.readHead().status
        }
    }

    func message(_ bytes: [UInt8], opcode: UInt8 = 2) async throws {
        var frame: [UInt8] = [0x80 | opcode]
        switch bytes.count {
        case ..<126: frame.append(0x80 | UInt8(bytes.count))
        case ..<65536: frame += [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
        }
        // A mask of zeros leaves the bytes as they are.
        try await send(frame + [0, 0, 0, 0] + bytes)
    }

    func frame() async throws -> Frame {
        try await perform {
            let head = try self.read(2)
            var length = Int(head[1] & 127)
            if length == 126 { length = try self.read(2).reduce(0) { $0 << 8 | Int($1) } }
            if length == 127 { length = try self.read(8).reduce(0) { $0 << 8 | Int($1) } }
            var payload = try self.read(length)
            // Large messages come in pieces.
            var isFinal = head[0] & 0x80 != 0
            while !isFinal {
                let next = try self.read(2)
                var length = Int(next[1] & 127)
                if length == 126 { length = try self.read(2).reduce(0) { $0 << 8 | Int($1) } }
                if length == 127 { length = try self.read(8).reduce(0) { $0 << 8 | Int($1) } }
                payload += try self.read(length)
                isFinal = next[0] & 0x80 != 0
            }
            return Frame(opcode: head[0] & 15, payload: payload)
        }
    }

    /// The next message of the protocol; pings are answered.
    func serverMessage() async throws -> ServerMessage {
        while true {
            let frame = try await frame()
            switch frame.opcode {
            case 2: return try ServerMessage(decoding: frame.payload.rawSpan)
            case 9: try await message(frame.payload, opcode: 10)
            default: throw ClientError(description: "closed: \(frame.closeCode ?? 0) \(frame.closeReason)")
            }
        }
    }

    /// Reads until the server closes.
    func closing() async throws -> Frame {
        while true {
            let frame = try await frame()
            if frame.opcode == 8 { return frame }
        }
    }
}
