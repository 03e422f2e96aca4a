// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamCore
import StreamService
import TestSupport
import Testing
import Transport

/// Peers that break the rules, beside one that keeps them: it must not notice.
@Suite struct HostilePeerTests {
    /// Runs `attack` and then lets a well-behaved viewer, connected before it, stream to the end.
    func surviving(
        _ changes: (inout ServerConfiguration) -> Void = { _ in },
        _ attack: (TestServer) async throws -> Void
    ) async throws {
        let server = try TestServer(archives: ["m": TestModels.archive], changes)
        let good = try await server.viewer()
        guard case .welcome = try await good.serverMessage() else { throw ClientError(description: "no welcome") }
        try await attack(server)
        try await good.message(ClientMessage.view(.test(1, eye: Double3(50, 20, 120))).encode())
        let chunks = try await ServerTests().stream(good, untilSettled: 1)
        #expect(chunks.count > 3)
        let late = try await server.viewer()
        guard case .welcome = try await late.serverMessage() else { throw ClientError(description: "no welcome") }
        #expect(try await server.request("GET", "/healthz").status == 200)
    }

    @Test func `malformed messages close their sender with 4400`() async throws {
        try await surviving { server in
            for bytes: [UInt8] in [[], [0], [77, 1], [130, 1], [132, 255, 255, 255, 255], [129, 0x5b]] {
                let bad = try await server.viewer()
                try await bad.message(bytes)
                let closing = try await bad.closing()
                #expect(closing.closeCode == 4400)
                #expect(!closing.closeReason.isEmpty)
            }
        }
    }

    @Test func `text messages close their sender with 4400`() async throws {
        try await surviving { server in
            let bad = try await server.viewer()
            try await bad.message(Array("hello".utf8), opcode: 1)
            #expect(try await bad.closing().closeCode == 4400)
        }
    }

    @Test func `an oversized message closes its sender with 4413`() async throws {
        try await surviving {
            $0.viewers.messageByteLimit = 8192
        } _: { server in
            let bad = try await server.viewer()
            try? await bad.message([UInt8](repeating: 136, count: 100_000))
            #expect(try await bad.closing().closeCode == 4413)
        }
    }

    @Test func `a flood closes its sender with 4429`() async throws {
        try await surviving {
            $0.viewers.messagesPerSecond = 50
        } _: { server in
            let bad = try await server.viewer()
            let ping = ClientMessage.ping(Wire.Ping(time: 1)).encode()
            var flood: [UInt8] = []
            for _ in 0..<2000 { flood += [0x82, 0x80 | UInt8(ping.count), 0, 0, 0, 0] + ping }
            try? await bad.send(flood)
            #expect(try await bad.closing().closeCode == 4429)
        }
    }

    @Test func `a silent peer is closed with 4408`() async throws {
        let server = try TestServer(archives: ["m": TestModels.small]) { $0.viewers.silentSeconds = 5 }
        let good = try await server.viewer()
        let bad = try await server.viewer()
        let closing = Task { try await bad.closing().closeCode }
        try await eventually("only one is left", within: .seconds(30)) {
            // One that speaks now and then stays.
            try await good.message(ClientMessage.ping(Wire.Ping(time: 1)).encode())
            try await Task.sleep(for: .milliseconds(50))
            return server.parts.hub.viewerCount == 1
        }
        #expect(try await closing.value == 4408)
        try await good.message(ClientMessage.ping(Wire.Ping(time: 2)).encode())
        while true { if case .pong(let pong) = try await good.serverMessage(), pong.time == 2 { break } }
    }

    @Test func `a version that is too new or missing is closed with 4426`() async throws {
        try await surviving { server in
            for query in ["model=m&protocol=2.0", "model=m", "model=m&protocol=one"] {
                let bad = try await server.viewer(query)
                let closing = try await bad.closing()
                #expect(closing.closeCode == 4426)
                #expect(closing.closeReason.contains("server") || closing.closeReason.contains("viewer"))
            }
        }
    }

    @Test func `models that are not there, and damaged ones, are closed with their codes`() async throws {
        try await surviving { server in
            try server.folder.write("bad.vantage", [1, 2, 3])
            server.parts.store.scan()
            for (query, code) in [
                ("model=none", 4404), ("model=..%2f..%2fetc%2fpasswd", 4404), ("model=bad", 4422),
                ("session=abcdefghjkmn", 4404), ("model=m&viewport=1", 4400), ("x=1", 4400),
            ] {
                let bad = try await server.viewer("\(query)&protocol=1.0")
                #expect(try await bad.closing().closeCode == code, "\(query)")
            }
        }
    }

    @Test func `a reader that takes nothing holds up nobody`() async throws {
        try await surviving { server in
            let slow = try SocketClient(port: server.port, receiveByteCount: 4096)
            _ = try await slow.upgrade("model=m&protocol=1.0")
            for number in 1...20 {
                let view = Wire.View.test(UInt32(number), eye: Double3(Double(number), 20, 120))
                try await slow.message(ClientMessage.view(view).encode())
            }
            try await eventually("its views are taken in") {
                server.parts.metrics.values.rankings.counts.reduce(0, +) > 1
            }
            #expect(server.server.listener.statistics.queuedByteCount < 4 << 20)
        }
    }

    @Test func `peers that vanish mid-stream leave nothing behind`() async throws {
        try await surviving { server in
            for _ in 0..<8 {
                let victim = try await server.viewer()
                _ = try await victim.serverMessage()
                try await victim.kill()
            }
            try await eventually("they are gone") { server.parts.hub.viewerCount == 1 }
        }
    }

    @Test func `half a request and half a frame cost nobody else anything`() async throws {
        try await surviving {
            $0.listen.requestSeconds = 1
        } _: { server in
            let half = try server.client()
            try await half.send("GET /api/v1/mo")
            let frame = try await server.viewer()
            try await frame.send([0x82, 0xfe, 0x10])
            try await half.waitForEnd()
        }
    }

    @Test func `no bytes can make the server fall over`() async throws {
        try await surviving {
            $0.viewers.messagesPerSecond = 100_000
        } _: { server in
            let messages: [[UInt8]] = [
                ClientMessage.view(.test(5)).encode(), ClientMessage.acknowledge(.arrived(1)).encode(),
                ClientMessage.holdings(Wire.Holdings(kind: .stored, ranges: [0, 3, 5, 2])).encode(),
                ClientMessage.hint(Wire.Hint(weight: 3, treeNodes: [0, 1])).encode(),
            ]
            for (round, message) in messages.enumerated() {
                var damaged: [[UInt8]] = []
                mutate(message, rounds: 40, seed: UInt64(round)) { damaged.append($0) }
                for batch in 0..<4 {
                    let bad = try await server.viewer()
                    for bytes in damaged[batch * 10..<batch * 10 + 10] { try? await bad.message(bytes) }
                }
            }
            var random = SeededGenerator(seed: 9)
            for _ in 0..<20 {
                let noise = try server.client()
                try? await noise.send((0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            }
        }
    }
}
