// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport

/// What a run of the program left behind.
struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    /// Standard output as one JSON object.
    func json() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
}

/// The built `vantage` program, in a folder of its own that goes with this object.
final class Program {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "vantage-end-to-end-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    func path(_ name: String) -> String { folder + "/" + name }
    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
    func write(_ name: String, _ bytes: Data) throws { try bytes.write(to: URL(fileURLWithPath: path(name))) }

    /// Runs to the end, in the folder.
    func run(_ arguments: String...) throws -> Outcome {
        let running = try start(arguments)
        return running.finish()
    }

    /// - Parameter descriptorLimit: how many files the program may have open; nil: as many as the tests.
    func start(_ arguments: [String], descriptorLimit: Int? = nil) throws -> Running {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltProgram.path)
        process.arguments = arguments
        if let descriptorLimit {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments =
                ["-c", "ulimit -n \(descriptorLimit) && exec \"$0\" \"$@\"", BuiltProgram.path] + arguments
        }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        return try Running(process)
    }

    /// A process whose two pipes are drained all the time, so that it never waits for us.
    final class Running {
        let process: Process
        private let output = Collected()
        private let errors = Collected()

        fileprivate init(_ process: Process) throws {
            self.process = process
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            // Threads of test runners block signals, and a child inherits that.
            var signals = sigset_t()
            sigemptyset(&signals)
            for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            try process.run()
            output.start()
            errors.start()
        }

        /// Waits until standard error has this text, or the process has ended.
        func waitForErrors(containing text: String) {
            while process.isRunning, !errors.text.contains(text) { usleep(2000) }
        }

        /// The port that a server says it listens on, once it does; nil if it has ended.
        func waitForPort() -> Int? {
            while process.isRunning {
                let line = output.text.split(separator: "\n", omittingEmptySubsequences: false)
                if line.count > 1 { return URL(string: String(line[0]))?.port }
                usleep(2000)
            }
            return nil
        }
        /// What it has written to standard output by now.
        var outputSoFar: String { output.text }

        func finish() -> Outcome {
            process.waitUntilExit()
            output.wait()
            errors.wait()
            return Outcome(code: process.terminationStatus, output: output.text, errors: errors.text)
        }
    }

    private final class Collected: Sendable {
        let pipe = Pipe()
        private let bytes = Mutex(Data())
        private let isDone = DispatchSemaphore(value: 0)

        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
        func wait() { isDone.wait() }

        func start() {
            Thread.detachNewThread { [self] in
                while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                    bytes.withLock { $0 += data }
                }
                isDone.signal()
            }
        }
    }
}
