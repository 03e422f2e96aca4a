// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Transport

extension SocketTests {
    @Suite(.timeLimit(.minutes(1))) struct FuzzTests {
        @Test(arguments: [1, 2, 3] as [UInt64])
        func `garbage on the port leaves other connections alone`(seed: UInt64) async throws {
            let listener = try makeListener(
                TestService(respond: { request in
                    request.path == "/later"
                        ? .later { $0.reply(HTTPResponse(status: 204)) } : TestService.greeting.respond(request)
                }))
            let (viewer, reader) = (try TestClient(listener), try TestClient(listener))
            try await viewer.upgrade("/")
            var random = SeededGenerator(seed: seed)
            for round in 0..<120 {
                let client = try TestClient(listener)
                await client.trySend(garbage(&random))
                if random.index(below: 3) == 0 { await client.trySend(garbage(&random)) }
                guard round % 8 == 0 else { continue }
                try await viewer.sendMessage("round \(round)")
                #expect(try await viewer.readMessage() == Array("round \(round)".utf8))
                #expect(try await reader.get("/hello").text == "hello")
            }
            try await eventually { listener.statistics.connectionCount == 2 }
            #expect(listener.statistics.webSocketCount == 1)
        }

        /// Noise, damaged requests, and damaged frames behind a good upgrade.
        private func garbage(_ random: inout SeededGenerator) -> [UInt8] {
            let requests = [
                "GET /hello HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n",
                "POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789GET /later HTTP/1.1\r\nHost: h\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n",
            ]
            let upgrade = Array(TestClient.upgradeRequest("/", port: 1).utf8)
            let frames =
                TestClient.frame(2, [1, 2, 3], isFinal: false) + TestClient.frame(9, [7]) + TestClient.frame(0, [4])
                + TestClient.closeFrame(1000, "bye")
            switch random.index(below: 4) {
            case 0: return (0..<random.index(below: 3000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            case 1: return upgrade + damaged(frames, &random)
            case 2: return damaged(upgrade + frames, &random)
            default: return damaged(Array(requests[random.index(below: requests.count)].utf8), &random)
            }
        }

        private func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
            var result: [UInt8] = []
            mutate(bytes, rounds: 1, seed: random.next()) { result = $0 }
            return result
        }
    }
}
