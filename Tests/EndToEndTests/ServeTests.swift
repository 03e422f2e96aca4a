// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// The server as a process: how it ends, and what it keeps.
@Suite struct ServeTests {
    /// A running server on the program's folder.
    struct Server {
        let running: Program.Running
        let address: URL

        init(_ program: Program, _ options: String...) throws {
            running = try program.start(
                ["serve", "--models", program.path("models"), "--listen", "127.0.0.1:0", "--renderer", "off"] + options)
            var line = ""
            while line.isEmpty, running.process.isRunning {
                usleep(2000)
                line = running.outputSoFar
            }
            address = try #require(URL(string: line.trimmingCharacters(in: .whitespacesAndNewlines)))
        }

        func kill(_ signal: Int32) -> Outcome {
            Foundation.kill(running.process.processIdentifier, signal)
            return running.finish()
        }

        func request(_ path: String, body: Data? = nil) async throws -> (status: Int, body: [String: Any]) {
            var request = URLRequest(url: try #require(URL(string: path, relativeTo: address)))
            if let body {
                request.httpMethod = "POST"
                request.httpBody = body
            }
            let (data, response) = try await URLSession.shared.data(for: request)
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, object ?? [:])
        }

        func models() async throws -> [String] {
            let models = try await request("api/v1/models").body["models"] as? [[String: Any]]
            return (models ?? []).compactMap { $0["id"] as? String }.sorted()
        }
    }

    func obj(_ number: Int) -> Data { Data("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 \(number + 1)\nf 1 2 3\nf 1 2 4\n".utf8) }

    @Test func `uploads that were accepted are models after a kill and a restart, each once`() async throws {
        let program = try Program()
        var accepted: [String] = []
        for round in 0..<3 {
            let server = try Server(program)
            for number in 0..<4 {
                let name = "m\(round)-\(number)"
                let answer = try await server.request(
                    "api/v1/models?name=\(name).obj", body: obj(4 * round + number))
                #expect(answer.status == 202)
                accepted.append(name)
            }
            _ = server.kill(SIGKILL)
        }
        let last = try Server(program)
        var models = try await last.models()
        while models.count < accepted.count {
            try await Task.sleep(for: .milliseconds(20))
            models = try await last.models()
        }
        #expect(models == accepted.sorted())
        #expect(last.kill(SIGTERM).code == 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: program.path("models"))
        #expect(files.filter { $0.hasSuffix(".vantage") }.count == accepted.count)
    }

    @Test func `a file that ends its reader ends nobody else`() async throws {
        let program = try Program()
        let server = try Server(program)
        let matrix = "[3.5e38,0,0,0,0,3.5e38,0,0,0,0,3.5e38,0,0,0,0,1]"
        let answer = try await server.request("api/v1/models?name=far.glb", body: cubeGLB(matrix: matrix))
        let id = try #require(answer.body["import"] as? String)
        var status: [String: Any] = [:]
        while status["state"] as? String != "failed" {
            status = try await server.request("api/v1/imports/\(id)").body
            try #require(status["state"] as? String != "done")
        }
        let message = (status["error"] as? [String: Any])?["message"] as? String ?? ""
        #expect(message.contains("10^15 m") && message.contains("a cube"))
        #expect(server.kill(SIGTERM).code == 0)
    }

    @Test(arguments: [SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGTRAP])
    func `a crashed server is gone with one line`(signal: Int32) throws {
        let server = try Server(try Program())
        let outcome = server.kill(signal)
        #expect(outcome.code == signal)
        #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("vantage serve: crashed (") } == 1)
    }

    @Test func `a second server on the folder says who has it`() throws {
        let program = try Program()
        let server = try Server(program)
        let second = try program.run(
            "serve", "--models", program.path("models"), "--listen", "127.0.0.1:0", "--renderer", "off")
        #expect(second.code == 1)
        #expect(second.errors.contains("process \(server.running.process.processIdentifier)"))
        _ = server.kill(SIGTERM)
    }

    @Test func `a worker without a job says what it is for`() throws {
        let outcome = try Program().run("import-worker")
        #expect(outcome.code != 0 && outcome.errors.contains("vantage serve"))
    }
}
