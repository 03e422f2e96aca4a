// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// The `openssl` program makes the certificate and is the peer.
private let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

extension SocketTests {
    @Suite(.timeLimit(.minutes(1)), .enabled(if: openssl != nil, "the openssl program is not installed"))
    struct TLSTests {
        let folder = TemporaryFolder()

        /// Runs openssl with `input`; it is ended after 30 seconds.
        @discardableResult
        func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/timeout")
            process.arguments = ["30", try #require(openssl)] + arguments
            let inputFile = folder.write("input-\(UInt64.random(in: 0...UInt64.max))", input)
            process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inputFile))
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Array(bytes)
        }

        func makeFiles(_ name: String, isRSA: Bool = false) throws -> TLSFiles {
            let files = TLSFiles(certificatePath: folder.file("\(name).pem"), keyPath: folder.file("\(name).key"))
            let key = isRSA ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
            try run(
                ["req", "-x509", "-newkey"] + key + [
                    "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", files.keyPath, "-out",
                    files.certificatePath,
                ])
            return files
        }

        /// What a handshake with these options ends in, as openssl tells it.
        func handshake(_ listener: Listener, _ options: [String] = []) throws -> String {
            let output = try run(["s_client", "-connect", "127.0.0.1:\(listener.port)"] + options)
            return String(decoding: output, as: UTF8.self)
        }

        func replace(_ files: TLSFiles, with others: TLSFiles) throws {
            for (old, new) in [(files.certificatePath, others.certificatePath), (files.keyPath, others.keyPath)] {
                let bytes = try Data(contentsOf: URL(filePath: new))
                try bytes.write(to: URL(filePath: old), options: .atomic)
            }
        }

        func talk(to listener: Listener, _ input: [UInt8]) throws -> [UInt8] {
            try run(["s_client", "-quiet", "-connect", "127.0.0.1:\(listener.port)"], input: input)
        }

        @Test func `HTTP and WebSocket work through TLS`() async throws {
            let source = ArraySource(count: 3 << 20)
            let files = try makeFiles("a")
            let service = TestService(
                respond: { request in
                    let byteCount = request.path == "/large" ? source.bytes.count : 100
                    return .response(HTTPResponse(status: 200, body: .slice(source, 0..<byteCount)))
                },
                connect: { _, connection in PartingHandler(connection: connection) })
            let listener = try makeListener(service) {
                $0.tls = files
                $0.limits.closeDuration = .milliseconds(100)
            }
            let small = try talk(to: listener, Array("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
            #expect(small.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)))
            #expect(small.suffix(100).elementsEqual(source.bytes[..<100]))
            let large = try talk(
                to: listener, Array("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
            #expect(large.suffix(3 << 20).elementsEqual(source.bytes))
            let upgrade = Array(TestClient.upgradeRequest("/", port: listener.port).utf8)
            let echo = try talk(to: listener, upgrade + TestClient.frame(2, Array("hello".utf8)))
            #expect(echo.starts(with: Array("HTTP/1.1 101 ".utf8)))
            #expect(String(decoding: echo, as: UTF8.self).contains("hello"))
        }

        /// Sends the first message back and closes.
        struct PartingHandler: WebSocketHandler {
            var connection: WebSocketConnection

            func received(_ bytes: [UInt8], isText: Bool) {
                connection.send(.bytes(bytes), priority: .control)
                connection.close(code: 1000, reason: "")
            }

            func closed(code: UInt16, reason: String) {}
        }

        @Test func `what does not speak TLS is disconnected`() async throws {
            let files = try makeFiles("a")
            let listener = try makeListener { $0.tls = files }
            let client = try TestClient(listener)
            try await client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(!String(decoding: try await client.readToEnd(), as: UTF8.self).contains("hello"))
            let again = try talk(
                to: listener, Array("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
            #expect(again.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)))
        }

        @Test func `a file that is absent, or no certificate, or another's key, is named`() async throws {
            let (first, second) = (try makeFiles("a"), try makeFiles("b"))
            var absent = first
            absent.keyPath = "/nowhere/key.pem"
            let missing = #expect(throws: TransportError.self) { try makeListener { $0.tls = absent } }
            #expect(missing == .unreadableFile(path: "/nowhere/key.pem", message: "No such file or directory"))
            let mixed = TLSFiles(certificatePath: first.certificatePath, keyPath: second.keyPath)
            let junk = TLSFiles(certificatePath: folder.write("junk", [1, 2, 3]), keyPath: first.keyPath)
            let rsa = try makeFiles("c", isRSA: true)
            let otherKind = TLSFiles(certificatePath: rsa.certificatePath, keyPath: first.keyPath)
            let thirdKind = TLSFiles(certificatePath: first.certificatePath, keyPath: rsa.keyPath)
            for files in [mixed, junk, otherKind, thirdKind] {
                let error = #expect(throws: TransportError.self) { try makeListener { $0.tls = files } }
                guard case .unusableCertificate(files.certificatePath, files.keyPath, let message) = error else {
                    Issue.record("another error: \(String(describing: error))")
                    continue
                }
                #expect(!message.isEmpty)
            }
        }

        @Test(arguments: [false, true])
        func `only TLS 1,2 and 1,3 with forward secrecy are spoken`(isRSA: Bool) throws {
            let files = try makeFiles("a", isRSA: isRSA)
            let listener = try makeListener { $0.tls = files }
            #expect(try handshake(listener, ["-tls1_3"]).contains("New, TLSv1.3, Cipher is TLS_"))
            let second = try handshake(listener, ["-tls1_2"])
            #expect(second.contains("New, TLSv1.2, Cipher is ECDHE-\(isRSA ? "RSA" : "ECDSA")-"))
            let anyCipher = "ALL:@SECLEVEL=0"
            for refused in [
                ["-tls1", "-cipher", anyCipher], ["-tls1_1", "-cipher", anyCipher],
                ["-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0"],
                ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
            ] {
                #expect(try handshake(listener, refused).contains("Cipher is (NONE)"), "\(refused)")
            }
        }

        @Test func `a renewed certificate is shown to new connections, one that does not fit is not`() async throws {
            let (files, renewed, rsa) = (try makeFiles("a"), try makeFiles("b"), try makeFiles("c", isRSA: true))
            let notices = Mutex<[ListenerNotice]>([])
            let report: @Sendable (ListenerNotice) -> Void = { notice in notices.withLock { $0.append(notice) } }
            let listener = try makeListener {
                $0.tls = files
                $0.report = report
            }
            func shown() throws -> String? {
                try handshake(listener).split(separator: "\n").first { $0.hasPrefix("subject=") }.map(String.init)
            }
            listener.renewCertificate()
            #expect(try shown() == "subject=CN = a")
            for other in [renewed, rsa] {
                try replace(files, with: other)
                listener.renewCertificate()
            }
            #expect(try shown() == "subject=CN = c")
            #expect(try handshake(listener, ["-tls1_2"]).contains("ECDHE-RSA-"))
            try Data([1, 2, 3]).write(to: URL(filePath: files.keyPath), options: .atomic)
            listener.renewCertificate()
            listener.renewCertificate()
            #expect(try shown() == "subject=CN = c")
            try replace(files, with: renewed)
            listener.renewCertificate()
            #expect(try shown() == "subject=CN = b")
            let told = notices.withLock { $0 }
            #expect(told.count == 4)
            #expect(told.filter { $0 == .certificateRenewed(path: files.certificatePath) }.count == 3)
            guard case .certificateRefused(.unusableCertificate) = told[2] else {
                Issue.record("the change that does not fit was not told: \(told)")
                return
            }
        }
    }
}
