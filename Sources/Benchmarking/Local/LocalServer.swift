// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import ModelStorage
package import StreamCore

/// `vantage serve` as a process of its own on a free port of loopback: what it uses can be told from what measuring uses.
/// It ends with this object, and with this process.
package final class LocalServer {
    package let url: ServerURL
    private let process: Process
    private let folder: URL
    private static let startSeconds = 60.0
    private static let stopSeconds = 8.0

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - program: `vantage` itself.
    ///   - arguments: more than files and where to listen.
    /// - Throws: `BenchmarkError` with what it said.
    package init(program: URL, archives: [String], arguments: [String] = []) throws(BenchmarkError) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("vantage-bench-\(UUID().uuidString)")
        process = Process()
        let (output, errors) = (Pipe(), Pipe())
        let command =
            [program.path, "serve", "--listen", "127.0.0.1:0", "--models", folder.path, "--quiet"] + arguments
            + archives
        LocalServer.prepare(process, command)
        process.standardOutput = output
        process.standardError = errors
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try process.run()
        } catch {
            throw BenchmarkError("the server cannot be started: \(error)")
        }
        let lines = Mailbox<String>()
        let complaints = LocalServer.drain(errors)
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            lines.put(String(decoding: data, as: UTF8.self))
        }
        let text = lines.wait(seconds: LocalServer.startSeconds) ?? ""
        let address = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http://") }
        guard let address, let url = try? ServerURL(String(address)) else {
            process.terminate()
            try? FileManager.default.removeItem(at: folder)
            let said = complaints.takeAll().joined().split(separator: "\n").suffix(3).joined(separator: "; ")
            throw BenchmarkError("the server did not start: \(said.isEmpty ? "it said nothing" : said)")
        }
        self.url = url
    }

    deinit { stop() }

    /// Where the kernel can, the child ends when this process does, however that happens.
    private static func prepare(_ process: Process, _ command: [String]) {
        let guardian = "/usr/bin/setpriv"
        if FileManager.default.isExecutableFile(atPath: guardian) {
            process.executableURL = URL(fileURLWithPath: guardian)
            process.arguments = ["--pdeathsig", "TERM"] + command
        } else {
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = Array(command.dropFirst())
        }
    }

    /// Reads what it says, so that it never waits for a reader; the beginning is kept.
    private static func drain(_ pipe: Pipe) -> Mailbox<String> {
        let texts = Mailbox<String>()
        let count = Mailbox<Int>()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            count.put(1)
            if count.takeAll().count < 1000 { texts.put(String(decoding: data, as: UTF8.self)) }
        }
        return texts
    }

    private static func kill(_ identifier: Int32) {
        let killer = Process()
        killer.executableURL = URL(fileURLWithPath: "/bin/kill")
        killer.arguments = ["-KILL", "\(identifier)"]
        try? killer.run()
        killer.waitUntilExit()
    }

    package var isRunning: Bool { process.isRunning }

    package func stop() {
        if process.isRunning {
            process.terminate()
            // Who started this process may have blocked the signal, and children inherit that.
            let deadline = Date() + LocalServer.stopSeconds
            while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
            if process.isRunning { LocalServer.kill(process.processIdentifier) }
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }
}

/// The models that a server lists.
package struct ServedModels: Decodable, Sendable {
    package struct Entry: Decodable, Sendable {
        package var id: String
        package var contentHash: String?
        package var minimum: [Double]?
        package var maximum: [Double]?
    }

    package var models: [Entry]

    /// - Throws: `BenchmarkError`: the server cannot be reached, or is none of Vantage's.
    package init(of server: ServerURL) throws(BenchmarkError) {
        let bytes = try server.get("/api/v1/models")
        do { self = try JSONDecoder().decode(ServedModels.self, from: Data(bytes)) } catch {
            throw BenchmarkError("\(server.text) does not list models as a server of Vantage's does")
        }
    }

    /// The box around a model; empty where the server does not say.
    package func bounds(of id: String) -> Bounds {
        guard let entry = models.first(where: { $0.id == id }), let a = entry.minimum, let b = entry.maximum,
            a.count == 3, b.count == 3
        else { return .empty }
        return Bounds(minimum: Double3(a[0], a[1], a[2]), maximum: Double3(b[0], b[1], b[2]))
    }

    /// The id of an archive's model.
    package func id(of archive: Archive) -> String? {
        let digits = Array("0123456789abcdef")
        let hash = String(archive.contentHash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        return models.first { $0.contentHash == hash }?.id
    }
}
