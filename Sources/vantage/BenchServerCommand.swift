// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation

/// `vantage bench server`: viewers that are sent pictures.
struct BenchServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Measure the server path: latency and its stages, frames, bytes, and how right pictures are.",
        discussion: """
            Viewers without windows move along the path and really decode what they are sent. After the run, some of the \
            shown frames are compared with true views, which the server draws again without loss: with the view that was \
            wanted when the frame was shown (what is late is wrong), and with the camera that the frame shows.

              vantage bench server engine.vantage --link rate=20,rtt=40 --html report.html
              vantage bench server engine.vantage --viewers 4       fair shares
              vantage bench server engine.vantage --free-running    beside rendering alone

            With --free-running the server draws as many pictures as it can instead of as many as it aims at, and the same \
            pictures are drawn again without server, encoder and viewer. That many a second are possible at most.
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: "Viewers at once.")
    var viewers = 1

    @Option(help: "Camera messages a second.")
    var hertz = 60.0

    @Option(help: "Frames that are compared with true views; 0: none.")
    var samples = 8

    @Option(help: "The Vulkan device: its number, UUID or part of its name. (default: the best)")
    var vulkanDevice: String?

    @Flag(help: "Draw without pauses, and the same pictures again without all the rest, to see what that costs.")
    var freeRunning = false

    @Flag(help: "Drive the real viewer in a browser (tools/setup --tests installs what it needs).")
    var browser = false

    func validate() throws {
        guard (1...64).contains(viewers) else { throw ValidationError("--viewers goes from 1 to 64") }
        guard (1...240).contains(hertz) else { throw ValidationError("--hertz goes from 1 to 240") }
        guard (0...200).contains(samples) else { throw ValidationError("--samples goes from 0 to 200") }
        if freeRunning, options.url != nil { throw ValidationError("--free-running draws archives: name files") }
    }

    func run() throws {
        try reportingErrors {
            let device = vulkanDevice.map { ["--vulkan-device", $0] } ?? []
            let manner = freeRunning ? ["--free-running"] : []
            let target = try BenchTarget(options, serverArguments: ["--renderer", "require"] + device + manner)
            let session = BenchSession(options, command: "bench server", repeats: options.repeats)
            session.setRenderer(ServerStatus(of: target.server)?.rendererName)
            for model in target.models {
                for path in try options.paths() {
                    for link in try options.links() {
                        var plan = try options.plan(target, model, path, link)
                        (plan.viewerCount, plan.hertz, plan.sampleCount) = (viewers, hertz, samples)
                        let name = (link?.name ?? "loopback") + (viewers > 1 ? ", \(viewers) viewers" : "")
                        let kind = freeRunning ? "server, free-running" : "server"
                        var new = Report.Case(kind: kind, model: model.name, path: path.name, link: name)
                        if browser {
                            let bench = try BrowserBench(plan, path: .server, program: BenchTarget.program)
                            new.kind = "browser, pictures"
                            session.measure(new, repeats: options.repeats) { bench.run($0) }
                            continue
                        }
                        session.measure(new, repeats: options.repeats) { progress in
                            let alone = model.archive.map { FreeRunning($0, device: vulkanDevice) }
                            return ServerBench(plan, freeRunning: freeRunning ? alone : nil).run(progress)
                        }
                    }
                }
            }
            try session.finish()
        }
    }
}
