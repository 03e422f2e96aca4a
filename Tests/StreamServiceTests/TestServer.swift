// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamService
import TestSupport
import Transport

/// A whole server on a free port of loopback, with a folder of its own; stopped with it.
final class TestServer: Sendable {
    let folder = TestFolder()
    let lines = LogLines()
    let server: ModelServer

    init(
        archives: [String: String] = [:], viewerRoot: String? = nil,
        _ changes: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = ServerConfiguration()
        configuration.listen.port = 0
        configuration.listen.drainSeconds = 2
        configuration.models.folder = folder.path
        configuration.models.importThreads = 1
        // Opening a device takes longer than most tests.
        configuration.renderer.mode = .off
        changes(&configuration)
        for (name, source) in archives { try folder.copy(source, name + ".vantage") }
        let parts = ServerParts(configuration: configuration, program: BuiltProgram.path, log: lines.logger())
        parts.store.scan()
        server = try ModelServer(parts, viewerRoot: viewerRoot)
    }

    deinit { server.listener.stop() }

    var port: Int { server.port }
    var parts: ServerParts { server.parts }

    func client() throws -> SocketClient { try SocketClient(port: port) }

    /// One request on a connection of its own.
    func request(
        _ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil
    ) async throws -> SocketClient.Response {
        try await client().request(method, path, headers: headers, body: body)
    }

    /// A viewer that has been let in.
    func viewer(_ query: String = "model=m&protocol=1.0") async throws -> SocketClient {
        let client = try client()
        let status = try await client.upgrade(query)
        guard status == 101 else { throw ClientError(description: "the upgrade was answered with \(status)") }
        return client
    }
}
