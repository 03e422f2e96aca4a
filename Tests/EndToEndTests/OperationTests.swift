// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The server as those who run it meet it: limits of the system, and signals.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OperationTests {
    /// A connection that asks for one thing after the other. Each wait ends after 30 seconds.
    final class Peer {
        private let descriptor: Int32

        init?(port: Int) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let result = withUnsafeBytes(of: &address) {
                connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
            }
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            if result != 0 { return nil }
        }

        deinit { close(descriptor) }

        /// - Returns: The whole answer, as text; empty if there is none.
        func ask(_ method: String, _ path: String, body: Data = Data()) -> String {
            let head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n"
            let request = Data(head.utf8) + body
            _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            var answer = Data()
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let text = String(decoding: answer, as: UTF8.self)
                if let end = text.range(of: "\r\n\r\n"), let length = Peer.length(text[..<end.lowerBound]) {
                    if text[end.upperBound...].utf8.count >= length { return text }
                }
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return text }
                answer.append(contentsOf: buffer[..<count])
            }
        }

        private static func length(_ head: Substring) -> Int? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        }
    }

    func serve(_ program: Program, descriptorLimit: Int? = nil) throws -> (Program.Running, port: Int) {
        let server = try program.start(
            ["serve", "--listen", "127.0.0.1:0", "--models", program.path("models"), "--renderer", "off"],
            descriptorLimit: descriptorLimit)
        return (server, try #require(server.waitForPort(), "it ended: \(server.process.isRunning)"))
    }

    @Test func `more connections than the process may open files leave it its work`() throws {
        let program = try Program()
        let (server, port) = try serve(program, descriptorLimit: 256)
        let first = try #require(Peer(port: port))
        #expect(first.ask("GET", "/api/v1/status").hasPrefix("HTTP/1.1 200"))
        // Refused ones count as well: nobody may take the last descriptor.
        let idle = (0..<300).compactMap { _ in Peer(port: port) }
        #expect(idle.count > 200)
        // Opening, importing and listing a model need files.
        #expect(first.ask("POST", "/api/v1/models?name=cube.glb", body: cubeGLB()).hasPrefix("HTTP/1.1 202"))
        let deadline = Date.now.addingTimeInterval(60)
        while !first.ask("GET", "/api/v1/models").contains("\"cube\"") {
            try #require(server.process.isRunning && Date.now < deadline, "the upload was not imported")
            usleep(20_000)
        }
        #expect(first.ask("GET", "/api/v1/models/cube/tree").hasPrefix("HTTP/1.1 200"))
        server.process.terminate()
        let outcome = server.finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.contains("the process may open 256 files"))
        #expect(outcome.errors.contains("connections instead of 2048"))
        withExtendedLifetime(idle) {}
    }

    @Test func `SIGHUP has the server look for models again, and never ends it`() throws {
        let program = try Program()
        let (server, port) = try serve(program)
        let peer = try #require(Peer(port: port))
        for _ in 0..<20 { kill(server.process.processIdentifier, SIGHUP) }
        server.waitForErrors(containing: "reloading")
        #expect(peer.ask("GET", "/api/v1/status").hasPrefix("HTTP/1.1 200"))
        server.process.terminate()
        #expect(server.finish().code == 0)
    }
}
