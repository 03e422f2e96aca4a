// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Sockets

/// Where a server is: `http://127.0.0.1:8090`, perhaps with a token.
package struct ServerURL: Equatable, Sendable {
    package var host: String
    package var port: Int
    package var token: String?

    package init(host: String = "127.0.0.1", port: Int, token: String? = nil) {
        (self.host, self.port, self.token) = (host, port, token)
    }

    /// Takes what people copy out of a browser: `?token=` is kept, the rest of the path is not needed.
    ///
    /// - Throws: `BenchmarkError` for what is no http address.
    package init(_ text: String) throws(BenchmarkError) {
        let whole = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: whole), let host = parts.host, !host.isEmpty else {
            throw BenchmarkError("\"\(text)\" is not the address of a server, as http://127.0.0.1:8090")
        }
        guard parts.scheme == "http" || parts.scheme == "ws" else {
            throw BenchmarkError(
                "the benchmark does not speak \(parts.scheme ?? "that"): give the http address behind the proxy")
        }
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = parts.port ?? 80
        token = parts.queryItems?.first { $0.name == "token" }?.value
    }

    package var text: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    package func address() throws(BenchmarkError) -> SocketAddress {
        do throws(SocketError) { return try SocketAddress(host: host, port: port) } catch {
            throw BenchmarkError("\(text) cannot be reached: \(error)")
        }
    }

    /// A path with its query and, where needed, the token.
    func target(_ path: String, _ query: [(String, String)]) -> String {
        var items = query
        if let token { items.append(("token", token)) }
        if items.isEmpty { return path }
        let allowed = CharacterSet(charactersIn: "-._~,").union(.alphanumerics)
        let text = items.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }
        return path + "?" + text.joined(separator: "&")
    }

    /// What a GET answers.
    ///
    /// - Throws: `BenchmarkError`: nobody answers, or with something else than 200.
    package func get(_ path: String, _ query: [(String, String)] = [], seconds: Double = 30) throws(BenchmarkError)
        -> [UInt8]
    {
        let request = "GET \(target(path, query)) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n"
        let answer = try HTTPExchange(request, at: self).answer(seconds: seconds)
        guard answer.status == 200 else {
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            throw BenchmarkError("\(self.text)\(path) answers \(answer.status): \(text)")
        }
        return answer.body
    }
}

/// One request on a connection of its own.
struct HTTPExchange {
    struct Answer: Equatable {
        var status: Int
        var body: [UInt8]
    }

    private let request: String
    private let server: ServerURL

    init(_ request: String, at server: ServerURL) { (self.request, self.server) = (request, server) }

    /// Blocks this thread.
    func answer(seconds: Double) throws(BenchmarkError) -> Answer {
        let loop = SocketLoop()
        let address = try server.address()
        var received: [UInt8] = []
        var ending: SocketError?
        do throws(SocketError) {
            let socket = try loop.connect(to: address)
            socket.onOpen = { socket.send(Array(request.utf8)) }
            socket.onBytes = { bytes, _ in received += bytes }
            socket.onEnd = { ending = $0 }
            loop.at(SocketLoop.now + seconds) { ending = ending ?? .silent(seconds: seconds) }
            loop.run { ending != nil || HTTPExchange.isComplete(received) }
            socket.close()
        } catch {
            ending = error
        }
        if let answer = HTTPExchange.parse(received) { return answer }
        throw BenchmarkError("\(server.text) cannot be reached: \(ending ?? .closed)")
    }

    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        guard let (head, start) = head(bytes), let length = length(head) else { return false }
        return bytes.count - start >= length
    }

    /// The head's lines, and where the body begins.
    static func head(_ bytes: [UInt8]) -> (lines: [Substring], bodyStart: Int)? {
        let limit = min(bytes.count, 64 << 10)
        guard limit >= 4 else { return nil }
        for end in 3..<limit where bytes[end] == 10 && bytes[end - 1] == 13 && bytes[end - 2] == 10 {
            let text = String(decoding: bytes[..<end], as: UTF8.self)
            return (text.split(whereSeparator: \.isNewline), end + 1)
        }
        return nil
    }

    private static func length(_ lines: [Substring]) -> Int? {
        for line in lines where line.lowercased().hasPrefix("content-length:") {
            return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
        }
        return nil
    }

    static func parse(_ bytes: [UInt8]) -> Answer? {
        guard let (head, start) = head(bytes), let status = status(head) else { return nil }
        return Answer(status: status, body: Array(bytes[start...]))
    }

    static func status(_ lines: [Substring]) -> Int? {
        guard let words = lines.first?.split(separator: " "), words.count > 1, words[0].hasPrefix("HTTP/") else {
            return nil
        }
        return Int(words[1])
    }
}
