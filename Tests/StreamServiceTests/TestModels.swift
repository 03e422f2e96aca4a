// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Logging
import StreamService
import Synchronization
import TestSupport
import Testing

/// A folder of its own for one test; removed with it.
final class TestFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "vantage-service-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func copy(_ source: String, _ name: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: file(name))
    }
}

enum TestModels {
    /// A bumpy square of 2 · size² triangles as an OBJ file.
    static func obj(size: Int, height: Double = 1) -> [UInt8] {
        var lines: [String] = []
        for y in 0...size {
            for x in 0...size {
                // Integers only, so that the text is the same everywhere.
                let bump = (x * x * 7 + y * y * 13 + x * y * 3) % 101
                lines.append("v \(x) \(Double(bump) * height * 0.01) \(y)")
            }
        }
        for y in 0..<size {
            for x in 0..<size {
                let a = y * (size + 1) + x + 1
                lines.append("f \(a) \(a + size + 1) \(a + 1)")
                lines.append("f \(a + 1) \(a + size + 1) \(a + size + 2)")
            }
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    static var conversion: ModelConversion {
        var conversion = ModelConversion(threads: 1)
        // Drawing one takes most of the time of a small build in debug.
        conversion.hasThumbnail = false
        return conversion
    }

    /// Imports in processes of their own, as servers do it.
    static var worker: ImportWorker {
        var worker = ImportWorker(threads: 1)
        worker.program = BuiltProgram.path
        worker.hasThumbnail = false
        return worker
    }

    /// Removed when the tests end.
    private static let shared: TestFolder = {
        atexit { try? FileManager.default.removeItem(atPath: TestModels.shared.path) }
        return TestFolder()
    }()

    /// An archive of 20 000 triangles in some ten chunks, made once.
    static let archive: String = make("terrain", obj(size: 100))

    /// An archive of one chunk or two.
    static let small: String = make("small", obj(size: 4))

    static func make(_ name: String, _ obj: [UInt8]) -> String {
        let path = shared.file(name + ".vantage")
        do {
            let source = try shared.write(name + ".obj", obj)
            _ = try conversion.run(file: source, archive: path, progress: { _, _ in }, isCancelled: { false })
        } catch {
            preconditionFailure("the test's archive cannot be made: \(error)")
        }
        return path
    }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
}

/// A clock that tests move by hand.
final class ManualClock: ServiceClock {
    private struct State {
        var now = ContinuousClock.now
        var calls: [(at: ContinuousClock.Instant, body: @Sendable () -> Void)] = []
    }

    private let state = Mutex(State())

    var now: ContinuousClock.Instant { state.withLock { $0.now } }

    func call(at deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.calls.append((deadline, body)) }
    }

    /// Moves on and makes the calls that are due, in order.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let now = state.now
            defer { state.calls.removeAll { $0.at <= now } }
            return state.calls.filter { $0.at <= now }.sorted { $0.at < $1.at }
        }
        for call in due { call.body() }
    }
}

/// Keeps what is logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func logger(_ level: LogConfiguration.Level = .debug, format: LogConfiguration.Format = .text) -> Logger {
        var configuration = LogConfiguration()
        configuration.level = level
        configuration.format = format
        return Logger(label: "test") { _ in
            LineLogHandler(configuration: configuration) { line in self.lines.withLock { $0.append(line) } }
        }
    }
}

/// Waits until something holds; fails when it takes too long.
func eventually(
    _ what: Comment, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
