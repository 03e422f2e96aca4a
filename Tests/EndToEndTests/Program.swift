// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

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

    /// SwiftPM puts products and the test bundle side by side.
    static var path: String {
        let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? test
        return ((bundle as NSString).deletingLastPathComponent as NSString).appendingPathComponent("vantage")
    }

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
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = arguments
        if let descriptorLimit {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments =
                ["-c", "ulimit -n \(descriptorLimit) && exec \"$0\" \"$@\"", Program.path] + arguments
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

/// A GLB file of one cube, byte by byte.
func cubeGLB() -> Data {
    var binary = Data()
    for corner in 0..<8 {
        for axis in 0..<3 {
            withUnsafeBytes(of: (Float(corner >> axis & 1)).bitPattern.littleEndian) { binary.append(contentsOf: $0) }
        }
    }
    let faces: [UInt16] = [
        0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5,
    ]
    for index in faces { withUnsafeBytes(of: index.littleEndian) { binary.append(contentsOf: $0) } }
    let json = """
        {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],
        "nodes":[{"name":"a cube","mesh":0},{"mesh":0}],
        "meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1,"material":0}]}],
        "materials":[{"name":"paint"}],"buffers":[{"byteLength":168}],
        "bufferViews":[{"buffer":0,"byteLength":96},{"buffer":0,"byteOffset":96,"byteLength":72}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":8,"type":"VEC3","min":[0,0,0],"max":[1,1,1]},
        {"bufferView":1,"componentType":5123,"count":36,"type":"SCALAR"}]}
        """
    var text = Data(json.utf8)
    while text.count % 4 != 0 { text.append(0x20) }
    var file = Data()
    func word(_ value: Int) { withUnsafeBytes(of: UInt32(value).littleEndian) { file.append(contentsOf: $0) } }
    for value in [0x4654_6C67, 2, 28 + text.count + binary.count, text.count, 0x4E4F_534A] { word(value) }
    file.append(text)
    for value in [binary.count, 0x004E_4942] { word(value) }
    file.append(binary)
    return file
}
