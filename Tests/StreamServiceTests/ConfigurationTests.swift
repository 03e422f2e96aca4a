// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PathNegotiation
import StreamService
import Testing

@Suite struct ConfigurationTests {
    func read(_ text: String) throws -> ServerConfiguration {
        try ServerConfiguration(decoding: Array(text.utf8), source: "test.json")
    }

    func failure(_ text: String) -> String {
        do {
            _ = try read(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `the file of defaults holds the defaults`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "assets/config/default.json"), encoding: .utf8)
        #expect(file == ServerConfiguration().printed + "\n")
    }

    @Test func `what is printed reads back as the same settings`() throws {
        var configuration = ServerConfiguration()
        configuration.listen.port = 4711
        configuration.models.folder = "/srv/models"
        configuration.sessions.emptySeconds = 2.5
        configuration.access.allowedOrigins = ["https://example.org"]
        configuration.log.format = .json
        #expect(try read(configuration.printed) == configuration)
    }

    @Test func `settings that a file leaves out keep their defaults`() throws {
        let configuration = try read(#"{"listen": {"port": 0}, "viewers": {"silentSeconds": 7}}"#)
        #expect(configuration.listen.port == 0)
        #expect(configuration.viewers.silentSeconds == 7)
        #expect(configuration.listen.host == ServerConfiguration().listen.host)
    }

    @Test(arguments: [
        (#"{"listne": {}}"#, #"test.json: listne: there is no such setting; did you mean "listen"?"#),
        (
            #"{"viewers": {"silentSecond": 1}}"#,
            #"viewers.silentSecond: there is no such setting; did you mean "silentSeconds"?"#
        ),
        (#"{"listen": {"port": "80"}}"#, #"listen.port: needs a whole number from 0 to 65535, not "80""#),
        (#"{"listen": {"port": 65536}}"#, "listen.port: needs a whole number from 0 to 65535, not 65536"),
        (#"{"listen": {"port": 1.5}}"#, "listen.port: needs a whole number from 0 to 65535, not 1.5"),
        (#"{"listen": {"port": true}}"#, "listen.port: needs a whole number from 0 to 65535, not true or false"),
        (#"{"listen": []}"#, "listen: needs an object, not a list"),
        (#"{"models": {"canUpload": 1}}"#, "models.canUpload: needs true or false, not 1"),
        (#"{"access": {"allowedOrigins": "x"}}"#, #"access.allowedOrigins: needs a list of texts, not "x""#),
        (#"{"access": {"allowedOrigins": [1]}}"#, "access.allowedOrigins: needs a list of texts, not a list"),
        (#"{"log": {"level": "loud"}}"#, #"log.level: needs one of "trace", "debug""#),
        (#"{"sessions": {"emptySeconds": -1}}"#, "sessions.emptySeconds: needs a number from 0 to 86400, not -1"),
        ("[]", "test.json: needs an object, not a list"),
        ("{", "test.json: this is not valid JSON"),
        ("", "test.json: this is not valid JSON"),
    ])
    func `a mistake is named with its place and what is allowed`(text: String, message: String) {
        #expect(failure(text).contains(message), "\(failure(text))")
    }

    @Test(arguments: [
        (#"{"paths": {"allowed": []}}"#, "paths.allowed: needs at least one"),
        (#"{"paths": {"allowed": ["gpu"]}}"#, #"paths.allowed: there is no path "gpu""#),
        (#"{"paths": {"models": ["engine"]}}"#, #"paths.models: needs "MODEL: PATH, PATH", not "engine""#),
        (#"{"paths": {"models": ["engine: thin"]}}"#, #"paths.models: there is no path "thin""#),
        (#"{"access": {"restrictedTokens": ["server"]}}"#, "access.restrictedTokens: needs"),
        (#"{"access": {"restrictedTokens": ["server abc"]}}"#, "access.restrictedTokens: a token needs"),
        (
            #"{"access": {"restrictedTokens": ["server,tre a-restricted-token"]}}"#,
            #"there is no path or right "tre": client, server, hybrid, picks, tree"#
        ),
        (#"{"access": {"restrictedTokens": [", a-restricted-token"]}}"#, "needs at least one path or right"),
    ])
    func `a rule about paths that is none is named`(text: String, message: String) throws {
        let configuration = try read(text)
        #expect { try configuration.validate() } throws: { "\($0)".contains(message) }
    }

    @Test func `rules about paths hold for all models and for some`() throws {
        let configuration = try read(
            #"{"paths": {"allowed": ["client", "server"], "models": ["engine: server, hybrid"]}}"#)
        try configuration.validate()
        #expect(configuration.paths.policy(model: "engine").paths == [.server])
        #expect(configuration.paths.policy(model: "other").paths == [.client, .server])
    }

    @Test func `cut or damaged files never trap`() {
        let bytes = Array(ServerConfiguration().printed.utf8)
        for length in stride(from: 0, to: bytes.count - 2, by: 7) {
            #expect(throws: ConfigurationError.self) {
                try ServerConfiguration(decoding: Array(bytes[..<length]), source: "")
            }
        }
    }

    private static let addresses: [(String, String?, Int?)] = [
        ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:8080", "::1", 8080), (":9000", nil, 9000), ("9000", nil, 9000),
        ("localhost", "localhost", nil), ("[::]", "::", nil), ("0.0.0.0:0", "0.0.0.0", 0),
    ]

    @Test(arguments: addresses)
    func `addresses are read as people write them`(text: String, host: String?, port: Int?) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", ":", "host:", "host:x", "host:65536", "host:-1", "::1", "[::1", "[::1]x", "[]:1", "1:2:3"])
    func `what is no address is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try ListenAddress(text) }
    }

    @Test func `only loopback goes without a token`() throws {
        var configuration = ServerConfiguration()
        #expect(try AccessToken.resolve(configuration) == nil)
        configuration.listen.host = "localhost"
        #expect(try AccessToken.resolve(configuration) == nil)
        for host in ["0.0.0.0", "::", "192.168.1.4", "example.org", "127.0.0.1.example.org"] {
            configuration.listen.host = host
            #expect { try AccessToken.resolve(configuration) } throws: { "\($0)".contains("--token auto") }
        }
        configuration.access.token = "auto"
        let first = try AccessToken.resolve(configuration)
        #expect(first?.count == 24)
        #expect(try AccessToken.resolve(configuration) != first)
        configuration.access.token = "a-long-enough-token"
        #expect(try AccessToken.resolve(configuration) == "a-long-enough-token")
        configuration.access.token = "short"
        #expect(throws: ConfigurationError.self) { try AccessToken.resolve(configuration) }
    }
}
