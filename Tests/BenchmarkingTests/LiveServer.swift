// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Foundation
import Logging
import ModelStorage
import StreamService
import TestSupport
import Transport

/// A whole server with one model on a free port of loopback, in this process; stopped with this object.
final class LiveServer {
    let folder = TemporaryFolder()
    let server: ModelServer
    let archive: Archive
    private let frames: FrameService

    /// - Parameter draws: pictures too, for which a Vulkan driver is needed.
    init(draws: Bool = false) throws {
        if draws { Lavapipe.pin }
        let source = folder.write("m.obj", LiveServer.terrain(size: 40))
        var conversion = ModelConversion(threads: 1)
        conversion.hasThumbnail = false
        let path = folder.file("m.vantage")
        _ = try conversion.run(file: source, archive: path, progress: { _, _ in }, isCancelled: { false })
        archive = try Archive(path: path)
        var configuration = ServerConfiguration()
        configuration.listen.port = 0
        configuration.listen.drainSeconds = 1
        configuration.models.folder = folder.path
        configuration.renderer.mode = draws ? .auto : .off
        let parts = ServerParts(
            configuration: configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        parts.store.scan()
        frames = parts.frames
        server = try ModelServer(parts)
    }

    deinit {
        server.listener.stop()
        frames.stop()
    }

    var url: ServerURL { ServerURL(port: server.port) }

    /// A bumpy square of 2 · size² triangles.
    private static func terrain(size: Int) -> [UInt8] {
        var lines: [String] = []
        for y in 0...size {
            for x in 0...size {
                lines.append("v \(x) \(Double((x * x * 7 + y * y * 13 + x * y * 3) % 101) * 0.01) \(y)")
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

    func plan(_ path: StandardPath = .teleport) throws -> BenchPlan {
        var plan = BenchPlan(server: url, model: "m", path: try path.load())
        plan.archive = archive
        (plan.width, plan.height, plan.seconds, plan.sampleCount) = (320, 180, 2, 2)
        return plan
    }
}
